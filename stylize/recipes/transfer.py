"""Style transfer: one picture painted in the style of others."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, ClassVar, Literal, Self, get_args

from pydantic import Field, model_validator

from stylize.recipes import values
from stylize.recipes.base import Drawing, Input
from stylize.recipes.option import Option
from stylize.recipes.style import MOST_WEIGHT, STYLES, Colours, On, Show, StyleRecipe


def content_weight(strength: float) -> float:
    """α for a *strength* of 0..100 on a log scale: 0 → 100, 50 → 1, 100 → 0.01.

    What gives way to the style is the content: style and smoothness keep their balance.

    >>> content_weight(50)
    1.0
    """
    return float(10 ** ((50 - strength) / 25))


def strength_of(content_weight: float) -> float:
    """The *strength* that means this α, which is above 0.

    >>> strength_of(1.0)
    50.0
    """
    return 50 - 25 * math.log10(content_weight)


def _short_strength(content_weight: float) -> float | None:
    """The strength that means this α exactly, with one decimal, if there is one."""
    strength = round(strength_of(content_weight), 6) if content_weight else -1
    return strength if strength == round(strength, 1) and 0 <= strength <= 100 else None


STRENGTH = Option(
    "how much style: 0 little, 50 usual, 100 all",
    "70",
    name="strength",
    value=values.number(0, 100),
    label="Strength",
    words={"0": "a hint", "25": "gentle", "50": "usual", "75": "bold", "100": "all style"},
    sets=content_weight,
    shows=_short_strength,
)


class ContentRecipe(StyleRecipe):
    """Paintings of a content image in the style of others (Gatys, Ecker & Bethge 2016)."""

    inputs: ClassVar[tuple[Input, ...]] = (
        Input("content", "the picture to paint", label="a picture"),
        STYLES,
        Input(
            "start",
            "a picture to begin with, instead of the content",
            label="a picture to start from",
            when=("init", "picture"),
            called="the one to begin with",
        ),
        Input(
            "mask",
            "a picture that is white where to paint, and black where not",
            label="a mask",
            when=("on", "mask"),
            drawn=Drawing("content", {"black": "#000000", "white": "#ffffff"}),
        ),
    )
    content_weight: Annotated[
        float,
        STRENGTH,
        Option("content weight α, for those who prefer numbers", "1", name="alpha", expert=True),
    ] = Field(default=1.0, ge=0, le=MOST_WEIGHT, allow_inf_nan=False)
    colours: Annotated[
        Colours,
        Option(
            "content: in the content's colours; luminance: only brightness is painted",
            "content",
            label="Colours",
            words={
                "style": "the style’s",
                "content": "the content’s",
                "luminance": "brightness only",
            },
        ),
    ] = "style"
    """Whose colours the painting has. ``content`` gives the style images the content's mean and
    covariance of colours first; ``luminance`` paints brightness only, over the content's hues."""
    init: Annotated[
        Literal["content", "noise", "picture"],
        Option(
            "begin with the content, noise, or your last picture",
            "noise",
            label="Start from",
            words={"content": "the content", "noise": "noise", "picture": "my last picture"},
        ),
    ] = "content"
    """What the painting begins as: the content, in the styles' colours; noise; or a ``picture``,
    one more beside content and styles."""
    on: Annotated[
        On,
        Option(
            "paint only the subject, the background, or what a mask, your last picture, has white",
            "subject",
            value=values.choice(
                get_args(On),
                "everything, subject, background or mask, or both with a style each, as in "
                "subject,background",
            ),
            talk=True,
            label="Paint",
            words={
                "everything": "everything",
                "subject": "the subject",
                "background": "the background",
                "mask": "what my mask shows",
                "subject,background": "subject and background, a style each",
                "background,subject": "background and subject, a style each",
            },
        ),
    ] = "everything"
    """Which part of the content is painted; the rest stays as it is. The subject is found by a
    network; a mask, one more picture, is white where to paint. Of two parts each has a style
    image of its own, in their order."""
    show: Annotated[
        Show,
        Option(
            "map: add the map of where the subject is",
            "map",
            talk=True,
            label="Show",
            words={"painting": "the painting", "map": "the painting and its map"},
        ),
    ] = "painting"
    seamless: Literal[False] = False
    content_layers: Annotated[
        tuple[str, ...],
        Option("where content is compared", "relu4_2", expert=True, value=values.LAYERS),
    ] = Field(default=(), max_length=16)

    @property
    def parts(self) -> tuple[str, ...]:
        """What ``on`` names; none where everything is painted."""
        return () if self.on == "everything" else tuple(self.on.split(","))

    @property
    def wanted(self) -> tuple[Input, ...]:
        """As of ``Recipe``; of several parts each has one style image."""
        count = len(self.parts)
        own = replace(STYLES, least=count, most=count, weights="")
        return tuple(own if one is STYLES and count > 1 else one for one in super().wanted)

    def told(self, names: Sequence[str]) -> str:
        """As of ``Recipe``."""
        said = self.named(names)
        begun = f", begun as {said['start']}" if said["start"] else ""
        if len(self.parts) > 1:
            each = zip(self.parts, self.assign(names)["style"], strict=False)
            how = " and ".join(f"its {part} in the style of {style}" for part, style in each)
            return f"{said['content']} painted, {how}{begun}"
        which = {"mask": "A part of ", "everything": ""}.get(self.on, f"The {self.on} of ")
        return f"{which}{said['content']} painted in the style of {said['style']}{begun}"

    @model_validator(mode="after")
    def _one_style_for_each_part(self) -> Self:
        if len(self.parts) > 1 and self.blend:
            raise ValueError("each part has a style of its own, so leave weights out")
        return self


class Transfer(ContentRecipe):
    """One painting of the content image in the style of all style images."""

    about: ClassVar[str] = "paint a content image in the style of others"
    subject: ClassVar[str] = "content"
    task: Literal["transfer"] = "transfer"
