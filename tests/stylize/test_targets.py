"""The whole loss against the paper's sums in float64, and how styles are blended."""

from dataclasses import replace

import pytest
import torch

from stylize.encoders import ReceptiveField
from stylize.losses import blended_styles, centre, gram_matrix, moments
from stylize.losses.term import mean_square
from stylize.recipes import Transfer
from stylize.targets import blended_colours, measure

SHALLOW, DEEP = "relu1_1", "relu2_1"


class Painter64:
    """An encoder of two small layers in float64, whose sizes differ from each other."""

    layers = (SHALLOW, DEEP)

    def receptive_field(self, layer):
        return {SHALLOW: ReceptiveField(1, 1), DEEP: ReceptiveField(2, 3)}[layer]

    def __init__(self):
        chance = torch.Generator().manual_seed(5)
        self.first = torch.randn(4, 3, 3, 3, generator=chance, dtype=torch.float64) / 20
        self.second = torch.randn(6, 4, 3, 3, generator=chance, dtype=torch.float64) * 300

    def __call__(self, pixels, layers, *, wraps=False):
        shallow = torch.conv2d(pixels[None], self.first, padding=1).tanh()
        deep = torch.conv2d(shallow, self.second, stride=2, padding=1).relu()
        found = {SHALLOW: shallow[0], DEEP: deep[0]}
        return {layer: found[layer] for layer in layers}


def picture(height, width, seed):
    chance = torch.Generator().manual_seed(seed)
    return torch.rand(3, height, width, generator=chance, dtype=torch.float64) * 255


def paper_loss(encoder, pixels, content, style, alpha, beta, weights):
    """Gatys, Ecker & Bethge (2016), equations 1 and 3 to 7, with their sums, index by index.

    *alpha* and *beta* hold the paper's factor of each layer. The style image is of the painting's
    size, as it is in the paper.
    """
    x, p, a = (encoder(picture, encoder.layers) for picture in (pixels, content, style))
    loss = pixels.new_zeros(())
    for layer, factor in alpha.items():
        loss = loss + factor * ((x[layer] - p[layer]) ** 2).sum() / 2
    for layer, factor in beta.items():
        n, m = x[layer].shape[0], x[layer][0].numel()
        gram = torch.einsum("ik,jk->ij", x[layer].reshape(n, m), x[layer].reshape(n, m))
        wanted = torch.einsum("ik,jk->ij", a[layer].reshape(n, m), a[layer].reshape(n, m))
        error = ((gram - wanted) ** 2).sum() / (4 * n**2 * m**2)
        loss = loss + factor * weights[layer] * error
    return loss


