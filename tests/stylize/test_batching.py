"""Paintings that are evaluated together against the same paintings alone."""

import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from functools import partial

import pytest
import torch

from stylize import batching as module
from stylize.batching import Batcher
from stylize.descent import minimise
from stylize.evaluate import evaluate
from stylize.recipes import Texture, Transfer
from stylize.targets import measure, stack
from tests.patience import PATIENCE

RECIPES = (
    Transfer(),
    Transfer(content_weight=3, style_weight=7, mean_weight=0),
    Transfer(total_variation=0, style_layers=dict.fromkeys(Transfer().style_layers, 1.5)),
    Transfer(style_weight=1e4, total_variation=20, blend=(1, 3)),
)


def picture(seed, height=48, width=64):
    chance = torch.Generator().manual_seed(seed)
    return torch.rand(3, height, width, generator=chance) * 255


@pytest.fixture
def all_targets(encoder):
    """Of paintings that differ in everything but their shape."""
    return [
        measure(
            recipe,
            encoder,
            picture(index),
            [picture(10 + index), picture(20, 40, 40)][: len(recipe.blend) or 1],
        )
        for index, recipe in enumerate(RECIPES)
    ]


def ask(together, targets, pixels):
    """Every painting's evaluation at once, each from a thread of its own."""
    with ThreadPoolExecutor(len(targets)) as threads:
        return list(threads.map(together, targets, pixels))


def assert_seen_as_alone(targets, pixels, terms, gradient):
    expected, slope = evaluate(targets, pixels)
    assert set(terms) == set(expected)
    for name in expected:
        assert terms[name].item() == pytest.approx(expected[name].item(), rel=1e-4)
    assert torch.allclose(gradient, slope, rtol=1e-3, atol=1e-4 * slope.abs().max())


def test_a_batch_has_the_losses_and_gradients_of_its_parts(all_targets, evaluated):
    pixels = [picture(30 + index) for index in range(4)]
    with closing(Batcher()) as together, ExitStack() as joined:
        for _ in pixels:
            joined.enter_context(together.join())
        answers = ask(together, all_targets, pixels)
    # The one without total variation is seen apart: it need not be computed.
    assert sorted(evaluated) == [(3, 3, 48, 64), (3, 48, 64)]
    for targets, own, (terms, gradient) in zip(all_targets, pixels, answers, strict=True):
        assert_seen_as_alone(targets, own, terms, gradient)


@pytest.mark.parametrize(
    "recipe",
    [
        Transfer(statistics="covariance"),
        Transfer(content_layers=("relu3_1", "relu4_2")),
        Texture(),
    ],
    ids=["covariance", "two content layers", "texture"],
)
def test_paintings_of_every_kind_can_be_stacked(encoder, recipe):
    all_targets = [
        measure(
            recipe.model_copy(update={"style_weight": 10.0**index}),
            encoder,
            None if recipe.task == "texture" else picture(index),
            [picture(10 + index)],
        )
        for index in range(3)
    ]
    pixels = torch.stack([picture(30 + index) for index in range(3)])
    terms, gradients = evaluate(stack(all_targets), pixels)
    for index, targets in enumerate(all_targets):
        seen = {name: term[index] for name, term in terms.items()}
        assert_seen_as_alone(targets, pixels[index], seen, gradients[index])


def test_whole_descents_together_end_where_they_end_alone(all_targets):
    def descend(targets, evaluator, index):
        loss = partial(evaluator, targets)
        *_, last = minimise(loss, picture(index), 4, "lbfgs", targets.colours)
        return last

    def joined(together, index, targets):
        with together.join():
            return descend(targets, together, index)

    with closing(Batcher()) as together, ThreadPoolExecutor(4) as threads:
        found = list(threads.map(partial(joined, together), range(4), all_targets))
    for index, (targets, last) in enumerate(zip(all_targets, found, strict=True)):
        alone = descend(targets, evaluate, index)
        assert last.total == pytest.approx(alone.total, rel=1e-2)
        assert (last.pixels - alone.pixels).abs().mean() < 0.5


