"""Painting sheets: several small paintings one after the other, each shown where it belongs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Tensor

from stylize.convergence import Tally
from stylize.frame import Frame
from stylize.media.picture import Picture, fit, visible_part
from stylize.media.sheet import Sheet
from stylize.paint import paint
from stylize.parts import map_in, regions_of
from stylize.recipes.base import only
from stylize.recipes.sheet import Grid, SheetRecipe
from stylize.tasks.base import Checkpoint, DamagedCheckpoint, Resources, Result, State
from stylize.tasks.painting import map_files
from stylize.tasks.sharing import Pass, passes_of

Inputs = Mapping[str, Sequence[Picture]]


@dataclass(frozen=True)
class SheetTask:
    """Paints sheets of one kind; what is finished of it but the last is a checkpoint."""

    recipe: type[SheetRecipe]

    def run(
        self, recipe: SheetRecipe, inputs: Inputs, resources: Resources, resume: State | None = None
    ) -> Iterator[Frame | Checkpoint | Result]:
        """As of ``Task``; each frame is the whole sheet so far."""
        grid = recipe.grid(len(inputs["style"]))
        passes, so_far = passes_of(grid.cells), _SoFar(_blank(grid, inputs))
        if resume is not None:
            so_far.take_up(resume, passes)
        return _events(passes, so_far, inputs, resources)


@dataclass
class _SoFar:
    """What there is of a sheet: all that a checkpoint keeps."""

    sheet: Sheet
    done: int = 0
    """Finished passes."""
    tally: Tally = field(default_factory=Tally)
    begun: Tensor | None = None
    """(3, h, w) uint8, with which the next pass begins if it goes on from another."""

    @property
    def state(self) -> State:
        numbers = {"cells": self.done, "step": self.tally.step, "steps": self.tally.steps}
        arrays = {name: np.array(number) for name, number in numbers.items()}
        begun = {} if self.begun is None else {"begun": self.begun.numpy()}
        return {**arrays, **begun, "sheet": self.sheet.pixels.numpy().copy()}

    def take_up(self, state: State, passes: Sequence[Pass]) -> None:
        """Go on from *state*. Raises DamagedCheckpoint."""
        done, step, steps = (int(state.get(name, 0)) for name in ("cells", "step", "steps"))
        if done not in range(1, len(passes)):
            raise DamagedCheckpoint(f"there are no {done} parts of {len(passes)}")
        if not 0 < step < steps:
            raise DamagedCheckpoint(f"no cell ends after {step} of {steps} steps")
        pixels = _pixels_in(state, "sheet")
        if pixels.shape != self.sheet.pixels.shape:
            raise DamagedCheckpoint("the sheet is of another size")
        self.done, self.tally, self.sheet.pixels = done, Tally(step, steps), pixels
        self.begun = _pixels_in(state, "begun") if passes[done].goes_on else None


def _events(
    passes: Sequence[Pass], so_far: _SoFar, inputs: Inputs, resources: Resources
) -> Iterator[Frame | Checkpoint | Result]:
    content, sheet, tally = only(inputs["content"]), so_far.sheet, so_far.tally
    recipes = [one.recipe for one in passes]
    found = map_in(recipes, content, only(inputs["mask"]))
    shown = frame = None
    for index, one in enumerate(passes[so_far.done :], start=so_far.done):
        later = sum(other.expected_steps for other in passes[index + 1 :])
        before = tally.step
        begun = so_far.begun
        start = only(inputs["start"]) if begun is None else Picture(begun)
        with resources.evaluator() as evaluator:
            for frame in paint(
                one.recipe,
                content,
                [inputs["style"][n] for n in one.styles],
                init=start,
                regions=regions_of(one.recipe, found, len(one.styles)),
                encoder=resources.encoder(one.recipe.encoder, one.recipe.pooling),
                device=resources.device,
                evaluator=evaluator,
                measure=one.measured,
            ):
                tally.count(before + frame.steps + later)
                for place in one.places:
                    sheet.place(place, frame.pixels, frame.alpha)
                shown = replace(
                    frame,
                    step=tally.step,
                    steps=tally.steps,
                    scale=index,
                    scales=len(passes),
                    pixels=sheet.pixels.float(),
                    ends_scale=frame.step == frame.steps,
                    alpha=None,
                    guessed=tally.step < tally.steps and any(r.steps == "auto" for r in recipes),
                )
                yield shown
        if index < len(passes) - 1:
            if one.begins and frame is not None:
                so_far.begun = frame.pixels.round().to(torch.uint8)
            elif not passes[index + 1].goes_on:
                so_far.begun = None
            so_far.done = index + 1
            yield Checkpoint(so_far.state)
    files = () if frame is None else map_files(recipes[-1], found, frame.pixels)
    yield Result(shown, files)


def _blank(grid: Grid, inputs: Inputs) -> Sheet:
    """The sheet before the first painting."""
    [content] = inputs["content"]
    height, width = content.pixels.shape[-2:]
    size = max(cell.recipe.size for cell in grid.cells)
    sheet = Sheet(fit(width, height, size), grid.rows, grid.columns, grid.names)
    for place, style in grid.styles.items():
        picture = visible_part(inputs["style"][style])
        sheet.place(place, picture.pixels, picture.alpha)
    return sheet


def _pixels_in(state: State, name: str) -> Tensor:
    """(3, h, w) uint8. Raises DamagedCheckpoint when it is no such picture."""
    pixels = state.get(name)
    if pixels is None or pixels.dtype != np.uint8 or pixels.ndim != 3 or len(pixels) != 3:
        raise DamagedCheckpoint(f"{name} is no picture")
    return torch.from_numpy(pixels.copy())
