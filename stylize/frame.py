"""What is seen of a painting while it is painted: one frame a step."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from torch import Tensor


@dataclass(frozen=True)
class Frame:
    """The state of a painting after one step."""

    step: int
    """1-based, counted over all scales."""
    steps: int
    """The total over all scales, or a guess at it: then ``step / steps`` never falls nevertheless,
    and is 1 in the last frame alone."""
    scale: int
    """0-based, the coarsest first."""
    scales: int
    losses: Mapping[str, float]
    """``content``, ``style``, ``total_variation``, unweighted, and the weighted ``total``."""
    pixels: Tensor
    """(3, h, w) float32 on the CPU, in 0..255. Not to be written to: painting goes on from it."""
    ends_scale: bool
    """The last frame of its scale: worth keeping as a ``Canvas``."""
    alpha: Tensor | None = None
    """(h, w) uint8 on the CPU: that of the content, where it is transparent somewhere."""
    guessed: bool = False
    """Whether ``steps`` is a guess."""
    weights: Mapping[str, float] = field(default_factory=dict)
    """What each of the losses counts for in the total: 1 where nothing is said."""
    seamless: bool = False
    """Whether opposite sides meet, so that it can be repeated."""


@dataclass(frozen=True)
class Canvas:
    """A finished scale. Resuming from it gives the same bytes as never having stopped."""

    scale: int
    pixels: Tensor
    """(3, h, w) float32, as in the frame that ended the scale."""
    step: int
    steps: int
    """Both as in that frame."""

    @classmethod
    def of(cls, frame: Frame) -> Self:
        """What is kept of the *frame* that ended its scale."""
        return cls(frame.scale, frame.pixels, frame.step, frame.steps)
