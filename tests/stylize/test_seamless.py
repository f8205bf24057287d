"""Textures that repeat: a shift around the torus changes nothing, and tiles see what the whole sees."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from stylize import pyramid
from stylize.encoders import load_encoder
from stylize.evaluate import evaluate
from stylize.inputs import noise
from stylize.losses import total_variation
from stylize.media.picture import resize, resize_around
from stylize.paint import paint
from stylize.recipes import Texture
from stylize.recipes.layers import LAYERS
from stylize.recipes.style import WRAPS_AT
from stylize.targets import measure
from stylize.wrapping import around

DEEP = {"relu1_1": 0.4, "relu2_1": 0.2, "relu3_1": 0.2, "relu4_1": 0.2}
"""Down to where the reach, 34 pixels, leaves small tiles something to leave out."""


@pytest.fixture(scope="module")
def precise():
    return load_encoder("vgg19", dtype=torch.float64)


def picture(height, width, seed=0):
    chance = torch.Generator().manual_seed(seed)
    return torch.rand(3, height, width, generator=chance, dtype=torch.float64) * 255


def shifted(pixels, down, across):
    return torch.roll(pixels, (down, across), (-2, -1))


margins = st.tuples(st.integers(0, 5), st.integers(0, 5))


@given(margins, margins)
def test_beyond_each_side_lies_the_other(down, across):
    pixels = picture(5, 7)
    expected = np.pad(pixels.numpy(), ((0, 0), down, across), mode="wrap")
    assert torch.equal(around(pixels, down, across), torch.from_numpy(expected))


def test_the_gradient_finds_its_way_back_around():
    x = picture(4, 5).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: around(x, (2, 4), (0, 3)).sin(), x)


@pytest.mark.parametrize("name", ["vgg19", "lite"])
def test_features_move_with_the_picture(name):
    network = load_encoder(name, dtype=torch.float64) if name == "vgg19" else load_encoder(name)
    pixels = picture(64, 96)
    layers = [layer for layer in LAYERS[name] if not layer.startswith("conv")]
    seen = network(pixels, layers, wraps=True)
    moved = network(shifted(pixels, 16, 48), layers, wraps=True)
    sides = network(pixels, layers)
    for layer in layers:
        stride = network.receptive_field(layer).stride
        assert WRAPS_AT % stride == 0
        expected = shifted(seen[layer], 16 // stride, 48 // stride)
        assert torch.allclose(moved[layer], expected, rtol=1e-5, atol=1e-5)
        assert seen[layer].shape == sides[layer].shape
        assert not torch.allclose(seen[layer], sides[layer], rtol=1e-3)


def test_far_from_the_sides_nothing_changes(precise):
    pixels = picture(160, 160)
    margin = precise.receptive_field("relu3_1").margin // 4 + 1
    inner = (slice(None), slice(margin, -margin), slice(margin, -margin))
    one, other = (precise(pixels, ["relu3_1"], wraps=wraps)["relu3_1"] for wraps in (True, False))
    assert torch.allclose(one[inner], other[inner], rtol=1e-10)


@pytest.mark.parametrize("pooling", ["max", "average"])
def test_a_shifted_texture_has_the_same_loss_and_a_shifted_gradient(pooling):
    network = load_encoder("vgg19", pooling=pooling, dtype=torch.float64)
    targets = measure(Texture(seamless=True), network, None, [picture(80, 90, seed=1)])
    pixels = picture(96, 96, seed=2)
    terms, slope = evaluate(targets, pixels)
    moved, moved_slope = evaluate(targets, shifted(pixels, 16, 64))
    for name, term in terms.items():
        assert moved[name].item() == pytest.approx(term.item(), rel=1e-12)
    assert torch.allclose(moved_slope, shifted(slope, 16, 64), rtol=1e-9, atol=1e-15)
    with_sides = measure(Texture(), network, None, [picture(80, 90, seed=1)])
    other, _ = evaluate(with_sides, shifted(pixels, 16, 64))
    assert other["style"].item() != pytest.approx(evaluate(with_sides, pixels)[0]["style"].item())


def test_tiles_of_a_seamless_texture_see_what_the_whole_sees(precise):
    recipe = Texture(seamless=True, style_layers=DEEP)
    targets = measure(recipe, precise, None, [picture(80, 90, seed=1)])
    pixels = picture(80, 112, seed=2)
    terms, slope = evaluate(targets, pixels)
    by_tiles, tiled_slope = evaluate(targets, pixels, side=64)
    for name, term in terms.items():
        assert by_tiles[name].item() == pytest.approx(term.item(), rel=1e-10)
    assert torch.allclose(tiled_slope, slope, rtol=1e-7, atol=1e-7 * slope.abs().max())


def test_a_tile_may_reach_around_more_than_once(precise):
    """The margin of relu4_1, 40 pixels, is longer than the picture."""
    recipe = Texture(seamless=True, style_layers=DEEP)
    targets = measure(recipe, precise, None, [picture(80, 90, seed=1)])
    pixels = picture(32, 32, seed=2)
    terms, slope = evaluate(targets, pixels)
    by_tiles, tiled_slope = evaluate(targets, pixels, side=24)
    assert by_tiles["total"].item() == pytest.approx(terms["total"].item(), rel=1e-10)
    assert torch.allclose(tiled_slope, slope, rtol=1e-7, atol=1e-7 * slope.abs().max())


def test_variation_counts_what_meets_at_the_sides():
    ramp = torch.arange(4.0).expand(1, 3, 4)  # 0 1 2 3, and from 3 back to 0
    assert total_variation(ramp).item() == pytest.approx(1)
    assert total_variation(ramp, wraps=True).item() == pytest.approx((1 + 1 + 1 + 9) / 4)
    guide = torch.tensor([1.0, 1, 1, 0]).expand(3, 4)  # the last column is not seen
    assert total_variation(ramp, guide, wraps=True).item() == pytest.approx(1)


@given(st.sampled_from([16, 32, 48, 80]), st.sampled_from([16, 32, 64, 112]), st.integers(0, 79))
def test_resizing_knows_no_side(old, new, by):
    """A shift before is a shift behind, where both are whole pixels."""
    pixels = picture(old, old).float()
    step = old // np.gcd(old, new)
    by = by // step * step
    moved = resize_around(shifted(pixels, by, 0), (new, new))
    assert torch.allclose(
        moved, shifted(resize_around(pixels, (new, new)), by * new // old, 0), atol=1e-2
    )


@pytest.mark.parametrize(
    ("old", "new"), [((48, 48), (96, 96)), ((96, 96), (48, 48)), ((40, 33), (61, 33))]
)
def test_resizing_around_is_resizing_but_at_the_sides(old, new):
    pixels = picture(*old).float()
    whole, wrapped = resize(pixels, new), resize_around(pixels, new)
    assert wrapped.shape == whole.shape
    inner = (slice(None), slice(8, -8), slice(8, -8))
    assert torch.allclose(wrapped[inner], whole[inner], atol=1e-2)
    threefold = resize(pixels.repeat(1, 3, 3), (3 * new[0], 3 * new[1]))
    middle = threefold[:, new[0] : 2 * new[0], new[1] : 2 * new[1]]
    assert torch.allclose(wrapped, middle, atol=1e-2)


def seams(pixels):
    """Mean difference of neighbouring columns, (W,), of each column and the one before it."""
    return (pixels - torch.roll(pixels, 1, -1)).abs().mean((0, 1))


def test_the_noise_that_a_texture_begins_with_has_no_seam():
    found = seams(noise((128, 128), seed=3))
    assert found[0] < found[1:].mean() + 3 * found[1:].std()


def test_the_seam_is_no_stronger_than_any_other_column(encoder, rings, monkeypatch):
    """At two scales, of 32 and of 80 pixels."""
    monkeypatch.setattr(pyramid, "COARSEST", 40)
    *frames, last = paint(Texture(size=90, steps=24, seamless=True), None, [rings], encoder=encoder)
    assert frames[0].pixels.shape == (3, 32, 32)
    assert last.pixels.shape == (3, 80, 80)
    for one in (last.pixels, last.pixels.mT):
        found = seams(one)
        assert found[0] < found[1:].mean() + 2 * found[1:].std()
