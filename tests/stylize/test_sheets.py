"""Painted sheets: each cell is the painting alone, whatever stops in between."""

from contextlib import contextmanager
from dataclasses import replace
from itertools import islice

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from stylize.evaluate import evaluate
from stylize.frame import Frame
from stylize.media.picture import Picture
from stylize.paint import paint
from stylize.recipes import Study, Sweep, Transfer
from stylize.recipes.sweep import Axis
from stylize.targets import measure, reweighted
from stylize.tasks import tasks
from stylize.tasks.base import Checkpoint, DamagedCheckpoint, Resources, Result
from stylize.tasks.sharing import passes_of

SWEEP = Sweep(
    size=64,
    steps=3,
    axes=(
        Axis(option="strength", values=("20", "80")),
        Axis(option="style_scale", values=("0.5", "1")),
    ),
)


@pytest.fixture
def resources(encoder):
    return Resources(torch.device("cpu"), lambda name, pooling: encoder, 10**6)


@pytest.fixture
def run(resources, photo, stripes):
    def run(recipe, styles=(stripes,), resume=None):
        inputs = {"content": [photo], "style": [*styles], "start": [], "mask": []}
        return tasks()[type(recipe)].run(recipe, inputs, resources, resume)

    return run


def region(before, after):
    """(top, bottom, left, right) of where two sheets differ."""
    differs = (before != after).any(0)
    down, across = differs.any(1).nonzero(), differs.any(0).nonzero()
    return int(down.min()), int(down.max()) + 1, int(across.min()), int(across.max()) + 1


def test_each_frame_is_the_sheet_so_far_and_each_cell_the_painting_alone(
    run, encoder, photo, stripes
):
    frames = [event for event in run(SWEEP) if isinstance(event, Frame)]
    assert [frame.step for frame in frames] == list(range(1, 13))
    assert {frame.steps for frame in frames} == {12}
    assert [frame.scale for frame in frames] == [0] * 3 + [1] * 3 + [2] * 3 + [3] * 3
    assert {frame.pixels.shape for frame in frames} == {frames[0].pixels.shape}
    cells = SWEEP.grid(1).cells
    for n in (1, 3):
        top, bottom, left, right = region(frames[3 * n - 1].pixels, frames[3 * n].pixels)
        *_, alone = paint(cells[n].recipe, photo, [stripes], encoder=encoder)
        shown = frames[-1].pixels[:, top:bottom, left:right]
        assert torch.equal(shown, alone.pixels.round())
    first = region(frames[0].pixels, frames[2].pixels)
    assert first[1] <= region(frames[6].pixels, frames[8].pixels)[0], "the first row is above"


def test_a_sheet_that_was_stopped_goes_on_to_the_same_bytes(run):
    *before, whole = run(SWEEP)
    saved = [event for event in before if isinstance(event, Checkpoint)]
    assert len(saved) == 3
    for done, checkpoint in ((1, saved[0]), (3, saved[2])):
        events = list(run(SWEEP, resume=checkpoint.state))
        frames = [event for event in events if isinstance(event, Frame)]
        assert frames[0].step == 3 * done + 1
        assert isinstance(events[-1], Result)
        assert torch.equal(events[-1].frame.pixels, whole.frame.pixels)


LONG = SWEEP.model_copy(update={"steps": 13})
"""Long enough for its cells to have their first steps in common."""


def test_cells_that_differ_in_weights_begin_as_one_painting(run, encoder, photo, stripes):
    passes = passes_of(LONG.grid(1).cells)
    assert [one.recipe.steps for one in passes] == [5, 8, 8, 5, 8, 8]
    assert [one.places for one in passes] == [(0, 1), (0,), (1,), (2, 3), (2,), (3,)]
    *_, whole = run(LONG.model_copy(update={"axes": (LONG.axes[0],)}))
    *_, first = paint(passes[3].recipe, photo, [stripes], encoder=encoder)
    begun = Picture(first.pixels.round().to(torch.uint8))
    for one in passes[4:]:
        *_, alone = paint(one.recipe, photo, [stripes], encoder=encoder, init=begun)
        assert holds(whole.frame.pixels, alone.pixels.round())


def test_what_cells_have_in_common_is_measured_once(run, monkeypatch):
    measured = []

    def counted(*given, **guides):
        measured.append(given[0])
        return measure(*given, **guides)

    monkeypatch.setattr("stylize.tasks.sharing.measure", counted)
    axes = (Axis(option="strength", values=("20", "50")), Axis(option="tv", values=("0", "5")))
    *_, last = run(SWEEP.model_copy(update={"axes": axes, "steps": 1}))
    assert isinstance(last, Result)
    assert len(measured) == 1
    measured.clear()
    list(run(SWEEP.model_copy(update={"steps": 1})))
    assert sorted(recipe.style_scale for recipe in measured) == [0.5, 1]


