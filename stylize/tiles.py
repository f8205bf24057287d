"""A picture cut into tiles that, seen one at a time, show exactly what the whole would show.

A feature depends on the pixels within its receptive field and on no others. So a tile is encoded
with a margin that wide, and only the features of its core count. Where a picture wraps, tiles at
its sides take their margin from the other side. Memory is then that of one tile, however large the
picture (Galerne, Raad, Lezama & Morel, *Scaling Painting Style Transfer*, 2022, arXiv:2212.13459).
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from types import MappingProxyType

import torch
from torch import Tensor

from stylize.encoders import Encoder

SIDE = 1024
"""Pixels. A picture no longer than this is a single tile."""
CORE = 0.75
"""The share of ``SIDE`` that cores of a longer one take up, or less: margins need the rest."""

Features = Mapping[str, Tensor]


@dataclass(frozen=True)
class Span:
    """A tile along one axis, in pixels: core within window, and core within 0..length.

    Where a window reaches beyond that, the picture wraps.
    """

    core: tuple[int, int]
    window: tuple[int, int]
    length: int

    def within_window(self, stride: int) -> slice:
        """The core's features among those of the window."""
        return self._features(self.window[0], stride)

    def within_picture(self, stride: int) -> slice:
        """The core's features among those of the whole picture."""
        return self._features(0, stride)

    def pieces(self) -> Iterator[tuple[slice, slice]]:
        """Where the window lies in the picture, piece by piece, and each piece in the window."""
        start, stop = self.window
        at = start
        while at < stop:
            first = at % self.length
            count = min(stop - at, self.length - first)
            yield slice(first, first + count), slice(at - start, at - start + count)
            at += count

    def _features(self, origin: int, stride: int) -> slice:
        start, stop = ((edge - origin) // stride for edge in self.core)
        # The last tile takes what there is: layers round an odd length down or up.
        return slice(start, None if self.core[1] == self.length == self.window[1] else stop)


@dataclass(frozen=True)
class Tile:
    """A piece of a picture."""

    down: Span
    across: Span

    def window(self, pixels: Tensor) -> Tensor:
        """The core and its margin, a copy out of *pixels* (…, 3, H, W)."""
        rows = [
            torch.cat([pixels[..., down, across] for across, _ in self.across.pieces()], dim=-1)
            for down, _ in self.down.pieces()
        ]
        return torch.cat(rows, dim=-2)

    def add(self, window: Tensor, pixels: Tensor) -> None:
        """Add *window*, (…, 3, h, w), where it lies in *pixels* (…, 3, H, W)."""
        for down, inner_down in self.down.pieces():
            for across, inner_across in self.across.pieces():
                pixels[..., down, across].add_(window[..., inner_down, inner_across])

    def core(self, features: Tensor, stride: int) -> Tensor:
        """The core's part of the features of the window, (…, N, h, w)."""
        return features[..., self.down.within_window(stride), self.across.within_window(stride)]

    def part(self, features: Tensor, stride: int) -> Tensor:
        """The core's part of the features of the whole picture, (…, N, h, w)."""
        return features[..., self.down.within_picture(stride), self.across.within_picture(stride)]


@dataclass(frozen=True)
class Part:
    """A tile's core, as the layers of an encoder see it."""

    tile: Tile
    encoder: Encoder

    def __call__(self, whole: Tensor, layer: str) -> Tensor:
        """The core's part of what lies over the whole picture at *layer*, (…, H', W')."""
        return self.tile.part(whole, self.encoder.receptive_field(layer).stride)


def cut(
    shape: Sequence[int],
    encoder: Encoder,
    layers: Collection[str],
    side: int = SIDE,
    *,
    wraps: bool = False,
) -> list[Tile]:
    """Tiles whose cores cover a picture of *shape* (H, W): one core where *side* is enough.

    Where the picture *wraps*, H and W are multiples of the strides of all *layers*.
    """
    fields = [encoder.receptive_field(layer) for layer in layers]
    stride = max(field.stride for field in fields)
    margin = stride * ceil(max(field.margin for field in fields) / stride)
    height, width = shape
    return [
        Tile(down, across)
        for down in _spans(height, side, stride, margin, wraps)
        for across in _spans(width, side, stride, margin, wraps)
    ]


def _spans(length: int, side: int, stride: int, margin: int, wraps: bool) -> list[Span]:
    """Equal cores, but for rounding: each begins on a multiple of *stride*, as features do."""
    count = 1 if length <= side else ceil(length / (CORE * side))
    edges = [stride * round(index * length / count / stride) for index in range(count)]
    edges.append(length)
    first, last = (-margin, length + margin) if wraps else (0, length)
    return [
        Span((start, stop), (max(first, start - margin), min(last, stop + margin)), length)
        for start, stop in pairwise(edges)
    ]


def core_features(
    encoder: Encoder, tile: Tile, window: Tensor, layers: Collection[str]
) -> Features:
    """The features of *tile*'s core, given the pixels (…, 3, h, w) of its *window*."""
    return {
        layer: tile.core(features, encoder.receptive_field(layer).stride)
        for layer, features in encoder(window, layers).items()
    }


@torch.no_grad()
def features_of(
    encoder: Encoder, pixels: Tensor, layers: Collection[str], side: int = SIDE
) -> dict[str, Tensor]:
    """The features (…, N, H', W') of a whole picture (…, 3, H, W)."""
    rows: dict[int, list[Features]] = {}
    for tile in cut(pixels.shape[-2:], encoder, layers, side):
        found = core_features(encoder, tile, tile.window(pixels), layers)
        rows.setdefault(tile.down.core[0], []).append(found)
    return {
        layer: torch.cat(
            [torch.cat([found[layer] for found in row], dim=-1) for row in rows.values()], dim=-2
        )
        for layer in layers
    }


@torch.no_grad()
def mean_over(
    encoder: Encoder,
    pixels: Tensor,
    layers: Collection[str],
    summary: Callable[[Tensor, Tensor | None], Tensor],
    side: int = SIDE,
    *,
    weights: Features = MappingProxyType({}),
) -> tuple[dict[str, Tensor], dict[str, int]]:
    """*summary*, a mean over places such as a Gram matrix, of each layer of a whole picture.

    *weights*, (…, H', W') by layer, of mean 1, tell how much each place counts. The second
    dictionary tells how many places there are in each layer.
    """
    sums: dict[str, Tensor] = {}
    counts: dict[str, int] = {}
    for tile in cut(pixels.shape[-2:], encoder, layers, side):
        for layer, features in core_features(encoder, tile, tile.window(pixels), layers).items():
            count = places(features)
            share = Part(tile, encoder)(weights[layer], layer) if layer in weights else None
            sums[layer] = sums.get(layer, 0) + count * summary(features, share)
            counts[layer] = counts.get(layer, 0) + count
    return {layer: total / counts[layer] for layer, total in sums.items()}, counts


def places(features: Tensor) -> int:
    """How many there are in *features*, (…, N, H', W'): H'·W'."""
    return features.shape[-2] * features.shape[-1]
