"""What a picture may be, and how it is said that one cannot be used."""

MAX_BYTES = 50_000_000
MAX_PIXELS = 50_000_000
"""Of what is decoded in memory."""
REDUCIBLE = 8
"""A JPEG may have this many times more: it is decoded at a half, a quarter or an eighth."""
SHORTEST_SIDE = 16
"""Pixels. The deepest features are pooled four times; a smaller picture leaves nothing of them."""
WIDEST_ASPECT = 16
"""At 256 pixels, a painting's usual size, the other side is then ``SHORTEST_SIDE``."""


class Refusal(Exception):
    """Why a picture cannot be used and what to do: a sentence that lacks the picture's name."""


def check_size(
    width: int, height: int, max_pixels: int, advice: str = "scale it down or save it as a JPEG"
) -> None:
    """Raise Refusal when a picture of that size cannot be painted, or may not be decoded."""
    size = f"{width}×{height}"
    if width * height > max_pixels:
        raise Refusal(
            f"is {size} pixels large; the limit is {max_pixels / 1e6:g} megapixels: {advice}."
        )
    if max(width, height) > WIDEST_ASPECT * min(width, height):
        raise Refusal(
            f"is too long and narrow at {size} pixels: "
            f"crop it until one side is at most {WIDEST_ASPECT} times the other."
        )
    if min(width, height) < SHORTEST_SIDE:
        raise Refusal(
            f"is too small at {size} pixels: "
            f"each side needs at least {SHORTEST_SIDE} pixels, better some hundreds."
        )


def too_much(max_pixels: int) -> Refusal:
    """For what is innocent by its size and huge when it is unpacked."""
    limit = f"the limit is {max_pixels / 1e6:g} megapixels"
    return Refusal(f"unpacks to far too many pixels; {limit}: scale it down.")


def damaged() -> Refusal:
    return Refusal("is damaged or cut short: open it, save it again and use the copy.")
