"""The measures of the benchmarks, where their value is known beforehand."""

import pytest
import torch

from benchmarks._ours import matched
from benchmarks.judge import (
    CONTENT_LAYER,
    GRAM_LAYERS,
    DeliveredLoss,
    content_distance,
    similarity,
    style_distance,
)
from stylize.encoders import load_encoder
from stylize.media.picture import Picture
from stylize.targets import measure


@pytest.fixture(scope="module")
def encoder():
    return load_encoder("vgg19")


def picture(seed, height=48, width=64):
    """Smooth colours, 8 bits."""
    coarse = torch.rand(1, 3, 6, 8, generator=torch.Generator().manual_seed(seed)) * 255
    return torch.nn.functional.interpolate(coarse, (height, width), mode="bilinear")[0].byte()


def test_a_picture_in_its_own_style_is_perfect(encoder):
    same = picture(0)
    assert DeliveredLoss(same, same, encoder)(same) == 0
    assert style_distance(same, same, encoder, GRAM_LAYERS) == 0
    assert content_distance(same, same, encoder, CONTENT_LAYER) == 0
    assert similarity(same, same) == pytest.approx(1, abs=1e-12)


def test_the_delivered_loss_is_what_ours_minimises_beside_the_peers(encoder):
    painting, content, style = picture(0), picture(1), picture(2, 40, 40)
    recipe = matched(Picture(content), Picture(style), encoder)
    targets = measure(recipe, encoder, content.float(), [style.float()])
    found = DeliveredLoss(content, style, encoder)(painting)
    assert found == pytest.approx(float(targets.losses(painting.float())["total"]), rel=1e-5)


def test_without_features_both_distances_are_one():
    def blind(pixels, layers):
        bright = float(pixels.float().mean() > 100)
        return {layer: torch.full((2, 3, 3), bright) for layer in layers}

    dark, light = torch.zeros(3, 16, 16), torch.full((3, 16, 16), 200.0)
    assert style_distance(dark, light, blind, ["a", "b"]) == 1
    assert content_distance(dark, light, blind) == 1


def test_more_of_another_picture_is_further_from_the_content(encoder):
    content, other = picture(4).float(), picture(5).float()
    mixed = (content.lerp(other, share) for share in (0.2, 0.5, 1))
    distances = [content_distance(pixels, content, encoder, CONTENT_LAYER) for pixels in mixed]
    assert 0 < distances[0] < distances[1] < distances[2]


def test_similarity_is_symmetric_and_falls_with_noise():
    clean = picture(3)
    noise = torch.randn(clean.shape, generator=torch.Generator().manual_seed(0))
    little, much = ((clean + spread * noise).clamp(0, 255).byte() for spread in (5, 50))
    assert similarity(clean, much) == pytest.approx(similarity(much, clean), abs=1e-12)
    assert 1 > similarity(clean, little) > similarity(clean, much) > 0


def test_similarity_of_two_greys_is_that_of_their_luminances():
    dark, light = torch.full((3, 20, 20), 100), torch.full((3, 20, 20), 150)
    c1 = (0.01 * 255) ** 2
    expected = (2 * 100 * 150 + c1) / (100**2 + 150**2 + c1)
    assert similarity(dark, light) == pytest.approx(expected, abs=1e-9)


def test_a_negative_is_dissimilar():
    waves = (127.5 + 100 * torch.sin(torch.arange(64) * 0.9)).expand(3, 48, 64)
    assert similarity(waves, 255 - waves) < -0.8
