"""What a term of the loss is, so that tiles, batches and guides compose with any."""

import math
from collections.abc import Callable, Collection, Mapping
from typing import Protocol

import torch
from torch import Tensor

Features = Mapping[str, Tensor]
"""(…, N, H', W') by layer."""
Part = Callable[[Tensor, str], Tensor]
"""What lies over a whole picture at a layer, (…, H', W') ─► the part of it that is looked at."""

FAINTEST = 1e-12
"""The least that an error is divided by. No picture's features are as faint; those of a network
that sees nothing at all would be."""


class Term(Protocol):
    """A term that compares features: of one painting, or of a batch (a leading dimension B).

    A dataclass whose fields are tensors, numbers, and mappings of these by layer, or tuples of
    such, all of which ``stylize.stacking`` joins to those of a batch.
    """

    @property
    def weight(self) -> float | Tensor:
        """The factor in the total; (B,) for a batch."""

    @property
    def layers(self) -> Collection[str]:
        """Where it compares."""

    def gather(self, features: Features, part: Part) -> Mapping[str, Tensor]:
        """What it needs to know of *features*, by layer: means over the places of this *part*.

        So what is gathered of a whole picture is the mean, weighted by their places, of what is
        gathered of its tiles.
        """

    def loss(self, gathered: Mapping[str, Tensor]) -> Tensor:
        """The term, (…,), unweighted, of a whole picture."""


class PixelTerm(Protocol):
    """A term that compares pixels; otherwise as ``Term``."""

    @property
    def weight(self) -> float | Tensor: ...

    def loss(self, pixels: Tensor) -> Tensor:
        """The term, (…,), unweighted, of *pixels* (…, 3, H, W) in 0..255."""


def weights_of(places: Features, layer: str, part: Part) -> Tensor | None:
    """The weights of the places of this *part* of *layer*; None where all count the same."""
    return part(places[layer], layer) if layer in places else None


def mean_square(target: Tensor, dimensions: int, weights: Tensor | None = None) -> Tensor:
    """Over the last *dimensions*, in float32 at least, weighted by *weights* of places, (H', W').

    Channel by channel: over all at once, norms add up their squares one after the other, and those
    of a large picture drown in their sum. Without weights no copy of *target* is made.
    """
    over = tuple(range(-dimensions, 0))
    dtype = torch.promote_types(target.dtype, torch.float32)
    if weights is not None:
        target = target.to(dtype) * weights.sqrt()
    norms = torch.linalg.vector_norm(target, dim=over[-2:], keepdim=True, dtype=dtype)
    places = math.prod(target.shape[-dimensions:])
    square: Tensor = norms.square().sum(over) / places
    return square.clamp_min(FAINTEST)


def precise(values: Tensor) -> Tensor:
    """In float32 at least: sums over thousands of places overflow or drown in a half."""
    return values.to(torch.promote_types(values.dtype, torch.float32))


def same_shape(value: Tensor, target: Tensor) -> None:
    if value.shape != target.shape:  # broadcasting would hide the mistake
        raise ValueError(f"shapes differ: {tuple(value.shape)} and {tuple(target.shape)}")
