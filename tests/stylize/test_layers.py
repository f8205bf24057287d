"""What each layer keeps: the sheet of reconstructions, its terms, and its way over a kill."""

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from stylize.frame import Frame
from stylize.media.picture import Picture
from stylize.media.sheet import GAP
from stylize.recipes.reconstruction import LAYERS, Layers
from stylize.tasks import tasks
from stylize.tasks.base import Checkpoint, DamagedCheckpoint, Resources, Result

RECIPE = Layers(size=64, steps=3)
CELLS = 10


@pytest.fixture
def resources(encoder):
    return Resources(torch.device("cpu"), lambda name, pooling: encoder, 10**6)


@pytest.fixture
def inputs(photo, stripes):
    return {"content": [photo], "style": [stripes]}


def run(recipe, inputs, resources, resume=None):
    return list(tasks()[Layers].run(recipe, inputs, resources, resume))


def frames(events):
    return [event for event in events if isinstance(event, Frame)]


def test_the_content_is_compared_at_one_layer_and_the_style_at_one_more_each_time():
    for depth in range(5):
        compared = Layers().compared(depth)
        assert compared.content_layers == (LAYERS[depth],)
        assert [*compared.style_layers] == [*LAYERS[: depth + 1]]
        assert sum(compared.style_layers.values()) == pytest.approx(1)


def test_each_picture_goes_downhill_and_stays_as_it_is_once_the_next_is_begun(inputs, resources):
    events = run(RECIPE, inputs, resources)
    seen = frames(events)
    assert [frame.step for frame in seen] == list(range(1, 31))
    assert {frame.steps for frame in seen} == {30}
    for cell in range(CELLS):
        totals = [frame.losses["total"] for frame in seen if frame.scale == cell]
        assert totals == sorted(totals, reverse=True)
        assert len(set(totals)) == 3
    content, style = seen[0].losses, seen[-1].losses
    assert (set(content), set(style)) == ({"content", "total"}, {"style", "total"})
    changed = [(a.pixels != b.pixels).any(0) for a, b in zip(seen, seen[3:], strict=False)]
    assert all(where.any() for where in changed)
    assert isinstance(events[-1], Result)


def test_a_deeper_layer_keeps_less_of_the_content(inputs, resources):
    """A layer's own features can be had again ever less exactly, in the same number of steps."""
    seen = frames(run(Layers(size=64, steps=12), inputs, resources))
    left = [frame.losses["content"] for frame in seen if frame.ends_scale and frame.scale < 5]
    assert left[0] < left[2] < left[4]


def test_one_picture_is_looked_at_for_both(photo, resources):
    alone = run(RECIPE, {"content": [photo], "style": []}, resources)
    twice = run(RECIPE, {"content": [photo], "style": [photo]}, resources)
    assert torch.equal(alone[-1].frame.pixels, twice[-1].frame.pixels)


def test_it_goes_on_from_each_picture_to_the_same_bytes(inputs, resources):
    events = run(RECIPE, inputs, resources)
    saved = [event for event in events if isinstance(event, Checkpoint)]
    assert len(saved) == CELLS - 1
    for checkpoint in (saved[0], saved[5], saved[-1]):
        resumed = run(RECIPE, inputs, resources, checkpoint.state)
        assert torch.equal(resumed[-1].frame.pixels, events[-1].frame.pixels)
        assert resumed[0].step == 3 * int(checkpoint.state["cells"]) + 1


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"cells": np.array(3)},
        {"cells": np.array(10)},
        {"cells": np.array(3), "sheet": np.zeros((3, 8, 8), np.uint8)},
    ],
)
def test_a_checkpoint_that_is_none_is_refused_at_once(state, inputs, resources):
    with pytest.raises(DamagedCheckpoint):
        tasks()[Layers].run(RECIPE, inputs, resources, state)


@pytest.mark.parametrize("row", ["content", "style"])
def test_a_row_alone_is_that_of_the_sheet_with_both(row, photo, resources):
    both = run(RECIPE, {"content": [photo], "style": []}, resources)[-1].frame.pixels
    events = run(Layers(size=64, steps=3, rows=row), {"content": [photo], "style": []}, resources)
    alone = events[-1].frame.pixels
    assert len([event for event in events if isinstance(event, Checkpoint)]) == 4
    upper, lower = slice(0, alone.shape[1] - GAP), slice(-48 - GAP, None)
    where = {"content": upper, "style": lower}[row]
    across = slice(-5 * (64 + GAP), None)  # without the labels of the rows
    assert torch.equal(alone[:, where, across], both[:, where, across])


def test_a_row_alone_takes_one_picture():
    Layers(rows="style").check(1)
    with pytest.raises(ValueError, match="the row of the style is of one picture"):
        Layers(rows="style").check(2)


def test_its_cost_is_that_of_ten_pictures():
    assert Layers(size=200, steps=10).cost == pytest.approx(10 * 10 * 200**2 * 0.75 / 1e6)


@pytest.mark.parametrize("wrong", [{"steps": 0}, {"steps": 501}, {"size": 63}, {"strength": 3}])
def test_what_cannot_be_shown_is_refused(wrong):
    with pytest.raises(ValidationError):
        Layers(**wrong)


@pytest.mark.parametrize("count", [0, 3])
def test_it_takes_one_picture_or_two(count):
    with pytest.raises(ValueError, match=r"give 1 content image|too many"):
        Layers().check(count)


def test_what_is_invisible_of_a_style_is_left_out(photo, resources):
    alpha = torch.zeros(photo.pixels.shape[1:], dtype=torch.uint8)
    alpha[:, :32] = 255
    half = Picture(photo.pixels, alpha)
    left = Picture(photo.pixels[:, :, :32].clone())
    one = run(RECIPE, {"content": [photo], "style": [half]}, resources)
    other = run(RECIPE, {"content": [photo], "style": [left]}, resources)
    assert torch.equal(one[-1].frame.pixels, other[-1].frame.pixels)
