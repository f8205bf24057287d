"""How many steps a painting takes that has no number of them: until more gain too little.

A scale ends once its last ``WINDOW`` steps together have won less than a share of the loss, the
greater, the more scales there are: the dearer a step is, the more it has to win.
``docs/method.md`` says how that was chosen, ``benchmarks/results/stopping.md`` what it is worth.
"""

import math
from collections.abc import Sequence
from statistics import fmean

from stylize.pyramid import Scale, expected_steps

WINDOW = 10
"""Steps that are judged together."""
SHARE = 0.0225
"""Of the loss before them, what they have to win in a painting of one scale."""


def share(scales: int) -> float:
    """What ``WINDOW`` steps have to win in a painting of so many *scales*, 0 to 1.

    By the 1/k² of ``Convergence.expected`` each scale gets k · scales^-0.8 steps for the k of one.
    """
    return SHARE * math.pow(scales, 1.6)


class Convergence:
    """How near the descent of one scale is to winning less than *share*, by its losses.

    The loss of L-BFGS never rises, but Adam's does: so means are compared, of ``WINDOW`` steps and
    of those before, and the end is a step that is lower than the others in its window. Only losses
    count, so the same descent always ends at the same step.
    """

    def __init__(self, share: float) -> None:
        self._share = share
        self._losses: list[float] = []

    def add(self, loss: float) -> None:
        """Note the *loss* after one more step."""
        self._losses.append(loss)

    @property
    def steps(self) -> int:
        """How many there were."""
        return len(self._losses)

    @property
    def won(self) -> float:
        """The share of the loss that the last steps have won; infinite as long as it is unknown."""
        if self.steps < 2 * WINDOW:
            return math.inf
        before = fmean(self._losses[-2 * WINDOW : -WINDOW])
        return 1 - fmean(self._losses[-WINDOW:]) / before if before else 0.0

    @property
    def reached(self) -> bool:
        """Whether more steps gain too little."""
        return self.won < self._share and self._losses[-1] <= min(self._losses[-WINDOW:])

    @property
    def expected(self) -> int | None:
        """How many steps it will have been in the end; None as long as nothing is known.

        Where k steps bring a loss near its limit as 1/k does, what is won falls as 1/k², and is the
        share at k · √(won / share). Both windows have their middle ``WINDOW`` steps ago.
        """
        if self.won == math.inf:
            return None
        middle = self.steps - WINDOW
        return WINDOW + math.ceil(middle * math.sqrt(max(1, self.won / self._share)))


class Tally:
    """Counts steps, and says how many there will be: a guess by which step / steps never falls."""

    def __init__(self, step: int = 0, steps: int = 0) -> None:
        """After *step* of *steps*, where the work was taken up again."""
        self.step = step
        self.steps = steps
        """At least ``step``, and that only when nothing is left."""

    def count(self, guess: int) -> None:
        """Count one more step, when *guess* is thought to be the last one; it is, if it is this."""
        before, self.step = self.step, self.step + 1
        if guess > self.step and before:
            guess = min(guess, self.step * self.steps // before)
        self.steps = guess


class Course:
    """The way of a painting over its *scales*, and when each of them ends.

    With *auto*, at convergence, or after the steps planned for it; otherwise after these alone.
    """

    def __init__(self, scales: Sequence[Scale], *, auto: bool, tally: Tally | None = None) -> None:
        """*tally* has the steps before, where a painting goes on."""
        self.tally = tally or Tally()
        self._scales = scales
        self._auto = auto

    def begin(self, scale: Scale) -> None:
        """Go on with *scale*."""
        self._scale, self._begun = scale, self.tally.step
        self._convergence = Convergence(share(len(self._scales)))

    def advance(self, loss: float) -> None:
        """Take one more step, after which the loss is *loss*."""
        self._convergence.add(loss)
        self.tally.count(self._begun + self._expected() if self._auto else self._scales[-1].last)

    @property
    def ends_scale(self) -> bool:
        """Whether the scale ends with this step."""
        planned = self._convergence.steps == self._scale.steps
        return planned or (self._auto and self._convergence.reached)

    @property
    def guessed(self) -> bool:
        """Whether the number of all steps is a guess."""
        return self._auto and self.tally.step < self.tally.steps

    def _expected(self) -> int:
        """Steps of this scale and of those to come, which are thought to take as many each."""
        taken, later = self._convergence.steps, len(self._scales) - 1 - self._scale.index
        each = self._convergence.expected or expected_steps(len(self._scales))
        each = min(max(each, taken), self._scale.steps)
        if self.ends_scale:
            return taken + later * max(1, each)
        return max(each, taken + 1) + later * each
