"""What each layer keeps: a sheet of reconstructions from noise, picture by picture."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np
import torch

from stylize.descent import Point, minimise
from stylize.frame import Frame
from stylize.inputs import noise
from stylize.losses import Content, PixelTerm, Style, Term, TotalVariation
from stylize.media.picture import Picture, fit, resize, visible_part
from stylize.media.sheet import Sheet
from stylize.paint import repeatable
from stylize.recipes.reconstruction import LAYERS, Layers
from stylize.targets import Targets
from stylize.tasks.base import Checkpoint, DamagedCheckpoint, Resources, Result, State

LABELS = {"content": "content\nof", "style": "style\nup to"}
VARIATION = 1e-4
"""γ, so little that it only keeps from noise what the layers do not see."""


@dataclass(frozen=True)
class LayersTask:
    """Reconstructs one picture after the other; each but the last is a checkpoint."""

    recipe: type[Layers] = Layers

    def run(
        self,
        recipe: Layers,
        inputs: Mapping[str, Sequence[Picture]],
        resources: Resources,
        resume: State | None = None,
    ) -> Iterator[Frame | Checkpoint | Result]:
        """As of ``Task``; each frame is the whole sheet so far."""
        work = _Work(recipe, inputs, resources)
        done = 0 if resume is None else work.take_up(resume)
        return work.events(done)


@dataclass
class _Work:
    recipe: Layers
    inputs: Mapping[str, Sequence[Picture]]
    resources: Resources
    sheet: Sheet = field(init=False)

    def __post_init__(self) -> None:
        rows = [LABELS[row] for row in self.recipe.looked_at]
        self.sheet = Sheet(self.shape, rows, LAYERS, [""] * self.cells)

    @property
    def cells(self) -> int:
        return len(self.recipe.looked_at) * len(LAYERS)

    @property
    def content(self) -> Picture:
        return self.inputs["content"][0]

    @property
    def style(self) -> Picture:
        """The picture whose style is looked at: where there is one only, that."""
        return visible_part([*self.inputs["style"], self.content][0])

    @cached_property
    def shape(self) -> tuple[int, int]:
        """(h, w) of each picture."""
        height, width = self.content.pixels.shape[-2:]
        return fit(width, height, self.recipe.size)

    def take_up(self, state: State) -> int:
        """Go on with the sheet of a checkpoint; how many pictures it has. Raises
        DamagedCheckpoint."""
        done = int(state["cells"]) if "cells" in state else 0
        pixels = state.get("sheet")
        if done not in range(1, self.cells):
            raise DamagedCheckpoint(f"there are no {done} of {self.cells} pictures")
        shape = tuple(self.sheet.pixels.shape)
        if pixels is None or pixels.dtype != np.uint8 or pixels.shape != shape:
            raise DamagedCheckpoint("there is no such sheet")
        self.sheet.pixels = torch.from_numpy(pixels.copy())
        return done

    def events(self, done: int) -> Iterator[Frame | Checkpoint | Result]:
        frame = None
        for cell in range(done, self.cells):
            for step, point in enumerate(self.descent(cell), start=1):
                frame = self.frame(cell, step, point)
                yield frame
            if cell < self.cells - 1:
                sheet = self.sheet.pixels.numpy().copy()
                yield Checkpoint({"cells": np.array(cell + 1), "sheet": sheet})
        yield Result(frame)

    def descent(self, cell: int) -> Iterator[Point]:
        """The points of one picture, counted along the rows of the sheet."""
        repeatable()
        row, depth = divmod(cell, len(LAYERS))
        with self.resources.evaluator() as evaluator:
            targets = self.targets(self.recipe.looked_at[row], depth)
            start = noise(self.shape, self.recipe.seed).to(self.resources.device)
            evaluate = partial(evaluator, targets)
            steps = self.recipe.steps
            yield from minimise(evaluate, start, steps, "lbfgs", targets.colours)

    def targets(self, of: str, depth: int) -> Targets:
        """What the picture at this *depth* is compared with."""
        compared, device = self.recipe.compared(depth), self.resources.device
        encoder = self.resources.encoder("vgg19", self.recipe.pooling).to(device)
        terms: dict[str, Term] = {}
        with torch.no_grad():
            if of == "content":
                seen = resize(self.content.pixels, self.shape).to(device)
                terms[of] = Content.of(compared, encoder, seen)
            else:
                height, width = self.style.pixels.shape[-2:]
                shape = fit(width, height, self.recipe.size)
                seen = resize(self.style.pixels, shape).to(device)
                terms[of] = Style.of(compared, encoder, [seen])
        smooth: dict[str, PixelTerm] = {"total_variation": TotalVariation(VARIATION, None)}
        return Targets(encoder, terms, smooth, torch.cov(seen.flatten(1)))

    def frame(self, cell: int, step: int, point: Point) -> Frame:
        self.sheet.place(cell, point.pixels.cpu())
        of = self.recipe.looked_at[cell // len(LAYERS)]
        return Frame(
            step=cell * self.recipe.steps + step,
            steps=self.cells * self.recipe.steps,
            scale=cell,
            scales=self.cells,
            losses={of: point.losses[of], "total": point.total},
            pixels=self.sheet.pixels.float(),
            ends_scale=step == self.recipe.steps,
        )


TASK = LayersTask()
