"""Regions: parts of a painting that have styles of their own.

L. A. Gatys, A. S. Ecker, M. Bethge, A. Hertzmann & E. Shechtman, *Controlling Perceptual Factors in
Neural Style Transfer* (CVPR 2017, arXiv 1611.07865), section 4: each region has a guide, and its
style is compared where the guide is. A network sees across a border, so at each layer guides are
eroded by as much as that layer sees: what is compared of a region knows nothing of its neighbours.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Self

import torch
from torch import Tensor
from torch.nn import functional

from stylize.encoders import Encoder
from stylize.guides import weights_at
from stylize.media.picture import resize

ROUNDING = 1e-3
"""By how much guides that cover everything may sum to less than 1."""

KEPT = 0.25
"""The share of a region that erosion leaves at least: of a disc, one of half its radius."""


@dataclass(frozen=True)
class Region:
    """A part of a painting, and what it is to look like."""

    guide: Tensor
    """(H, W) in 0..1: how much each place of the painting belongs to it. Guides of all regions sum
    to at most 1; what none of them covers stays the content."""
    shares: Sequence[float]
    """Of each style image in its style, in their order: they sum to 1. One of 0 is not looked
    at."""
    style_guides: Sequence[Tensor | None] = ()
    """Of each style image, (H, W) in 0..1: the places with this region's style. None: the whole
    image; empty: the whole of all."""

    def __post_init__(self) -> None:
        if self.guide.ndim != 2 or not self.guide.any():
            raise ValueError("a region needs a guide (H, W) that is above 0 somewhere.")
        if self.style_guides and len(self.style_guides) != len(self.shares):
            raise ValueError("a region has one guide for each style image, or none at all.")
        if any(guide is not None and not guide.any() for guide in self.style_guides):
            raise ValueError("a region's style needs to be somewhere in its style image.")

    def guides_in(self, styles: int) -> Sequence[Tensor | None]:
        """Where in each of so many style images this region's style is."""
        return self.style_guides or [None] * styles

    def seen_of(self, alphas: Sequence[Tensor | None]) -> list[Tensor | None]:
        """How much each pixel of the style images counts in this region, by guides of their own."""
        inside = self.guides_in(len(alphas))
        return [joined(one, other) for one, other in zip(inside, alphas, strict=True)]

    def at(self, shape: tuple[int, int], device: torch.device) -> Self:
        """The region of a painting of *shape* (h, w)."""
        return replace(self, guide=_resized(self.guide, shape).to(device))

    def of_styles(self, shapes: Sequence[tuple[int, int]], device: torch.device) -> Self:
        """The region for style images of these *shapes* (h, w)."""
        guides = [
            None if guide is None else _resized(guide, shape).to(device)
            for guide, shape in zip(self.guides_in(len(shapes)), shapes, strict=True)
        ]
        return replace(self, style_guides=guides)


def covered(regions: Sequence[Region]) -> Tensor | None:
    """(H, W) in 0..1, how much of each place *regions*, all of one size, have; None: all of it."""
    if not regions:
        return None
    share = torch.stack([region.guide for region in regions]).sum(0).clamp(0, 1)
    return None if share.min() > 1 - ROUNDING else share


def home_of(style: int, regions: Sequence[Region]) -> Tensor | None:
    """(H, W), where a painting in *regions* has this *style*, counted from 0; None: everywhere."""
    return covered([region for region in regions if region.shares[style]])


def joined(one: Tensor | None, other: Tensor | None) -> Tensor | None:
    """The guide by which counts what counts by both; None is everywhere, as is nowhere at all."""
    if one is None or other is None:
        return other if one is None else one
    both = one * other
    return both if both.any() else None


def weights_within(
    encoder: Encoder, layers: Collection[str], region: Tensor | None, guide: Tensor | None
) -> dict[str, Tensor]:
    """Weights of places, (H', W') of mean 1, at each of *layers*: a *region*, eroded, by *guide*.

    Where the eroded region is above 0, a feature depends on pixels of the region alone. Both are
    (H, W) in 0..1; None is everywhere.
    """
    if region is None:
        return weights_at(encoder, layers, guide)
    weights: dict[str, Tensor] = {}
    for layer in layers:
        field = encoder.receptive_field(layer)
        inside = eroded(region, field.margin + field.stride - 1)
        weights |= weights_at(encoder, [layer], joined(inside, guide))
    return weights


def eroded(guide: Tensor, radius: int) -> Tensor:
    """*guide*, (H, W) at least 0: each place as little as the least within *radius* pixels of it.

    Of what is left after that less than ``KEPT``, half the radius is tried, and so on: a small
    region is known by features that see a little beyond it rather than by none. Beyond the
    picture's border there is nothing to keep away from.
    """
    while radius:
        left = _least(_least(guide, radius, 0), 0, radius)
        if left.sum() >= KEPT * guide.sum():
            return left
        radius //= 2
    return guide


def _least(guide: Tensor, down: int, across: int) -> Tensor:
    size, padding = (2 * down + 1, 2 * across + 1), (down, across)
    return -functional.max_pool2d(-guide[None, None], size, stride=1, padding=padding)[0, 0]


def _resized(guide: Tensor, shape: tuple[int, int]) -> Tensor:
    return resize(255 * guide.float()[None], shape)[0] / 255
