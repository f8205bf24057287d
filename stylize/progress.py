"""The bar that shows on a terminal how far a painting is."""

import sys
from collections.abc import Callable, Iterator, Sequence
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
from stylize.pyramid import Scale
from stylize.recipes import Recipe


@contextmanager
def progress(recipe: Recipe, quiet: bool) -> Iterator[Callable[[Frame], None]]:
    """A function that takes each frame and draws a bar, or does nothing off a terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda frame: None
        return
    scales = recipe.scales
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
            done += scales[frame.scale].size ** 2 if scales else 1
            about = "about " if frame.guessed else ""
            bar.update(
                task,
                completed=done,
                total=done + left_of(frame, scales),
                step=frame.step,
                steps=f"{about}{frame.steps}",
                loss=f"{frame.losses['total']:.4g}",
            )

        yield report


def left_of(frame: Frame, scales: Sequence[Scale]) -> float:
    """What is left to do after *frame*, in steps or, where there are *scales*, in steps · pixels.

    A step costs in proportion to the picture's area: only so is the time left honest. Of steps that
    are guessed all scales to come have equal parts.
    """
    left = frame.steps - frame.step
    if not scales:
        return left
    if not frame.guessed:
        return sum(max(0, min(one.steps, one.last - frame.step)) * one.size**2 for one in scales)
    later = [one.size**2 for one in scales[frame.scale + 1 :]]
    each = min(frame.steps / frame.scales, left / max(1, len(later)))
    return sum(later) * each + scales[frame.scale].size ** 2 * (left - len(later) * each)
