"""The space of the descent: what its map does to waves and colours, and that it can be undone."""

import pytest
import torch

from stylize.preconditioner import Preconditioner

RUST = torch.tensor([[9.0, 5, 2], [5, 4, 1], [2, 1, 2]])


def twice(picture, colours):
    """The first guess at the inverse Hessian: S·S."""
    space = Preconditioner(picture.shape[-2:], colours)
    return space.scale(space.scale(picture))


def random(*shape, seed=2):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_the_map_is_linear_symmetric_and_positive():
    one, other = random(2, 3, 10, 13)
    scale = Preconditioner((10, 13), RUST).scale
    assert torch.allclose(scale(one + 2 * other), scale(one) + 2 * scale(other), atol=1e-4)
    assert torch.allclose((scale(one) * other).sum(), (one * scale(other)).sum(), atol=1e-3)
    assert (scale(one) * one).sum() > 0


@pytest.mark.parametrize("shape", [(10, 13), (16, 16), (17, 31), (1, 5)])
@pytest.mark.parametrize("colours", [RUST, torch.ones(3, 3), torch.zeros(3, 3)])
def test_scaling_can_be_undone(shape, colours):
    picture, space = random(3, *shape), Preconditioner(shape, colours)
    assert torch.allclose(space.unscale(space.scale(picture)), picture, atol=1e-4)


def test_a_wave_is_scaled_by_its_wavelength():
    wave = torch.sin(torch.arange(32.0) * 2 * torch.pi / 8).expand(3, 32, 32)
    assert torch.allclose(twice(wave, torch.eye(3)), 8 * wave, atol=1e-4)


def test_the_colours_that_are_expected_are_favoured():
    grey_only = torch.ones(3, 3)
    red = torch.zeros(3, 8, 8)
    red[0] = torch.sin(torch.arange(8.0))
    grey = red[:1].expand(3, 8, 8)
    assert twice(grey, grey_only).norm() > 3 * twice(grey - 3 * red, grey_only).norm()
    assert torch.allclose(twice(red, 5 * grey_only), twice(red, grey_only))
    assert twice(red, torch.zeros(3, 3)).norm() > 0
