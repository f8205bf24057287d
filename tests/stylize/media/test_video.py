"""An animation as a video: the same pictures at the same times, within a limit."""

import io

import av
import numpy as np
import pytest
from PIL import Image

from stylize.media.film import encode_film
from stylize.media.video import PER_SECOND, encode_video


def frames(width: int, height: int, count: int = 20) -> list[np.ndarray]:
    """A square that goes from left to right."""
    shown = [np.full((height, width, 3), 200, np.uint8) for _ in range(count)]
    for number, frame in enumerate(shown):
        left = number * (width - 10) // (count - 1)
        frame[5:15, left : left + 10] = (200, 30, 30)
    return shown


def decoded(video: bytes) -> list[np.ndarray]:
    with av.open(io.BytesIO(video)) as container:
        assert container.streams.video[0].codec_context.name == "h264"
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def test_a_video_shows_what_the_gif_shows_for_as_long():
    gif = encode_film(frames(96, 64), 10**6, plays_ms=2000, holds_ms=1000)
    shown = decoded(encode_video(gif, 10**6))
    with Image.open(io.BytesIO(gif)) as animation:
        moments = [0]
        for number in range(animation.n_frames):
            animation.seek(number)
            moments.append(moments[-1] + animation.info["duration"])
            middle = (moments[-2] + moments[-1]) / 2000
            seen = shown[min(round(middle * PER_SECOND), len(shown) - 1)]
            wanted = np.asarray(animation.convert("RGB"), np.int16)
            assert np.abs(seen - wanted).mean() < 8
    assert len(shown) == round(moments[-1] / 1000 * PER_SECOND)


@pytest.mark.parametrize(("width", "height"), [(97, 65), (96, 65), (97, 64)])
def test_odd_sides_lose_a_row_or_a_column(width, height):
    video = encode_video(encode_film(frames(width, height), 10**6), 10**6)
    assert decoded(video)[0].shape == (height - height % 2, width - width % 2, 3)


def test_the_best_quality_that_fits_is_taken():
    noise = np.random.default_rng(1).integers(0, 256, (10, 64, 96, 3), np.uint8)
    gif = encode_film(list(noise), 10**7)
    best = len(encode_video(gif, 10**7))
    assert len(encode_video(gif, best - 1)) < best
    with pytest.raises(ValueError, match="no video fits into 100 bytes"):
        encode_video(gif, 100)


def test_a_picture_that_does_not_move_is_a_video_too():
    video = encode_video(encode_film(frames(64, 48)[:1], 10**6), 10**6)
    assert decoded(video)[0].shape == (48, 64, 3)
