"""What lies under transparency, made from what is seen beside it.

A file keeps some colour even where nothing of it is seen: black, white, or what somebody painted
over. Painting resizes and blurs, and so would draw these colours in over the rim. Here they give
way to the nearest visible ones.

Pull and push (Gortler et al., The Lumigraph, 1996): the visible colours are averaged into coarser
and coarser pictures, weighted by alpha, until these have no holes, and the holes of each finer one
are filled from there.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

VISIBLE = 16
"""Of 255. Below this alpha a colour is a guess: eight bits have rounded most of it away."""

_BAND = 256
"""Rows that are in floating point at once: a large photograph would need a gigabyte."""

_SMOOTH = Image.Resampling.BILINEAR

Floats = NDArray[np.floating]


def continued(colours: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """*colours*, (H, W, 3), with those continued whose *alpha*, (H, W), is at least ``VISIBLE``.

    These stay as they are, and the others have no influence on the result. Where all are below,
    the most visible ones are continued; one at least must be above 0.
    """
    seen = alpha >= min(VISIBLE, int(alpha.max()))
    if seen.all():
        return colours
    behind = _filled(*_halved(colours, np.where(seen, alpha, 0), full=255))
    height, width = alpha.shape
    size = (2 * behind.shape[1], 2 * behind.shape[0])
    doubled = Image.fromarray(np.rint(behind).astype(np.uint8)).resize(size, _SMOOTH)
    whole = np.array(doubled)[:height, :width]
    np.copyto(whole, colours, where=seen[..., None])
    return np.ascontiguousarray(whole)


def _filled(colours: Floats, weights: Floats) -> Floats:
    """*colours* (H, W, 3), mixed with the coarser ones by what their *weights*, 0..1, lack to 1."""
    if colours.shape[:2] == (1, 1) or weights.min() == 1:
        return colours
    behind = _filled(*_halved(colours, weights))
    size = (2 * behind.shape[1], 2 * behind.shape[0])
    height, width = weights.shape
    for channel in range(3):
        plane = np.asarray(Image.fromarray(behind[..., channel]).resize(size, _SMOOTH))
        plane = plane[:height, :width]
        colours[..., channel] = plane + weights * (colours[..., channel] - plane)
    return colours


def _halved(
    colours: NDArray[np.uint8] | Floats, weights: NDArray[np.uint8] | Floats, full: int = 1
) -> tuple[Floats, Floats]:
    """Means of 2×2 *colours*, weighted; sums of their *weights* as parts of *full*, at most 1."""
    height, width = weights.shape
    means = np.empty(((height + 1) // 2, (width + 1) // 2, 3), np.float32)
    sums = np.empty(means.shape[:2], np.float32)
    for top in range(0, len(means), _BAND):
        half, band = slice(top, top + _BAND), slice(2 * top, 2 * (top + _BAND))
        weight = weights[band, :, None] / np.float32(full)
        total = _quads(weight)
        means[half] = _quads(colours[band] * weight) / np.where(total, total, 1)
        sums[half] = np.minimum(total[..., 0], 1)
    return means, sums


def _quads(values: Floats) -> Floats:
    """Sums of 2×2 places of (H, W, C) *values*; beyond an odd border is nothing."""
    height, width = values.shape[:2]
    sums = np.zeros(((height + 1) // 2, (width + 1) // 2, values.shape[2]), values.dtype)
    for down in (0, 1):
        for across in (0, 1):
            part = values[down::2, across::2]
            sums[: part.shape[0], : part.shape[1]] += part
    return sums
