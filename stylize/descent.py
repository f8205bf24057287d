"""Going downhill: L-BFGS and Adam over the pixels of a picture, always inside the box 0..255.

A saved picture holds 8 bits per channel. An optimiser that is free to leave 0..255 gains what
clipping then takes away; so here every point that is evaluated is a picture that could be saved.
"""

import math
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from stylize.recipe import Optimizer

DARKEST, BRIGHTEST = 0.0, 255.0

MEMORY = 20
"""Pairs of (step, change of gradient) that L-BFGS remembers."""
REACH = 8.0
"""Mean change per colour value, in 0..255, of an L-BFGS step that has no memory to go by."""
SUFFICIENT = 1e-4
"""c₁ of Armijo's condition; the usual value."""
BACKTRACK, TRIES = 0.3, 6
"""How much shorter each further try of a line search is, and how many there are."""

TRUST = 0.6
"""How much of the first guess at the Hessian follows the expected colours, 0 to 1."""

ADAM_RATE, ADAM_BETAS = 6.0, (0.9, 0.99)
"""Colour values per step, in 0..255, and the decays of Adam's two moments."""

Loss = Callable[[Tensor], Mapping[str, Tensor]]
"""(3, H, W) pixels ─► scalar terms by name, among them ``total``, which is minimised."""
Linear = Callable[[Tensor], Tensor]
"""(3, H, W) ─► (3, H, W): a symmetric, positive definite matrix, as what it does."""


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

    def __init__(self, loss: Loss) -> None:
        self.loss = loss
        self.unit = 0.0

    def __call__(self, pixels: Tensor) -> Point:
        leaf = pixels.detach().requires_grad_()
        # cuDNN is to choose algorithms by rule and not by race: the same bytes on every run.
        with torch.backends.cudnn.flags(enabled=True, deterministic=True):
            terms = self.loss(leaf)
            (gradient,) = torch.autograd.grad(terms["total"], leaf)
        peak = gradient.abs().max()  # NaN and infinity show in it
        *values, largest = torch.stack([*terms.values(), peak]).tolist()  # one wait for the GPU
        losses = dict(zip(terms, values, strict=True))
        self.unit = self.unit or largest
        sound = math.isfinite(losses["total"]) and math.isfinite(largest)
        return Point(leaf.detach(), losses, gradient / (self.unit or 1.0), sound)


def minimise(
    loss: Loss, start: Tensor, steps: int, optimizer: Optimizer, colours: Tensor | None = None
) -> Iterator[Point]:
    """Yield *steps* points, each one optimiser iteration further down from *start*.

    *colours*, (3, 3), is a covariance of the colours to be expected; L-BFGS makes use of it.

    Nothing is carried over from an earlier call: the same *start*, (3, H, W) in 0..255, leads to
    the same points. A step that finds no better point, as at a minimum, yields the last one.

    Raises FloatingPointError when the loss of *start* is not finite.
    """
    objective = Objective(loss)
    point = objective(start.clamp(DARKEST, BRIGHTEST))
    if not point.sound:
        raise FloatingPointError(f"the loss of the start is not finite: {dict(point.losses)}")
    if optimizer == "adam":
        return adam(objective, point, steps)
    if colours is None:
        colours = torch.eye(3, device=start.device)
    return lbfgs(objective, point, steps, partial(smooth, colours=colours.to(start.dtype)))


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


