"""Textures that repeat: a shift around changes nothing, and tiles see what the whole sees."""

from io import BytesIO

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pydantic import ValidationError

from stylize import pyramid
from stylize.encoders import load_encoder
from stylize.evaluate import evaluate
from stylize.frame import Frame
from stylize.guides import normalised, seeing_inside
from stylize.inputs import noise
from stylize.losses import moments, total_variation
from stylize.media.film import Film
from stylize.media.picture import resize, resize_around
from stylize.paint import paint
from stylize.recipes import Texture, Transfer, options_of, usual_in
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


def seam(pixels):
    """How much more opposite sides differ than neighbouring columns and rows do, in deviations of
    these: the mean of both directions."""
    found = []
    for one in (pixels, pixels.mT):
        change = (one - torch.roll(one, 1, -1)).abs().mean((0, 1))
        found.append((change[0] - change[1:].mean()) / change[1:].std())
    return float(sum(found) / 2)


def test_the_noise_that_a_texture_begins_with_has_no_seam():
    assert np.mean([seam(noise((64, 64), seed)) for seed in range(8)]) < 1


def test_the_seam_is_no_stronger_than_any_other_column(encoder, rings, monkeypatch):
    """At two scales; with sides it is much stronger."""
    monkeypatch.setattr(pyramid, "COARSEST", 24)

    def painted(*, seamless, seed):
        recipe = Texture(size=70, steps=16, seed=seed, style_scale=4, seamless=seamless)
        *_, last = paint(recipe, None, [rings], encoder=encoder)
        assert last.seamless is seamless
        return last.pixels

    with_sides, without = (
        [painted(seamless=seamless, seed=seed) for seed in (0, 1)] for seamless in (False, True)
    )
    assert {one.shape for one in with_sides} == {(3, 70, 70)}
    assert {one.shape for one in without} == {(3, 64, 64)}
    assert np.mean([seam(one) for one in without]) < 1 < np.mean([seam(one) for one in with_sides])


def test_places_of_a_style_that_see_its_sides_do_not_count(precise):
    """Whatever lies beyond the sides of a style, the target is the same."""
    style = picture(96, 96, seed=1)
    layers = {"relu1_2": 1, "relu2_1": 1}
    recipe = Texture(seamless=True, style_layers=layers)
    target = measure(recipe, precise, None, [style]).terms["style"].wanted
    margin = {"relu1_2": 2, "relu2_1": 4 // 2}
    beyond = torch.nn.functional.pad(style, (16, 16, 16, 16), value=255)
    for layer, found in target.items():
        [seen] = precise(beyond, [layer]).values()
        edge = 16 // precise.receptive_field(layer).stride + margin[layer]
        inside = seen[:, edge:-edge, edge:-edge]
        assert torch.allclose(found, moments(inside), rtol=1e-9)


def test_a_style_too_small_for_the_network_counts_in_its_middle(precise):
    found = seeing_inside(precise, ["relu5_1"], picture(64, 64), {})["relu5_1"]
    expected = torch.zeros(4, 4, dtype=torch.float64)
    expected[1:3, 1:3] = 4
    assert torch.equal(found, expected)


def test_a_style_that_is_visible_at_its_sides_alone_counts_there(precise):
    rim = torch.ones(8, 8)
    rim[1:7, 1:7] = 0
    found = seeing_inside(precise, ["relu4_1"], picture(64, 64), {"relu4_1": normalised(rim)})
    assert torch.allclose(found["relu4_1"], normalised(rim))


def test_a_film_shows_it_repeated():
    frame = Frame(1, 1, 0, 1, {"total": 1.0}, picture(64, 64).float(), True, seamless=True)
    film = Film()
    film.add(frame)
    shown = np.asarray(Image.open(BytesIO(film.encode(1_000_000))).convert("RGB"))
    assert shown.shape == (128, 128, 3)
    assert (shown[:64, :64] == shown[64:, 64:]).all()


def test_what_people_ask_for_is_seamless_and_what_was_written_before_is_not():
    assert not Texture.model_validate({"task": "texture", "size": 256}).seamless
    assert usual_in(Texture)["seamless"] is True
    assert options_of(Texture)["tile"].usual is True
    with pytest.raises(ValidationError):
        Transfer(seamless=True)
