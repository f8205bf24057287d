"""Painting by style images: what transfer, texture and doodle have in common."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from stylize.frame import Canvas, Frame
from stylize.media.picture import Picture, encode_png, resize
from stylize.paint import paint
from stylize.parts import map_in, regions_of
from stylize.pyramid import plan
from stylize.recipes.base import only
from stylize.recipes.style import StyleRecipe
from stylize.regions import Region
from stylize.tasks.base import (
    Checkpoint,
    DamagedCheckpoint,
    Made,
    Resources,
    Result,
    State,
    pixels_in,
)

Inputs = Mapping[str, Sequence[Picture]]
Events = Iterator[Frame | Checkpoint | Result]


def _events(
    recipe: StyleRecipe,
    inputs: Inputs,
    resources: Resources,
    canvas: Canvas | None,
) -> Events:
    content, styles, start = only(inputs["content"]), inputs["style"], only(inputs["start"])
    found = map_in([recipe], content, only(inputs["mask"]))
    regions = regions_of(recipe, found, len(styles))
    frame = yield from painted(recipe, content, styles, start, regions, resources, canvas)
    yield Result(frame, () if frame is None else map_files(recipe, found, frame.pixels))


@dataclass(frozen=True)
class PaintingTask:
    """Paints recipes of one kind; each finished scale but the last is a checkpoint."""

    recipe: type[StyleRecipe]
    events: Callable[[Any, Inputs, Resources, Canvas | None], Events] = _events
    """What happens on the way to the result, from a finished scale or from nothing."""

    def run(
        self,
        recipe: StyleRecipe,
        inputs: Inputs,
        resources: Resources,
        resume: State | None = None,
    ) -> Events:
        """As of ``Task``."""
        canvas = None if resume is None else canvas_of(resume, recipe)
        return self.events(recipe, inputs, resources, canvas)


def painted(
    recipe: StyleRecipe,
    content: Picture | None,
    styles: Sequence[Picture],
    start: Picture | None,
    regions: Sequence[Region],
    resources: Resources,
    canvas: Canvas | None,
) -> Generator[Frame | Checkpoint, None, Frame | None]:
    """The frames of a painting that goes on from *canvas*, with its checkpoints; returns the last.

    Other arguments are as of ``paint``.
    """
    frame = None
    with resources.evaluator() as evaluator:
        for frame in paint(
            recipe,
            content,
            styles,
            init=start,
            regions=regions,
            encoder=resources.encoder(recipe.encoder, recipe.pooling),
            device=resources.device,
            resume=canvas,
            evaluator=evaluator,
        ):
            yield frame
            if frame.ends_scale and frame.scale < frame.scales - 1:
                yield Checkpoint(state_of(Canvas.of(frame)))
    return frame


def map_files(recipe: StyleRecipe, found: Tensor | None, pixels: Tensor) -> tuple[Made, ...]:
    """The map *found*, in the size of *pixels*, (3, h, w), as a file if *recipe* shows it."""
    if found is None or recipe.show != "map":
        return ()
    guide = resize(255 * found[None], (pixels.shape[1], pixels.shape[2]))
    where = "it was painted" if recipe.on == "mask" else "its subject is"
    png = encode_png(guide.expand(3, -1, -1))
    return (Made("map", png, ".png", f"A map of the picture, white where {where}."),)


def state_of(canvas: Canvas, prefix: str = "") -> dict[str, NDArray[Any]]:
    """*canvas* as a part of a checkpoint, whose names begin with *prefix*."""
    numbers = {"scale": canvas.scale, "step": canvas.step, "steps": canvas.steps}
    arrays = {name: np.array(number) for name, number in numbers.items()}
    arrays["pixels"] = canvas.pixels.numpy()
    return {prefix + name: array for name, array in arrays.items()}


def canvas_of(state: State, recipe: StyleRecipe, prefix: str = "") -> Canvas:
    """The finished scale of a checkpoint, as of ``state_of``. Raises DamagedCheckpoint.

    Versions before kept no steps: all recipes had a number of them, of which the plan tells.
    """
    state = {
        name.removeprefix(prefix): one for name, one in state.items() if name.startswith(prefix)
    }
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
