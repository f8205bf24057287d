"""Deep dreams: gradient ascent on the features of a picture, octave by octave.

A. Mordvintsev, C. Olah & M. Tyka, *Inceptionism: Going Deeper into Neural Networks* (2015), and the
program that they published, *DeepDream*. ``docs/method.md`` gives the equations.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, pi

import torch
from torch import Tensor
from torch.nn import functional

from stylize.encoders import Encoder
from stylize.evaluate import differentiate
from stylize.losses.term import precise

SIDE = 512
"""Pixels. A larger picture is seen in tiles of at most this side."""
CHUNK = 4096
"""Places that are compared with those of a guide at once."""
SIGMA = 1.0
"""Pixels. A gradient that came through max pooling is a grid of single pixels, which flat areas
would show; what is dreamt of is wider."""

Attraction = Callable[[Tensor], Tensor]
"""Features (N, H', W') ─► a scalar that grows with what is dreamt of, a sum over places."""


def activation(features: Tensor) -> Tensor:
    """½ Σ F²: whatever the layer sees, it is to see more of it."""
    return precise(features).square().sum() / 2


@dataclass(frozen=True)
class Channel:
    """Σ F_c: what one channel alone looks for."""

    index: int

    def __call__(self, features: Tensor) -> Tensor:
        return precise(features[self.index]).sum()


@dataclass(frozen=True)
class Guided:
    """Σ_p F_p · G_q(p), where q(p) = argmax_q F_p · G_q: the place of the guide that fits best."""

    guide: Tensor
    """(N, K): the features of a guide at its K places."""

    def __call__(self, features: Tensor) -> Tensor:
        seen = features.flatten(1)
        with torch.no_grad():
            parts = torch.split(seen, CHUNK, dim=1)
            best = [(part.T @ self.guide).argmax(1) for part in parts]
        return (precise(seen) * precise(self.guide[:, torch.cat(best)])).sum()


def seen_of(encoder: Encoder, layer: str, pixels: Tensor, guide: Tensor | None) -> Tensor:
    """(N, K): the features of *pixels*, (3, H, W), at the places that count.

    Where there is a *guide*, (H, W) in 0..1, those do that have at least half of its maximum.
    """
    with torch.no_grad():
        features = encoder(pixels, [layer])[layer]
    if guide is None:
        return features.flatten(1)
    height, width = features.shape[-2:]
    counts = functional.adaptive_avg_pool2d(guide[None], (height, width)).flatten()
    return features.flatten(1)[:, counts >= counts.max() / 2]


@dataclass(frozen=True)
class Ascent:
    """What is climbed: *attraction* at *layer* of *encoder*."""

    encoder: Encoder
    layer: str
    attraction: Attraction

    def climbed(
        self, pixels: Tensor, shift: tuple[int, int], rate: float, guide: Tensor | None = None
    ) -> tuple[float, Tensor]:
        """The attraction of *pixels*, (3, H, W) in 0..255, and the pixels after one step.

        x + r·g / mean |g|, clamped: colours change by *rate* levels in the mean, where the gradient
        is steep by more. A *guide*, (H, W) of maximum 1, tells how much a pixel counts and moves.
        """
        value, gradient = self.slope(pixels, shift)
        gradient = smoothed(gradient)
        if guide is None:
            mean = gradient.abs().mean()
        else:
            gradient = gradient * guide
            mean = gradient.abs().mean() / guide.mean()
        step = gradient / mean.clamp_min(torch.finfo().tiny)
        return value, (pixels + rate * step).clamp(0, 255)

    def slope(self, pixels: Tensor, shift: tuple[int, int]) -> tuple[float, Tensor]:
        """The attraction of *pixels*, (3, H, W), and its gradient, in tiles displaced by *shift*.

        The picture is rolled as a torus is, and cut somewhere else each time. So no edge of a tile
        stays where it is for long enough to show.
        """
        rolled = pixels.roll(shift, (-2, -1))
        gradient = torch.zeros_like(rolled)
        found = 0.0
        for down in _spans(pixels.shape[-2]):
            for across in _spans(pixels.shape[-1]):
                terms, slope = differentiate(self._loss, rolled[..., down, across])
                gradient[..., down, across] = slope
                found -= float(terms["total"])
        return found, -gradient.roll((-shift[0], -shift[1]), (-2, -1))

    def _loss(self, tile: Tensor) -> dict[str, Tensor]:
        return {"total": -self.attraction(self.encoder(tile, [self.layer])[self.layer])}


def smoothed(gradient: Tensor) -> Tensor:
    """*gradient*, (3, H, W), convolved with a Gaussian of σ = ``SIGMA`` pixels, as on a torus."""
    height, width = gradient.shape[-2:]
    down = torch.fft.fftfreq(height, device=gradient.device)[:, None]
    across = torch.fft.rfftfreq(width, device=gradient.device)
    gains = torch.exp(-2 * (pi * SIGMA) ** 2 * (down**2 + across**2))
    smooth: Tensor = torch.fft.irfft2(torch.fft.rfft2(gradient) * gains, s=(height, width))
    return smooth


def _spans(length: int) -> list[slice]:
    """Equal pieces of *length*, but for rounding, none longer than ``SIDE``."""
    count = ceil(length / SIDE)
    edges = [round(index * length / count) for index in range(count + 1)]
    return [slice(start, stop) for start, stop in pairwise(edges)]


def closer(pixels: Tensor, zoom: float) -> Tensor:
    """*pixels*, (3, H, W) in 0..255, seen *zoom* times as large around their middle."""
    height, width = pixels.shape[-2:]
    middle = torch.tensor([[1 / zoom, 0.0, 0.0], [0.0, 1 / zoom, 0.0]], device=pixels.device)
    grid = functional.affine_grid(middle[None], [1, 3, height, width], align_corners=False)
    seen = functional.grid_sample(
        pixels[None], grid, mode="bicubic", padding_mode="border", align_corners=False
    )
    return seen[0].clamp(0, 255)
