"""The total variation term: large where a picture is noisy."""

from dataclasses import dataclass

import torch
from torch import Tensor

from stylize.wrapping import around


@dataclass(frozen=True, eq=False)
class TotalVariation:
    """Of colours in 0..1."""

    weight: float | Tensor
    """γ, above 0: of a term that weighs nothing, nothing need be computed."""
    guide: Tensor | None
    """(…, H, W), how much each pixel of the painting counts; None where all count the same."""
    wraps: bool = False
    """Whether pixels at opposite sides are neighbours, too."""

    def loss(self, pixels: Tensor) -> Tensor:
        return total_variation(pixels / 255, self.guide, wraps=self.wraps)


def total_variation(pixels: Tensor, guide: Tensor | None = None, *, wraps: bool = False) -> Tensor:
    """Mean squared difference of neighbours, across plus down: large where a picture is noisy.

    Mahendran & Vedaldi (2015), with exponent β = 2.

    Args:
        pixels: (…, C, H, W), both sides at least 2 pixels.
        guide: (…, H, W), at least 0: two neighbours count as the product of what each does.
        wraps: whether the last of a row and its first are neighbours, and of a column.

    Returns: (…,).
    """
    wide = around(pixels, (0, 0), (0, 1)) if wraps else pixels
    high = around(pixels, (0, 1), (0, 0)) if wraps else pixels
    across = (wide[..., :, 1:] - wide[..., :, :-1]).square()
    down = (high[..., 1:, :] - high[..., :-1, :]).square()
    if guide is None:
        return across.mean((-3, -2, -1)) + down.mean((-3, -2, -1))
    wide = around(guide, (0, 0), (0, 1)) if wraps else guide
    high = around(guide, (0, 1), (0, 0)) if wraps else guide
    beside = wide[..., :, 1:] * wide[..., :, :-1]
    below = high[..., 1:, :] * high[..., :-1, :]
    return weighted_mean(across, beside) + weighted_mean(down, below)


def weighted_mean(values: Tensor, weights: Tensor) -> Tensor:
    """Of *values* (…, C, H, W) by *weights* (…, H, W) of places; 0 where these are all 0."""
    total = weights.sum((-2, -1)).clamp_min(torch.finfo(weights.dtype).tiny)
    return (values * weights[..., None, :, :]).sum((-3, -2, -1)) / (values.shape[-3] * total)
