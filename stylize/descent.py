"""Going downhill: L-BFGS and Adam over the pixels of a picture, always inside the box 0..255.

A saved picture holds 8 bits per channel. An optimiser that is free to leave 0..255 gains what
clipping then takes away; so here every point that is evaluated is a picture that could be saved.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from stylize.evaluate import Evaluate
from stylize.history import History
from stylize.preconditioner import Preconditioner
from stylize.recipes.style import Optimizer

DARKEST, BRIGHTEST = 0.0, 255.0

FIRST_STEP = 8.0
"""Mean change per colour value, in 0..255, of an L-BFGS step that has no history to go by."""
SUFFICIENT = 1e-4
"""c₁ of Armijo's condition; the usual value."""
BACKTRACK, TRIES = 0.3, 6
"""How much shorter each further try of a line search is, and how many there are."""

ADAM_RATE, ADAM_BETAS = 6.0, (0.9, 0.99)
"""Colour values per step, in 0..255, and the decays of Adam's two moments."""


@dataclass(frozen=True)
class Point:
    """A picture, its losses, and which way is up."""

    pixels: Tensor
    """(3, H, W) in 0..255."""
    losses: Mapping[str, float]
    gradient: Tensor
    """(3, H, W), of ``total``, in the unit of its ``Objective``."""
    sound: bool
    """Whether the loss and the whole gradient are finite."""

    @property
    def total(self) -> float:
        return self.losses["total"]


class Objective:
    """A loss with its gradient, in a unit in which the gradient's size is about 1.

    Weights may be anything from 1e-12 to 1e12; squared in float32, such gradients would overflow
    or vanish. The unit is the largest entry of the first gradient.
    """

    def __init__(self, evaluate: Evaluate) -> None:
        self.evaluate = evaluate
        self.unit = 0.0

    def __call__(self, pixels: Tensor) -> Point:
        terms, gradient = self.evaluate(pixels)
        peak = gradient.abs().max()  # NaN and infinity show in it
        *values, largest = torch.stack([*terms.values(), peak]).tolist()  # one wait for the GPU
        losses = dict(zip(terms, values, strict=True))
        self.unit = self.unit or largest
        sound = math.isfinite(losses["total"]) and math.isfinite(largest)
        return Point(pixels, losses, gradient / (self.unit or 1.0), sound)


def minimise(
    evaluate: Evaluate,
    start: Tensor,
    steps: int,
    optimizer: Optimizer,
    colours: Tensor | None = None,
) -> Iterator[Point]:
    """Yield *steps* points, each one optimiser iteration further down from *start*.

    *colours*, (3, 3), is a covariance of the colours to be expected; L-BFGS makes use of it.

    Nothing is carried over from an earlier call: the same *start*, (3, H, W) in 0..255, leads to
    the same points. A step that finds no better point, as at a minimum, yields the last one.

    Raises FloatingPointError when the loss of *start* is not finite.
    """
    objective = Objective(evaluate)
    point = objective(start.clamp(DARKEST, BRIGHTEST))
    if not point.sound:
        raise FloatingPointError("The loss of the start is not finite: use smaller weights.")
    if optimizer == "adam":
        return adam(objective, point, steps)
    if colours is None:
        colours = torch.eye(3)
    return lbfgs(objective, point, steps, Preconditioner(start.shape[-2:], colours.to(start)))


def adam(objective: Objective, point: Point, steps: int) -> Iterator[Point]:
    """Adam (Kingma & Ba, 2015, algorithm 1), each step clamped to the box.

    Where a step leads to a loss that is not finite, the moments are forgotten and the steps from
    there on are half as long.
    """
    rate, (decay1, decay2), age = ADAM_RATE, ADAM_BETAS, 0
    moment1, moment2 = torch.zeros_like(point.gradient), torch.zeros_like(point.gradient)
    for _ in range(steps):
        age += 1
        moment1 = torch.lerp(point.gradient, moment1, decay1)
        moment2 = torch.lerp(point.gradient.square(), moment2, decay2)
        spread = (moment2 / (1 - decay2**age)).sqrt() + 1e-8
        step = rate * moment1 / (1 - decay1**age) / spread
        found = objective((point.pixels - step).clamp(DARKEST, BRIGHTEST))
        if found.sound:
            point = found
        else:
            rate, age = rate / 2, 0
            moment1, moment2 = torch.zeros_like(moment1), torch.zeros_like(moment2)
        yield point


