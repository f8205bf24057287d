"""What both kinds of painting by style images have: sizes, steps, weights, layers, the network."""

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from stylize.pyramid import Scale, expected_steps, plan
from stylize.recipes import values
from stylize.recipes.base import Input, Recipe
from stylize.recipes.layers import CONTENT_LAYERS, STYLE_LAYERS, EncoderName, check_layers
from stylize.recipes.option import Option

Init = Literal["content", "noise", "picture", "patches"]
Optimizer = Literal["lbfgs", "adam"]
Pooling = Literal["average", "max"]
Precision = Literal["auto", "float32", "bfloat16"]
"""Of an encoder's convolutions: not part of a recipe, but of where it is painted."""
Colours = Literal["style", "content", "luminance"]
Statistics = Literal["gram", "covariance"]
On = Literal[
    "everything", "subject", "background", "mask", "subject,background", "background,subject"
]
"""Which part of the content is painted; of two, each has a style of its own, in their order."""
Show = Literal["painting", "map"]

SMALLEST, LARGEST = 64, 4096
"""Bounds of a painting's size in pixels. A studio may set a lower upper bound of its own."""

LONGEST_STYLE = 2048
"""Pixels, to which ``style_scale`` enlarges: while styles are measured, nobody can cancel."""

MOST_STEPS = 5000
Steps = Annotated[int, Field(ge=1, le=MOST_STEPS)] | Literal["auto"]
MOST_STYLES = 8
MOST_WEIGHT = 1e12

Size = Annotated[
    int,
    Option(
        "longer side in pixels, up to {high}",
        "512",
        range_of=values.pixels,
        label="Size",
        unit="px",
        offers=(128, 192, 256, 384, 512, 768, 1024, 1536, 2048),
    ),
]
WRAPS_AT = 16
"""Sides of a seamless painting are multiples of this: each pooling of an encoder halves them."""

Weight = Annotated[float, Field(ge=1e-12, le=MOST_WEIGHT, allow_inf_nan=False)]
STYLES = Input("style", "a picture whose style to take", most=MOST_STYLES, weights="blend")


