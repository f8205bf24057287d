"""TIFF: which of a file's pages is the picture, and its samples.

``tifffile`` reads the directories, ``imagecodecs`` the strips and tiles, each in this thread. What
the samples mean is told by ``stylize.media.samples``.
"""

import contextlib
import io
import itertools
import logging
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from tifffile import TiffFile, TiffPage

from stylize.media.limits import check_size, damaged, too_much
from stylize.media.raster import Mask, Raster, with_holes
from stylize.media.samples import (
    BLACK_IS_ZERO,
    CIELAB,
    COLOURS,
    ICCLAB,
    PALETTE,
    RGB,
    WHITE_IS_ZERO,
    YCBCR,
    Meaning,
    to_image,
    unreadable,
)
from stylize.media.signatures import raw

COMPRESSIONS = {
    1: "none",
    2: "ccittrle",
    3: "ccittfax3",
    4: "ccittfax4",
    5: "lzw",
    6: "jpeg",
    7: "jpeg",
    8: "zlib",
    32773: "packbits",
    32946: "zlib",
    34925: "lzma",
    50000: "zstd",
    50001: "webp",
}
"""What is read, and by which of the codecs."""

_CAMERAS = (32803, 34892)
"""Photometric interpretations: a colour filter array, and linear light of a camera (DNG)."""
_DNG_VERSION = 50706

_REDUCED, _MASK = 1, 4
"""Of NewSubfileType."""

_MOST_PAGES, _MOST_SAMPLES = 100, 16

logging.getLogger("tifffile").disabled = True  # it remarks on odd files


def read(data: bytes, max_pixels: int) -> Raster:
    """The picture in *data*, 8 bits a channel.

    Raises Refusal where it is of a kind that is not read, such as a camera's raw file.
    """
    with TiffFile(io.BytesIO(data)) as file:
        page, note = _picture_of(list(_pages(file)))
        check_size(page.imagewidth, page.imagelength, max_pixels)
        if page.tilewidth * page.tilelength > max_pixels:
            raise too_much(max_pixels)
        meaning = _meaning(page)
        samples, holes = _samples(page, data, COLOURS[meaning.photometric] + meaning.alpha)
        profile = page.tags.valueof(34675)
        orientation = page.tags.valueof(274, 1)
    image, alpha, remark = to_image(samples, meaning)
    if isinstance(profile, bytes):
        image.info["icc_profile"] = profile
    raster = with_holes(image, holes, "is damaged")
    if not isinstance(orientation, int):
        orientation = 1
    notes = [each for each in (note, remark, raster.note) if each]
    return replace(raster, alpha=alpha, note=notes[0] if notes else None, orientation=orientation)


def load_codecs() -> None:
    """Load now what otherwise is loaded when the first file needs it."""
    for name in (*COMPRESSIONS.values(), "packints", "bitorder", "float24", "delta", "floatpred"):
        if name != "none":
            getattr(imagecodecs, f"{name}_decode")
    with contextlib.suppress(ValueError, RuntimeError):
        imagecodecs.jpeg_decode(b"", bitspersample=8)


# ---------------------------------------------------------------- pages


def _pages(file: TiffFile) -> Iterator[TiffPage]:
    """As many as are sound, but one at least."""
    for number in range(_MOST_PAGES):
        try:
            page = file.pages[number]
        except Exception:
            if not number:
                raise
            return
        if isinstance(page, TiffPage) and page.tags:
            yield page


def _picture_of(pages: list[TiffPage]) -> tuple[TiffPage, str | None]:
    """The page to paint, and a note where there are others.

    That is the first that is marked neither as a preview nor as a mask, unless something larger
    belongs to it: then it is a preview all the same.
    """
    if not pages:
        raise damaged()
    shown = [page for page in pages if not page.subfiletype & _MASK]
    beneath = [part for page in pages for part in _parts(page) if not part.subfiletype & _MASK]
    if _DNG_VERSION in pages[0].tags or any(
        page.photometric in _CAMERAS for page in (*pages, *beneath)
    ):
        raise raw()
    full = [page for page in shown if not page.subfiletype & _REDUCED]
    first = full[0] if full else max(shown or pages, key=_area)
    if full and _is_greyed(shown[0], first):
        raise raw()
    larger = [page for page in beneath if _area(page) > _area(first)]
    larger += [page for page in full if _enlarges(page, first)]
    if larger:
        best = max(larger, key=_area)
        if not _is_readable(best) or _is_greyed(first, best):
            raise raw()
        return best, None
    return first, "has several pages: I used its first." if len(full) > 1 else None


def _parts(page: TiffPage) -> list[TiffPage]:
    """The pages that belong to *page*, as far as they are sound."""
    parts: list[TiffPage] = []
    if page.subifds and page.pages is not None:
        with contextlib.suppress(Exception):
            parts += (
                part
                for part in itertools.islice(page.pages, _MOST_SAMPLES)
                if isinstance(part, TiffPage)
            )
    return parts


def _area(page: TiffPage) -> int:
    return page.imagewidth * page.imagelength


def _enlarges(page: TiffPage, preview: TiffPage) -> bool:
    """Whether *page* has the shape of *preview* and twice its size."""
    width, height = preview.imagewidth, preview.imagelength
    scale = page.imagewidth / max(width, 1)
    return scale >= 2 and abs(page.imagelength - height * scale) <= scale


