"""A painted part over a photograph, without a halo between them.

Where a picture's part has a soft border, each pixel there mixes the colours of both sides. Laid
under a painting it would show the side that is painted over as a seam of light or dark. So the side
that stays is estimated first, and only that is laid under.
"""

import torch
from torch import Tensor
from torch.nn import functional

WIDE, NARROW = 1 / 12, 1 / 96
"""How far colours are looked for, first and then, as shares of the longer side; the paper's 90 and
6 pixels, of pictures of a usual size."""
FAINTEST = 1e-5


def composite(pixels: Tensor, around: Tensor, inside: Tensor) -> Tensor:
    """*pixels*, (3, h, w), as far as they are *inside*, (h, w) in 0..1, over what is *around*."""
    return around + inside * (pixels - around)


def staying(picture: Tensor, inside: Tensor) -> Tensor:
    """*picture*, (3, h, w) in 0..255, as it would be without what is *inside*, (h, w) in 0..1.

    Blur fusion, twice, as in M. Forte, *Approximate Fast Foreground Colour Estimation* (ICIP 2021):
    with α for 1 − inside, F̂ the mean of the pixels nearby by α and B̂ that by 1 − α, it is
    F̂ + α·(I − α·F̂ − (1 − α)·B̂). Where nothing is inside, it is the picture itself.
    """
    alpha, longer = 1 - inside, max(picture.shape[1:])
    front = back = picture
    for share in (WIDE, NARROW):
        radius = max(1, round(share * longer))
        near, far = _mean(front, alpha, radius), _mean(back, inside, radius)
        front = (near + alpha * (picture - alpha * near - inside * far)).clamp(0, 255)
        back = far
    return torch.where(inside > 0, front, picture)


def _mean(values: Tensor, weights: Tensor, radius: int) -> Tensor:
    """The mean of *values*, (3, h, w), by *weights*, (h, w), in the square around each place."""
    planes = torch.cat([values * weights, weights[None]])[None]
    size = 2 * radius + 1
    sums = functional.avg_pool2d(planes, (size, 1), 1, (radius, 0))
    sums = functional.avg_pool2d(sums, (1, size), 1, (0, radius))[0]
    return sums[:-1] / sums[-1:].clamp_min(FAINTEST)
