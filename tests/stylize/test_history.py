"""L-BFGS's memory against its definition: the BFGS formula, written out as matrices."""

import pytest
import torch

from stylize import history
from stylize.history import FEWEST, PAIRS, History


def pairs(count, size=12, seed=3):
    """Steps, and changes of the gradient of one quadratic along them."""
    chance = torch.Generator().manual_seed(seed)
    root = torch.randn(size, size, generator=chance, dtype=torch.float64)
    hessian = root @ root.T / size + torch.eye(size)
    steps = torch.randn(count, size, generator=chance, dtype=torch.float64)
    return steps, steps @ hessian


def dense(steps, changes):
    """H after BFGS updates of (sᵀy / yᵀy)·I, Nocedal & Wright's equation 6.17."""
    last = steps[-1] @ changes[-1] / (changes[-1] @ changes[-1])
    eye = torch.eye(steps.shape[1], dtype=torch.float64)
    inverse = last * eye
    for s, y in zip(steps, changes, strict=True):
        rho = 1 / (s @ y)
        left = eye - rho * torch.outer(s, y)
        inverse = left @ inverse @ left.T + rho * torch.outer(s, s)
    return inverse


@pytest.mark.parametrize("count", [1, 5, PAIRS, PAIRS + 7])
def test_the_memory_is_bfgs_over_the_last_pairs(count):
    steps, changes = pairs(count)
    remembered = History(steps[0])
    for step, change in zip(steps, changes, strict=True):
        remembered.learn(step, change)
    gradient = torch.linspace(-1, 1, 12, dtype=torch.float64)
    expected = dense(steps[-PAIRS:], changes[-PAIRS:]) @ gradient
    assert torch.allclose(remembered.precondition(gradient), expected, rtol=1e-8)


def test_the_secant_equation_holds(device):
    steps, changes = (rows.float().to(device) for rows in pairs(4))
    remembered = History(steps[0])
    for step, change in zip(steps, changes, strict=True):
        remembered.learn(step, change)
    assert torch.allclose(remembered.precondition(changes[-1]), steps[-1], atol=1e-4)  # H·y = s


def test_an_empty_memory_knows_nothing_better_than_the_gradient():
    gradient = torch.randn(3, 4, 5)
    assert torch.equal(History(gradient).precondition(gradient), gradient)


def test_negative_curvature_is_refused():
    remembered = History(torch.zeros(3, 4, 4))
    remembered.learn(torch.ones(3, 4, 4), -torch.ones(3, 4, 4))
    assert remembered.empty


def test_what_is_not_a_number_is_refused():
    remembered = History(torch.zeros(3))
    remembered.learn(torch.ones(3), torch.tensor([1.0, torch.nan, 1.0]))
    assert remembered.empty


def test_a_memory_that_forgets_is_as_new():
    steps, changes = pairs(PAIRS + 3)
    remembered, fresh = History(steps[0]), History(steps[0])
    for step, change in zip(steps, changes, strict=True):
        remembered.learn(step, change)
    remembered.forget()
    assert remembered.empty
    for either in (remembered, fresh):
        either.learn(steps[0], changes[0])
    assert torch.equal(remembered.precondition(steps[1]), fresh.precondition(steps[1]))


def test_a_refused_pair_pushes_no_other_out():
    steps, changes = pairs(PAIRS)
    remembered = History(steps[0])
    for step, change in zip(steps, changes, strict=True):
        remembered.learn(step, change)
    before = remembered.precondition(steps[0])
    remembered.learn(steps[0], -steps[0])
    assert torch.equal(remembered.precondition(steps[0]), before)


def test_a_large_picture_is_remembered_for_fewer_steps(monkeypatch):
    steps, changes = pairs(9)
    monkeypatch.setattr(history, "MOST_BYTES", 5 * 2 * 12 * 8)
    remembered = History(steps[0])
    for step, change in zip(steps, changes, strict=True):
        remembered.learn(step, change)
    expected = dense(steps[-5:], changes[-5:]) @ steps[0]
    assert torch.allclose(remembered.precondition(steps[0]), expected, rtol=1e-8)
    monkeypatch.setattr(history, "MOST_BYTES", 1)
    tight = History(steps[0])
    for step, change in zip(steps, changes, strict=True):
        tight.learn(step, change)
    expected = dense(steps[-FEWEST:], changes[-FEWEST:]) @ steps[0]
    assert torch.allclose(tight.precondition(steps[0]), expected, rtol=1e-8)