def _is_greyed(preview: TiffPage, page: TiffPage) -> bool:
    """Whether *page* is grey and its *preview* is not: then it is a mosaic, told as grey."""
    return _photometric(page) in (WHITE_IS_ZERO, BLACK_IS_ZERO) and preview.samplesperpixel >= 3


def _is_swapped(page: TiffPage) -> bool:
    """Whether ``tifffile`` would take the bytes of its integers, packed, in the wrong order."""
    dtype = page.dtype
    packed = dtype is not None and dtype.kind in "ui" and 16 < page.bitspersample < 32
    return packed and page.parent.byteorder == ">"


def _is_readable(page: TiffPage) -> bool:
    bits, dtype = page.bitspersample, page.dtype
    jpeg = page.compression in (6, 7)
    return (
        _photometric(page) in COLOURS
        and page.compression in COMPRESSIONS
        and isinstance(bits, int)
        and dtype is not None
        and dtype.kind in "buif"
        and not _is_swapped(page)
        and not (jpeg and _photometric(page) in (CIELAB, ICCLAB))  # taken for YCbCr
        and page.imagedepth == 1
        and COLOURS[_photometric(page)] <= page.samplesperpixel <= _MOST_SAMPLES
        and page.planarconfig in (1, 2)
        and page.tags.valueof(332, 1) == 1  # inks are cyan, magenta, yellow, black
        and not (_photometric(page) == PALETTE and 320 not in page.tags)
    )


def _photometric(page: TiffPage) -> int:
    if 262 not in page.tags and page.samplesperpixel >= 3 and page.compression != 6:
        return RGB
    return int(page.photometric)


def _meaning(page: TiffPage) -> Meaning:
    if not _is_readable(page):
        raise unreadable()
    photometric = _photometric(page)
    if photometric == YCBCR:
        if page.compression in (6, 7):
            photometric = RGB  # its codec has converted it
        elif page.tags.valueof(532, _ALL_LEVELS) != _ALL_LEVELS:
            raise unreadable()
    extras = page.tags.valueof(338, ())
    extras = extras if isinstance(extras, tuple) else (extras,)
    count = page.samplesperpixel - COLOURS[photometric]
    if not extras and count == 1:
        extras = (2,)  # who adds one sample and does not say what, means alpha
    alpha = count > 0 and extras[0] in (1, 2)
    if not alpha and {1, 2}.intersection(extras):
        raise unreadable()  # alpha behind a sample of another meaning
    palette = None
    if photometric == PALETTE:
        table = np.asarray(page.tags.valueof(320)).reshape(3, -1).T
        palette = (table >> 8 if table.max() > 255 else table).astype(np.uint8)
    return Meaning(photometric, page.bitspersample, alpha, alpha and extras[0] == 1, palette)


_ALL_LEVELS = (0, 1, 255, 1, 128, 1, 255, 1, 128, 1, 255, 1)
"""ReferenceBlackWhite, where luma and chroma use all of their levels."""


# ---------------------------------------------------------------- strips and tiles


def _samples(page: TiffPage, data: bytes, count: int) -> tuple[NDArray[np.generic], Mask]:
    """The first *count* samples of each pixel, (H, W, count), and what is missing of them."""
    height, width = page.imagelength, page.imagewidth
    whole = np.zeros((height, width, count), page.dtype)
    holes = np.zeros((height, width), np.bool_)
    places = list(zip(page.dataoffsets, page.databytecounts, strict=False))
    decode = _decoder(page)
    for number in range(math.prod(page.chunked)):
        _, (plane, _, top, left, _), shape = decode(None, number)
        rows, columns = slice(top, min(top + shape[1], height)), slice(left, left + shape[2])
        start, length = places[number] if number < len(places) else (len(data), 1)
        if page.compression == 1:
            length = shape[1] * -(-shape[2] * shape[3] * page.bitspersample // 8)
        segment = data[start : start + length]
        if plane >= count or not length:  # a further sample, or a tile that was left out as empty
            continue
        lacking = length - len(segment)
        if lacking and page.compression == 1:
            holes[top + len(segment) * shape[1] // length : rows.stop, columns] = True
            segment += bytes(lacking)
        found = None if lacking and page.compression != 1 else _decoded(decode, segment, number)
        if found is None:
            holes[rows, columns] = True
        elif page.planarconfig == 2:
            whole[rows, columns, plane] = found[0, : rows.stop - top, : width - left, 0]
        else:
            whole[rows, columns] = found[0, : rows.stop - top, : width - left, :count]
    return whole, holes


def _decoder(page: TiffPage) -> Callable[..., Any]:
    """Of a segment, or None, and its number: its samples, place and shape."""
    options: dict[str, Any] = {"_fullsize": page.is_tiled}
    if page.compression in (6, 7):
        options |= {"jpegtables": page.jpegtables, "jpegheader": page.jpegheader}
    try:
        decode = partial(page.decode, **options)
        decode(None, 0)
    except Exception as error:
        raise unreadable() from error
    return decode


def _decoded(decode: Callable[..., Any], segment: bytes, number: int) -> NDArray[np.generic] | None:
    """Samples, (1, rows, columns, samples), or None where *segment* is damaged."""
    try:
        samples: NDArray[np.generic] = decode(segment, number)[0]
    except MemoryError:
        raise
    except (NotImplementedError, ImportError) as error:
        raise unreadable() from error
    except Exception:
        return None
    return samples
