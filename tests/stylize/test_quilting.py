"""Quilting: pieces come from where they belong, and their seams run where they show least."""

from itertools import pairwise, product

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from stylize.quilting import boundary, follow, lay_out


def regions(height, width, seed, count=3):
    """A few large blots, of each region some."""
    chance = torch.Generator().manual_seed(seed)
    rough = torch.rand(1, count, 4, 4, generator=chance)
    smooth = torch.nn.functional.interpolate(rough, (height, width), mode="bilinear")
    found = smooth[0].argmax(0)
    found[0, :count] = torch.arange(count)
    return found


def picture(height, width, seed=0):
    return torch.rand(3, height, width, generator=torch.Generator().manual_seed(seed)) * 255


@given(st.integers(0, 99), st.integers(12, 40), st.integers(12, 40))
@settings(max_examples=5, deadline=None)
def test_every_place_comes_from_its_own_region(seed, height, width):
    source, target = regions(30, 26, seed), regions(height, width, seed + 1)
    layout = lay_out(picture(30, 26), source, target, seed)
    assert layout.shape == (2, height, width)
    assert torch.equal(source[layout[0], layout[1]], target)


def test_the_same_seed_lays_the_same_and_another_one_does_not():
    source, target, pixels = regions(30, 30, 1), regions(30, 30, 2), picture(30, 30)
    layout = lay_out(pixels, source, target, 0)
    assert torch.equal(layout, lay_out(pixels, source, target, 0))
    assert not torch.equal(layout, lay_out(pixels, source, target, 1))


def test_pieces_go_on_where_others_end():
    """Of a picture that repeats every eight places, quilting makes one that repeats as well."""
    y, x = torch.meshgrid(torch.arange(48), torch.arange(48), indexing="ij")
    pixels = torch.stack([x % 8 * 30.0, y % 8 * 30.0, x * 0.0])
    everywhere = torch.zeros(48, 48, dtype=torch.long)
    layout = lay_out(pixels, everywhere, everywhere, 3)
    laid = pixels[:, layout[0], layout[1]]
    assert torch.equal(laid[:, :, 8:], laid[:, :, :-8])
    assert torch.equal(laid[:, 8:], laid[:, :-8])


@given(st.lists(st.lists(st.integers(0, 50), min_size=3, max_size=3), min_size=4, max_size=4))
@settings(max_examples=60, deadline=None)
def test_the_boundary_is_the_path_of_least_error(rows):
    error = torch.tensor(rows, dtype=torch.float)
    behind = boundary(error, 5)
    at = (~behind).sum(1) - 1  # the last place before the new piece, row by row
    assert all(abs(int(a - b)) <= 1 for a, b in pairwise(at))
    paths = [path for path in product(range(3), repeat=4)
             if all(abs(a - b) <= 1 for a, b in pairwise(path))]  # fmt: skip
    least = min(sum(rows[n][column] for n, column in enumerate(path)) for path in paths)
    assert sum(rows[n][int(column)] for n, column in enumerate(at)) == least
    assert behind[:, 3:].all()


def test_a_layout_is_followed_in_any_size():
    source, target, pixels = regions(24, 24, 5), regions(20, 28, 6), picture(24, 24)
    layout = lay_out(pixels, source, target, 0)
    assert torch.equal(
        follow(layout, target, target, pixels, (24, 24)), pixels[:, layout[0], layout[1]]
    )
    fine = target.repeat_interleave(3, 0).repeat_interleave(3, 1)
    large = pixels.repeat_interleave(3, 1).repeat_interleave(3, 2)
    followed = follow(layout, target, fine, large, (24, 24))
    assert followed.shape == (3, 60, 84)
    assert torch.equal(followed[:, 1::3, 1::3], pixels[:, layout[0], layout[1]])


def test_a_finer_border_is_followed():
    """A layout in steps of eight, of two flat regions, along a slope: no step is to be seen."""
    y, x = torch.meshgrid(torch.arange(128), torch.arange(128), indexing="ij")
    fine = (2 * y > x + 40).long()
    coarse = fine[4::8, 4::8]
    source = (torch.arange(16)[:, None] > 7).long().expand(16, 16)
    pixels = torch.stack([source * 200.0] * 3)
    layout = lay_out(pixels, source, coarse, 0)
    followed = follow(layout, coarse, fine, pixels, (16, 16))
    assert (followed[0] != fine * 200).float().mean() < 0.005
    plain = follow(
        layout, coarse, coarse.repeat_interleave(8, 0).repeat_interleave(8, 1), pixels, (16, 16)
    )
    assert (plain[0] != fine * 200).float().mean() > 0.01


def test_a_region_that_is_nowhere_in_the_source_cannot_be_laid():
    with pytest.raises(ValueError, match="region 2"):
        lay_out(picture(8, 8), torch.zeros(8, 8).long(), torch.full((8, 8), 2), 0)
