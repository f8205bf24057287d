"""The loss terms: closed forms, numerical gradients, and the paper's formulas word for word."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.autograd import gradcheck

from stylize.losses import (
    content_loss,
    gram_matrix,
    mean_loss,
    moments,
    regional_moments,
    style_loss,
    total_variation,
)


def random(*shape, seed=0, dtype=torch.float64):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def test_the_gram_matrix_of_channels_active_at_different_places_is_diagonal():
    features = torch.zeros(2, 2, 2)
    features[0, 0] = 3.0  # the upper row
    features[1, 1] = 1.0  # the lower row
    assert torch.equal(gram_matrix(features), torch.tensor([[18.0, 0], [0, 2]]) / 8)


def test_moments_are_the_gram_matrix_and_the_means():
    features = random(3, 4, 5)
    seen = moments(features)
    assert torch.equal(seen[:, :-1], gram_matrix(features))
    assert torch.allclose(seen[:, -1], features.mean((1, 2)))


def test_a_gram_matrix_forgets_where_things_are():
    features = random(4, 5, 6)
    moved = features.roll((2, 3), dims=(1, 2)).flip(1)
    assert torch.allclose(gram_matrix(features), gram_matrix(moved))


def test_a_gram_matrix_does_not_depend_on_the_size_of_the_picture():
    features = random(4, 5, 6)
    assert torch.allclose(gram_matrix(features), gram_matrix(features.repeat(1, 2, 3)))


def test_moments_are_the_mean_of_those_of_equal_parts():
    features = random(3, 8, 6)
    parts = [moments(part) for part in features.chunk(4, dim=1)]
    assert torch.allclose(moments(features), sum(parts) / 4)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 8), st.integers(1, 6), st.integers(1, 6), st.integers(0, 1000))
def test_a_gram_matrix_is_symmetric_and_positive_semidefinite(channels, height, width, seed):
    gram = gram_matrix(random(channels, height, width, seed=seed))
    assert torch.allclose(gram, gram.T)
    assert torch.linalg.eigvalsh(gram).min() > -1e-12


def test_equal_features_have_no_loss():
    features = random(3, 4, 5)
    assert content_loss(features, features) == 0
    assert style_loss(gram_matrix(features), gram_matrix(features)) == 0
    assert mean_loss(features[:, 0, 0], features[:, 0, 0]) == 0


def test_a_constant_distance_has_a_known_loss():
    zeros = torch.zeros(3, 4, 5)
    assert content_loss(zeros + 6, zeros) == 18  # ½·6²
    assert style_loss(torch.full((3, 3), 6.0), torch.zeros(3, 3)) == 9  # ¼·6²
    assert mean_loss(torch.full((3,), 6.0), torch.zeros(3)) == 18  # ½·6²


def test_a_constant_picture_has_no_variation():
    assert total_variation(torch.full((3, 4, 5), 77.0)) == 0


def test_a_ramp_varies_by_its_slopes():
    down, across = torch.meshgrid(torch.arange(4.0), torch.arange(5.0), indexing="ij")
    assert total_variation((3 * down + 2 * across)[None]) == 9 + 4


@pytest.mark.parametrize(
    ("function", "shapes"),
    [
        (moments, [(3, 4, 2)]),
        (moments, [(2, 3, 4, 2)]),
        (gram_matrix, [(3, 4, 2)]),
        (mean_loss, [(3,), (3,)]),
        (content_loss, [(3, 4, 2), (3, 4, 2)]),
        (style_loss, [(3, 3), (3, 3)]),
        (total_variation, [(3, 4, 5)]),
    ],
)
def test_gradients_are_those_of_finite_differences(function, shapes):
    inputs = [random(*shape, seed=seed) for seed, shape in enumerate(shapes)]
    assert gradcheck(function, [tensor.requires_grad_() for tensor in inputs])


@pytest.mark.parametrize(
    ("function", "shapes"),
    [
        (moments, [(3, 4, 2)]),
        (moments, [(2, 3, 4, 2)]),
        (content_loss, [(3, 4, 2), (3, 4, 2)]),
        (total_variation, [(3, 4, 2)]),
    ],
)
def test_guided_gradients_are_those_of_finite_differences(function, shapes):
    inputs = [random(*shape, seed=seed).requires_grad_() for seed, shape in enumerate(shapes)]
    weights = random(*shapes[0][:-3], *shapes[0][-2:], seed=9).abs()
    weights[..., 0, 0] = 0
    assert gradcheck(function, [*inputs, weights])


def test_moments_of_regions_are_those_by_each_guide_alone():
    """Of a batch, where the guides of one picture overlap and those of the other leave a gap."""
    features, weights = random(2, 3, 5, 4).requires_grad_(), random(2, 3, 5, 4, seed=1)
    weights = weights.clamp_min(0)
    weights[1, 2] = 0
    found = regional_moments(features, weights)
    assert found.shape == (2, 3, 3, 4)
    for picture in range(2):
        for region in range(3):
            by_one = moments(features[picture], weights[picture, region])
            assert torch.allclose(found[picture, region], by_one, rtol=1e-12)
    assert gradcheck(regional_moments, [features, weights])


def test_guided_moments_are_weighted_sums_index_by_index():
    features, weights = random(3, 4, 5), random(4, 5, seed=1).abs()
    expected = torch.zeros(3, 4, dtype=torch.float64)
    for row in range(4):
        for column in range(5):
            seen, weight = features[:, row, column], weights[row, column]
            expected[:, :-1] += weight * torch.outer(seen, seen) / (3 * 20)
            expected[:, -1] += weight * seen / 20
    assert torch.allclose(moments(features, weights), expected, rtol=1e-12)


def test_what_does_not_count_has_no_loss_and_no_gradient():
    features, target = random(3, 4, 6).requires_grad_(), random(3, 4, 6, seed=1)
    weights = torch.ones(4, 6, dtype=torch.float64)
    weights[:, 3:] = 0
    for loss in (
        content_loss(features, target, weights),
        moments(features, weights).sum(),
        total_variation(features, weights),
    ):
        (gradient,) = torch.autograd.grad(loss, features)
        assert (gradient[..., 3:] == 0).all()
        assert (gradient[..., :3] != 0).any()
    seen = total_variation(features, weights).item()
    assert seen == pytest.approx(total_variation(features[..., :3]).item(), rel=1e-12)
    assert total_variation(features, torch.zeros_like(weights)) == 0


@pytest.mark.parametrize(
    ("loss", "shape"), [(content_loss, (3, 4, 4)), (style_loss, (3, 3)), (mean_loss, (2, 3))]
)
def test_shapes_that_would_broadcast_are_refused(loss, shape):
    with pytest.raises(ValueError, match="shapes differ"):
        loss(torch.zeros(shape), torch.zeros((*shape[:-1], 1)))


def test_a_gram_matrix_needs_features_in_three_dimensions():
    with pytest.raises(ValueError, match=r"\(…, N, H, W\)"):
        gram_matrix(torch.zeros(4, 4))


def test_pictures_in_a_batch_do_not_meet():
    features, target = random(5, 3, 4, 6), random(5, 3, 4, 6, seed=1)
    for loss in (moments, total_variation):
        assert torch.allclose(loss(features), torch.stack([loss(one) for one in features]))
    both = zip(features, target, strict=True)
    assert torch.allclose(
        content_loss(features, target), torch.stack([content_loss(*pair) for pair in both])
    )


def test_halves_are_summed_in_float32():
    bright = torch.full((2, 300, 300), 200.0, dtype=torch.float16)  # 200²·300² overflows a half
    assert torch.equal(moments(bright), torch.tensor([[20_000.0, 20_000.0, 200.0]] * 2))


def test_losses_are_the_same_on_every_device(device):
    features, target = random(8, 9, 7, dtype=torch.float32), random(8, 9, 7, seed=1).float()
    for function in (moments, total_variation, lambda x: content_loss(x, target.to(x.device))):
        expected, found = function(features), function(features.to(device)).cpu()
        assert torch.allclose(expected, found, rtol=1e-5)
