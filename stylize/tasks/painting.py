"""Painting by style images: what transfer and texture have in common."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from stylize.frame import Canvas, Frame
from stylize.media.picture import Picture
from stylize.paint import paint
from stylize.pyramid import plan
from stylize.recipes.base import only
from stylize.recipes.style import StyleRecipe
from stylize.tasks.base import (
    Checkpoint,
    DamagedCheckpoint,
    Resources,
    Result,
    State,
    pixels_in,
)


@dataclass(frozen=True)
class PaintingTask:
    """Paints recipes of one kind; each finished scale but the last is a checkpoint."""

    recipe: type[StyleRecipe]

    def run(
        self,
        recipe: StyleRecipe,
        inputs: Mapping[str, Sequence[Picture]],
        resources: Resources,
        resume: State | None = None,
    ) -> Iterator[Frame | Checkpoint | Result]:
        """As of ``Task``."""
        canvas = None if resume is None else _canvas(resume, recipe)
        return _events(recipe, inputs, resources, canvas)


def _events(
    recipe: StyleRecipe,
    inputs: Mapping[str, Sequence[Picture]],
    resources: Resources,
    canvas: Canvas | None,
) -> Iterator[Frame | Checkpoint | Result]:
    frame = None
    with resources.evaluator() as evaluator:
        for frame in paint(
            recipe,
            only(inputs["content"]),
            inputs["style"],
            init=only(inputs["start"]),
            encoder=resources.encoder(recipe.encoder, recipe.pooling),
            device=resources.device,
            resume=canvas,
            evaluator=evaluator,
        ):
            yield frame
            if frame.ends_scale and frame.scale < frame.scales - 1:
                state = {"scale": np.array(frame.scale), "pixels": frame.pixels.numpy()}
                yield Checkpoint(state)
    yield Result(frame)


def _canvas(state: State, recipe: StyleRecipe) -> Canvas:
    """The finished scale of a checkpoint. Raises DamagedCheckpoint."""
    scale = int(state["scale"]) if "scale" in state else -1
    if scale not in range(len(plan(recipe.size, recipe.steps))):
        raise DamagedCheckpoint(f"there is no scale {scale}")
    return Canvas(scale, pixels_in(state, "pixels"))