def test_paintings_of_other_shapes_are_seen_apart(encoder, evaluated):
    small = measure(Transfer(), encoder, picture(1), [picture(2)])
    large = measure(Transfer(), encoder, picture(1, 64, 80), [picture(2)])
    with closing(Batcher()) as together, together.join(), together.join():
        ask(together, [small, large], [picture(3), picture(3, 64, 80)])
    assert sorted(evaluated) == [(3, 48, 64), (3, 64, 80)]


def test_nobody_waits_long_for_a_painter_that_is_busy_elsewhere(all_targets):
    with closing(Batcher()) as together, together.join(), together.join():
        began = time.monotonic()
        for _ in range(5):
            terms, _ = together(all_targets[0], picture(3))
    assert terms["total"] > 0
    assert time.monotonic() - began < PATIENCE  # without end if it waited for the other


def test_a_mistake_reaches_the_painting_that_made_it(all_targets, encoder):
    wrong = measure(Transfer(), encoder, picture(1, 64, 80), [picture(2)])
    with closing(Batcher()) as together, together.join():
        with pytest.raises(ValueError, match="shapes differ"):
            together(wrong, picture(3))
        terms, _ = together(all_targets[0], picture(3))  # and not those after it
    assert terms["total"] > 0


def test_what_does_not_fit_at_once_is_seen_in_parts(all_targets, monkeypatch):
    evaluated, held = [], []

    def cramped(targets, pixels):
        evaluated.append(pixels.ndim)
        if pixels.ndim == 4:
            activations = torch.zeros(9)
            held.append(weakref.ref(activations))
            raise torch.OutOfMemoryError
        assert held[0]() is None  # or the second try would have no more room than the first
        return evaluate(targets, pixels)

    monkeypatch.setattr(module, "evaluate", cramped)
    monkeypatch.setattr(module, "PATIENCE", 20.0)
    with closing(Batcher()) as together, together.join(), together.join():
        for seed in (3, 4):
            answers = ask(together, all_targets[:2], [picture(seed), picture(seed + 2)])
            assert all(terms["total"] > 0 for terms, _ in answers)
    assert evaluated == [4, 3, 3, 3, 3]  # the second time it knows


@pytest.mark.parametrize("room", [1, 2, 3])
def test_nobody_is_forgotten_where_parts_do_not_fit_either(all_targets, monkeypatch, room):
    evaluated = []

    def cramped(targets, pixels):
        evaluated.append(pixels.shape[0] if pixels.ndim == 4 else 1)
        if evaluated[-1] > room:
            raise torch.OutOfMemoryError
        return evaluate(targets, pixels)

    monkeypatch.setattr(module, "evaluate", cramped)
    monkeypatch.setattr(module, "PATIENCE", 20.0)
    targets, pixels = [all_targets[0]] * 8, [picture(seed) for seed in range(8)]
    with closing(Batcher()) as together, ExitStack() as joined:
        for _ in pixels:
            joined.enter_context(together.join())
        for _ in range(2):
            began = len(evaluated)
            answers = ask(together, targets, pixels)
            assert len(answers) == 8
    assert max(evaluated[began:]) <= room  # the second time it knows


def test_a_single_painting_that_does_not_fit_is_told_so(all_targets, monkeypatch):
    def full(targets, pixels):
        raise torch.OutOfMemoryError

    monkeypatch.setattr(module, "evaluate", full)
    with (
        closing(Batcher()) as together,
        together.join(),
        pytest.raises(torch.OutOfMemoryError),
    ):
        together(all_targets[0], picture(3))


def test_large_pictures_are_seen_one_after_the_other(all_targets, evaluated, monkeypatch):
    monkeypatch.setattr(module, "SIDE", 60)  # of 64
    with closing(Batcher()) as together, together.join(), together.join():
        ask(together, all_targets[:2], [picture(3), picture(4)])
    assert evaluated == [(3, 48, 64), (3, 48, 64)]
