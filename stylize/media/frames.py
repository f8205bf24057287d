"""Which picture of several is painted: the first that shows something."""

import itertools
from collections.abc import Iterator

from PIL import Image

from stylize.media.limits import Refusal

MOST_WORK = 250_000_000
"""Pixels of frames that are looked at. A small frame counts as ``_LEAST_WORK``."""
_LEAST_WORK = 100_000

FAINTEST = 8
"""Of 255. Where nothing differs by more, there is nothing to see."""

FIRST_FRAME = "is animated: I used its first frame."


def first_that_shows(image: Image.Image) -> tuple[Image.Image, str | None]:
    """The frame of *image* that is to be painted, loaded, and the note on it, None for a still.

    That is the first frame, composited as viewers show it, that is neither transparent all over
    nor of one colour; where there is none, the first of one colour.

    Raises Refusal where nothing is in any frame.
    """
    if image.format not in _MOVING:
        image.load()
        return image, None
    frames = _loaded(image)
    first = next(frames)
    if not _is_animated(image):
        return first, None
    plain = None
    for number, frame in enumerate(itertools.chain((first,), frames)):
        if shows(frame):
            return frame, _note(number, ", the first that shows something")
        if plain is None and not _is_empty(frame):
            plain = frame, _note(number)
    if plain is None:
        raise Refusal("is transparent in all its frames: there is nothing to see in it.")
    return plain


_MOVING = ("GIF", "PNG", "WEBP", "AVIF")
"""Formats of animations. A HEIC file may hold several pictures, of which one is the main one."""


def _note(number: int, reason: str = "") -> str:
    return f"is animated: I used its frame {number + 1}{reason}." if number else FIRST_FRAME


def shows(image: Image.Image) -> bool:
    """Whether anything in *image* differs from anything else in it."""
    return any(high - low > FAINTEST for low, high in _ranges(image))


def _is_empty(image: Image.Image) -> bool:
    return image.has_transparency_data and _ranges(image)[-1] == (0, 0)


def _ranges(image: Image.Image) -> list[tuple[float, float]]:
    """The least and the greatest level of each channel, what is hidden counting as black."""
    if image.mode.startswith(("I", "F")):  # 16 bits, which Pillow cannot convert
        low, high = image.getextrema()
        return [(low / 257, high / 257)]  # type: ignore[operator]
    return list(image.convert("RGBA").convert("RGBa").getextrema())  # type: ignore[arg-type]


def _is_animated(image: Image.Image) -> bool:
    try:
        return bool(getattr(image, "is_animated", False))
    except Exception:  # the damage lies behind the first frame
        return True


def _loaded(image: Image.Image) -> Iterator[Image.Image]:
    """One frame of *image* after the other, as far as these are sound; at least one, or it raises.

    Each is a copy: in looking for the next, a GIF may grow.
    """
    size, work = image.size, 0
    number = int(getattr(image, "default_image", False))  # seen by who knows no APNG
    try:
        image.seek(number)
        image.load()
    except Exception:
        if not number:
            raise
        image.seek(0)
        image.load()
    yield image.copy()
    while (work := work + max(size[0] * size[1], _LEAST_WORK)) < MOST_WORK:
        number += 1
        try:
            image.seek(number)
            if image.size != size:
                return
            image.load()
        except Exception:  # the end, or damage there, which concerns no frame before
            return
        yield image.copy()
