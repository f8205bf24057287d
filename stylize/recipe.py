"""What to paint, as plain validated data.

This is the one module of the painter that the chat process imports too, so it must stay free of
torch: a recipe travels as JSON from a message, through the queue, to the process beside the GPU.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

Task = Literal["transfer", "texture"]
Init = Literal["content", "noise", "picture"]
Optimizer = Literal["lbfgs", "adam"]
Pooling = Literal["average", "max"]
EncoderName = Literal["vgg19", "lite"]
Precision = Literal["auto", "float32", "bfloat16"]
"""Of an encoder's convolutions: not part of a recipe, but of where it is painted."""
Colours = Literal["style", "content", "luminance"]
Statistics = Literal["gram", "covariance"]

SMALLEST, LARGEST = 64, 4096
"""Bounds of ``Recipe.size`` in pixels. A studio may set a lower upper bound of its own."""

LONGEST_STYLE = 2048
"""Pixels, to which ``style_scale`` enlarges: while styles are measured, nobody can cancel."""

MOST_STEPS = 5000
MOST_STYLES = 8

LAYERS: Mapping[EncoderName, tuple[str, ...]] = {
    "vgg19": tuple(
        f"{kind}{block}_{conv}"
        for block, depth in enumerate((2, 2, 4, 4, 4), start=1)
        for conv in range(1, depth + 1)
        for kind in ("conv", "relu")
    ),
    "lite": ("stem", "b0_dw", *(f"b{block}_exp" for block in range(1, 11))),
}
"""Every layer by which each encoder can compare, shallow to deep."""
CONTENT_LAYERS: Mapping[EncoderName, tuple[str, ...]] = {
    "vgg19": ("relu4_2",),
    "lite": ("b6_exp",),
}
STYLE_LAYERS: Mapping[EncoderName, Mapping[str, float]] = {
    "vgg19": {
        "relu1_2": 0.4,
        "relu2_1": 0.1,
        "relu2_2": 0.1,
        "relu3_1": 0.025,
        "relu3_3": 0.025,
        "relu4_1": 0.1,
        "relu5_1": 0.003,
    },
    "lite": dict.fromkeys(
        ("stem", "b0_dw", "b1_exp", "b2_exp", "b3_exp", "b4_exp", "b5_exp", "b8_exp"), 0.125
    ),
}
"""What each encoder compares by when a recipe names no layers; style layers with their weights."""

Weight = Annotated[float, Field(ge=1e-12, le=1e12, allow_inf_nan=False)]

T = TypeVar("T")


class Roles(NamedTuple, Generic[T]):
    """Pictures, or what stands for them, by what they are for."""

    content: T | None
    """None for a texture."""
    styles: list[T]
    init: T | None
    """What the painting begins as, where ``Recipe.init`` is ``picture``."""


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


class Recipe(BaseModel):
    """Everything but the pictures that decides what a painting looks like.

    The painter minimises L = α·L_content + β·L_style + γ·L_tv over the pixels, where α is
    ``content_weight``, β ``style_weight`` and γ ``total_variation``. Content and style are relative
    errors, so that a weight means the same for all pictures, at all sizes; ``docs/method.md`` gives
    each term. The same recipe and pictures give the same picture, byte for byte, on the same
    device, in the same precision, painted alone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: Task = "transfer"
    size: int = Field(default=512, ge=SMALLEST, le=LARGEST)
    """The longer side of the painting, in pixels; a texture is square."""
    steps: int = Field(default=100, ge=1, le=MOST_STEPS)
    """Optimiser iterations, the total over all scales."""
    content_weight: float = Field(default=1.0, ge=0, le=1e12, allow_inf_nan=False)
    style_weight: Weight = 300.0
    mean_weight: float = Field(default=1.0, ge=0, le=1e12, allow_inf_nan=False)
    """Of the channels' means beside their Gram matrices, within the style loss; 0 leaves them
    out."""
    total_variation: float = Field(default=3.0, ge=0, le=1e12, allow_inf_nan=False)
    blend: tuple[Weight, ...] = Field(default=(), max_length=MOST_STYLES)
    """One weight per style image, in their order; empty means equal parts."""
    init: Init = "content"
    """What the painting begins as: the content, in the styles' colours; noise; or a ``picture``,
    one more beside content and styles."""
    colours: Colours = "style"
    """Whose colours the painting has. ``content`` gives the style images the content's mean and
    covariance of colours first; ``luminance`` paints brightness only, over the content's hues."""
    style_scale: float = Field(default=1.0, ge=0.25, le=4, allow_inf_nan=False)
    """The style images' longer side over the painting's: strokes grow with it. An image is enlarged
    if need be, and then its strokes are as soft as any enlargement's."""
    statistics: Statistics = "gram"
    """What is compared of a style beside its means: Gram matrices, or covariances, which do not
    know of them."""
    seed: int = Field(default=0, ge=0, lt=2**63)
    optimizer: Optimizer = "lbfgs"
    pooling: Pooling = "max"
    encoder: EncoderName = "vgg19"
    content_layers: tuple[str, ...] = Field(default=(), max_length=16)
    style_layers: dict[str, Weight] = Field(default={}, max_length=16)
    """The weight w_l of each style layer. What is not given is the encoder's usual."""

    @field_validator("style_layers", "content_layers")
    @classmethod
    def _right_layers(
        cls, layers: tuple[str, ...] | dict[str, float], info: ValidationInfo
    ) -> object:
        if not layers:  # someone wrote so: defaults are not looked at here
            raise ValueError("name at least one layer")
        if len(set(layers)) < len(layers):
            raise ValueError("name each layer once")
        encoder = info.data.get("encoder")  # not there if it was refused itself
        known = LAYERS[encoder] if encoder else tuple(layers)
        if unknown := [name for name in layers if name not in known]:
            raise ValueError(
                f"{encoder} has no layer {unknown[0][:16]!r}. Its layers are {', '.join(known)}"
            )
        return layers

    @field_validator("colours")
    @classmethod
    def _colours_of_something(cls, colours: Colours, info: ValidationInfo) -> Colours:
        if colours != "style" and info.data.get("task") == "texture":
            raise ValueError(
                "a texture has no content to take colours from: leave them to the style"
            )
        return colours

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, data: object) -> object:
        """Layers as the encoder has them; a texture starts from noise."""
        if not isinstance(data, dict):
            return data
        encoder: Any = str(data.get("encoder", "vgg19"))
        usual = {
            "content_layers": CONTENT_LAYERS.get(encoder),
            "style_layers": STYLE_LAYERS.get(encoder),
        }
        start = {"init": "noise"} if data.get("task") == "texture" else {}
        return {**{key: value for key, value in usual.items() if value}, **data, **start}

    def assign(self, pictures: Sequence[T]) -> Roles[T]:
        """What each of *pictures* is for: the content comes first, what to begin with last."""
        styles = list(pictures)
        content = styles.pop(0) if self.task == "transfer" else None
        init = styles.pop() if self.init == "picture" else None
        return Roles(content, styles, init)

    def shares(self, styles: int) -> tuple[float, ...]:
        """The blend of *styles* style images, normalised to sum 1 (Johnson 2016).

        Raises ValueError when ``blend`` names another number of styles.
        """
        blend = self.blend or (1.0,) * styles
        if len(blend) != styles:
            raise ValueError(f"give one weight per style image: {styles}, not {len(blend)}")
        total = sum(blend)
        return tuple(weight / total for weight in blend)


def default(field: str) -> Any:
    """What a recipe has in *field* unless someone says otherwise.

    >>> default("steps")
    100
    """
    return Recipe.model_fields[field].default
