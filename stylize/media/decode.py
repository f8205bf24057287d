"""Untrusted bytes ─► pixels: what is understood, what is refused, and in which words.

Pictures come from strangers. Bytes are capped before anything looks at them, pixels before they
are decoded, and whatever goes wrong in a decoder comes out as a PictureError: one sentence for
the person whose picture it is.

This module is free of torch, so that the sandbox's process starts quickly and stays small.
"""

import contextlib
import io
import struct
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import AvifImagePlugin, Image

from stylize.media import heif, jpeg, png, tails, tiff
from stylize.media.colour import to_srgb
from stylize.media.continuation import continued
from stylize.media.frames import first_that_shows
from stylize.media.limits import (
    MAX_BYTES,
    MAX_PIXELS,
    REDUCIBLE,
    Refusal,
    check_size,
    damaged,
    too_much,
)
from stylize.media.raster import Raster, exif_orientation, upright
from stylize.media.signatures import identify

heif.register()
AvifImagePlugin.DEFAULT_MAX_THREADS = 1

_process_wide = threading.Lock()  # warnings' filters and Pillow's settings


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
    with _process_wide, _without_pillows_opinions():
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


@contextlib.contextmanager
def _without_pillows_opinions() -> Iterator[None]:
    """Its remarks on odd files help nobody here, and what is too large is set for each of them."""
    largest = Image.MAX_IMAGE_PIXELS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        Image.MAX_IMAGE_PIXELS = largest


def _decode(data: bytes, max_pixels: int) -> Bitmap:
    kind = identify(data)
    raster = _read(kind, data, max_pixels)
    pixels, alpha = to_srgb(upright(raster.image, raster.orientation))
    if raster.alpha is not None and raster.alpha.getextrema() != (255, 255):
        alpha = np.asarray(upright(raster.alpha, raster.orientation))
    if kind == "BMP" and alpha is not None and not alpha.any():
        alpha = None  # padding that is told as alpha: browsers see the picture, too
    if alpha is not None and not alpha.any():
        raise Refusal("is transparent all over: there is nothing to see in it.")
    weights = alpha
    if raster.holes is not None:
        holes = np.asarray(upright(Image.fromarray(raster.holes), raster.orientation))
        weights = np.where(holes, np.uint8(0), np.uint8(255) if alpha is None else alpha)
        alpha = None if alpha is None else weights
    if weights is not None:
        pixels = continued(pixels, weights)
    return Bitmap(pixels, alpha, raster.note)


def _read(kind: str, data: bytes, max_pixels: int) -> Raster:
    """The picture in *data*, a file of the format *kind*."""
    if kind == "TIFF":
        return tiff.read(data, max_pixels)
    raster = _read_with_pillow(kind, data, max_pixels)
    exif = raster.image.info.get("exif", b"")  # what only XMP says, browsers do not follow
    return replace(raster, orientation=exif_orientation(exif))


def _read_with_pillow(kind: str, data: bytes, max_pixels: int) -> Raster:
    def opened(data: bytes) -> Image.Image:
        # Our words are better; but a GIF takes memory for its frames before it is open.
        Image.MAX_IMAGE_PIXELS = max_pixels if kind == "GIF" else None
        if kind == "GIF":
            width, height = struct.unpack_from("<HH", data, 6)
            if width * height > max_pixels:
                check_size(width, height, max_pixels)
        image = Image.open(io.BytesIO(data), formats=(kind,))
        Image.MAX_IMAGE_PIXELS = max_pixels
        width, height = image.size
        if kind != "JPEG":
            check_size(width, height, max_pixels)
            return image
        check_size(width, height, REDUCIBLE * max_pixels, "scale it down")
        by = jpeg.reduction(width, height, max_pixels)
        image.draft(None, (width // by, height // by))
        return image

    if kind == "JPEG":
        jpeg.check(data, max_pixels)
        data = jpeg.essential(data)
        if not jpeg.has_end(data):
            return tails.recover(kind, data, opened)
    elif kind == "PNG":
        data = png.essential(data)
    elif kind == "HEIF":
        heif.check(data)
    try:
        image, note = first_that_shows(opened(data))
        check_size(*image.size, max_pixels)  # of HEIC, the header may lie
        return Raster(image, note=note)
    except (OSError, SyntaxError) as error:
        if "truncated" in str(error) or (kind == "WEBP" and _ends_early(data)):
            return tails.recover(kind, data, opened)
        raise


def _ends_early(webp: bytes) -> bool:
    return int.from_bytes(webp[4:8], "little") + 8 > len(webp)
