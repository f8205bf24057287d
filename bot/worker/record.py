"""What is kept of the frames of a work: the film of it, and its loss."""

import io
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from bot.model import Wishes
from stylize.frame import Frame
from stylize.media.curve import LossCurve
from stylize.media.film import Film
from stylize.media.video import can_encode, encode_video
from stylize.tasks.base import Checkpoint, DamagedCheckpoint, Made, State

NO_LOSS = "This work has no loss to plot."


@dataclass
class Record:
    """Grows with each frame; saved with a checkpoint, it goes on as if nothing had happened."""

    wishes: Wishes
    film: Film = field(default_factory=Film)
    curve: LossCurve = field(default_factory=LossCurve)

    def add(self, frame: Frame) -> None:
        """Take what is to be kept of *frame*."""
        if self.wishes.film:
            self.film.add(frame)
        self.curve.add(frame)

    def files(self, max_bytes: int, made: Sequence[Made]) -> list[Made]:
        """What was wished, each of at most *max_bytes*, but for what the work *made* itself."""
        files = []
        if self.wishes.film and self.film.kept:
            files.append(Made("film", self.film.encode(max_bytes), ".gif"))
        if self.wishes.plot and self.curve.steps:
            from stylize.media.plot import LossPlot, describe  # loads matplotlib

            files.append(
                Made("plot", LossPlot({"": self.curve}).png(), ".png", describe(self.curve))
            )
        roles = {one.role for one in made}
        return [file for file in files if file.role not in roles]

    @property
    def notes(self) -> tuple[str, ...]:
        """What the person should know of what was wished."""
        return (NO_LOSS,) if self.wishes.plot and not self.curve.steps else ()

    def save(self, checkpoint: Checkpoint) -> bytes:
        """*checkpoint*, and this with it."""
        buffer = io.BytesIO()
        own = {"film": self.film.state(), "curve": self.curve.state()}
        arrays = {name: np.frombuffer(state, dtype=np.uint8) for name, state in own.items()}
        np.savez(buffer, **arrays, **checkpoint.state)  # type: ignore[arg-type]
        return buffer.getvalue()

    @classmethod
    def restore(cls, checkpoint: bytes, wishes: Wishes) -> tuple[State, Self]:
        """Where to go on from. Raises DamagedCheckpoint."""
        try:
            with np.load(io.BytesIO(checkpoint), allow_pickle=False) as saved:
                state = dict(saved)
            film = Film.restore(state.pop("film").tobytes())
            curve = LossCurve()
            if "curve" in state:  # versions before kept none
                curve = LossCurve.restore(state.pop("curve").tobytes())
        except Exception as error:  # the bytes can be anything, and so can what they raise
            raise DamagedCheckpoint(str(error)) from error
        return state, cls(wishes, film, curve)


def as_video(made: Made, max_bytes: int) -> Made:
    """*made*; where it is an animation, as a video of at most *max_bytes*, if that can be."""
    if made.suffix == ".gif" and can_encode():
        with suppress(ValueError):
            return replace(made, data=encode_video(made.data, max_bytes), suffix=".mp4")
    return made
