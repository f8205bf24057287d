"""Going downhill: L-BFGS and Adam over the pixels of a picture, always inside the box 0..255.

A saved picture holds 8 bits per channel. An optimiser that is free to leave 0..255 gains what
clipping then takes away; so here every point that is evaluated is a picture that could be saved.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from stylize.recipe import Optimizer

DARKEST, BRIGHTEST = 0.0, 255.0

MEMORY = 20
"""Pairs of (step, change of gradient) that L-BFGS remembers."""
REACH = 8.0
"""Mean change per colour value, in 0..255, of an L-BFGS step that has no memory to go by."""
SUFFICIENT = 1e-4
"""c₁ of Armijo's condition; the customary value."""
BACKTRACK, TRIES = 0.3, 6
"""How much shorter each further try of a line search is, and how many there are."""

ADAM_RATE, ADAM_BETAS = 6.0, (0.9, 0.99)
"""Colour values per step, in 0..255, and the decays of Adam's two moments."""

Loss = Callable[[Tensor], Mapping[str, Tensor]]
"""(3, H, W) pixels ─► scalar terms by name, among them ``total``, which is minimised."""


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
        sound = all(value - value == 0 for value in (losses["total"], largest))
        return Point(leaf.detach(), losses, gradient / (self.unit or 1.0), sound)


def minimise(loss: Loss, start: Tensor, steps: int, optimizer: Optimizer) -> Iterator[Point]:
    """Yield *steps* points, each one optimiser iteration further down from *start*.

    Nothing is carried over from an earlier call: the same *start*, (3, H, W) in 0..255, leads to
    the same points. A step that finds no better point, as at a minimum, yields the last one.

    Raises FloatingPointError when the loss of *start* is not finite.
    """
    objective = Objective(loss)
    point = objective(start.clamp(DARKEST, BRIGHTEST))
    if not point.sound:
        raise FloatingPointError(f"the loss of the start is not finite: {dict(point.losses)}")
    run = lbfgs if optimizer == "lbfgs" else adam
    return run(objective, point, steps)


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


def lbfgs(objective: Objective, point: Point, steps: int) -> Iterator[Point]:
    """L-BFGS with a backtracking line search, projected on the box.

    Nocedal & Wright, *Numerical Optimization* (2006), algorithms 7.5 and 3.1. Colours that stand
    at 0 or 255 and would be pushed out of the box are left out of a step altogether, as in
    Bertsekas's projected Newton method (1982); that keeps every direction one of descent.

    The loss never rises.
    """
    memory, reach = Memory(), REACH
    for _ in range(steps):
        free = ~stuck(point)
        gradient = point.gradient * free
        direction = -memory.precondition(gradient) * free
        if memory.empty:
            direction *= reach / direction.abs().mean().clamp_min(torch.finfo().tiny)
        found = line_search(objective, point, gradient, direction)
        if found is not None:
            memory.learn(
                (found.pixels - point.pixels) * free, (found.gradient - point.gradient) * free
            )
            point = found
        elif memory.empty:
            reach *= BACKTRACK**TRIES
        else:
            memory = Memory()
        yield point


def stuck(point: Point) -> Tensor:
    """(3, H, W) bool: where a colour is at a bound and descent would push it further out."""
    low = (point.pixels <= DARKEST) & (point.gradient > 0)
    high = (point.pixels >= BRIGHTEST) & (point.gradient < 0)
    return low | high


def line_search(
    objective: Objective, point: Point, gradient: Tensor, direction: Tensor
) -> Point | None:
    """The first point along *direction*, clamped to the box, that is low enough (Armijo).

    Returns None when none of ``TRIES`` ever shorter steps is, or when there is nowhere to go.
    """
    for attempt in range(TRIES):
        pixels = point.pixels + BACKTRACK**attempt * direction
        pixels = pixels.clamp(DARKEST, BRIGHTEST)
        slope = float((gradient * (pixels - point.pixels)).sum())
        if not slope < 0:
            return None
        found = objective(pixels)
        if found.sound and found.total <= point.total + SUFFICIENT * slope * objective.unit:
            return found
    return None


class Memory:
    """What L-BFGS knows of the inverse Hessian H: the last steps s and gradient changes y."""

    def __init__(self) -> None:
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
        result = smooth(gradient)
        if self._pairs:
            _, change, curvature = self._pairs[-1]
            result = result * (curvature / (change * smooth(change)).sum())
        for (step, change, curvature), weight in zip(self._pairs, reversed(weights), strict=True):
            result = result + (weight - (change * result).sum() / curvature) * step
        return result


def smooth(gradient: Tensor) -> Tensor:
    """Filter (3, H, W) by 1/f, f the spatial frequency: the first guess at the inverse Hessian.

    Natural pictures have a spectrum of about 1/f; descent over Fourier coefficients scaled by
    1/f^p (Olah, Mordvintsev & Schubert, *Feature Visualization*, 2017) is, in terms of pixels,
    descent with this filter, for p = ½. It settles large areas of colour at once that a plain
    gradient, mostly high frequencies, would reach last. Larger p suits photographs, smaller p
    prints with hard edges; ``docs/method.md`` has the measurements.
    """
    height, width = gradient.shape[-2:]
    down = torch.fft.fftfreq(height, device=gradient.device)[:, None]
    across = torch.fft.rfftfreq(width, device=gradient.device)
    frequency = torch.hypot(down, across).clamp_min(1 / max(height, width))
    spectrum = torch.fft.rfft2(gradient) / frequency
    smoothed: Tensor = torch.fft.irfft2(spectrum, s=(height, width))
    return smoothed
