"""Paintings that end by themselves: when, and how far they are said to be."""

import random
from itertools import accumulate, count, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stylize.convergence import SHARE, WINDOW, Convergence, Course
from stylize.pyramid import plan


def steps_until_reached(losses, share=SHARE):
    convergence = Convergence(share)
    for step, loss in enumerate(losses, start=1):
        convergence.add(loss)
        if convergence.reached:
            return step
    return None


def falling(limit=1.0, size=10.0):
    """Losses that near their *limit* as 1/k."""
    return (limit + size / step for step in count(1))


@pytest.mark.parametrize("ratio", [0.9, 0.99])
def test_a_geometric_fall_ends_at_once_or_never(ratio):
    """Each window wins the share 1 - ratio^WINDOW, be it the first or the hundredth."""
    share = 1 - ratio**WINDOW
    losses = [ratio**step for step in range(300)]
    assert steps_until_reached(losses, share * 1.001) == 2 * WINDOW
    assert steps_until_reached(losses, share * 0.999) is None


@given(st.floats(1e-12, 1e12), st.floats(1, 100))
def test_the_end_does_not_depend_on_the_unit_of_the_loss(unit, size):
    there = steps_until_reached(falling(1, size))
    assert abs(there - steps_until_reached(falling(unit, size * unit))) <= 1  # but for rounding


@given(st.floats(0.01, 1), st.floats(0.1, 1000))
def test_a_lower_share_never_ends_sooner(factor, size):
    assert steps_until_reached(falling(1, size), SHARE * factor) >= steps_until_reached(
        falling(1, size)
    )


def test_a_loss_that_does_not_move_has_nothing_to_gain():
    assert steps_until_reached([0.0] * 100) == 2 * WINDOW
    assert steps_until_reached([5.0] * 100) == 2 * WINDOW


@pytest.mark.parametrize("seed", range(5))
def test_noise_does_not_end_it_early(seed):
    """Adam's loss goes up and down from step to step, here by 3 %."""
    dice = random.Random(seed)
    smooth = [loss for loss, _ in zip(falling(), range(1000), strict=False)]
    noisy = [loss * (1 + 0.03 * dice.uniform(-1, 1)) for loss in smooth]
    end = steps_until_reached(noisy)
    assert end > 0.7 * steps_until_reached(smooth)
    assert noisy[end - 1] == min(noisy[end - WINDOW : end])


def test_it_does_not_end_on_a_bump():
    losses = [1.0] * 19 + [1.5, 1.4, 1.3, 1.2, 1.1, 1.0]
    assert steps_until_reached(losses) == len(losses)


@given(st.floats(1, 100))
def test_the_end_of_a_usual_fall_is_foreseen(size):
    end = steps_until_reached(falling(1, size))
    convergence = Convergence(SHARE)
    for step, loss in zip(range(1, end), falling(1, size), strict=False):
        convergence.add(loss)
        assert (convergence.expected is None) == (step < 2 * WINDOW)
        if step >= max(0.5 * end, 2 * WINDOW):
            assert convergence.expected == pytest.approx(end, rel=0.25)


def walk(losses, size, most):
    """(step, steps, scale) of a painting at *size*, and the course it was on."""
    scales = plan(size, most)
    course, told = Course(scales, auto=True), []
    for scale in scales:
        course.begin(scale)
        while True:
            course.advance(next(losses))
            told.append((course.tally.step, course.tally.steps, scale.index))
            assert course.guessed == (told[-1][0] < told[-1][1])
            if course.ends_scale:
                break
    return told


@given(
    st.randoms(use_true_random=False),
    st.floats(0.7, 1),
    st.sampled_from([64, 512, 2048]),
    st.integers(1, 600),
)
def test_what_is_said_to_be_done_never_falls_and_is_all_at_the_end_alone(dice, least, size, most):
    """Whatever the losses do: each is *least* to 1.05 of the one before."""
    told = walk(accumulate(count(1), lambda loss, _: loss * dice.uniform(least, 1.05)), size, most)
    assert [step for step, _, _ in told] == list(range(1, len(told) + 1))
    for (step, steps, _), (later, more, _) in pairwise(told):
        assert later / more >= step / steps
        assert step < steps
    assert told[-1][0] == told[-1][1] <= most
    assert told[-1][2] == len(plan(size, most)) - 1


@given(st.integers(64, 4096), st.integers(1, 5000))
def test_a_number_of_steps_is_followed_whatever_the_loss(size, steps):
    scales = plan(size, steps)
    course = Course(scales, auto=False)
    for scale in scales:
        course.begin(scale)
        for step in range(1, min(scale.steps, 30) + 1):
            course.advance(1.0)
            assert (course.tally.steps, course.guessed) == (steps, False)
            assert course.ends_scale == (step == scale.steps)
        course.tally.step = scale.last
    assert course.tally.step == steps
