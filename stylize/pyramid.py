"""Coarse-to-fine: at which sizes a painting is worked on, and for how many steps each.

On a small picture a step costs little and its brush reaches far: an encoder's receptive field is
fixed in pixels. So the composition is settled small, and each finer scale adds its detail.
"""

import math
from dataclasses import dataclass

COARSEST = 192
"""Pixels; a scale below does not pay, measured in ``docs/method.md``."""

SMALLEST_OCTAVE = 64
"""Pixels, of a dream."""

EXPECTED = 85
"""Steps of a painting of one scale that ends by itself, on average."""


@dataclass(frozen=True)
class Scale:
    """One level of the pyramid."""

    index: int
    """0 is the coarsest."""
    size: int
    """The longer side, in pixels."""
    first: int
    """The number of steps before this scale."""
    steps: int

    @property
    def last(self) -> int:
        """The number of steps with which it ends."""
        return self.first + self.steps


def plan(size: int, steps: int) -> tuple[Scale, ...]:
    """Scales of doubling sizes that end at *size*, sharing *steps* between them.

    Each gets at least one step; too few steps for all leave out the coarsest.
    """
    sizes = [size]
    while sizes[0] // 2 >= COARSEST and len(sizes) < steps:
        sizes.insert(0, round(sizes[0] / 2))
    scales: list[Scale] = []
    first = 0
    for index, scale_size in enumerate(sizes):
        left = len(sizes) - index
        share = max(1, round((steps - first) / left))
        scales.append(Scale(index, scale_size, first, share))
        first += share
    return tuple(scales)


def expected_steps(scales: int) -> int:
    """How many steps each of so many scales may take that end by themselves.

    ``stylize/convergence.py`` has the rule, ``benchmarks/results/stopping.md`` the measurement.
    """
    return round(EXPECTED * math.pow(scales, -0.8))


def octaves(size: int, most: int, ratio: float, steps: int) -> tuple[Scale, ...]:
    """Up to *most* scales, each *ratio* times as large as the one before, that end at *size*.

    Each has *steps* steps. A scale below ``SMALLEST_OCTAVE`` is left out: nothing is left there
    that a deep layer could know again.
    """
    sizes = [round(size / ratio**power) for power in range(most)]
    kept = [size, *(one for one in sizes[1:] if one >= SMALLEST_OCTAVE)]
    return tuple(
        Scale(index, one, index * steps, steps) for index, one in enumerate(reversed(kept))
    )
