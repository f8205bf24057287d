"""Untrusted bytes ─► pixels: what is understood, what is refused, and in which words.

Pictures come from strangers. Bytes are capped before anything looks at them, pixels before they
are decoded, and whatever goes wrong in a decoder comes out as a PictureError: one sentence for
the person whose picture it is.

This module is free of torch, so that the sandbox's process starts quickly and stays small.
"""

import contextlib
import io
import threading
import warnings
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from stylize import jpeg, png, tails
from stylize.colour import to_srgb
from stylize.continuation import continued
from stylize.frames import seek_first_that_shows
from stylize.limits import MAX_BYTES, MAX_PIXELS, Refusal, check_size, damaged, too_much
from stylize.signatures import identify

_process_wide = threading.Lock()  # warnings' filters, and Pillow's patience with files cut short


class PictureError(ValueError):
    """A picture cannot be used. The message is a sentence for the person whose picture it is.

    It begins with the picture's name and says what is wrong with it and what to do.
    """


@dataclass(frozen=True)
class Bitmap:
    """A decoded picture, upright, in sRGB."""

    pixels: NDArray[np.uint8]
    """(H, W, 3), RGB: colours as they are, not mixed with any ground nor multiplied by alpha.

    Where alpha is below ``continuation.VISIBLE``, the visible colours beside are continued.
    """
    alpha: NDArray[np.uint8] | None = None
    """(H, W); None where the picture is opaque."""
    note: str | None = None
    """A sentence on what was not used or is missing, such as all but one frame of an animation."""


def to_bitmap(
    data: bytes,
    name: str = "the picture",
    *,
    max_bytes: int = MAX_BYTES,
    max_pixels: int = MAX_PIXELS,
) -> Bitmap:
    """Decode a file of one of the ``FORMATS``, honouring its EXIF orientation and ICC profile.

    *name* is what messages call the picture, such as ``"the first picture (cat.png)"``.

    Raises PictureError, and nothing else, when the picture cannot be used.
    """
    if not data:
        raise PictureError(f"{name} is empty: choose another file.")
    if len(data) > max_bytes:
        raise PictureError(
            f"{name} is {len(data) / 1e6:.1f} MB large; the limit is {max_bytes / 1e6:g} MB: "
            "save it smaller, for instance as a JPEG."
        )
    with _process_wide, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's remarks on odd files help nobody here
        try:
            bitmap = _decode(data, max_pixels)
        except Refusal as refusal:
            raise PictureError(f"{name} {refusal}") from refusal.__cause__
        except Image.DecompressionBombError:
            raise PictureError(f"{name} {too_much(max_pixels)}") from None
        except MemoryError:
            raise PictureError(f"{name} does not fit into memory: scale it down.") from None
        except Exception as error:
            # Damaged bytes surface as anything: OSError, SyntaxError, struct.error, KeyError …
            raise PictureError(f"{name} {damaged()}") from error
    note = None if bitmap.note is None else f"{name} {bitmap.note}"
    return replace(bitmap, note=note)


def _decode(data: bytes, max_pixels: int) -> Bitmap:
    found = _read(identify(data), data, max_pixels)
    turn = _TURNS.get(_orientation(found.image))
    image = found.image if turn is None else found.image.transpose(turn)
    pixels, alpha = to_srgb(image)
    if alpha is not None and not alpha.any():
        raise Refusal("is transparent all over: there is nothing to see in it.")
    weights = alpha
    if found.holes is not None:
        holes = Image.fromarray(found.holes)
        whole = np.asarray(holes if turn is None else holes.transpose(turn))
        weights = np.where(whole, np.uint8(0), np.uint8(255) if alpha is None else alpha)
        alpha = None if alpha is None else weights
    if weights is not None:
        pixels = continued(pixels, weights)
    return Bitmap(pixels, alpha, found.note)


def _read(kind: str, data: bytes, max_pixels: int) -> tails.Remains:
    """The picture in *data* as it lies there, with what is not there."""

    def opened(data: bytes) -> Image.Image:
        image = Image.open(io.BytesIO(data), formats=(kind,))
        _check_header(image, data, max_pixels)
        return image

    if kind == "JPEG":
        data = jpeg.essential(data)
        if not jpeg.has_end(data):
            return tails.recover(kind, data, opened)
    elif kind == "PNG":
        data = png.essential(data)
    try:
        image = opened(data)
        return tails.Remains(image, note=seek_first_that_shows(image))
    except (OSError, SyntaxError) as error:
        if "truncated" in str(error) or (kind == "WEBP" and _ends_early(data)):
            return tails.recover(kind, data, opened)
        raise


def _ends_early(webp: bytes) -> bool:
    return int.from_bytes(webp[4:8], "little") + 8 > len(webp)


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What puts a picture upright, by its EXIF orientation."""


def _orientation(image: Image.Image) -> int:
    """As EXIF has it; what only XMP says is not followed, as browsers do not follow it."""
    exif = Image.Exif()
    with contextlib.suppress(Exception):  # broken EXIF is no reason to refuse sound pixels
        exif.load(image.info.get("exif", b""))
        return int(exif.get(ExifTags.Base.Orientation, 1))
    return 1


def _check_header(image: Image.Image, data: bytes, max_pixels: int) -> None:
    """Refuse by what the header says, before any pixel is decoded."""
    check_size(*image.size, max_pixels)
    # Two bombs whose size in pixels is innocent: TIFF tiles far larger than the picture that
    # they cover, and JPEGs that refine the same pixels over and over.
    tags = getattr(image, "tag_v2", {})
    if tags.get(322, 0) * tags.get(323, 0) > max_pixels:  # TileWidth, TileLength
        raise too_much(max_pixels)
    if image.format == "JPEG" and jpeg.has_endless_scans(data):
        raise Refusal("is built to waste time: save it again as a plain JPEG.")
