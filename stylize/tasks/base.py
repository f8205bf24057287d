"""What a task takes and gives: a recipe and pictures in, frames, checkpoints and a result out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from stylize.encoders import Encoder
from stylize.evaluate import Evaluator, evaluate
from stylize.frame import Frame
from stylize.media.picture import Picture
from stylize.recipes import Recipe
from stylize.recipes.style import Pooling

State = Mapping[str, NDArray[Any]]
"""Arrays by name, but none called ``film`` or ``curve``."""


class DamagedCheckpoint(ValueError):
    """A state from which the recipe cannot go on."""


@dataclass(frozen=True)
class Made:
    """A file that came of a task, encoded."""

    role: str
    """What it is, such as ``sheet`` or ``sound``: letters in lower case, and once in a result."""
    data: bytes
    suffix: str
    """Of the file's name, such as ``.png``: it tells what it is."""
    alt: str = ""
    """For those who cannot see or hear it."""
    seamless: bool = False
    """Whether it is a picture that can be repeated: its opposite sides meet."""


@dataclass(frozen=True)
class Result:
    """What came of a task: a picture, or a file of the role ``result``, and what is beside it."""

    frame: Frame | None = None
    """The picture, if it is one: whoever asked for it encodes it as they need it."""
    files: tuple[Made, ...] = ()
    notes: tuple[str, ...] = ()
    """Sentences on what whoever asked for it may not expect."""


@dataclass(frozen=True)
class Checkpoint:
    """A point from which ``run`` can go on in another process."""

    state: State
    so_far: Callable[[], Result] | None = None
    """What there is if it does not, where that is another thing than the last frame."""


def _alone() -> AbstractContextManager[Evaluator]:
    return nullcontext(evaluate)


@dataclass(frozen=True)
class Resources:
    """What a task works with."""

    device: torch.device
    encoder: Callable[[str, Pooling], Encoder]
    """Loads a network by its name."""
    upload_bytes: int
    """What a chat takes of one file; of larger pictures the studio itself makes a copy."""
    evaluator: Callable[[], AbstractContextManager[Evaluator]] = _alone
    """Lends what evaluates losses. Tasks that hold one at once may be evaluated as a batch."""


class Task(Protocol):
    """Does the work of one kind of recipe."""

    @property
    def recipe(self) -> type[Recipe]: ...

    def run(
        self,
        recipe: Any,
        inputs: Mapping[str, Sequence[Picture]],
        resources: Resources,
        resume: State | None = None,
    ) -> Iterator[Frame | Checkpoint | Result]:
        """Work on *recipe* with *inputs*, pictures by role; the last of all is the result.

        Work happens as the iterator is asked; closing it cancels the work. Raises ValueError, in
        words for whoever asked, before the first frame, and at once, not at the first step,
        DamagedCheckpoint for a state to *resume* that does not suit the recipe.
        """


def pixels_in(state: State, name: str) -> torch.Tensor:
    """A picture (3, h, w) of finite float32. Raises DamagedCheckpoint when it is none."""
    pixels = state.get(name)
    if pixels is None or pixels.dtype != np.float32 or pixels.ndim != 3 or len(pixels) != 3:
        raise DamagedCheckpoint(f"{name} is no picture")
    if not np.isfinite(pixels).all():
        raise DamagedCheckpoint(f"the pixels of {name} are no numbers")
    return torch.from_numpy(pixels)
