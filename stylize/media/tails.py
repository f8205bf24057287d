"""Files whose end is missing: what of the picture is there, and where it is not.

No decoder tells how far it came. So the file is decoded twice, on a black and on a white ground or
with different bytes in place of those that are lost: where the two pictures differ, nothing of the
file was seen.
"""

import struct
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from PIL import Image, ImageFile

from stylize.media import jpeg
from stylize.media.frames import FIRST_FRAME, first_that_shows
from stylize.media.limits import Refusal
from stylize.media.raster import LOST, Mask, Raster, share, with_holes

Open = Callable[[bytes], Image.Image]
"""Opens a file, checks its header, and decodes nothing as yet."""


def recover(kind: str, data: bytes, open_: Open) -> Raster:
    """What is left of *data*, a file of the format *kind* that ends too early.

    Raises Refusal where that is too little, or cannot be told.
    """
    match kind:
        case "JPEG":
            return _of_jpeg(data, open_)
        case "WEBP" if data[12:16] == b"VP8X" and data[20] & 2:  # animated
            image, note = first_that_shows(open_(_completed_webp(data, 0)))
            return Raster(image, note=note or FIRST_FRAME)
        case "WEBP":
            images = (_loaded(open_(_completed_webp(data, byte))) for byte in _BYTES)
            image = next(images)
            return with_holes(image, _rows_from(_differ(image, images)))
        case "PNG" | "GIF" | "BMP":
            images = (_on(ground, open_(data)) for ground in (0, 255))
            image = next(images)
            return with_holes(image, _differ(image, images))
    raise Refusal(LOST.format("its end"))


_BYTES = (0, 0xA5, 0x5A)
"""In place of those that are lost. They differ in their first bits, from whichever end."""


def _of_jpeg(data: bytes, open_: Open) -> Raster:
    progress = jpeg.progress(data)
    if progress is None or not progress.complete:
        raise Refusal(LOST.format("most of it"))
    whole = _without_filling(data[: progress.end])
    end = bytes((0xFF, jpeg.END))
    tails = (b"", *(bytes([byte]) * 200 for byte in _BYTES))
    images = (_loaded(open_(whole + tail + end)) for tail in tails)
    image = next(images)
    changed = _differ(next(images), images)
    if not progress.refines:
        scale = round(progress.size[0] / image.height)
        down, across = (max(1, side // scale) for side in progress.block)
        return with_holes(image, _blocks_from(changed, (down, across)))
    if not changed.any():
        return Raster(image)
    part = share(_rows_from(changed))
    return Raster(image, note=f"is cut short: in {part} of it the finest detail is missing.")


def _without_filling(data: bytes) -> bytes:
    """*data* without half a marker, and without the zeros of a file whose end never came."""
    filled = data.rstrip(b"\0")
    return (filled if len(data) - len(filled) > 64 else data).removesuffix(b"\xff")


def _completed_webp(data: bytes, byte: int) -> bytes:
    """*data* up to its last whole chunk, or with *byte* for what lacks of the only picture."""
    parts, at = [b"WEBP"], 12
    while len(head := data[at : at + 8]) == 8:
        kind, length = struct.unpack("<4sI", head)
        body = data[at + 8 : at + 8 + length]
        lacking = length - len(body)
        if lacking and kind not in (b"VP8 ", b"VP8L"):
            break
        if lacking > length / 2:
            raise Refusal(LOST.format("most of it"))
        if lacking:  # what is made up may need more room than what was there
            body += bytes([byte]) * (8 * lacking + 1000)
        parts += (struct.pack("<4sI", kind, len(body)), body, bytes(len(body) % 2))
        at += 8 + length + length % 2
    whole = b"".join(parts)
    return b"RIFF" + struct.pack("<I", len(whole)) + whole


def _on(ground: int, image: Image.Image) -> Image.Image:
    """Load *image* as far as it goes on a *ground* of black, 0, or white, 255."""
    assert isinstance(image, ImageFile.ImageFile)  # noqa: S101
    level = ground * 257 if image.mode.startswith("I") else ground
    bands = len(image.getbands())
    image.im = Image.new(image.mode, image.size, level if bands == 1 else (level,) * bands).im
    if image.format == "GIF":  # which would paint a transparent ground first
        image.load_prepare = partial(ImageFile.ImageFile.load_prepare, image)  # type: ignore[method-assign]
    ImageFile.LOAD_TRUNCATED_IMAGES = True  # of all the process: to_bitmap holds the lock
    try:
        return _loaded(image)
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False


def _loaded(image: Image.Image) -> Image.Image:
    """The pixels of *image*, without its decoder's memory."""
    image.load()
    return image.copy()


def _differ(one: Image.Image, others: Iterator[Image.Image]) -> Mask:
    """(H, W), where they are not all the same."""
    pixels = np.atleast_3d(np.asarray(one))
    differ = np.zeros(pixels.shape[:2], np.bool_)
    for other in others:
        values = np.atleast_3d(np.asarray(other))
        for channel in range(pixels.shape[2]):
            differ |= values[..., channel] != pixels[..., channel]
    return differ


def _rows_from(changed: Mask) -> Mask:
    """The first row with a change, and all below."""
    return np.repeat(np.logical_or.accumulate(changed.any(1))[:, None], changed.shape[1], 1)


def _blocks_from(changed: Mask, block: tuple[int, int]) -> Mask:
    """The first *block* with a change, and all that are decoded after it.

    Its colours may be blurred over one row and column of the blocks before, and those of the blocks
    below over its last row.
    """
    down, across = block
    holes = _rows_from(changed)
    if holes.any():
        top = (int(holes[:, 0].argmax()) + (down > 1)) // down * down
        rows = changed[top : top + down - (down > 1)]
        left = (int(rows.any(0).argmax()) + (across > 1)) // across * across
        holes[:top] = False
        holes[top : top + down, :left] = False
    return holes
