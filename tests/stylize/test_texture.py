"""What textures begin as: shuffled pieces of their styles, of each its share, without a seam."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from stylize import pyramid
from stylize.media.picture import Picture
from stylize.paint import paint
from stylize.quilting import lay_out
from stylize.recipes import Texture, options_of, usual_in
from stylize.tasks import tasks
from stylize.tasks.base import Checkpoint, Resources
from stylize.tasks.texture import CELLS, dealt, patched
from tests.stylize.test_seamless import seam


def patches(**fields):
    return Texture(**{"size": 96, "seamless": True, "init": "patches"} | fields)


def places(height, width):
    """A style whose every pixel tells where it is: red its column, green its row."""
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    return Picture(torch.stack([x, y, torch.full_like(x, 40)]).to(torch.uint8))


def flat(colour, alpha=None):
    return Picture(torch.tensor(colour, dtype=torch.uint8)[:, None, None].repeat(1, 40, 40), alpha)


@pytest.fixture
def resources(encoder):
    return Resources(torch.device("cpu"), lambda name, pooling: encoder, 10_000_000)


def run(resources, styles, resume=None, **fields):
    recipe = patches(**fields)
    return list(tasks()[Texture].run(recipe, recipe.assign(styles), resources, resume))


@pytest.mark.parametrize("seamless", [True, False])
def test_every_piece_is_of_the_style_and_goes_on_as_there(seamless):
    laid = patched(patches(seamless=seamless), [places(96, 96)]).int()
    assert laid.shape == (3, 96, 96)
    assert (laid[2] == 40).all()
    assert (laid[:2] < 96).all()
    neighbours = laid[:2, :, 1:] - laid[:2, :, :-1] == torch.tensor([1, 0])[:, None, None]
    assert 0.8 < neighbours.all(0).float().mean() < 1


@given(st.integers(0, 99))
@settings(max_examples=4)
def test_no_larger_part_of_the_style_is_copied(seed):
    """What a place of the layout is off by, against its place in the style, is a piece's own."""
    pixels = torch.rand(3, 96, 96, generator=torch.Generator().manual_seed(seed)) * 255
    everywhere = torch.zeros(96, 96)
    layout = lay_out(pixels, everywhere, everywhere, seed, shuffled=True)
    offsets = layout - torch.stack(torch.meshgrid([torch.arange(96)] * 2, indexing="ij"))
    _, areas = torch.unique(offsets.flatten(1), dim=1, return_counts=True)
    assert areas.max() <= 24**2
    assert len(areas) >= 16


def test_all_of_the_style_has_a_part():
    laid = patched(patches(), [places(96, 96)])
    quarters = {(int(x), int(y)) for x, y in (laid[:2].flatten(1).T // 24).tolist()}
    assert len(quarters) >= 15  # of the sixteen parts of the style


@pytest.mark.parametrize("style_scale", [0.5, 1])
def test_the_pieces_meet_at_the_sides(rings, style_scale):
    """The seam is no stronger than any other column; where they need not meet, it is."""

    def seams(*, seamless):
        recipes = [
            patches(seamless=seamless, seed=seed, style_scale=style_scale) for seed in range(4)
        ]
        return np.mean([seam(patched(recipe, [rings]).float()) for recipe in recipes])

    assert seams(seamless=True) < 1 < seams(seamless=False)


def test_the_seed_decides_what_is_laid(rings):
    first = patched(patches(seed=3), [rings])
    assert torch.equal(first, patched(patches(seed=3), [rings]))
    assert not torch.equal(first, patched(patches(seed=4), [rings]))


@given(st.lists(st.integers(1, 9), min_size=1, max_size=8), st.integers(0, 2**63 - 1))
def test_each_style_has_its_share_of_the_cells(blend, seed):
    shares = Texture(blend=tuple(map(float, blend))).shares(len(blend))
    cells = dealt(shares, seed)
    assert cells.shape == (CELLS, CELLS)
    found = torch.bincount(cells.flatten(), minlength=len(blend)) / CELLS**2
    for share, part in zip(shares, found.tolist(), strict=True):
        assert part == pytest.approx(share, abs=1.01 / CELLS**2)
    assert torch.equal(cells, dealt(shares, seed))


def test_a_blend_begins_with_pieces_of_each_style_as_far_as_it_has_a_share():
    red, blue = flat((200, 0, 0)), flat((0, 0, 200))
    laid = patched(patches(blend=(3, 1)), [red, blue])
    assert {tuple(one) for one in laid.flatten(1).T.tolist()} == {(200, 0, 0), (0, 0, 200)}
    assert (laid[0] == 200).float().mean() == pytest.approx(0.75)


def test_what_is_invisible_of_a_style_is_not_laid():
    alpha = torch.zeros(40, 40, dtype=torch.uint8)
    alpha[:20, :20] = 255
    pixels = flat((200, 0, 0)).pixels.clone()
    pixels[:, 20:] = pixels[:, :, 20:] = 90
    assert (patched(patches(), [Picture(pixels, alpha)])[1] == 0).all()
    around = torch.zeros(40, 40, dtype=torch.uint8)  # visible are two corners: no part to cut out
    around[:18, :18] = around[-2:, -2:] = 255
    pixels[:, -4:, -4:] = flat((200, 0, 0)).pixels[:, :4, :4]
    laid = patched(patches(), [Picture(pixels, around)])
    assert (laid[1] == 0).float().mean() > 0.95  # but where resizing mixes


@pytest.mark.parametrize("shape", [(16, 16), (16, 200), (300, 40)])
@pytest.mark.parametrize("style_scale", [0.25, 4])
def test_a_style_of_any_size_and_shape_will_do(shape, style_scale):
    recipe = patches(size=70, style_scale=style_scale)
    assert patched(recipe, [places(*shape)]).shape == (3, 64, 64)


def test_pieces_are_a_better_beginning_than_noise(resources, stripes):
    first = {
        init: run(resources, [stripes], init=init, steps=1)[0].losses["style"]
        for init in ("patches", "noise")
    }
    assert first["patches"] < first["noise"] / 2


def test_a_texture_goes_on_after_a_kill_as_if_it_had_never_stopped(
    resources, rings, stripes, monkeypatch
):
    monkeypatch.setattr(pyramid, "COARSEST", 48)
    events = run(resources, [rings, stripes], blend=(2, 1), steps=4)
    [saved] = [event for event in events if isinstance(event, Checkpoint)]
    resumed = run(resources, [rings, stripes], resume=saved.state, blend=(2, 1), steps=4)
    assert len(resumed) == 3  # two steps and the result
    assert torch.equal(resumed[-1].frame.pixels, events[-1].frame.pixels)


def test_what_people_ask_for_begins_with_pieces_and_what_was_written_before_with_noise():
    assert Texture.model_validate({"task": "texture", "size": 256}).init == "noise"
    assert usual_in(Texture)["init"] == "patches"
    assert options_of(Texture)["init"].choices == ("patches", "noise")


def test_pieces_are_not_forgotten(encoder, rings):
    with pytest.raises(ValueError, match="needs the pieces, laid out"):
        paint(patches(), None, [rings], encoder=encoder)
