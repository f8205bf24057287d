"""The bar that shows on a terminal how far a painting is."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from stylize.frame import Frame
from stylize.pyramid import plan
from stylize.recipes import Recipe
from stylize.recipes.style import StyleRecipe


@contextmanager
def progress(recipe: Recipe, quiet: bool) -> Iterator[Callable[[Frame], None]]:
    """A function that takes each frame and draws a bar, or does nothing off a terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda frame: None
        return
    costs, work = _costs(recipe)
    columns = (
        BarColumn(),
        TextColumn("step {task.fields[step]}/{task.fields[steps]}"),
        TextColumn("loss {task.fields[loss]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=work, step=0, steps="…", loss="…")

        def report(frame: Frame) -> None:
            loss = f"{frame.losses['total']:.4g}"
            advance = costs[frame.scale] if costs else 1
            bar.update(task, advance=advance, step=frame.step, steps=frame.steps, loss=loss)

        yield report


def _costs(recipe: Recipe) -> tuple[list[int], int | None]:
    """What a step costs at each scale of a painting, and all of them together.

    It is in proportion to the picture's area: only so is the time left honest.
    """
    if not isinstance(recipe, StyleRecipe):
        return [], getattr(recipe, "steps", None)
    scales = plan(recipe.size, recipe.steps)
    return [scale.size**2 for scale in scales], sum(one.size**2 * one.steps for one in scales)
