"""The optimisers on losses whose minimum is known, and on losses that misbehave."""

from functools import partial
from itertools import pairwise

import pytest
import torch

from stylize import descent
from stylize.descent import BRIGHTEST, DARKEST, stuck
from stylize.evaluate import differentiate

OPTIMIZERS = pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])


def minimise(loss, *args):
    return descent.minimise(partial(differentiate, loss), *args)


def goal(device="cpu"):
    """A picture whose colours reach 60 beyond the box on both sides."""
    chance = torch.Generator().manual_seed(1)
    return (torch.rand(3, 12, 15, generator=chance) * 375 - 60).to(device)


def distance_to(wanted):
    """A quadratic bowl, three times steeper in one direction than in the others."""
    steepness = torch.ones_like(wanted)
    steepness[0] = 3.0
    return lambda pixels: {"total": (steepness * (pixels - wanted).square()).mean()}


def grey(device="cpu"):
    return torch.full((3, 12, 15), 128.0, device=device)


@OPTIMIZERS
def test_the_nearest_picture_in_the_box_is_found(optimizer, device):
    *_, last = minimise(distance_to(goal(device)), grey(device), 150, optimizer)
    assert torch.allclose(last.pixels, goal(device).clamp(0, 255), atol=0.5)


@OPTIMIZERS
def test_every_point_is_inside_the_box(optimizer):
    points = list(minimise(distance_to(goal()), grey(), 20, optimizer))
    assert len(points) == 20
    for point in points:
        assert point.pixels.min() >= DARKEST
        assert point.pixels.max() <= BRIGHTEST


@OPTIMIZERS
def test_losses_are_those_of_the_pixels_beside_them(optimizer):
    loss = distance_to(goal())
    for point in minimise(loss, grey(), 5, optimizer):
        assert point.total == loss(point.pixels)["total"].item()


def test_lbfgs_never_rises():
    def valley(pixels):  # Rosenbrock's, in rescaled colours: curved and ill-conditioned
        x = pixels / 64 - 2
        odd, even = x[:, :, 1::2], x[:, :, :-1:2]
        return {"total": (100 * (odd - even**2) ** 2 + (1 - even) ** 2).sum()}

    totals = [point.total for point in minimise(valley, grey()[:, :, :14] - 90, 60, "lbfgs")]
    assert all(later <= earlier for earlier, later in pairwise(totals))
    assert totals[-1] < totals[0] / 20


@OPTIMIZERS
@pytest.mark.parametrize("weight", [1e-24, 1e-6, 1e24])
def test_the_unit_of_the_loss_does_not_matter(optimizer, weight):
    plain = distance_to(goal())

    def weighted(pixels):
        return {"total": weight * plain(pixels)["total"]}

    *_, expected = minimise(plain, grey(), 15, optimizer)
    *_, found = minimise(weighted, grey(), 15, optimizer)
    assert torch.allclose(found.pixels, expected.pixels, atol=0.5)


@OPTIMIZERS
def test_cliffs_of_nan_are_walked_around(optimizer):
    wanted = torch.full((3, 12, 15), 200.0)

    def cliff(pixels):  # not a number as soon as the mean passes 180
        beyond = torch.where(pixels.mean() > 180, torch.nan, 1.0)
        return {"total": (pixels - wanted).square().mean() * beyond}

    points = list(minimise(cliff, grey(), 40, optimizer))
    assert all(point.sound and point.pixels.isfinite().all() for point in points)
    assert points[-1].pixels.mean() > 165


@OPTIMIZERS
def test_a_gradient_that_is_not_finite_is_not_followed(optimizer):
    def kink(pixels):  # √ has an infinite slope at 0, which the descent reaches
        return {"total": pixels.sqrt().mean()}

    points = list(minimise(kink, grey() - 100, 30, optimizer))
    assert all(point.pixels.isfinite().all() for point in points)
    assert points[-1].total < kink(grey() - 100)["total"]


@OPTIMIZERS
def test_a_start_at_the_minimum_stays_there(optimizer):
    for point in minimise(lambda pixels: {"total": 0 * pixels.sum()}, grey(), 3, optimizer):
        assert torch.equal(point.pixels, grey())


@OPTIMIZERS
def test_a_start_without_a_finite_loss_is_an_error(optimizer):
    with pytest.raises(FloatingPointError, match="start is not finite: use smaller weights"):
        minimise(lambda pixels: {"total": pixels.sum() * torch.nan}, grey(), 3, optimizer)


def test_only_colours_that_would_leave_the_box_are_stuck():
    canvas = torch.tensor([-9.0, -9.0, 0.0, 255.0, 300.0, 300.0, 100.0])
    uphill = torch.tensor([1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0])
    assert stuck(uphill, canvas).tolist() == [True, False, True, True, False, True, False]


def test_a_minimum_costs_no_further_looks():
    evaluated = []

    def flat(pixels):
        evaluated.append(1)
        return {"total": (pixels - 128).abs().mean()}  # its gradient never fades

    points = list(minimise(flat, grey() + 5, 100, "lbfgs"))
    assert points[-1].total < 0.05
    assert len(evaluated) < 60
