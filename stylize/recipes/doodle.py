"""Doodles: a map in a few colours, painted region by region like a style whose map is known."""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from stylize.recipes.base import Drawing, Input
from stylize.recipes.option import Option
from stylize.recipes.style import MOST_WEIGHT, StyleRecipe
from stylize.recipes.transfer import STRENGTH


class Doodle(StyleRecipe):
    """A map painted in the manner of a style, each region like those of its colour there.

    After A. J. Champandard, *Semantic Style Transfer and Turning Two-Bit Doodles into Fine
    Artworks* (arXiv 1603.01768, 2016), with the guided Gram matrices of Gatys et al. (2017).
    """

    about: ClassVar[str] = "paint a map of flat colours in a style, region by region"
    noun: ClassVar[str] = "doodle"
    lacks: ClassVar[str] = "A doodle is painted after its maps"
    inputs: ClassVar[tuple[Input, ...]] = (
        Input("style", "a picture whose style to take"),
        Input(
            "style_map",
            "the same in flat colours, one for each kind of area",
            label="a map of the style",
            called="the map of the style",
            drawn=Drawing(over="style"),
        ),
        Input(
            "map",
            "what to paint, in the same colours",
            label="your own map",
            called="your own map",
            drawn=Drawing(),
        ),
        Input("content", "a picture whose forms to keep, if you wish", least=0, label="a picture"),
    )
    task: Literal["doodle"] = "doodle"
    content_weight: Annotated[float, STRENGTH] = Field(
        default=1.0, ge=0, le=MOST_WEIGHT, allow_inf_nan=False
    )
    colours: Literal["style"] = "style"
    blend: tuple[()] = ()
    init: Annotated[
        Literal["patches", "noise"],
        Option(
            "begin with pieces of the style, or with noise",
            "noise",
            label="Start from",
            words={"patches": "pieces of the style", "noise": "noise"},
        ),
    ] = "patches"
    """What the painting begins as: pieces of the style, region by region; or noise."""

    def told(self, names: Sequence[str]) -> str:
        """As of ``Recipe``."""
        said = self.named(names)
        forms = f", with the forms of {said['content']}" if said["content"] else ""
        return f"{said['map']} painted in the style of {said['style']}{forms}"