@given(
    content=st.sampled_from([0.0, 1e-3, 1, 50]),
    style=st.sampled_from([1e-3, 300]),
    smooth=st.sampled_from([0.0, 3]),
)
@settings(max_examples=8, deadline=None)
def test_weights_given_afterwards_are_those_measured_with(encoder, content, style, smooth):
    picture = torch.rand(3, 64, 64, generator=torch.Generator().manual_seed(1)) * 255
    weights = {"content_weight": content, "style_weight": style, "total_variation": smooth}
    recipe = Transfer(**weights)
    there = measure(recipe, encoder, picture, [picture.flip(2)])
    later = reweighted(measure(Transfer(), encoder, picture, [picture.flip(2)]), recipe)
    x = picture.flip(1)
    (known, slope), (found, same) = evaluate(there, x), evaluate(later, x)
    assert {name: float(value) for name, value in known.items()} == {
        name: float(value) for name, value in found.items()
    }
    assert torch.equal(slope, same)


def test_a_sheet_that_shares_goes_on_to_the_same_bytes(run):
    pair = LONG.model_copy(update={"axes": LONG.axes[:1]})
    *events, whole = run(pair)
    saved = [event for event in events if isinstance(event, Checkpoint)]
    assert len(saved) == 2
    for checkpoint in saved:
        *_, last = run(pair, resume=checkpoint.state)
        assert torch.equal(last.frame.pixels, whole.frame.pixels)
        assert (last.frame.step, last.frame.steps) == (whole.frame.step, whole.frame.steps)


def test_frames_stay_as_they_were_while_the_sheet_grows(run):
    first, second = islice((event for event in run(SWEEP) if isinstance(event, Frame)), 2)
    assert not torch.equal(first.pixels, second.pixels)


def test_a_sheet_is_cancelled_between_two_steps(resources, photo, stripes):
    open_, evaluations = [], []

    @contextmanager
    def lent():
        open_.append(True)
        yield lambda *given: evaluations.append(given) or evaluate(*given)
        open_.pop()

    inputs = {"content": [photo], "style": [stripes], "start": [], "mask": []}
    events = tasks()[Sweep].run(SWEEP, inputs, replace(resources, evaluator=lent))
    next(events)
    assert open_
    so_far = len(evaluations)
    events.close()
    assert len(evaluations) == so_far
    assert so_far < 4


def test_a_study_paints_each_style_alone(run, encoder, photo, stripes):
    turned = type(stripes)(stripes.pixels.flip(2))
    recipe = Study(size=64, steps=2)
    *_, last = run(recipe, [stripes, turned])
    first, second = (
        list(paint(cell.recipe, photo, [style], encoder=encoder))[-1].pixels.round()
        for cell, style in zip(recipe.grid(2).cells, (stripes, turned), strict=True)
    )
    assert holds(last.frame.pixels, first)
    assert holds(last.frame.pixels, second)


def holds(sheet, picture):
    """Whether *picture* stands somewhere on *sheet*."""
    height, width = picture.shape[-2:]
    windows = sheet.unfold(1, height, 1).unfold(2, width, 1)
    corners = (windows[:, :, :, 0, 0] == picture[:, 0, 0][:, None, None]).all(0).nonzero()
    return any(torch.equal(windows[:, y, x], picture) for y, x in corners.tolist())


@pytest.mark.parametrize("size", ["64,96", "96,64"])
def test_paintings_of_several_sizes_are_shown_at_one(run, size):
    values = tuple(size.split(","))
    recipe = Sweep(steps=1, axes=(Axis(option="size", values=values),))
    *_, last = run(recipe)
    other = Sweep(steps=1, size=96, axes=(Axis(option="seed", values=("1", "2")),))
    *_, same = run(other)
    assert last.frame.pixels.shape == same.frame.pixels.shape


@pytest.mark.parametrize("broken", [{}, {"cells": 0}, {"cells": 4}, {"sheet": 1}, {"sheet": 0.5}])
def test_a_damaged_checkpoint_is_told_of_at_once(run, broken):
    state = dict(next(event for event in run(SWEEP) if isinstance(event, Checkpoint)).state)
    if not broken:
        state.clear()
    for name, value in broken.items():
        if name == "cells":
            state[name] = state[name] * 0 + value
        else:
            state[name] = state[name][:, 1:] if value == 1 else state[name] * value
    with pytest.raises(DamagedCheckpoint):
        run(SWEEP, resume=state)
