"""Going downhill: L-BFGS and Adam over the pixels of a picture, inside the box 0..255."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from stylize.recipe import Optimizer

MEMORY = 20
FIRST_STEP = 4.0
LONGEST = 40.0
ARMIJO = 1e-4
EXPONENT = 0.5


@dataclass(frozen=True)
class Point:
    pixels: Tensor
    losses: Mapping[str, float]
    gradient: Tensor

    @property
    def total(self) -> float:
        return self.losses["total"]


Objective = Callable[[Tensor], Point]


def evaluate(loss: Callable[[Tensor], dict[str, Tensor]], pixels: Tensor) -> Point:
    leaf = pixels.detach().requires_grad_()
    terms = loss(leaf)
    (gradient,) = torch.autograd.grad(terms["total"], leaf)
    names = list(terms)
    values = torch.stack([terms[n].detach() for n in names]).tolist()
    return Point(leaf.detach(), dict(zip(names, values, strict=True)), gradient)


def minimise(
    loss: Callable[[Tensor], dict[str, Tensor]], start: Tensor, steps: int, optimizer: Optimizer
) -> Iterator[Point]:
    run = lbfgs if optimizer == "lbfgs" else adam
    return run(lambda x: evaluate(loss, x), start.clamp(0, 255), steps)


def adam(objective: Objective, start: Tensor, steps: int) -> Iterator[Point]:
    lr, b1, b2 = 6.0, 0.9, 0.99
    point = objective(start)
    m = torch.zeros_like(start)
    v = torch.zeros_like(start)
    for step in range(1, steps + 1):
        m = b1 * m + (1 - b1) * point.gradient
        v = b2 * v + (1 - b2) * point.gradient.square()
        d = (m / (1 - b1**step)) / ((v / (1 - b2**step)).sqrt() + 1e-12)
        point = objective((point.pixels - lr * d).clamp(0, 255))
        yield point


def lbfgs(objective: Objective, start: Tensor, steps: int) -> Iterator[Point]:
    point = objective(start)
    memory: deque[tuple[Tensor, Tensor]] = deque(maxlen=MEMORY)
    h, w = start.shape[-2:]
    fy = torch.fft.fftfreq(h, device=start.device)[:, None]
    fx = torch.fft.rfftfreq(w, device=start.device)[None]
    f = (fy**2 + fx**2).sqrt().clamp_min(1 / max(h, w))
    scale = f ** (-2 * EXPONENT)

    def smooth(g: Tensor) -> Tensor:
        smoothed: Tensor = torch.fft.irfft2(torch.fft.rfft2(g) * scale, s=(h, w))
        return smoothed

    for _ in range(steps):
        g = point.gradient
        x = point.pixels
        free = ~(((x <= 0) & (g > 0)) | ((x >= 255) & (g < 0)))
        g = g * free
        d = -direction(g, memory, smooth) * free
        if not memory:
            d = d * (FIRST_STEP / d.abs().mean().clamp_min(1e-30))
        t = 1.0
        for _try in range(8):
            new = objective((x + t * d).clamp(0, 255))
            s = new.pixels - x
            if new.total <= point.total + ARMIJO * float((g * s).sum()):
                break
            t *= 0.3
        y = (new.gradient - point.gradient) * free
        s = s * free
        if float((s * y).sum()) > 1e-10 * float(y.square().sum()):
            memory.append((s, y))
        if new.total < point.total:
            point = new
        yield point


def direction(
    g: Tensor, memory: deque[tuple[Tensor, Tensor]], smooth: Callable[[Tensor], Tensor]
) -> Tensor:
    alphas = []
    for s, y in reversed(memory):
        a = (s * g).sum() / (s * y).sum()
        g = g - a * y
        alphas.append(a)
    q = smooth(g)
    if memory:
        s, y = memory[-1]
        q = q * (s * y).sum() / (y * smooth(y)).sum()
    for (s, y), a in zip(memory, reversed(alphas), strict=True):
        b = (y * q).sum() / (s * y).sum()
        q = q + (a - b) * s
    return q
