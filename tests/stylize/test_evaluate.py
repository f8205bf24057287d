"""Tile by tile against the whole picture: features, Gram matrices, losses, gradients."""

import pytest
import torch

from stylize.encoders import load_encoder
from stylize.evaluate import evaluate
from stylize.losses import moments
from stylize.recipes import Texture, Transfer
from stylize.targets import measure
from stylize.tiles import cut, features_of, mean_over

LAYERS = ["relu1_1", "relu2_1", "relu3_1", "relu4_2"]
"""Down to where the reach, 38 pixels, leaves small tiles something to leave out."""


@pytest.fixture(scope="module")
def precise():
    """VGG-19 in float64: what remains between two ways of computing is a mistake."""
    return load_encoder("vgg19", dtype=torch.float64)


def picture(height, width, seed=0):
    chance = torch.Generator().manual_seed(seed)
    return torch.rand(3, height, width, generator=chance, dtype=torch.float64) * 255


SHAPES = pytest.mark.parametrize("shape", [(96, 160), (97, 161), (200, 50), (111, 223)])


@SHAPES
def test_tiles_cover_the_picture_once(precise, shape):
    seen = torch.zeros(shape, dtype=torch.int)
    for tile in cut(shape, precise, LAYERS, side=48):
        assert tile.window(seen[None]).shape[-1] <= 48 + 8 + 2 * 40  # core, rounding, margins
        tile.part(seen, stride=1).add_(1)
    assert (seen == 1).all()


@SHAPES
def test_features_of_tiles_are_those_of_the_whole(precise, shape):
    pixels = picture(*shape)
    whole = precise(pixels, LAYERS)
    for layer, found in features_of(precise, pixels, LAYERS, side=48).items():
        assert found.shape == whole[layer].shape
        assert torch.allclose(found, whole[layer], rtol=1e-9, atol=1e-9)


@SHAPES
def test_moments_of_tiles_add_up_to_those_of_the_whole(precise, shape):
    pixels = picture(*shape)
    whole = precise(pixels, LAYERS)
    found, places = mean_over(precise, pixels, LAYERS, moments, side=48)
    for layer, seen in found.items():
        assert places[layer] == whole[layer][0].numel()
        assert torch.allclose(seen, moments(whole[layer]), rtol=1e-10)


@pytest.mark.parametrize("statistics", ["gram", "covariance"])
@pytest.mark.parametrize("variation", [0, 3.0])
def test_losses_and_gradients_of_tiles_are_those_of_the_whole(precise, statistics, variation):
    recipe = Transfer(
        content_weight=2,
        style_weight=50,
        total_variation=variation,
        statistics=statistics,
        content_layers=("relu3_1", "relu4_2"),
        style_layers={"relu1_1": 1, "relu2_1": 0.5, "relu4_1": 0.1},
    )
    targets = measure(recipe, precise, picture(97, 161, seed=1), [picture(80, 90, seed=2)])
    pixels = picture(97, 161, seed=3)
    terms, gradient = evaluate(targets, pixels)
    by_tiles, tiled_gradient = evaluate(targets, pixels, side=48)
    for name, term in terms.items():
        assert by_tiles[name].item() == pytest.approx(term.item(), rel=1e-10)
    assert torch.allclose(tiled_gradient, gradient, rtol=1e-7, atol=1e-7 * gradient.abs().max())


def test_a_texture_is_painted_in_tiles_too(precise):
    targets = measure(Texture(), precise, None, [picture(80, 90, seed=2)])
    pixels = picture(112, 112, seed=3)
    terms, gradient = evaluate(targets, pixels)
    by_tiles, tiled_gradient = evaluate(targets, pixels, side=64)
    assert by_tiles["total"].item() == pytest.approx(terms["total"].item(), rel=1e-10)
    assert torch.allclose(tiled_gradient, gradient, rtol=1e-7, atol=1e-7 * gradient.abs().max())


def test_tiles_suit_the_light_encoder_too():
    """Its strided layers pad on one side only and halve odd lengths down."""
    lite = load_encoder("lite")
    pixels = picture(97, 161, seed=3).float()
    targets = measure(
        Transfer(encoder="lite"),
        lite,
        picture(97, 161, seed=1).float(),
        [picture(80, 90, seed=2).float()],
    )
    terms, gradient = evaluate(targets, pixels)
    by_tiles, tiled_gradient = evaluate(targets, pixels, side=48)
    for name, term in terms.items():
        assert by_tiles[name].item() == pytest.approx(term.item(), rel=1e-4)
    assert torch.allclose(tiled_gradient, gradient, atol=1e-3 * gradient.abs().max())


def test_bfloat16_finds_the_same_losses_within_its_precision(encoder, device):
    half = load_encoder("vgg19", dtype=torch.bfloat16).to(device)
    content, style, pixels = (picture(96, 128, seed=seed).float() for seed in (1, 2, 3))
    exact, _ = evaluate(measure(Transfer(), encoder, content, [style]), pixels)
    targets = measure(Transfer(), half, content.to(device), [style.to(device)])
    rough, gradient = evaluate(targets, pixels.to(device))
    for name, term in exact.items():
        assert rough[name].item() == pytest.approx(term.item(), rel=0.03)
    assert gradient.dtype == torch.float32
