"""What each encoder paints in the same time: ``python -m benchmarks.encoders --seconds 30``.

Each painting is judged by both encoders: on the ground of the one that painted it, and on
the other's, which nobody optimised.
"""

import argparse
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

import torch
from torch import Tensor

from benchmarks.judge import GRAM_LAYERS, LITE_LAYERS, similarity, style_distance
from benchmarks.pairs import PAIRS, RESULTS, pictures
from benchmarks.report import machine, sheet, table
from stylize.encoders import Encoder, choose_dtype, load_encoder
from stylize.frame import Frame
from stylize.media.picture import Picture, encode_png
from stylize.paint import paint
from stylize.pyramid import COARSEST
from stylize.recipes import Transfer
from stylize.recipes.layers import EncoderName
from stylize.recipes.style import MOST_STEPS, StyleRecipe

GROUNDS: Mapping[EncoderName, Collection[str]] = {"vgg19": GRAM_LAYERS, "lite": LITE_LAYERS}
"""The layers by which each encoder judges a style."""


def painted(recipe: StyleRecipe, content: Tensor, style: Tensor, seconds: float) -> Frame:
    """The last frame that was finished *seconds* after work began, encoder and all."""
    began = time.perf_counter()
    encoder = load_encoder(recipe.encoder, dtype=choose_dtype(torch.device("cpu")))
    last = None
    for frame in paint(recipe, Picture(content), [Picture(style)], encoder=encoder):
        if last is not None and time.perf_counter() - began > seconds:
            break
        last = frame
    if last is None:
        raise RuntimeError("the painter ended without a frame")
    return last


def compare(
    pair: str, size: int, seconds: float, judges: Mapping[EncoderName, Encoder], folder: Path
) -> tuple[list[list[str]], list[tuple[str, Path]]]:
    """A row of the table for each encoder, and the labelled pictures: originals and paintings."""
    rows: list[list[str]] = []
    row_of_sheet: list[tuple[str, Path]] = []

    def keep(label: str, pixels: Tensor) -> None:
        path = folder / f"{pair}-{len(row_of_sheet)}.png"
        path.write_bytes(encode_png(pixels))
        row_of_sheet.append((label, path))

    content, style = pictures(pair, size)
    keep(pair, content)
    keep("", style)
    for encoder in get_args(EncoderName):
        recipe = Transfer(size=size, steps=MOST_STEPS, encoder=encoder)
        frame = painted(recipe, content, style, seconds)
        delivered = frame.pixels.round()
        distances = [
            style_distance(delivered, style, judge, GROUNDS[name]) for name, judge in judges.items()
        ]
        numbers = [*distances, similarity(delivered, content)]
        rows.append([pair, encoder, str(frame.step), *(f"{number:.3f}" for number in numbers)])
        keep(f"{encoder}, {frame.step} steps", delivered)
    return rows, row_of_sheet


def main() -> None:
    """Paint, and write ``results/encoders`` as Markdown and as a sheet."""
    parser = argparse.ArgumentParser(description="What each encoder paints in the same time.")
    parser.add_argument("--pairs", nargs="+", default=PAIRS, metavar="CONTENT+STYLE")
    parser.add_argument("--size", type=int, default=256, metavar="PX")
    parser.add_argument("--seconds", type=float, default=30)
    args = parser.parse_args()
    if args.size >= 2 * COARSEST:
        parser.error(
            f"--size must be less than {2 * COARSEST}: larger paintings have several scales"
        )
    origin, rows, sheets = machine(), [], []
    judges = {name: load_encoder(name) for name in GROUNDS}
    RESULTS.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder:
        for pair in args.pairs:
            more, row_of_sheet = compare(pair, args.size, args.seconds, judges, Path(folder))
            rows += more
            sheets.append(row_of_sheet)
        sheet(sheets).save(RESULTS / "encoders.png", optimize=True)
    header = ["pair", "painted with", "steps"]
    header += [f"style distance by {name}" for name in GROUNDS]
    text = f"# encoders\n\n{origin}\n\n{table([*header, 'similarity'], rows)}"
    RESULTS.joinpath("encoders.md").write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
