"""Pixels as tensors: pictures decoded, one way of resizing, and encoding."""

import io
import math
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from stylize.media.continuation import VISIBLE
from stylize.media.decode import Bitmap, to_bitmap
from stylize.media.formats import FORMATS
from stylize.media.limits import MAX_BYTES, MAX_PIXELS, SHORTEST_SIDE
from stylize.wrapping import around

REACH = 2
"""How many pixels of the coarser of two sizes bicubic resampling looks in either direction."""


@dataclass(frozen=True)
class Picture:
    """A decoded picture, upright, in sRGB."""

    pixels: Tensor
    """(3, H, W) uint8, RGB; where nothing is visible, the visible colours nearby, continued."""
    alpha: Tensor | None = None
    """(H, W) uint8; None where the picture is opaque."""
    note: str | None = None
    """A sentence on what was not used or is missing, such as all but one frame of an animation."""

    @classmethod
    def of(cls, bitmap: Bitmap) -> Self:
        """The picture that *bitmap* shows, in memory of its own."""
        return cls(
            pixels=torch.from_numpy(np.array(bitmap.pixels.transpose(2, 0, 1), order="C")),
            alpha=None if bitmap.alpha is None else torch.from_numpy(bitmap.alpha.copy()),
            note=bitmap.note,
        )


def decode(
    data: bytes,
    name: str = "the picture",
    *,
    max_bytes: int = MAX_BYTES,
    max_pixels: int = MAX_PIXELS,
) -> Picture:
    """Decode a picture in this process, as ``stylize.media.decode.to_bitmap`` does.

    This is for one's own pictures: the command line paints one painting and ends, and a decoder
    that fails takes nobody else along. Strangers' pictures go through ``stylize.media.sandbox``.

    Raises PictureError, and nothing else, when the picture cannot be used.
    """
    return Picture.of(to_bitmap(data, name, max_bytes=max_bytes, max_pixels=max_pixels))


def fit(width: int, height: int, size: int) -> tuple[int, int]:
    """(h, w) of a picture scaled so that its longer side is *size*.

    The shorter side keeps the proportions, but is at least ``SHORTEST_SIDE``.

    >>> fit(600, 400, 256)
    (171, 256)
    """
    longer = max(width, height)
    return (
        max(SHORTEST_SIDE, round(height * size / longer)),
        max(SHORTEST_SIDE, round(width * size / longer)),
    )


def resize(pixels: Tensor, shape: tuple[int, int]) -> Tensor:
    """Resample (C, H, W) of any real dtype to float32 (C, h, w) in 0..255; *shape* is (h, w).

    Antialiased bicubic, everywhere: style losses change several-fold with the filter, so
    pictures that are compared must have come through the same one.
    """
    if tuple(pixels.shape[-2:]) == shape:
        return pixels.float().clamp(0, 255)
    # One channel at a time, so that of a large photograph only one plane is in floats.
    planes = [
        functional.interpolate(
            plane.float()[None, None], shape, mode="bicubic", antialias=True, align_corners=False
        )[0, 0]
        for plane in pixels
    ]
    return torch.stack(planes).clamp(0, 255)


def resize_around(pixels: Tensor, shape: tuple[int, int]) -> Tensor:
    """``resize`` *pixels*, (C, H, W), that go on at their other side beyond each side."""
    (rows, new_rows), (columns, new_columns) = (
        _margins(old, new) for old, new in zip(pixels.shape[-2:], shape, strict=True)
    )
    wider = around(pixels, (rows, rows), (columns, columns))
    height, width = shape
    resized = resize(wider, (height + 2 * new_rows, width + 2 * new_columns))
    return resized[:, new_rows:, new_columns:][:, :height, :width].contiguous()


