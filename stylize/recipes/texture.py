"""Texture synthesis: a square picture of the style images' statistics alone."""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from stylize.recipes.base import Input
from stylize.recipes.option import Option
from stylize.recipes.style import STYLES, StyleRecipe


class Texture(StyleRecipe):
    """A texture of the style images (Gatys, Ecker & Bethge 2015)."""

    about: ClassVar[str] = "make a square texture out of style images alone"
    noun: ClassVar[str] = "texture"
    inputs: ClassVar[tuple[Input, ...]] = (STYLES,)
    aspect: ClassVar[float] = 1.0
    lacks: ClassVar[str] = "A texture has no content picture"
    task: Literal["texture"] = "texture"
    init: Annotated[
        Literal["patches", "noise"],
        Option(
            "begin with pieces of the styles, or with noise",
            "noise",
            label="Start from",
            words={"patches": "pieces of the styles", "noise": "noise"},
            usual="patches",
        ),
    ] = "noise"
    """What the texture begins as: pieces of the styles, shuffled; or noise."""
    colours: Literal["style"] = "style"
    on: Literal["everything"] = "everything"
    show: Literal["painting"] = "painting"
    seamless: Annotated[
        bool,
        Option(
            "opposite sides meet, so that it repeats without a seam",
            "no",
            name="tile",
            label="Repeats without a seam",
            usual=True,
        ),
    ] = False
    """Its side is then a multiple of 16 pixels."""

    def told(self, names: Sequence[str]) -> str:
        """As of ``Recipe``."""
        return f"A texture in the style of {self.named(names)['style']}"
