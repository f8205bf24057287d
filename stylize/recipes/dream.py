"""A dream: a picture in which more and more is seen of what a layer of a network looks for."""

from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from stylize.pyramid import Scale, octaves
from stylize.recipes import values
from stylize.recipes.base import Input, Recipe
from stylize.recipes.layers import DREAM_LAYERS, DreamEncoderName, channels_of, check_layers
from stylize.recipes.option import Option
from stylize.recipes.style import LARGEST, SMALLEST, Size

ASPECT = 0.75
"""The shorter side over the longer one, as far as it is known before there is a picture."""
ZOOM_STEPS = 3
"""Of the ascent, for each frame of a fall."""
MOST_FRAMES = 96
FALL_SIZE = 480
"""Pixels: the longer side of the film of a fall, or that of the dream if it is smaller."""
RATE = 1.5
"""Levels of 0..255 by which a step changes a colour in the mean, at the usual strength."""


class Dream(Recipe):
    """Gradient ascent on what a layer answers to a picture (Mordvintsev, Olah & Tyka 2015)."""

    about: ClassVar[str] = "let a network dream into a picture"
    noun: ClassVar[str] = "dream"
    lacks: ClassVar[str] = "A dream has no style picture and no content to keep to"
    own: ClassVar[frozenset[str]] = frozenset({"size", "steps"})
    subject: ClassVar[str] = "content"
    inputs: ClassVar[tuple[Input, ...]] = (
        Input("content", "the picture to dream into", label="a picture"),
        Input(
            "guide",
            "a picture of what to dream of",
            least=0,
            label="what to dream of",
            called="a picture of what to dream of",
        ),
    )
    task: Literal["dream"] = "dream"
    size: Size = Field(default=512, ge=SMALLEST, le=LARGEST)
    """The longer side of the dream, in pixels."""
    encoder: Annotated[
        DreamEncoderName,
        Option(
            "the network that dreams: VGG-19, GoogLeNet, or a lighter one", "googlenet", expert=True
        ),
    ] = "vgg19"
    layer: Annotated[
        str,
        Option(
            "what it dreams of: relu3_3 patterns, relu4_4 eyes, relu5_1 creatures",
            "relu5_1",
            value=values.LAYER_NAME,
            label="Dreams of",
            words={
                "relu3_3": "patterns",
                "relu4_4": "eyes and snouts",
                "relu5_1": "creatures",
                "relu5_3": "glassy figures",
            },
            offers=("relu3_3", "relu4_4", "relu5_1", "relu5_3"),
        ),
    ] = DREAM_LAYERS["vgg19"]
    """The layer of the network whose features grow; the deeper, the larger are the things."""
    strength: Annotated[
        float,
        Option(
            "how deep the dream: 0 a hint, 50 usual, 100 nothing else is left",
            "70",
            label="Strength",
            words={"0": "a hint", "25": "gentle", "50": "usual", "75": "deep", "100": "all dream"},
        ),
    ] = Field(default=50.0, ge=0, le=100, allow_inf_nan=False)
    """The length of a step, which doubles with every 25."""
    octaves: Annotated[int, Option("at how many sizes to dream, from small to large", "6")] = Field(
        default=4, ge=1, le=10
    )
    """Those of less than 64 pixels are left out."""
    octave_scale: Annotated[
        float,
        Option("how much larger each of these sizes is than the one before", "1.6", expert=True),
    ] = Field(default=1.4, ge=1.1, le=2, allow_inf_nan=False)
    steps: Annotated[int, Option("steps for each octave", "20")] = Field(default=10, ge=1, le=100)
    zoom: Annotated[
        int,
        Option(
            "frames of a film that falls into the dream; 0 is none",
            "48",
            label="Fall into it",
            unit="frames",
            words={"0": "no"},
            offers=(0, 24, 48, 96),
        ),
    ] = Field(default=0, ge=0, le=MOST_FRAMES)
    channel: Annotated[
        int | None, Option("only this channel of the layer, counted from 0", "97", expert=True)
    ] = Field(default=None, ge=0, le=1023)
    seed: Annotated[int, Option("another seed, another dream", "7", expert=True)] = Field(
        default=0, ge=0, le=2**63 - 1
    )

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, data: object) -> object:
        """The layer as the encoder has it."""
        if not isinstance(data, dict):
            return data
        encoder: Any = str(data.get("encoder", "vgg19"))
        usual = DREAM_LAYERS.get(encoder)
        return {"layer": usual, **data} if usual else data

    @field_validator("layer")
    @classmethod
    def _right_layer(cls, layer: str, info: ValidationInfo) -> str:
        encoder = info.data.get("encoder")  # not there if it was refused itself
        if encoder:
            check_layers(encoder, [layer])
        return layer

    @field_validator("channel")
    @classmethod
    def _right_channel(cls, channel: int | None, info: ValidationInfo) -> int | None:
        encoder, layer = info.data.get("encoder"), info.data.get("layer")
        if channel is None or encoder is None or layer is None:
            return channel
        count = channels_of(encoder, layer)
        if channel >= count:
            raise ValueError(f"{layer} has the channels 0 to {count - 1}, and no {channel}")
        return channel

    def told(self, names: Sequence[str]) -> str:
        """As of ``Recipe``."""
        said = self.named(names)
        guide = f", of {said['guide']}" if said["guide"] else ""
        return f"A dream into {said['content']}{guide}"

    def check(self, count: int) -> None:
        """As of ``Recipe``. Raises ValueError, too, for a guide beside a channel."""
        super().check(count)
        if count > 1 and self.channel is not None:
            raise ValueError("a guide and a channel both say what to dream of: give one of them")

    @cached_property
    def octave_scales(self) -> tuple[Scale, ...]:
        """The octaves, the smallest first."""
        return octaves(self.size, self.octaves, self.octave_scale, self.steps)

    @cached_property
    def fall(self) -> Scale | None:
        """The frames of the fall as one scale more, where there is a fall."""
        last = self.octave_scales[-1]
        size, steps = min(self.size, FALL_SIZE), self.zoom * ZOOM_STEPS
        return Scale(last.index + 1, size, last.first + last.steps, steps) if steps else None

    @property
    def scales(self) -> tuple[Scale, ...]:
        """As of ``Recipe``: the octaves, and the fall as one scale more."""
        return (*self.octave_scales, self.fall) if self.fall else self.octave_scales

    @property
    def rate(self) -> float:
        """By how many levels of 0..255 a step changes a colour in the mean."""
        return float(RATE * 2 ** ((self.strength - 50) / 25))

    @property
    def cost(self) -> float:
        """As of ``Recipe``: a step is one evaluation of its octave's pixels."""
        return sum(scale.steps * scale.size**2 for scale in self.scales) * ASPECT / 1e6