class StyleRecipe(Recipe):
    """A painting that minimises L = α·L_content + β·L_style + γ·L_tv over the pixels.

    α is ``content_weight``, β ``style_weight`` and γ ``total_variation``. Content and style are
    relative errors, so that a weight means the same for all pictures, at all sizes;
    ``docs/method.md`` gives each term. The same recipe and pictures give the same picture, byte for
    byte, on the same device, in the same precision, painted alone.
    """

    noun: ClassVar[str] = "painting"
    aspect: ClassVar[float] = 0.75
    """The shorter side over the longer one, as far as it is known before there is a picture."""
    size: Size = Field(default=512, ge=SMALLEST, le=LARGEST)
    """The longer side of the painting, in pixels; a texture is square."""
    steps: Annotated[
        Steps,
        Option(
            "how long to paint: up to {high}, or auto",
            "200",
            label="Steps",
            words={
                "auto": "as many as it takes",
                **{"40": "a sketch", "200": "careful", "400": "very careful"},
            },
            unit="steps",
            offers=(40, 100, 200, 400),
        ),
    ] = "auto"
    """Optimiser iterations, the total over all scales; ``auto`` ends each scale once ten more gain
    little."""
    max_steps: Annotated[int, Option("the most that `steps=auto` takes", "400", expert=True)] = (
        Field(default=300, ge=1, le=MOST_STEPS)
    )
    """Each scale has an equal part of them."""
    content_weight: float = Field(default=1.0, ge=0, le=MOST_WEIGHT, allow_inf_nan=False)
    colours: Colours = "style"
    style_scale: Annotated[
        float,
        Option(
            "size of the strokes: 0.5 fine, 1 usual, 2 broad",
            "2",
            label="Strokes",
            words={"0.5": "fine", "1": "usual", "2": "broad", "4": "very broad"},
            unit="×",
            offers=(0.5, 1, 2, 4),
        ),
    ] = Field(default=1.0, ge=0.25, le=4, allow_inf_nan=False)
    """The style images' longer side over the painting's: strokes grow with it. An image is enlarged
    if need be, and then its strokes are as soft as any enlargement's."""
    init: Init = "content"
    seamless: bool = False
    seed: Annotated[int, Option("another seed, another noise", "7", expert=True)] = Field(
        default=0, ge=0, le=2**63 - 1
    )
    blend: Annotated[
        tuple[Weight, ...],
        Option(
            "one number per style", "2,1", name="weights", value=values.WEIGHTS, label="Weights"
        ),
    ] = Field(default=(), max_length=MOST_STYLES)
    """One weight per style image, in their order; empty means equal parts."""
    on: On = "everything"
    show: Show = "painting"
    style_weight: Annotated[Weight, Option("style weight β", "1000", name="beta", expert=True)] = (
        300.0
    )
    total_variation: Annotated[
        float,
        Option(
            "total variation: smooths; {usual} is usual, 0 is off", "10", name="tv", expert=True
        ),
    ] = Field(default=3.0, ge=0, le=MOST_WEIGHT, allow_inf_nan=False)
    statistics: Annotated[
        Statistics,
        Option(
            "what is compared of a style: Gram matrices or covariances", "covariance", expert=True
        ),
    ] = "gram"
    """What is compared of a style beside its means: Gram matrices, or covariances, which do not
    know of them."""
    optimizer: Annotated[Optimizer, Option("L-BFGS or Adam", "adam", expert=True)] = "lbfgs"
    encoder: Annotated[
        EncoderName, Option("the network: VGG-19, or a lighter one", "lite", expert=True)
    ] = "vgg19"
    pooling: Annotated[Pooling, Option("of VGG-19", "average", expert=True)] = "max"
    content_layers: tuple[str, ...] = Field(default=(), max_length=16)
    style_layers: Annotated[
        dict[str, Weight],
        Option(
            "where style is compared, each with a weight",
            "relu1_1:1,relu3_1:0.5",
            expert=True,
            value=values.WEIGHTED_LAYERS,
        ),
    ] = Field(default={}, max_length=16)
    """The weight w_l of each style layer. What is not given is the encoder's usual."""
    mean_weight: Annotated[
        float,
        Option(
            "weight of the features' means in the style loss; {usual} is usual, 0 is off",
            "0",
            expert=True,
        ),
    ] = Field(default=1.0, ge=0, le=MOST_WEIGHT, allow_inf_nan=False)
    """Of the channels' means beside their Gram matrices, within the style loss; 0 leaves them
    out."""

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
        if encoder:
            check_layers(encoder, layers)
        return layers

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, data: object) -> object:
        """Layers as the encoder has them."""
        if not isinstance(data, dict):
            return data
        encoder: Any = str(data.get("encoder", "vgg19"))
        usual = {
            "content_layers": CONTENT_LAYERS.get(encoder),
            "style_layers": STYLE_LAYERS.get(encoder),
        }
        return {**{key: value for key, value in usual.items() if value}, **data}

    @property
    def cost(self) -> float:
        """As of ``Recipe``: a step is one evaluation of its scale's pixels."""
        evaluations = sum(steps * size**2 for size, steps in self._expected)
        return evaluations * self.aspect / 1e6

    @property
    def expected_steps(self) -> int:
        """The steps that it takes, or with ``auto`` what such paintings take on average."""
        return sum(steps for _, steps in self._expected)

    @property
    def _expected(self) -> list[tuple[int, int]]:
        """The size of each scale, and its steps."""
        most = expected_steps(len(self.scales)) if self.steps == "auto" else self.steps
        return [(scale.size, min(scale.steps, most)) for scale in self.scales]

    @property
    def scales(self) -> Sequence[Scale]:
        """As of ``Recipe``."""
        return plan(self.size, self.most_steps)

    @property
    def most_steps(self) -> int:
        """The steps that it takes at most, and if their number is given, exactly."""
        return self.max_steps if self.steps == "auto" else self.steps

    @property
    def term_weights(self) -> dict[str, float]:
        """α, β and γ by the names of the terms that they are the weights of."""
        return {
            "content": self.content_weight,
            "style": self.style_weight,
            "total_variation": self.total_variation,
        }

    def side(self, size: int) -> int:
        """Of a square painting at a scale of *size*, in pixels."""
        return size - size % WRAPS_AT if self.seamless else size

    def style_size(self, longer: int) -> int:
        """The longer side of the style images beside a painting of which it is *longer*.

        It is never longer than both the painting and ``LONGEST_STYLE``.
        """
        return min(max(longer, LONGEST_STYLE), round(longer * self.style_scale))

    def shares(self, styles: int) -> tuple[float, ...]:
        """The blend of *styles* style images, normalised to sum 1 (Johnson 2016).

        Raises ValueError when ``blend`` names another number of styles.
        """
        blend = self.blend or (1.0,) * styles
        if len(blend) != styles:
            raise ValueError(f"give one weight per style image: {styles}, not {len(blend)}")
        total = sum(blend)
        return tuple(weight / total for weight in blend)
