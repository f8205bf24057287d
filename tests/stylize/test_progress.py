"""The bar of the shell: what is left of a work, by what its steps cost."""

import pytest
import torch

from stylize.frame import Frame
from stylize.progress import left_of
from stylize.recipes import Dream, Study, Sweep, Transfer


def frames(scales):
    steps = scales[-1].last
    for scale in scales:
        for step in range(scale.first + 1, scale.last + 1):
            last = step == scale.last
            yield Frame(step, steps, scale.index, len(scales), {}, torch.zeros(3, 1, 1), last)


@pytest.mark.parametrize(
    "recipe",
    [Transfer(size=1024, steps=100), Dream(size=300, octaves=3), Dream(size=1024, zoom=12)],
    ids=["painting", "dream", "fall"],
)
def test_what_is_done_and_what_is_left_are_the_whole_at_every_step(recipe):
    whole = sum(scale.steps * scale.size**2 for scale in recipe.scales)
    done = 0
    for frame in frames(recipe.scales):
        done += recipe.scales[frame.scale].size ** 2
        assert done + left_of(frame, recipe.scales) == whole
    assert done == whole


@pytest.mark.parametrize("recipe", [Sweep(), Study()])
def test_of_a_sheet_every_step_costs_the_same(recipe):
    frame = Frame(30, 900, 7, 9, {}, torch.zeros(3, 1, 1), False)
    assert left_of(frame, recipe.scales) == 870
