"""The loss of a work: what is kept of it, and the picture that is drawn of it."""

import io
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from stylize.frame import Frame
from stylize.media.curve import LossCurve, Mark
from stylize.media.plot import HEIGHT, WIDTH, LossPlot, describe

PIXELS = {0: torch.zeros(3, 24, 32), 1: torch.zeros(3, 48, 64)}
WEIGHTS = {"content": 2.0, "style": 300.0}


def frame(step: int, scale: int = 0, **losses: float) -> Frame:
    return Frame(step, 100, scale, 2, losses, PIXELS[scale], ends_scale=False, weights=WEIGHTS)


def curve(steps: int = 8, second: int = 5) -> LossCurve:
    """Two scales; the second begins with the step *second*."""
    found = LossCurve()
    for step in range(1, steps + 1):
        content, style = 0.5 / step, 0.1 / step
        total = 2 * content + 300 * style
        losses = {"content": content, "style": style, "total_variation": 0.0, "total": total}
        found.add(frame(step, int(step >= second), **losses))
    return found


def test_terms_are_as_they_count_and_sum_to_the_total():
    found = curve()
    assert list(found.terms) == ["total", "content", "style"]  # one that is always 0 is none
    assert found.terms["content"] == pytest.approx([1 / step for step in range(1, 9)])
    parts = zip(found.terms["content"], found.terms["style"], strict=True)
    assert found.terms["total"] == pytest.approx([sum(part) for part in parts])
    assert found.marks == [Mark(1, 32), Mark(5, 64)]


def test_a_work_without_losses_has_no_curve():
    found = LossCurve()
    found.add(frame(1))
    assert (found.steps, found.terms) == ([], {})
    with pytest.raises(ValueError, match="at least one step"):
        LossPlot({"": found})


def test_a_term_that_comes_later_was_0_before():
    found = LossCurve()
    found.add(frame(1, total=1.0))
    found.add(frame(2, total=1.0, style=0.5))
    assert found.terms == {"total": [1.0, 1.0], "style": [0.0, 150.0]}


@given(st.integers(1, 200), st.integers(2, 60))
def test_thinned_it_keeps_its_ends_and_its_order(steps, most):
    found = curve(steps)
    thin = found.thinned(most)
    assert len(thin.steps) == min(steps, most) == len(set(thin.steps))
    assert (thin.steps[0], thin.steps[-1]) == (1, steps)
    assert thin.steps == sorted(thin.steps)
    values = dict(zip(found.steps, found.terms["total"], strict=True))
    assert thin.terms["total"] == [values[step] for step in thin.steps]


@given(st.integers(0, 8))
def test_taken_up_again_it_is_the_same(before):
    found = LossCurve.restore(curve(before).state())
    for step in range(before + 1, 9):
        whole = curve()
        losses = {"content": 0.5 / step, "style": 0.1 / step, "total_variation": 0.0}
        losses["total"] = whole.terms["total"][step - 1]
        found.add(frame(step, int(step >= 5), **losses))
    assert found.state() == curve().state()


NO_STATES = [
    b"",
    b"[]",
    b"{}",
    b'{"steps": 3, "marks": [], "terms": {}}',
    b'{"steps": [1], "marks": []}',
    b'{"steps": [1], "marks": [], "terms": {"total": []}}',
    b'{"steps": [1], "marks": [[1]], "terms": {"total": [2]}}',
]


@pytest.mark.parametrize("state", NO_STATES)
def test_what_is_no_state_is_refused(state):
    with pytest.raises(ValueError, match="not the state of a curve"):
        LossCurve.restore(state)


def test_a_plot_is_a_png_and_the_same_bytes_for_the_same_curve():
    png = LossPlot({"": curve()}).png()
    image = Image.open(io.BytesIO(png))
    assert (image.format, image.size) == ("PNG", (WIDTH, HEIGHT))
    assert LossPlot({"": LossCurve.restore(curve().state())}).png() == png
    assert LossPlot({"": curve(7)}).png() != png


def test_a_single_step_and_losses_below_0_can_be_plotted():
    alone = LossPlot({"": curve(1)}).pixels(1)
    assert (alone < 100).any()
    rising = LossCurve()
    for step in range(1, 5):
        rising.add(frame(step, total=step - 2.5))
    assert Image.open(io.BytesIO(LossPlot({"": rising}).png())).size == (WIDTH, HEIGHT)


def test_a_plot_that_grows_keeps_its_axes_and_ends_as_the_whole():
    plot = LossPlot({"one": curve(), "two": curve()}, 520, 200)
    early, late = plot.pixels(2, 2).astype(int), plot.pixels(8, 8).astype(int)
    assert early.shape == (200, 520, 3)
    changed = np.abs(early - late).max(-1) > 60
    drawn = np.abs(late - 255).max(-1) > 60
    assert changed.any()
    assert (changed & ~drawn).mean() == 0  # nothing but what is drawn later differs
    whole = np.asarray(Image.open(io.BytesIO(plot.png())).convert("RGB"))
    differs = np.abs(whole.astype(int) - late).max(-1) > 60
    assert differs.mean() < 0.001  # where a line crosses words


def test_it_is_told_to_those_who_cannot_see_it():
    assert describe(curve()) == (
        "The loss from step 1 to 8 at 2 sizes: total from 31 to 3.88, content from 1 to 0.125, "
        "style from 30 to 3.75"
    )


def test_matplotlib_is_loaded_by_a_plot_alone():
    loaded = "import sys, bot.worker.painter, stylize.cli, bot.cli"
    script = f"{loaded}; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
