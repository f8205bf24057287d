"""Untrusted bytes ─► pixels: what is understood, what is refused, and in which words.

Pictures come from strangers. Bytes are capped before anything looks at them, pixels before they
are decoded, and whatever goes wrong in a decoder comes out as a PictureError: one sentence for
the person whose picture it is.

This module is free of torch, so that the sandbox's process starts quickly and stays small.
"""

import codecs
import contextlib
import io
import re
import threading
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from stylize.colour import to_srgb
from stylize.continuation import continued

MAX_BYTES = 20_000_000
MAX_PIXELS = 50_000_000
SHORTEST_SIDE = 16
"""Pixels. The deepest features are pooled four times; a smaller picture leaves nothing of them."""
WIDEST_ASPECT = 8

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
SUPPORTED = "PNG, JPEG, WebP, GIF, BMP and TIFF"

_MOST_SCANS = 50
"""A progressive JPEG has about ten scans; each costs a pass over all pixels and few bytes."""

_JPEG_MARKER = re.compile(rb"\xff[\x02-\xcf\xd8-\xfe]")
"""Of a segment, of the beginning or the end: not a byte 255 among the pixels, nor a restart."""

_SIGNATURES = (
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"RIFF",
    b"GIF8",
    b"BM",
    b"II*\0",
    b"MM\0*",
    b"II+\0",
    b"MM\0+",
)
"""How files of the ``FORMATS`` begin."""

_FOREIGN = {
    b"ftypavif": "an AVIF picture",
    b"ftypavis": "an AVIF picture",
    b"ftyphe": "a HEIC picture",
    b"ftypmif1": "a HEIC picture",
    b"ftypmsf1": "a HEIC picture",
    b"ftyp": "a video",
    b"\x1aE\xdf\xa3": "a video",
    b"%PDF": "a PDF document",
    b"8BPS": "a Photoshop document",
    b"\xff\x0a": "a JPEG XL picture",
    b"\0\0\0\x0cJXL": "a JPEG XL picture",
    b"PK\x03\x04": "an archive",
}
"""How files begin that people take for pictures, the special before the general."""

_warning_filters = threading.Lock()  # there is one set of them in a process


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
    """A sentence on what was not used, such as all but the first frame of an animation."""


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
    with _warning_filters, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's remarks on odd files help nobody here
        try:
            return _decode(data, name, max_pixels)
        except PictureError:
            raise
        except Image.DecompressionBombError:
            raise PictureError(_too_many_pixels(name, "", max_pixels)) from None
        except MemoryError:
            raise PictureError(f"{name} does not fit into memory: scale it down.") from None
        except Exception as error:
            # Damaged bytes surface as anything: OSError, SyntaxError, struct.error, KeyError …
            raise PictureError(_damaged(name)) from error


def _decode(data: bytes, name: str, max_pixels: int) -> Bitmap:
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        raise PictureError(_unidentified(data, name)) from None
    _check_header(image, data, name, max_pixels)
    image.load()
    # Broken EXIF is no reason to refuse sound pixels.
    with contextlib.suppress(Exception):
        ImageOps.exif_transpose(image, in_place=True)
    colours, alpha = to_srgb(image)
    if alpha is not None:
        if not alpha.any():
            raise PictureError(f"{name} is transparent all over: there is nothing to see in it.")
        colours = continued(colours, alpha)
    return Bitmap(pixels=colours, alpha=alpha, note=_note(image, name))


def _check_header(image: Image.Image, data: bytes, name: str, max_pixels: int) -> None:
    """Refuse by what the header says, before any pixel is decoded."""
    width, height = image.size
    size = f"{width}×{height}"
    if width * height > max_pixels:
        raise PictureError(_too_many_pixels(name, size, max_pixels))
    if max(width, height) > WIDEST_ASPECT * min(width, height):
        raise PictureError(
            f"{name} is too long and narrow at {size} pixels: "
            f"crop it until one side is at most {WIDEST_ASPECT} times the other."
        )
    if min(width, height) < SHORTEST_SIDE:
        raise PictureError(
            f"{name} is too small at {size} pixels: "
            f"each side needs at least {SHORTEST_SIDE} pixels, better some hundreds."
        )
    # Two bombs whose size in pixels is innocent: TIFF tiles far larger than the picture that
    # they cover, and JPEGs that refine the same pixels over and over.
    tags = getattr(image, "tag_v2", {})
    if tags.get(322, 0) * tags.get(323, 0) > max_pixels:  # TileWidth, TileLength
        raise PictureError(_too_many_pixels(name, "", max_pixels))
    if image.format in ("JPEG", "MPO") and _has_endless_scans(data):
        raise PictureError(f"{name} is built to waste time: save it again as a plain JPEG.")


def _has_endless_scans(data: bytes) -> bool:
    """Whether a JPEG has more than ``_MOST_SCANS``, as libjpeg will find them.

    What lies inside of segments does not count, nor what lies behind the picture: there, phones
    keep a thumbnail, a second picture or a film.
    """
    scans = at = 0
    while (found := _JPEG_MARKER.search(data, at)) and found[0] != b"\xff\xd9":
        at = found.end()
        if found[0] != b"\xff\xd8":
            at += int.from_bytes(data[at : at + 2], "big")  # the segment's length
        scans += found[0] == b"\xff\xda"
        if scans > _MOST_SCANS:
            return True
    return False


def _too_many_pixels(name: str, size: str, max_pixels: int) -> str:
    found = f"is {size} pixels large" if size else "unpacks to far too many pixels"
    return f"{name} {found}; the limit is {max_pixels / 1e6:g} megapixels: scale it down."


def _unidentified(data: bytes, name: str) -> str:
    """Why Pillow knows no picture in *data*, as helpful as its first bytes allow."""
    if data.startswith(_SIGNATURES):
        return _damaged(name)
    kind = _guess(data[:1024]) or "not a picture that I can read"
    return f"{name} is {kind}: save it as one of {SUPPORTED}."


def _guess(start: bytes) -> str | None:
    for magic, kind in _FOREIGN.items():
        if magic in start[:16]:
            return kind
    try:  # an incremental decoder forgives a character cut in two at the end
        text = codecs.getincrementaldecoder("utf-8")().decode(start).lower()
    except UnicodeDecodeError:
        return None
    if "<svg" in text:
        return "an SVG drawing"
    if "<html" in text:
        return "a web page"
    return None if "\0" in text else "a text file"


def _damaged(name: str) -> str:
    return f"{name} is damaged or cut short: open it, save it again and use the copy."


def _note(image: Image.Image, name: str) -> str | None:
    try:
        several = image.format in ("GIF", "PNG", "WEBP", "TIFF") and image.is_animated  # type: ignore[attr-defined]
    except Exception:  # the damage lies behind the first frame
        several = True
    if not several:
        return None
    if image.format == "TIFF":
        return f"{name} has several pages: I used its first."
    return f"{name} is animated: I used its first frame."
