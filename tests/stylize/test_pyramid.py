"""How sizes and steps are shared out between scales."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stylize.pyramid import COARSEST, plan
from stylize.recipes.style import LARGEST, SMALLEST


@given(st.integers(SMALLEST, LARGEST), st.integers(1, 5000))
def test_every_plan_climbs_to_the_full_size_and_uses_every_step(size, steps):
    scales = plan(size, steps)
    assert scales[-1].size == size
    assert [scale.index for scale in scales] == list(range(len(scales)))
    first = 0
    for scale in scales:
        assert scale.first == first
        assert scale.steps >= 1
        first += scale.steps
    assert first == steps
    for coarse, fine in pairwise(scales):
        assert fine.size / 2 == pytest.approx(coarse.size, abs=0.5)
        assert coarse.size >= COARSEST


def test_small_paintings_have_one_scale():
    assert [scale.size for scale in plan(2 * COARSEST - 2, 100)] == [2 * COARSEST - 2]


def test_few_steps_leave_out_the_coarsest_scales():
    assert [scale.size for scale in plan(1024, 2)] == [512, 1024]
    assert [scale.size for scale in plan(1024, 1)] == [1024]
