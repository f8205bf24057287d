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
from stylize.recipes.style import StyleRecipe


@contextmanager
def progress(recipe: StyleRecipe, quiet: bool) -> Iterator[Callable[[Frame], None]]:
    """A function that takes each frame and draws a bar, or does nothing off a terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda frame: None
        return
    # A step costs in proportion to the picture's area: only so is the time left honest.
    scales = plan(recipe.size, recipe.steps)
    work = sum(scale.size**2 * scale.steps for scale in scales)
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
        task = bar.add_task("", total=work, step=0, steps=recipe.steps, loss="…")

        def report(frame: Frame) -> None:
            loss = f"{frame.losses['total']:.4g}"
            bar.update(task, advance=scales[frame.scale].size ** 2, step=frame.step, loss=loss)

        yield report
