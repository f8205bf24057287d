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
    costs = _costs(recipe)
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
        task = bar.add_task("", total=None, step=0, steps="…", loss="…")
        done = 0

        def report(frame: Frame) -> None:
            nonlocal done
            done += costs[frame.scale] if costs else 1
            about = "about " if frame.guessed else ""
            bar.update(
                task,
                completed=done,
                total=done + _left(frame, costs),
                step=frame.step,
                steps=f"{about}{frame.steps}",
                loss=f"{frame.losses['total']:.4g}",
            )

        yield report


def _costs(recipe: Recipe) -> list[int]:
    """What a step costs at each scale of a painting.

    It is in proportion to the picture's area: only so is the time left honest.
    """
    if not isinstance(recipe, StyleRecipe):
        return []
    return [scale.size**2 for scale in plan(recipe.size, recipe.most_steps)]


def _left(frame: Frame, costs: list[int]) -> float:
    """What is left to do after *frame*, of whose steps all scales to come have equal parts."""
    left = frame.steps - frame.step
    if not costs:
        return left
    later = costs[frame.scale + 1 :]
    each = min(frame.steps / frame.scales, left / max(1, len(later)))
    return sum(later) * each + costs[frame.scale] * (left - len(later) * each)
