"""A picture as it lies in its file: not yet upright, nor in sRGB, nor whole for certain."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from stylize.media.limits import Refusal

MOST_LOST = 0.2
"""Of the pixels. Whoever lost more has another copy, or wants to know."""

LOST = "is damaged or cut short: {} is missing. Send it again, or another copy."

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Raster:
    image: Image.Image
    holes: Mask | None = None
    """(H, W), what of the image is missing; None where it is whole."""
    note: str | None = None
    """A sentence that lacks the picture's name."""
    orientation: int = 1
    """As EXIF counts them."""
    alpha: Image.Image | None = None
    """L, where it lies apart from the image."""


def with_holes(image: Image.Image, holes: Mask, flaw: str = "is cut short") -> Raster:
    """*image* and a note on its *holes*, or Refusal where these are too many."""
    if not holes.any():
        return Raster(image)
    if holes.mean() > MOST_LOST:
        raise Refusal(LOST.format(f"{share(holes)} of it"))
    note = f"{flaw}: {share(holes)} of it is missing, which I filled from beside it."
    return Raster(image, holes, note)


def share(holes: Mask) -> str:
    """Of the picture, in words."""
    lost = float(holes.mean())
    return "less than 1 %" if lost < 0.01 else f"{100 * lost:.0f} %"


def upright(image: Image.Image, orientation: int) -> Image.Image:
    turn = _TURNS.get(orientation)
    return image if turn is None else image.transpose(turn)


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def exif_orientation(exif: bytes) -> int:
    """What *exif* says, 1 where it says nothing or is broken, which harms no pixels."""
    try:
        tags = Image.Exif()
        tags.load(exif)
        return int(tags.get(ExifTags.Base.Orientation, 1))
    except Exception:
        return 1
