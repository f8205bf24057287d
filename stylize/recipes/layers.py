"""The layers of each encoder, by name: all there are, and those that it usually compares by."""

from collections.abc import Iterable, Mapping
from typing import Literal

EncoderName = Literal["vgg19", "lite"]
DreamEncoderName = Literal["vgg19", "googlenet", "lite"]
"""Those in whose layers one can dream."""
LAYERS: Mapping[DreamEncoderName, tuple[str, ...]] = {
    "vgg19": tuple(
        f"{kind}{block}_{conv}"
        for block, depth in enumerate((2, 2, 4, 4, 4), start=1)
        for conv in range(1, depth + 1)
        for kind in ("conv", "relu")
    ),
    "lite": ("stem", "b0_dw", *(f"b{block}_exp" for block in range(1, 11))),
    "googlenet": tuple(
        f"inception{block}{part}"
        for block, parts in ((3, "ab"), (4, "abcde"), (5, "ab"))
        for part in parts
    ),
}
"""Every layer by which each encoder can compare, shallow to deep."""
CONTENT_LAYERS: Mapping[DreamEncoderName, tuple[str, ...]] = {
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
DREAM_LAYERS: Mapping[DreamEncoderName, str] = {
    "vgg19": "relu4_4",
    "lite": "b8_exp",
    "googlenet": "inception4c",
}
"""Where each encoder dreams when a recipe names no layer."""

_VGG19_CHANNELS = (64, 128, 256, 512, 512)
_LITE_CHANNELS = (32, 32, 96, 144, 144, 240, 240, 480, 480, 480, 672, 672)
_GOOGLENET_CHANNELS = (256, 480, 512, 512, 512, 528, 832, 832, 1024)


def channels_of(encoder: DreamEncoderName, layer: str) -> int:
    """How many channels *layer* of *encoder* has.

    >>> channels_of("vgg19", "relu3_1")
    256
    """
    if encoder == "vgg19":
        return _VGG19_CHANNELS[int(layer[4]) - 1]
    channels = _LITE_CHANNELS if encoder == "lite" else _GOOGLENET_CHANNELS
    return dict(zip(LAYERS[encoder], channels, strict=True))[layer]


def check_layers(encoder: DreamEncoderName, layers: Iterable[str]) -> None:
    """Raise ValueError for one of *layers* that *encoder* does not have, with those it has."""
    known = LAYERS[encoder]
    if unknown := [name for name in layers if name not in known]:
        raise ValueError(
            f"{encoder} has no layer {unknown[0][:16]!r}. Its layers are {', '.join(known)}"
        )
