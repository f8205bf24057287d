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
                yield Checkpoint(_state(Canvas.of(frame)))
    yield Result(frame)


def _state(canvas: Canvas) -> State:
    numbers = {"scale": canvas.scale, "step": canvas.step, "steps": canvas.steps}
    arrays = {name: np.array(number) for name, number in numbers.items()}
    return {**arrays, "pixels": canvas.pixels.numpy()}


def _canvas(state: State, recipe: StyleRecipe) -> Canvas:
    """The finished scale of a checkpoint. Raises DamagedCheckpoint.

    Versions before kept no steps: all recipes had a number of them, of which the plan tells.
    """
    scale = int(state["scale"]) if "scale" in state else -1
    scales = plan(recipe.size, recipe.most_steps)
    if scale not in range(len(scales)):
        raise DamagedCheckpoint(f"there is no scale {scale}")
    planned = scales[scale].last
    step, steps = (
        int(state.get(name, known))
        for name, known in (("step", planned), ("steps", recipe.most_steps))
    )
    if not 0 < step <= min(planned, steps):
        raise DamagedCheckpoint(f"scale {scale} does not end after {step} of {steps} steps")
    return Canvas(scale, pixels_in(state, "pixels"), step, steps)
