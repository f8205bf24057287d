"""Painting sheets: several small paintings one after the other, each shown where it belongs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from stylize.convergence import Tally
from stylize.frame import Frame
from stylize.media.picture import Picture, fit, visible_part
from stylize.media.sheet import Sheet
from stylize.paint import paint
from stylize.parts import map_in, regions_of
from stylize.recipes.base import only
from stylize.recipes.sheet import Grid, SheetRecipe
from stylize.tasks.base import Checkpoint, DamagedCheckpoint, Made, Resources, Result, State
from stylize.tasks.painting import map_files

Inputs = Mapping[str, Sequence[Picture]]


@dataclass(frozen=True)
class SheetTask:
    """Paints sheets of one kind; each finished cell but the last is a checkpoint."""

    recipe: type[SheetRecipe]

    def run(
        self, recipe: SheetRecipe, inputs: Inputs, resources: Resources, resume: State | None = None
    ) -> Iterator[Frame | Checkpoint | Result]:
        """As of ``Task``; each frame is the whole sheet so far."""
        grid = recipe.grid(len(inputs["style"]))
        sheet = _begun(grid, inputs)
        done, tally = (0, Tally()) if resume is None else _take_up(resume, sheet, grid)
        return _events(grid, sheet, done, tally, inputs, resources)


def _events(
    grid: Grid, sheet: Sheet, done: int, tally: Tally, inputs: Inputs, resources: Resources
) -> Iterator[Frame | Checkpoint | Result]:
    later = sum(cell.recipe.expected_steps for cell in grid.cells[done:])
    guessed = any(cell.recipe.steps == "auto" for cell in grid.cells)
    shown = None
    files: tuple[Made, ...] = ()
    recipes = [cell.recipe for cell in grid.cells]
    found = map_in(recipes, only(inputs["content"]), only(inputs["mask"]))
    for index, cell in enumerate(grid.cells[done:], start=done):
        before, later = tally.step, later - cell.recipe.expected_steps
        with resources.evaluator() as evaluator:
            for frame in paint(
                cell.recipe,
                only(inputs["content"]),
                [inputs["style"][n] for n in cell.styles],
                init=only(inputs["start"]),
                regions=regions_of(cell.recipe, found, len(cell.styles)),
                encoder=resources.encoder(cell.recipe.encoder, cell.recipe.pooling),
                device=resources.device,
                evaluator=evaluator,
            ):
                tally.count(before + frame.steps + later)
                sheet.place(cell.place, frame.pixels, frame.alpha)
                shown = replace(
                    frame,
                    step=tally.step,
                    steps=tally.steps,
                    scale=index,
                    scales=len(grid.cells),
                    pixels=sheet.pixels.float(),
                    ends_scale=frame.step == frame.steps,
                    alpha=None,
                    guessed=guessed and tally.step < tally.steps,
                )
                yield shown
        files = map_files(cell.recipe, found, frame.pixels)
        if index < len(grid.cells) - 1:
            numbers = {"cells": index + 1, "step": tally.step, "steps": tally.steps}
            arrays = {name: np.array(number) for name, number in numbers.items()}
            yield Checkpoint({**arrays, "sheet": sheet.pixels.numpy().copy()})
    yield Result(shown, files)


def _begun(grid: Grid, inputs: Inputs) -> Sheet:
    """The sheet before the first painting."""
    [content] = inputs["content"]
    height, width = content.pixels.shape[-2:]
    size = max(cell.recipe.size for cell in grid.cells)
    sheet = Sheet(fit(width, height, size), grid.rows, grid.columns, grid.names)
    for place, style in grid.styles.items():
        picture = visible_part(inputs["style"][style])
        sheet.place(place, picture.pixels, picture.alpha)
    return sheet


def _take_up(state: State, sheet: Sheet, grid: Grid) -> tuple[int, Tally]:
    """Make *sheet* that of a checkpoint, and tell its cells and its steps.

    Raises DamagedCheckpoint.
    """
    done = int(state["cells"]) if "cells" in state else 0
    pixels = state.get("sheet")
    if done not in range(1, len(grid.cells)):
        raise DamagedCheckpoint(f"there are no {done} cells of {len(grid.cells)}")
    if pixels is None or pixels.dtype != np.uint8 or pixels.shape != tuple(sheet.pixels.shape):
        raise DamagedCheckpoint("there is no such sheet")
    sheet.pixels = torch.from_numpy(pixels.copy())
    step, steps = (int(state.get(name, 0)) for name in ("step", "steps"))
    if not 0 < step < steps:
        raise DamagedCheckpoint(f"no cell ends after {step} of {steps} steps")
    return done, Tally(step, steps)
