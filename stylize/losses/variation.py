"""The total variation term: large where a picture is noisy."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class TotalVariation:
    """Of colours in 0..1."""

    weight: float | Tensor
    """γ, above 0: of a term that weighs nothing, nothing need be computed."""
    guide: Tensor | None
    """(…, H, W), how much each pixel of the painting counts; None where all count the same."""

    def loss(self, pixels: Tensor) -> Tensor:
        return total_variation(pixels / 255, self.guide)


def total_variation(pixels: Tensor, guide: Tensor | None = None) -> Tensor:
    """Mean squared difference of neighbours, across plus down: large where a picture is noisy.

    Mahendran & Vedaldi (2015), with exponent β = 2.

    Args:
        pixels: (…, C, H, W), both sides at least 2 pixels.
        guide: (…, H, W), at least 0: two neighbours count as the product of what each does.

    Returns: (…,).
    """
    across = (pixels[..., :, 1:] - pixels[..., :, :-1]).square()
    down = (pixels[..., 1:, :] - pixels[..., :-1, :]).square()
    if guide is None:
        return across.mean((-3, -2, -1)) + down.mean((-3, -2, -1))
    beside = guide[..., :, 1:] * guide[..., :, :-1]
    below = guide[..., 1:, :] * guide[..., :-1, :]
    return weighted_mean(across, beside) + weighted_mean(down, below)


def weighted_mean(values: Tensor, weights: Tensor) -> Tensor:
    """Of *values* (…, C, H, W) by *weights* (…, H, W) of places; 0 where these are all 0."""
    total = weights.sum((-2, -1)).clamp_min(torch.finfo(weights.dtype).tiny)
    return (values * weights[..., None, :, :]).sum((-3, -2, -1)) / (values.shape[-3] * total)
