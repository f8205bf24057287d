"""An animation as a video, for chats that show no GIFs: H.264 in MP4, by PyAV where it is there."""

import io
from collections.abc import Iterable
from importlib.util import find_spec

import numpy as np
from PIL import Image, ImageSequence

PER_SECOND = 20
"""Frames; those of a GIF come at the times that are nearest."""
QUALITIES = (18, 24, 30, 36, 42, 48)
"""Constant rate factors of x264, from the best to the smallest."""


def can_encode() -> bool:
    """Whether PyAV is installed."""
    return find_spec("av") is not None


def encode_video(gif: bytes, max_bytes: int) -> bytes:
    """*gif* as an MP4 of at most *max_bytes*, in the best quality that fits, played once.

    Raises ValueError where not even the smallest fits.
    """
    shown = [*_at_even_times(gif)]
    for quality in QUALITIES:
        data = _encode(shown, quality)
        if len(data) <= max_bytes:
            return data
    raise ValueError(f"no video fits into {max_bytes} bytes")


def _at_even_times(gif: bytes) -> Iterable[Image.Image]:
    """What is shown every 1 / PER_SECOND s; the sides are even, as H.264 wants them."""
    time = 0.0
    with Image.open(io.BytesIO(gif)) as animation:
        for number, frame in enumerate(ImageSequence.Iterator(animation)):
            first = round(time * PER_SECOND)
            time += frame.info.get("duration", 100) / 1000
            width, height = (max(2, side - side % 2) for side in frame.size)
            image = frame.convert("RGB").crop((0, 0, width, height))
            yield from [image] * max(number == 0, round(time * PER_SECOND) - first)


def _encode(shown: Iterable[Image.Image], quality: int) -> bytes:
    import av

    buffer, first = io.BytesIO(), next(iter(shown))
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("libx264", PER_SECOND, options={"crf": str(quality)})
        stream.width, stream.height = first.size
        stream.pix_fmt = "yuv420p"
        for image in shown:
            frame = av.VideoFrame.from_ndarray(np.asarray(image), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return buffer.getvalue()