def lbfgs(objective: Objective, point: Point, steps: int, guess: Linear) -> Iterator[Point]:
    """L-BFGS with a backtracking line search, on a canvas that is clamped to the box to be seen.

    Nocedal & Wright, *Numerical Optimization* (2006), algorithms 7.5 and 3.1. The canvas may reach
    beyond 0..255. Were it clamped too, each clamped colour would be a dent in a smooth stroke:
    paintings had specks in dark places. Beyond the box a colour follows the gradient only inwards,
    so that it neither strays nor is lost, as it would be to the gradient of clamping, which is 0.

    *guess* is the first guess at the inverse Hessian. The loss never rises.
    """
    canvas, memory, reach = point.pixels, Memory(guess), REACH
    for _ in range(steps):
        held = stuck(point.gradient, canvas)
        gradient = point.gradient.masked_fill(held, 0.0)
        direction = -memory.precondition(gradient)
        if memory.empty:
            # Projected gradient descent (Bertsekas, 1982): downhill for certain, if short enough.
            direction.masked_fill_(held, 0.0)
            direction *= reach / direction.abs().mean().clamp_min(torch.finfo().tiny)
        found = line_search(objective, point, canvas, direction)
        if found is not None:
            point, moved = found
            uphill = point.gradient.masked_fill(stuck(point.gradient, moved), 0.0)
            memory.learn(moved - canvas, uphill - gradient)
            canvas = moved
        elif memory.empty:
            reach = 0.0  # changes of 0.02 are still too long: a minimum, as far as 8 bits can tell
        else:
            canvas, memory = point.pixels, Memory(guess)
        yield point


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
        moved = canvas + BACKTRACK**attempt * direction
        pixels = moved.clamp(DARKEST, BRIGHTEST)
        slope = float((point.gradient * (pixels - point.pixels)).sum())
        if not slope < 0:  # clamping has bent the step uphill, or there is no step
            continue
        found = objective(pixels)
        if found.sound and found.total <= point.total + SUFFICIENT * slope * objective.unit:
            return found, moved
    return None


class Memory:
    """What L-BFGS knows of the inverse Hessian H: the last steps s and gradient changes y."""

    def __init__(self, guess: Linear) -> None:
        self._guess = guess
        self._pairs: deque[tuple[Tensor, Tensor, Tensor]] = deque(maxlen=MEMORY)

    @property
    def empty(self) -> bool:
        return not self._pairs

    def learn(self, step: Tensor, change: Tensor) -> None:
        """Remember a pair, unless the curvature along it is not positive: H must stay so."""
        curvature = (step * change).sum()
        if float(curvature) > 1e-10 * float(change.square().sum()):
            self._pairs.append((step, change, curvature))

    def precondition(self, gradient: Tensor) -> Tensor:
        """H·*gradient* by the two-loop recursion, Nocedal & Wright's algorithm 7.4."""
        weights = []
        for step, change, curvature in reversed(self._pairs):
            weight = (step * gradient).sum() / curvature
            gradient = gradient - weight * change
            weights.append(weight)
        result = self._guess(gradient)
        if self._pairs:
            _, change, curvature = self._pairs[-1]
            result = result * (curvature / (change * self._guess(change)).sum())
        for (step, change, curvature), weight in zip(self._pairs, reversed(weights), strict=True):
            result = result + (weight - (change * result).sum() / curvature) * step
        return result


def smooth(gradient: Tensor, colours: Tensor) -> Tensor:
    """The first guess at the inverse Hessian: filter (3, H, W) by 1/f and mix it by *colours*.

    Natural pictures have a spectrum of about 1/f, f the spatial frequency. Descent over Fourier
    coefficients scaled by 1/√f and over decorrelated colours (Olah, Mordvintsev & Schubert,
    *Feature Visualization*, 2017) is, in terms of pixels, descent with this filter and the
    covariance of the colours. It settles areas of colour at once that a plain gradient, mostly
    high frequencies in all colours, would reach last; ``docs/method.md`` has the measurements.

    Where *colours*, (3, 3), knows of one colour only, the others keep a share, or they would never
    be painted.
    """
    height, width = gradient.shape[-2:]
    down = torch.fft.fftfreq(height, device=gradient.device)[:, None]
    across = torch.fft.rfftfreq(width, device=gradient.device)
    frequency = torch.hypot(down, across).clamp_min(1 / max(height, width))
    spectrum = torch.fft.rfft2(gradient) / frequency
    smoothed = torch.fft.irfft2(spectrum, s=(height, width))
    unit = colours / (colours.trace() / 3).clamp_min(torch.finfo().tiny)
    mixed = TRUST * unit + (1 - TRUST) * torch.eye(3, device=colours.device)
    return torch.einsum("ij,jhw->ihw", mixed, smoothed)
