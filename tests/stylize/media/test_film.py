"""The film: what it keeps, how it plays, and that it always fits."""

import io
from types import MappingProxyType

import numpy as np
import pytest
import torch
from PIL import Image

from stylize.frame import Frame
from stylize.media.film import Film
from stylize.media.picture import resize


def painting(steps=200, size=96, scales=2):
    """Frames of clouds in gold and blue that come out of the dark, quickly at first."""
    chance = torch.Generator().manual_seed(0)
    clouds = torch.rand(12, 18, generator=chance)
    goal = torch.stack([clouds * 250, clouds * 200, 120 - clouds * 100])
    for step in range(1, steps + 1):
        scale = (step - 1) * scales // steps
        longer = size >> (scales - 1 - scale)
        pixels = resize(goal, (longer * 2 // 3, longer)) * (1 - 0.97**step)
        ends = step == steps or step * scales // steps > scale
        yield Frame(step, steps, scale, scales, MappingProxyType({}), pixels, ends)


def film_of(frames, **options):
    film = Film(**options)
    for frame in frames:
        film.add(frame)
    return film


def played(data):
    """The frames of a GIF as (H, W, 3) arrays, and their durations in milliseconds."""
    frames, durations = [], []
    with Image.open(io.BytesIO(data)) as image:
        for index in range(image.n_frames):
            image.seek(index)
            frames.append(np.asarray(image.convert("RGB")).astype(int))
            durations.append(image.info["duration"])
    return frames, durations


def kept_steps(steps, **options):
    film, kept = Film(**options), []
    for frame in painting(steps, size=32):
        before = film.kept
        film.add(frame)
        if film.kept > before:
            kept.append(frame.step)
    return kept


@pytest.mark.parametrize("steps", [1, 2, 10, 200, 2000])
def test_kept_frames_are_bounded_and_include_the_ends(steps):
    kept = kept_steps(steps, most=24)
    assert len(kept) <= 24
    assert kept[0] == 1
    assert kept[-1] == steps


def test_early_frames_are_dense():
    kept = kept_steps(400)
    assert kept[:4] == [1, 2, 3, 5]
    gaps = np.diff(kept)
    assert gaps[-5:].min() > 4 * gaps[:5].max()
    assert sum(step <= 100 for step in kept) >= len(kept) // 2


def test_frames_play_in_order_at_one_size_and_loop():
    data = film_of(painting()).encode(5_000_000)
    frames, durations = played(data)
    assert {frame.shape for frame in frames} == {(64, 96, 3)}
    brightness = [frame.mean() for frame in frames]
    assert brightness == sorted(brightness)
    # Frames that look the same become one that is shown for longer.
    assert all(duration % min(durations) == 0 for duration in durations)
    assert 50 <= min(durations) <= 200
    assert durations[-1] == 2000
    with Image.open(io.BytesIO(data)) as image:
        assert image.info["loop"] == 0


def test_last_frame_is_the_painting():
    *_, last = painting()
    frames, _ = played(film_of(painting()).encode(5_000_000))
    expected = last.pixels.permute(1, 2, 0).numpy()
    assert np.abs(frames[-1] - expected).mean() < 6


@pytest.mark.parametrize("size", [64, 320, 600])
def test_longest_side_is_bounded_and_never_enlarged(size):
    frames, _ = played(film_of(painting(6, size)).encode(5_000_000))
    assert max(frames[0].shape[:2]) == min(size, 320)


def test_longer_films_can_be_asked_for():
    frames, _ = played(film_of(painting(6, 600), longest=400).encode(5_000_000))
    assert max(frames[0].shape[:2]) == 400


def test_any_reasonable_limit_is_met():
    film = film_of(painting(60, size=200))
    best = len(film.encode(10_000_000))
    sizes = []
    for limit in (best, best - 1, best // 3, best // 12, 4000, 1500):
        data = film.encode(limit)
        assert len(data) <= limit
        sizes.append(len(data))
        assert len(played(data)[0]) >= 2
    assert sizes == sorted(sizes, reverse=True)


def test_impossible_limit_is_refused():
    with pytest.raises(ValueError, match="100 bytes"):
        film_of(painting(size=64)).encode(100)


def test_empty_film_is_refused():
    with pytest.raises(ValueError, match="at least one frame"):
        Film().encode(1_000_000)


def test_one_frame_is_a_film():
    frames, durations = played(film_of(painting(1)).encode(1_000_000))
    assert len(frames) == 1
    assert durations == [2000]


def test_still_picture_costs_next_to_nothing():
    pixels = torch.rand(3, 64, 64) * 255
    still = [Frame(step, 50, 0, 1, {}, pixels, False) for step in range(1, 51)]
    once, often = film_of(still[:1]).encode(10**6), film_of(still).encode(10**6)
    assert len(often) < 1.1 * len(once)


def test_restored_film_goes_on_as_if_nothing_had_happened():
    whole = film_of(painting())
    *_, end_of_first_scale = (frame.step for frame in painting() if frame.scale == 0)
    film = film_of(frame for frame in painting() if frame.step <= end_of_first_scale)
    film = Film.restore(film.state())
    for frame in painting():
        if frame.step > end_of_first_scale:
            film.add(frame)
    assert film.encode(5_000_000) == whole.encode(5_000_000)


def test_restored_film_ignores_steps_it_has_seen():
    film = Film.restore(film_of(painting()).state())
    before = film.kept
    for frame in painting():
        film.add(frame)
    assert film.kept == before


def test_empty_film_can_be_restored():
    assert Film.restore(Film(longest=100).state()).kept == 0


@pytest.mark.parametrize("damage", [b"", b"not an archive", None])
def test_damaged_state_is_refused(damage):
    state = film_of(painting(4)).state()
    with pytest.raises(ValueError, match="state of a film"):
        Film.restore(state[: len(state) // 2] if damage is None else damage)


@pytest.mark.parametrize("most", [1, 41])
def test_number_of_frames_is_bounded(most):
    with pytest.raises(ValueError, match="2 to 40"):
        Film(most=most)
