"""The loss of a work, step by step: what a plot and the room's live curve are drawn from."""

import json
from typing import NamedTuple, Self

import numpy as np

from stylize.frame import Frame


class Mark(NamedTuple):
    """Where a scale begins."""

    step: int
    """The first of the scale."""
    size: int
    """The longer side of its pictures, in pixels."""


class LossCurve:
    """The terms of the loss after each step, as they count in the total: weighted.

    A term that is 0 all the time, as one that a recipe does without, is none.
    """

    def __init__(self) -> None:
        self.steps: list[int] = []
        """The numbers of the steps that were seen, rising."""
        self.marks: list[Mark] = []
        self.all_terms: dict[str, list[float]] = {}
        """Also those that are 0 all the time."""

    @property
    def terms(self) -> dict[str, list[float]]:
        """The values of each term, one a step; the ``total`` comes first."""
        found = {name: values for name, values in self.all_terms.items() if any(values)}
        return dict(sorted(found.items(), key=lambda item: item[0] != "total"))

    def add(self, frame: Frame) -> None:
        """Note the losses of *frame*, whose step is later than those before."""
        if not frame.losses:
            return
        if frame.scale >= len(self.marks):
            self.marks.append(Mark(frame.step, max(frame.pixels.shape[-2:])))
        for name in frame.losses:
            self.all_terms.setdefault(name, [0.0] * len(self.steps))
        for name, values in self.all_terms.items():
            values.append(frame.weights.get(name, 1.0) * frame.losses.get(name, 0.0))
        self.steps.append(frame.step)

    def thinned(self, most: int) -> Self:
        """The same at *most* of its steps, evenly chosen; first and last are among them."""
        if len(self.steps) <= most:
            return self
        chosen = [round(index) for index in np.linspace(0, len(self.steps) - 1, most)]
        curve = type(self)()
        curve.steps = [self.steps[index] for index in chosen]
        curve.marks = self.marks
        curve.all_terms = {
            name: [values[index] for index in chosen] for name, values in self.all_terms.items()
        }
        return curve

    def state(self) -> bytes:
        """Everything that ``restore`` needs to go on with this curve in another process."""
        state = {"steps": self.steps, "marks": self.marks, "terms": self.all_terms}
        return json.dumps(state).encode()

    @classmethod
    def restore(cls, state: bytes) -> Self:
        """The curve that returned *state*. Raises ValueError when *state* is damaged."""
        try:
            read = json.loads(state)
            curve = cls()
            curve.steps = [int(step) for step in read["steps"]]
            curve.marks = [Mark(int(step), int(size)) for step, size in read["marks"]]
            curve.all_terms = {
                name: list(map(float, found)) for name, found in read["terms"].items()
            }
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"not the state of a curve: {error}") from error
        if any(len(values) != len(curve.steps) for values in curve.all_terms.values()):
            raise ValueError("not the state of a curve: its terms differ in length")
        return curve
