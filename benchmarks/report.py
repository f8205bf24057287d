"""What benchmarks print: Markdown tables, the machine they ran on, and sheets of pictures."""

import os
import platform
import sys
from collections.abc import Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path

import torch
from PIL import Image, ImageDraw

CELL, MARGIN, LINE = 256, 8, 14
"""Of a sheet, in pixels: a picture's longer side, what is between two, a line of text."""


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; all columns but the first are aligned right."""
    rule = ["---", *["---:"] * (len(header) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in [header, rule, *rows])


def machine() -> str:
    """The command, the date, the processor and the versions that decide about numbers."""
    command = " ".join([f"python -m {_module()}", *sys.argv[1:]])
    load = os.getloadavg()[0]
    return (
        f"`{command}`, {date.today()}. {_processor()}, {torch.get_num_threads()} threads on "
        f"{os.cpu_count()} cores, load {load:.1f} at the beginning; "
        f"Python {platform.python_version()}, torch {version('torch')}."
    )


def sheet(rows: Sequence[Sequence[tuple[str, Path]]]) -> Image.Image:
    """Pictures with a label above each, row by row."""
    step_x, step_y = CELL + MARGIN, CELL + 2 * LINE + MARGIN
    image = Image.new("RGB", (max(map(len, rows)) * step_x, len(rows) * step_y), "white")
    draw = ImageDraw.Draw(image)
    for y, row in enumerate(rows):
        for x, (label, path) in enumerate(row):
            draw.multiline_text((x * step_x, y * step_y), label, fill="black", spacing=2)
            with Image.open(path) as picture:
                picture.thumbnail((CELL, CELL), Image.Resampling.LANCZOS)
                image.paste(picture, (x * step_x, y * step_y + 2 * LINE))
    return image


def _module() -> str:
    spec = sys.modules["__main__"].__spec__
    return "benchmarks" if spec is None else spec.name


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:  # not Linux
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