def test_losses_and_gradients_are_the_papers_through_the_mapping():
    encoder = Painter64()
    recipe = Transfer(
        content_weight=3,
        style_weight=700,
        mean_weight=0,
        total_variation=0,
        content_layers=(DEEP,),
        style_layers={SHALLOW: 0.7, DEEP: 0.2},
    )
    content, style = picture(10, 14, seed=1), picture(10, 14, seed=2)
    pixels = picture(10, 14, seed=3).requires_grad_()

    targets = measure(recipe, encoder, content, [style])
    ours = targets.losses(pixels)["total"]

    p, a = (encoder(seen, encoder.layers) for seen in (content, style))
    alpha = {DEEP: recipe.content_weight / (p[DEEP].square().sum() / 2)}
    beta = {}
    for layer, features in a.items():
        flat = features.flatten(1)
        error_of_nothing = (flat @ flat.T).square().sum() / (4 * flat.numel() ** 2)
        beta[layer] = recipe.style_weight / error_of_nothing
    theirs = paper_loss(encoder, pixels, content, style, alpha, beta, recipe.style_layers)

    assert ours.item() == pytest.approx(theirs.item(), rel=1e-12)
    (our_gradient,) = torch.autograd.grad(ours, pixels)
    (their_gradient,) = torch.autograd.grad(theirs, pixels)
    assert torch.allclose(our_gradient, their_gradient, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("weight", [0, 1.0, 7.0])
@pytest.mark.parametrize("statistics", ["gram", "covariance"])
def test_the_means_of_channels_weigh_in_by_their_relative_error(weight, statistics):
    encoder, layers = Painter64(), {SHALLOW: 0.7, DEEP: 0.2}
    recipe = Transfer(
        mean_weight=weight, statistics=statistics, content_layers=(DEEP,), style_layers=layers
    )
    style, pixels = picture(12, 8, seed=2), picture(10, 14, seed=3)
    expected = 0.0
    for layer, share in layers.items():
        x, a = (encoder(seen, layers)[layer].flatten(1) for seen in (pixels, style))
        gram, wanted = (
            torch.cov(flat, correction=0) if statistics == "covariance" else flat @ flat.T / m
            for flat, m in ((x, x.shape[1]), (a, a.shape[1]))
        )
        error = (gram - wanted).square().sum() / wanted.square().sum()
        mean, mean_wanted = x.mean(1), a.mean(1)
        means = (mean - mean_wanted).square().sum() / mean_wanted.square().sum()
        expected += share * (error + weight * means)
    found = measure(recipe, encoder, None, [style]).losses(pixels)["style"]
    assert found.item() == pytest.approx(expected.item(), rel=1e-10)


def test_a_painting_of_nothing_has_losses_of_one(encoder):
    recipe = Transfer(mean_weight=3, style_layers={"relu1_2": 0.75, "relu4_1": 0.25})
    targets = measure(recipe, encoder, picture(32, 32, 1).float(), [picture(40, 24, 2).float()])
    nothing = replace(
        targets, encoder=lambda x, layers, wraps: {k: 0 * v for k, v in encoder(x, layers).items()}
    )
    terms = nothing.losses(picture(32, 32, 3).float())
    assert terms["content"].item() == pytest.approx(1, rel=1e-5)
    assert terms["style"].item() == pytest.approx(1 + 3, rel=1e-4)


@pytest.mark.parametrize("factor", [0.5, 2.0, 10.0])
def test_louder_features_change_no_loss(factor):
    """A network whose features are all larger sees the same relative errors."""
    content, style, pixels = (picture(10, 14, seed=seed) for seed in (1, 2, 3))
    recipe = Transfer(content_layers=(DEEP,), style_layers={SHALLOW: 0.7, DEEP: 0.2})
    plain, loud = Painter64(), Painter64()
    loud.second = loud.second * factor
    terms, louder = (
        measure(recipe, encoder, content, [style]).losses(pixels) for encoder in (plain, loud)
    )
    for name, term in terms.items():
        assert louder[name].item() == pytest.approx(term.item(), rel=1e-12)


@pytest.mark.parametrize("level", [0, 124, 255])
def test_one_colour_all_over_gives_finite_losses(encoder, level):
    blank, busy = torch.full((3, 32, 32), float(level)), picture(32, 32, 1).float()
    recipe = Transfer(statistics="covariance")
    for content, style in ((blank, busy), (busy, blank), (blank, blank)):
        terms = measure(recipe, encoder, content, [style]).losses(busy)
        assert all(torch.isfinite(term) for term in terms.values())


def test_what_the_network_does_not_see_at_all_is_not_divided_by():
    blind = Painter64()
    blind.second = torch.zeros_like(blind.second)
    content, style = picture(10, 14, 1), picture(10, 14, 2)
    recipe = Transfer(content_layers=(DEEP,), style_layers={DEEP: 1.0}, total_variation=0)
    terms = measure(recipe, blind, content, [style]).losses(content)
    assert terms["content"] == terms["style"] == terms["total"] == 0


def test_total_variation_is_that_of_colours_up_to_one(encoder):
    """A chessboard's neighbours differ by 1 across and by 1 down."""
    fields = (torch.arange(8)[:, None] + torch.arange(8)) % 2
    recipe = Transfer(total_variation=1)
    targets = measure(recipe, encoder, picture(32, 32, 1).float(), [picture(32, 32, 2).float()])
    assert targets.pixel_terms["total_variation"].loss(255.0 * fields.expand(3, 8, 8)) == 2


def test_the_total_is_the_weighted_sum_of_the_terms(encoder):
    recipe = Transfer(content_weight=2, style_weight=30, total_variation=5)
    targets = measure(recipe, encoder, picture(32, 32, 1).float(), [picture(40, 24, 2).float()])
    terms = targets.losses(picture(32, 32, 3).float())
    assert list(terms) == ["content", "style", "total_variation", "total"]
    total = 2 * terms["content"] + 30 * terms["style"] + 5 * terms["total_variation"]
    assert terms["total"].item() == pytest.approx(total.item(), rel=1e-6)
    assert all(value > 0 for value in terms.values())


def test_the_content_itself_has_no_content_loss(encoder):
    content = picture(32, 32, 1).float()
    targets = measure(Transfer(), encoder, content, [picture(32, 32, 2).float()])
    assert targets.losses(content)["content"] == 0


def test_a_style_painted_on_its_own_has_no_style_loss(encoder):
    style = picture(32, 32, 1).float()
    terms = measure(Transfer(total_variation=0), encoder, None, [style]).losses(style)
    assert terms["style"] == 0
    assert terms["total"] == 0


def test_blended_moments_are_the_weighted_mean(encoder):
    one, other = picture(32, 32, 1).float(), picture(24, 40, 2).float()
    first = blended_styles(Transfer(), encoder, [one], [1])
    second = blended_styles(Transfer(), encoder, [other], [1])
    for layer, seen in blended_styles(Transfer(), encoder, [one, other], [0.75, 0.25]).items():
        assert torch.allclose(seen, 0.75 * first[layer] + 0.25 * second[layer], rtol=1e-5)


def test_expected_colours_are_the_covariance_of_the_styles(encoder):
    grey = torch.arange(64.0).view(1, 8, 8).expand(3, 8, 8)
    flat = torch.full((3, 8, 8), 80.0)
    colours = blended_colours([grey, flat], [0.25, 0.75])
    assert torch.allclose(colours, torch.full((3, 3), grey[0].var().item() / 4))


def test_targets_need_no_gradient(encoder):
    targets = measure(Transfer(), encoder, picture(32, 32, 1).float(), [picture(32, 32, 2).float()])
    for tensor in [
        *targets.terms["content"].wanted.values(),
        *targets.terms["style"].wanted.values(),
    ]:
        assert not tensor.requires_grad


def test_a_covariance_is_the_gram_matrix_of_centred_features():
    features = torch.randn(5, 6, 7, dtype=torch.float64) + 3
    mean = features.mean((-2, -1), keepdim=True)
    found = centre(moments(features))
    assert torch.allclose(found[:, :-1], gram_matrix(features - mean))
    assert torch.allclose(found[:, -1:], mean[..., 0])


def test_covariances_do_not_see_a_constant_added_to_a_channel():
    """Only the raw Gram matrix tells a bright picture from a dark one at the first layer."""
    encoder = Painter64()
    style, pixels = picture(10, 14, seed=2), picture(10, 14, seed=3)
    seen = encoder(style, [SHALLOW])[SHALLOW]
    assert not torch.allclose(gram_matrix(seen + 1), gram_matrix(seen))
    lifted = centre(moments(seen + 1))
    assert torch.allclose(lifted[:, :-1], centre(moments(seen))[:, :-1])
    recipe = Transfer(
        statistics="covariance", content_layers=(DEEP,), style_layers={SHALLOW: 1, DEEP: 1}
    )
    targets = measure(recipe, encoder, None, [style])
    assert targets.losses(style)["style"] == pytest.approx(0, abs=1e-20)
    assert targets.losses(pixels)["style"] > 0


def test_the_norm_of_a_large_picture_is_not_drowned_by_its_own_sum():
    features = torch.rand(128, 512, 512, generator=torch.Generator().manual_seed(0)).bfloat16()
    exact = torch.stack([channel.double().square().mean() for channel in features]).mean()
    assert mean_square(features, 3).item() == pytest.approx(exact.item(), rel=1e-4)
