"""Numbers of any depth ─► 8 bits a channel, as a Pillow image that is not yet in sRGB.

TIFF 6.0, sections 16 (YCbCr), 18 (associated alpha), 19 (sample formats) and 23 (CIE L*a*b*).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from stylize.media.limits import Refusal

WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, CMYK, YCBCR, CIELAB, ICCLAB = 0, 1, 2, 3, 5, 6, 8, 9

COLOURS = {
    WHITE_IS_ZERO: 1,
    BLACK_IS_ZERO: 1,
    RGB: 3,
    PALETTE: 1,
    CMYK: 4,
    YCBCR: 3,
    CIELAB: 3,
    ICCLAB: 3,
}
"""How many samples make a colour, by photometric interpretation."""

_FULL_SCALES = (1, 255, 65535)
"""What white may be in a file that does not say: a fraction, 8 bits or 16 bits."""
_BRIGHTEST, _MOST_BRIGHT = 16, 0.1
"""Fractions with lights beyond white: how far these go, and how much of a picture they are. Where
they are more of it, the brightest is white."""
_DARKEST = 0.1
"""Of the largest value. Less below zero is a resampler's overshoot, more a scale of its own."""
_NO_DARKNESS = 100
"""Of the largest value, too. As far below zero lie marks of what was not measured."""

_BAND = 256
"""Rows that are in floating point at once."""

Bytes = NDArray[np.uint8]
Floats = NDArray[np.floating]


@dataclass(frozen=True)
class Meaning:
    """What samples stand for."""

    photometric: int
    bits: int
    alpha: bool = False
    """Whether the last sample is alpha."""
    premultiplied: bool = False
    palette: Bytes | None = None
    """(N, 3), RGB."""


def to_image(
    samples: NDArray[np.generic], meaning: Meaning
) -> tuple[Image.Image, Image.Image | None, str | None]:
    """(H, W, S) *samples* as an image of their colours, one of their alpha, and a note.

    16-bit integers end at 65535, and so on; integers of more bits and floats have no agreed white:
    it is the smallest full scale that holds every value, and failing all of them the largest
    value. All colours have the same scale. The note says where some were beyond it.
    """
    count, most = COLOURS[meaning.photometric], float(2**meaning.bits - 1)
    colours, alpha = samples[..., :count], samples[..., count:]
    note = None
    if meaning.palette is not None:
        levels = meaning.palette[np.minimum(colours[..., 0], len(meaning.palette) - 1)]
    elif meaning.photometric in (CIELAB, ICCLAB):
        levels = _lab(colours, meaning)
    else:
        low, white, note = _scale(samples, meaning)
        most = 1 if meaning.alpha and _is_fraction(alpha) else white
        if meaning.premultiplied:
            levels = _unmultiplied(samples, white, most)
        else:
            levels = _levels(colours, low, white)
        if meaning.photometric == WHITE_IS_ZERO:
            np.subtract(255, levels, out=levels)
    image = _as_image(levels, meaning.photometric)
    return image, _as_image(_levels(alpha, 0, most), BLACK_IS_ZERO) if meaning.alpha else None, note


def _as_image(colours: Bytes, photometric: int) -> Image.Image:
    if colours.shape[2] == 1:
        return Image.fromarray(np.ascontiguousarray(colours[..., 0]))
    size = colours.shape[1], colours.shape[0]
    mode = {CMYK: "CMYK", YCBCR: "YCbCr", CIELAB: "LAB", ICCLAB: "LAB"}.get(photometric, "RGB")
    return Image.frombytes(mode, size, np.ascontiguousarray(colours).tobytes())


def _bands(samples: NDArray[np.generic]) -> Iterator[tuple[slice, Floats]]:
    """*samples* in floating point, some rows at a time, what is no number being 0."""
    precise = samples.dtype.itemsize == 8
    for top in range(0, len(samples), _BAND):
        rows = slice(top, top + _BAND)
        values: Floats = samples[rows].astype(np.float64 if precise else np.float32)
        yield rows, np.nan_to_num(values, copy=False, posinf=0, neginf=0)


