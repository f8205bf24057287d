"""Which picture of several is painted: the first that shows something."""

from collections.abc import Iterator

from PIL import Image

from stylize.limits import Refusal

MOST_WORK = 250_000_000
"""Pixels of frames that are looked at. A small frame counts as ``_LEAST_WORK``."""
_LEAST_WORK = 100_000

FAINTEST = 8
"""Of 255. Where nothing differs by more, there is nothing to see."""

FIRST_FRAME = "is animated: I used its first frame."


def seek_first_that_shows(image: Image.Image) -> str | None:
    """Load *image*, at the frame that is to be painted; the note on it, None for a still.

    That is the first frame, composited as viewers show it, that is neither transparent all over
    nor of one colour; where there is none, the first of one colour.

    Raises Refusal where nothing is in any frame.
    """
    if not _is_animated(image):
        image.load()
        return None
    plain = None
    for number, frame in enumerate(_loaded(image)):
        if shows(image):
            return _note(number, ", the first that shows something")
        if plain is None and not _is_empty(image):
            plain = number, frame
    if plain is None:
        raise Refusal("is transparent in all its frames: there is nothing to see in it.")
    number, frame = plain
    image.seek(frame)
    image.load()
    return _note(number)


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
    if image.format == "HEIF":  # which may hold several pictures: the main one is open
        return False
    try:
        return getattr(image, "is_animated", False)
    except Exception:  # the damage lies behind the first frame
        return True


def _loaded(image: Image.Image) -> Iterator[int]:
    """Load one frame of *image* after the other, as far as these are sound; their places in it."""
    first = int(getattr(image, "default_image", False))  # what only those see who know no APNG
    work, frame = 0, first
    while work < MOST_WORK:
        try:
            image.seek(frame)
            image.load()
        except Exception:
            if frame > first:  # the end, or damage there, which concerns no frame before
                return
            if not first:
                raise
            image.seek(0)
            image.load()
            frame = 0
        yield frame
        if frame < first:
            return
        frame += 1
        work += max(image.width * image.height, _LEAST_WORK)