def lbfgs(
    objective: Objective, point: Point, steps: int, preconditioner: Preconditioner
) -> Iterator[Point]:
    """L-BFGS with a backtracking line search, on a canvas that is clamped to the box to be seen.

    Nocedal & Wright, *Numerical Optimization* (2006), algorithms 7.5 and 3.1. The canvas may reach
    beyond 0..255. Were it clamped too, each clamped colour would be a dent in a smooth stroke:
    paintings had specks in dark places. Beyond the box a colour follows the gradient only inwards,
    so that it neither strays nor is lost, as it would be to the gradient of clamping, which is 0.

    Steps and gradients are remembered as coefficients of *preconditioner*. The loss never rises.
    """
    canvas, history, step_size = point.pixels, History(point.pixels), FIRST_STEP
    for _ in range(steps):
        direction = search_direction(point, canvas, history, preconditioner, step_size)
        found = line_search(objective, point, canvas, direction)
        del direction  # where pictures are large, learning needs its memory
        if found is not None:
            history.learn(
                preconditioner.unscale(found[1] - canvas),
                preconditioner.scale(
                    projected_gradient(*found) - projected_gradient(point, canvas)
                ),
            )
            point, canvas = found
        elif history.empty:
            step_size = 0.0  # changes of 0.02 are too long: a minimum, as far as 8 bits tell
        else:
            canvas = point.pixels
            history.forget()
        yield point


def search_direction(
    point: Point,
    canvas: Tensor,
    history: History,
    preconditioner: Preconditioner,
    step_size: float,
) -> Tensor:
    """Where to look for a lower loss, (3, H, W); a step of mean size *step_size* while *history*
    is empty."""
    gradient = preconditioner.scale(projected_gradient(point, canvas))
    direction = -preconditioner.scale(history.precondition(gradient))
    if history.empty:
        # Projected gradient descent (Bertsekas, 1982): downhill for certain, if short enough.
        direction.masked_fill_(stuck(point.gradient, canvas), 0.0)
        direction *= step_size / direction.abs().mean().clamp_min(torch.finfo().tiny)
    return direction


def projected_gradient(point: Point, canvas: Tensor) -> Tensor:
    """The gradient, (3, H, W), but 0 where following it would take *canvas* out of the box."""
    return point.gradient.masked_fill(stuck(point.gradient, canvas), 0.0)


def stuck(gradient: Tensor, canvas: Tensor) -> Tensor:
    """(3, H, W) bool: where descent would take a colour out of the box, or further out."""
    low = (canvas <= DARKEST) & (gradient > 0)
    high = (canvas >= BRIGHTEST) & (gradient < 0)
    return low | high


def line_search(
    objective: Objective, point: Point, canvas: Tensor, direction: Tensor
) -> tuple[Point, Tensor] | None:
    """The first point along *direction*, and its canvas, whose loss is low enough (Armijo).

    Each of ``TRIES`` is shorter than the one before. Returns None when none will do.
    """
    for attempt in range(TRIES):
        share = BACKTRACK**attempt
        found = lower(objective, point, (canvas + share * direction).clamp_(DARKEST, BRIGHTEST))
        if found is not None:
            return found, canvas + share * direction  # made anew: evaluating needs the room
    return None


def lower(objective: Objective, point: Point, pixels: Tensor) -> Point | None:
    """The point at *pixels*, if it is as much lower than *point* as its slope promises."""
    slope = float((point.gradient * (pixels - point.pixels)).sum())
    if not slope < 0:  # clamping has bent the step uphill, or there is no step
        return None
    found = objective(pixels)
    enough = found.total <= point.total + SUFFICIENT * slope * objective.unit
    return found if found.sound and enough else None
