"""Content or style: two paintings in step, the losses below them, and a kill in between."""

import io

import numpy as np
import pytest
import torch
from PIL import Image
from pydantic import ValidationError

from stylize.frame import Frame
from stylize.media.film import Film
from stylize.media.picture import Picture
from stylize.paint import paint
from stylize.recipes.compare import FAVOURED, Compare
from stylize.recipes.transfer import Transfer, strength_of
from stylize.tasks import tasks
from stylize.tasks.base import Checkpoint, DamagedCheckpoint, Resources, Result
from stylize.tasks.compare import PLOT_HEIGHT

LONG = Compare(size=384, steps=6, apart=50)
"""Two scales, of few pixels."""


def noisy(width, height):
    draw = torch.Generator().manual_seed(width)
    return torch.randint(0, 256, (3, height, width), generator=draw).to(torch.uint8)


@pytest.fixture(scope="module")
def resources(encoder):
    return Resources(torch.device("cpu"), lambda name, pooling: encoder, 10**6)


@pytest.fixture(scope="module")
def inputs():
    strip, style = noisy(96, 24), noisy(48, 48)
    return {"content": [Picture(strip)], "style": [Picture(style)], "start": []}


@pytest.fixture(scope="module")
def whole(inputs, resources):
    return list(tasks()[Compare].run(LONG, inputs, resources))


def test_the_two_differ_in_strength_alone():
    first, second = Compare(apart=50, seed=3, total_variation=2).pair
    assert [strength_of(one.content_weight) for one in (first, second)] == pytest.approx([25, 75])
    assert first.model_copy(update={"content_weight": second.content_weight}) == second
    assert (first.seed, first.total_variation) == (3, 2)
    gentle, bold = Compare(content_weight=0.1, apart=20).pair
    assert strength_of(gentle.content_weight) == pytest.approx(65)
    assert strength_of(bold.content_weight) == pytest.approx(85)


def test_each_is_what_is_painted_alone(inputs, resources, whole):
    sheet = whole[-1].frame.pixels
    for place, recipe in enumerate(LONG.pair):
        *_, alone = paint(
            recipe,
            inputs["content"][0],
            inputs["style"],
            encoder=resources.encoder(recipe.encoder, recipe.pooling),
        )
        height, width = alone.pixels.shape[-2:]
        left = 10 + place * (width + 10)
        found = [
            sheet[:, top : top + height, left : left + width]
            for top in range(sheet.shape[1] - height)
        ]
        assert any(torch.equal(one, alone.pixels.round()) for one in found)


def test_both_grow_in_one_film_above_their_losses_and_the_plot_shows_both(whole):
    files = {made.role: made for made in whole[-1].files}
    assert set(files) == {"film", "plot"}
    film = Image.open(io.BytesIO(files["film"].data))
    _, height, width = whole[-1].frame.pixels.shape
    assert film.n_frames > 2
    assert film.width == 560
    assert film.height == pytest.approx(560 * height / width + PLOT_HEIGHT, abs=2)
    assert Image.open(io.BytesIO(files["plot"].data)).size == (960, 600)
    for name in FAVOURED:
        assert f"{name}: The loss from step 1 to 6 at 2 sizes: total from " in files["plot"].alt


def test_progress_counts_both(whole):
    frames = [event for event in whole if isinstance(event, Frame)]
    assert [frame.step for frame in frames] == [2, 4, 6, 8, 10, 12]
    assert {frame.steps for frame in frames} == {12}
    last = frames[-1].losses
    assert last["total"] == pytest.approx(sum(last[name] for name in FAVOURED))
    assert [frame.ends_scale for frame in frames] == [False, False, True] * 2


def test_after_a_kill_picture_film_and_plot_are_as_if_nothing_had_happened(
    inputs, resources, whole
):
    [saved] = [event for event in whole if isinstance(event, Checkpoint)]
    resumed = list(tasks()[Compare].run(LONG, inputs, resources, saved.state))
    assert torch.equal(resumed[-1].frame.pixels, whole[-1].frame.pixels)
    assert resumed[-1].files == whole[-1].files


def test_whose_scale_ends_by_itself_first_waits_for_the_other(inputs, resources):
    recipe = Compare(size=64, max_steps=60, apart=100)
    events = list(tasks()[Compare].run(recipe, inputs, resources))
    frames = [event for event in events if isinstance(event, Frame)]
    assert isinstance(events[-1], Result)
    shares = [frame.step / frame.steps for frame in frames]
    assert shares == sorted(shares)
    assert shares[-1] == 1


@pytest.mark.parametrize("damage", [{}, {"kept": b""}, {"seen": b"?"}, {"0-pixels": b""}])
def test_a_checkpoint_that_is_damaged_is_refused_at_once(damage, inputs, resources, whole):
    [saved] = [event for event in whole if isinstance(event, Checkpoint)]
    state = {name: np.frombuffer(data, np.uint8) for name, data in damage.items()}
    state = {**saved.state, **state} if damage else {}
    with pytest.raises(DamagedCheckpoint):
        tasks()[Compare].run(LONG, inputs, resources, state)


def test_its_cost_is_that_of_both():
    assert Compare(size=300, steps=50).cost == pytest.approx(2 * Transfer(size=300, steps=50).cost)


@pytest.mark.parametrize(
    "wrong", [{"apart": 0}, {"apart": 101}, {"on": "mask"}, {"content_weight": 1e12}]
)
def test_what_cannot_be_compared_is_refused(wrong):
    with pytest.raises(ValidationError):
        Compare(**wrong)


def test_a_film_tells_what_it_has_kept():
    film = Film()
    film.add(Frame(1, 1, 0, 1, {}, noisy(20, 20), ends_scale=True))
    assert [frame.shape for frame in film.frames] == [(20, 20, 3)]