def _levels(samples: NDArray[np.generic], low: float, white: float) -> Bytes:
    """Levels in 0..255, of which *low* is 0 and *white* 255."""
    levels = np.empty(samples.shape, np.uint8)
    if samples.dtype.kind in "ub" and samples.dtype.itemsize <= 2 and low == 0:
        table = np.rint(np.arange(white + 1) * 255 / white).astype(np.uint8)
        for top in range(0, len(samples), _BAND):
            index = samples[top : top + _BAND].astype(np.intp)
            np.take(table, index, out=levels[top : top + _BAND], mode="clip")
        return levels
    for rows, values in _bands(samples):
        levels[rows] = _rounded(values - low, (white - low) or 1)
    return levels


def _rounded(values: Floats, white: Floats | float) -> Floats:
    """*values* in parts of *white*, as levels, in place."""
    np.divide(values, white, out=values)
    np.clip(values, 0, 1, out=values)
    np.multiply(values, 255, out=values)
    return np.rint(values, out=values)


def _unmultiplied(samples: NDArray[np.generic], white: float, alpha_white: float) -> Bytes:
    """Levels of colours that were multiplied by the alpha behind them; 0 where it is 0."""
    levels = np.empty((*samples.shape[:2], samples.shape[2] - 1), np.uint8)
    for rows, values in _bands(samples):
        alpha = values[..., -1:] * (white / alpha_white)
        levels[rows] = _rounded(values[..., :-1], np.where(alpha > 0, alpha, np.inf))
    return levels


def _lab(samples: NDArray[np.generic], meaning: Meaning) -> Bytes:
    """L* and, as signed bytes, a* and b*, from 8 or 16 bits."""
    if meaning.bits not in (8, 16) or samples.dtype.kind not in "ui":
        raise unreadable()
    if meaning.bits == 8:
        lab = samples.astype(np.uint8)
        return lab if meaning.photometric == CIELAB else lab ^ np.array([0, 128, 128], np.uint8)
    lab = np.empty(samples.shape, np.uint8)
    whole = samples.astype(np.uint16, copy=False)
    if meaning.photometric == CIELAB:  # L* ends at 65535, a* and b* are signed, in 1/256
        lab[..., 0] = np.rint(whole[..., 0] / 257)
        lab[..., 1:] = (np.minimum(whole[..., 1:] ^ 0x8000, 0xFF7F) + 128 >> 8) ^ 128
    else:  # all end at 65280, in 1/256, with zero at 32768
        lab[..., 0] = np.rint(np.minimum(whole[..., 0] / 65280, 1) * 255)
        lab[..., 1:] = (np.minimum(whole[..., 1:], 0xFF7F) + 128 >> 8) ^ 128
    return lab


def _scale(samples: NDArray[np.generic], meaning: Meaning) -> tuple[float, float, str | None]:
    """The values of black and white, and a note on what is beyond."""
    most, kind = float(2**meaning.bits - 1), samples.dtype.kind
    if kind in "ub" and meaning.bits <= 16:
        return 0, most, None
    if kind != "f":
        high = float(samples.max())
        if samples.min() < 0:
            raise unreadable()  # nobody says which of its values is black
        most = most if kind == "u" else (most - 1) / 2
        scales = _FULL_SCALES[1:] if meaning.bits > 16 else ()
        return 0, next((scale for scale in scales if high <= scale), most), None
    lows, highs, bright = zip(*(_extent(values) for _, values in _bands(samples)), strict=True)
    low, high = min(0.0, *lows), max(highs)
    if low < -_NO_DARKNESS * abs(high):
        raise unreadable()
    if low < -_DARKEST * high:
        return low, high, "has values below black: I made the lowest black, the highest white."
    if 1 < high <= _BRIGHTEST:
        if sum(bright) / samples.size > _MOST_BRIGHT:
            return 0, high, None
        return 0, 1, "has lights brighter than white: I cut them off."
    return 0, next((scale for scale in _FULL_SCALES if high <= scale), high), None


def _extent(values: Floats) -> tuple[float, float, int]:
    """The least and the greatest of *values*, and how many are above 1."""
    return float(values.min()), float(values.max()), int((values > 1).sum())


def _is_fraction(samples: NDArray[np.generic]) -> bool:
    return samples.dtype.kind == "f" and all(values.max() <= 1 for _, values in _bands(samples))


def unreadable() -> Refusal:
    return Refusal("is a kind of TIFF that I cannot read: save it as 8-bit PNG or JPEG.")