def _margins(old: int, new: int) -> tuple[int, int]:
    """Lengths that the filter cannot see beyond, before and after a resizing from *old* to *new*:
    in the same proportion, so that pixels stay where they were."""
    unit = math.gcd(old, new)
    reach = math.ceil((REACH + 1) * max(1, old / new))
    count = math.ceil(reach / (old // unit))
    return count * old // unit, count * new // unit


def alpha_at(picture: Picture, shape: tuple[int, int]) -> Tensor | None:
    """The alpha of *picture*, float32 (h, w) in 0..255, resized to *shape* as its pixels are."""
    return None if picture.alpha is None else resize(picture.alpha[None], shape)[0]


def visible_part(picture: Picture) -> Picture:
    """*picture* without the margins in which nothing is visible, but no side below the shortest."""
    if picture.alpha is None:
        return picture
    shown = picture.alpha >= min(VISIBLE, int(picture.alpha.max()))
    down, across = (_span(shown.any(dim)) for dim in (1, 0))
    alpha = picture.alpha[down, across]
    part = replace(picture, pixels=picture.pixels[:, down, across], alpha=alpha)
    return replace(part, alpha=None) if alpha.min() == 255 else part


def _span(shown: Tensor) -> slice:
    """From the first to the last of *shown*, (N,) bool, and ``SHORTEST_SIDE`` long at least."""
    places = shown.nonzero()
    if not len(places):
        return slice(None)
    start, stop = int(places[0]), int(places[-1]) + 1
    start = max(0, min(start, len(shown) - SHORTEST_SIDE))
    return slice(start, max(stop, start + SHORTEST_SIDE))


def on_white(pixels: Tensor, alpha: Tensor | None) -> Tensor:
    """What (3, H, W) pixels in 0..255 look like on white paper; *alpha*, (H', W'), is resized."""
    if alpha is None:
        return pixels
    share = resize(alpha[None], (pixels.shape[1], pixels.shape[2])).to(pixels.device) / 255
    return 255 - (255 - pixels.float()) * share


def encode_png(pixels: Tensor, alpha: Tensor | None = None) -> bytes:
    """PNG of (3, H, W) pixels in 0..255, rounded, with no metadata.

    *alpha*, (H', W') uint8, is resized to the pixels' size.
    """
    return _save(_to_image(pixels, alpha), "PNG")


def encode_as(pixels: Tensor, alpha: Tensor | None, suffix: str) -> bytes:
    """A painting as the file that *suffix*, a key of ``FORMATS``, names, with no metadata.

    Arguments as for ``encode_png``. A JPEG, which has no alpha, shows the painting on white.
    """
    kind = FORMATS[suffix]
    image = _to_image(pixels, alpha) if kind.keeps_alpha else _to_image(on_white(pixels, alpha))
    return _save(image, kind.name, **(kind.options or {}))


def encode_preview(
    pixels: Tensor, alpha: Tensor | None = None, *, longest: int = 320, max_bytes: int = 30_000
) -> bytes:
    """A small JPEG of (3, H, W) pixels in 0..255, for progress on the way; on white, says *alpha*.

    *alpha*, (H', W') uint8, is resized to the pixels' size.
    """
    image = _to_image(on_white(pixels, alpha))
    image.thumbnail((longest, longest))
    return _squeeze(image, "JPEG", max_bytes)


def encode_within(pixels: Tensor, alpha: Tensor | None, max_bytes: int) -> tuple[bytes, str]:
    """The best encoding of a painting that an upload limit admits, and its file suffix.

    The PNG itself (``.png``) where it fits, otherwise a JPEG (``.jpg``) or, to keep alpha, a
    WebP (``.webp``), first at lower quality and then smaller. Arguments as for ``encode_png``.
    """
    png = encode_png(pixels, alpha)
    if len(png) <= max_bytes:
        return png, ".png"
    image = _to_image(pixels, alpha)
    if alpha is None:
        return _squeeze(image, "JPEG", max_bytes), ".jpg"
    return _squeeze(image, "WEBP", max_bytes), ".webp"


def _squeeze(image: Image.Image, kind: str, max_bytes: int) -> bytes:
    """*image* as a JPEG or WebP of at most *max_bytes*, as good as that allows."""
    while True:
        for quality in (95, 90, 80, 65, 50):
            data = _save(image, kind, quality=quality)
            if len(data) <= max_bytes:
                return data
        width, height = image.size
        if max(width, height) <= SHORTEST_SIDE:
            raise ValueError(f"no picture fits into {max_bytes} bytes")
        image = image.resize((max(1, width * 3 // 4), max(1, height * 3 // 4)))


def _save(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def _to_image(pixels: Tensor, alpha: Tensor | None = None) -> Image.Image:
    image = Image.fromarray(_round(pixels).permute(1, 2, 0).contiguous().numpy())
    if alpha is not None:
        resized = resize(alpha[None], (image.height, image.width))[0]
        image.putalpha(Image.fromarray(_round(resized).numpy()))
    return image


def _round(values: Tensor) -> Tensor:
    """uint8 on the CPU from any real values in 0..255."""
    if values.dtype == torch.uint8:
        return values.cpu()
    return values.detach().float().round().clamp(0, 255).to("cpu", torch.uint8)
