"""Guides: what is invisible takes no part, exactly, at once and by tiles and in batches."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from stylize.colours import mean_and_covariance, recolour
from stylize.encoders import load_encoder
from stylize.evaluate import evaluate
from stylize.guides import guide_of, normalised, weights_at
from stylize.losses import moments
from stylize.recipes import Transfer
from stylize.targets import measure, stack

RECIPE = Transfer(
    content_weight=2,
    style_weight=50,
    total_variation=3,
    content_layers=("relu3_1", "relu4_2"),
    style_layers={"relu1_1": 1, "relu2_1": 0.5, "relu4_1": 0.1},
)


@pytest.fixture(scope="module")
def precise():
    """VGG-19 in float64: what remains between two ways of computing is a mistake."""
    return load_encoder("vgg19", dtype=torch.float64)


def picture(height, width, seed=0):
    chance = torch.Generator().manual_seed(seed)
    return torch.rand(3, height, width, generator=chance, dtype=torch.float64) * 255


def disc(height, width):
    """A guide with a soft rim: 1 in the middle, 0 at the corners."""
    down, across = torch.meshgrid(
        torch.linspace(-1, 1, height).double(), torch.linspace(-1, 1, width).double(), indexing="ij"
    )
    return (1.5 - 1.5 * torch.hypot(down, across)).clamp(0, 1)


def guided(encoder, recipe=RECIPE, shape=(97, 161), guide=disc, seed=1):
    return measure(
        recipe,
        encoder,
        picture(*shape, seed=seed),
        [picture(80, 90, seed=seed + 1)],
        guide=guide(*shape),
        style_guides=[guide(80, 90)],
    )


@pytest.mark.parametrize("level", [1.0, 0.3])
@pytest.mark.parametrize("statistics", ["gram", "covariance"])
def test_a_guide_that_is_the_same_all_over_changes_nothing(precise, level, statistics):
    recipe = RECIPE.model_copy(update={"statistics": statistics})
    even = guided(precise, recipe, guide=lambda *shape: torch.full(shape, level).double())
    plain = measure(recipe, precise, picture(97, 161, seed=1), [picture(80, 90, seed=2)])
    pixels = picture(97, 161, seed=3)
    (terms, gradient), (expected, slope) = evaluate(even, pixels), evaluate(plain, pixels)
    for name, term in expected.items():
        assert terms[name].item() == pytest.approx(term.item(), rel=1e-12)
    assert torch.allclose(gradient, slope, rtol=1e-9, atol=1e-12)


def test_a_guided_loss_is_the_weighted_sum_layer_by_layer(precise):
    """Against features, guides and sums written out anew."""
    content, style, pixels = picture(64, 96, 1), picture(80, 90, 2), picture(64, 96, 3)
    recipe = RECIPE.model_copy(update={"mean_weight": 0, "total_variation": 0})
    targets = measure(
        recipe, precise, content, [style], guide=disc(64, 96), style_guides=[disc(80, 90)]
    )

    def weights(guide, stride):
        height, width = (side // stride for side in guide.shape)
        cut = guide[: height * stride, : width * stride]
        means = cut.reshape(height, stride, width, stride).mean((1, 3))
        return means / means.sum()

    def gram(features, share):
        return torch.einsum("ahw,bhw,hw->ab", features, features, share)

    style_loss = content_loss = 0.0
    for layer, weight in recipe.style_layers.items():
        stride = precise.receptive_field(layer).stride
        wanted = gram(precise(style, [layer])[layer], weights(disc(80, 90), stride))
        found = gram(precise(pixels, [layer])[layer], weights(disc(64, 96), stride))
        style_loss += weight * (found - wanted).square().sum() / wanted.square().sum()
    for layer in recipe.content_layers:
        share = weights(disc(64, 96), precise.receptive_field(layer).stride)
        wanted, found = (precise(seen, [layer])[layer] for seen in (content, pixels))
        distance = (share * (found - wanted).square()).sum()
        content_loss += distance / (share * wanted.square()).sum()
    terms = targets.losses(pixels)
    assert terms["style"].item() == pytest.approx(style_loss.item(), rel=1e-10)
    assert terms["content"].item() == pytest.approx(content_loss.item(), rel=1e-10)


@pytest.mark.parametrize("shape", [(97, 161), (96, 160), (200, 50)])
@pytest.mark.parametrize("statistics", ["gram", "covariance"])
def test_guided_losses_and_gradients_of_tiles_are_those_of_the_whole(precise, shape, statistics):
    targets = guided(precise, RECIPE.model_copy(update={"statistics": statistics}), shape)
    pixels = picture(*shape, seed=3)
    terms, gradient = evaluate(targets, pixels)
    by_tiles, tiled_gradient = evaluate(targets, pixels, side=48)
    for name, term in terms.items():
        assert by_tiles[name].item() == pytest.approx(term.item(), rel=1e-10)
    assert torch.allclose(tiled_gradient, gradient, rtol=1e-7, atol=1e-7 * gradient.abs().max())


def test_guided_paintings_in_a_batch_are_seen_as_alone(precise):
    discs = [guided(precise, shape=(48, 64), seed=seed) for seed in (1, 5)]
    half = guided(precise, shape=(48, 64), guide=lambda h, w: (disc(h, w) > 0.5).double())
    pixels = torch.stack([picture(48, 64, seed) for seed in (7, 8, 9)])
    terms, gradients = evaluate(stack([*discs, half]), pixels)
    for index, targets in enumerate([*discs, half]):
        expected, slope = evaluate(targets, pixels[index])
        for name, term in expected.items():
            assert terms[name][index].item() == pytest.approx(term.item(), rel=1e-10)
        assert torch.allclose(gradients[index], slope, rtol=1e-8, atol=1e-12)


def test_only_paintings_with_guides_share_a_batch_with_one(precise):
    plain = measure(RECIPE, precise, picture(48, 64, 1), [picture(40, 40, 2)])
    styled = measure(
        RECIPE, precise, picture(48, 64, 1), [picture(40, 40, 2)], style_guides=[disc(40, 40)]
    )
    assert guided(precise, shape=(48, 64)).likeness != plain.likeness
    assert styled.likeness == plain.likeness  # its painting is visible all over


def test_moments_where_a_guide_is_1_are_those_of_that_part(precise):
    style = picture(64, 96, seed=2)
    guide = torch.zeros(64, 96, dtype=torch.float64)
    guide[16:48, 32:80] = 1
    for layer in ("relu1_1", "relu2_1", "relu4_1"):
        stride = precise.receptive_field(layer).stride
        features = precise(style, [layer])[layer]
        part = features[:, 16 // stride : 48 // stride, 32 // stride : 80 // stride]
        weights = weights_at(precise, [layer], guide)[layer]
        assert torch.allclose(moments(features, weights), moments(part), rtol=1e-10)


@given(
    height=st.integers(16, 70),
    width=st.integers(16, 70),
    seed=st.integers(0, 99),
    stripes=st.booleans(),
)
@settings(max_examples=30, deadline=None)
def test_weights_lie_over_features_and_have_a_mean_of_1(encoder, height, width, seed, stripes):
    guide = torch.rand(height, width, generator=torch.Generator().manual_seed(seed))
    guide[:, :: 2 if stripes else width] = 0
    layers = ["relu1_2", "relu2_1", "relu3_4", "relu4_2", "relu5_1"]
    features = encoder(torch.zeros(3, height, width), layers)
    for layer, weights in weights_at(encoder, layers, guide).items():
        assert weights.shape == features[layer].shape[-2:]
        assert weights.min() >= 0
        assert weights.mean().item() == pytest.approx(1, rel=1e-4)


def test_where_nothing_is_visible_all_places_count():
    assert guide_of(None, torch.device("cpu")) is None
    assert guide_of(torch.zeros(4, 4), torch.device("cpu")) is None
    assert torch.equal(normalised(torch.zeros(4, 4)), torch.ones(4, 4))


def test_colours_that_count_are_those_of_the_visible_part():
    pixels, guide = picture(20, 30, seed=1), torch.zeros(20, 30)
    guide[:, 10:] = 0.5
    found = mean_and_covariance(pixels, guide)
    for statistic, expected in zip(found, mean_and_covariance(pixels[..., 10:]), strict=True):
        assert torch.allclose(statistic, expected, rtol=1e-12)
    model = picture(9, 9, seed=2)
    recoloured = recolour(pixels, model, guide)
    assert torch.allclose(recoloured[..., 10:], recolour(pixels[..., 10:], model), atol=1e-3)
