"""What each encoder paints in the same time: ``python -m benchmarks.encoders --seconds 30``.

Each painting is judged by both encoders: on the ground of the one that painted it, and on
the other's, which nobody optimised.
"""

import argparse
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

import torch
from torch import Tensor

from benchmarks.judge import read, similarity, style_distance
from benchmarks.report import machine, sheet, table
from stylize.encoders import Encoder, fastest_dtype, load_encoder
from stylize.paint import Frame, paint
from stylize.picture import Picture, encode_png, fit, resize
from stylize.recipe import MOST_STEPS, STYLE_LAYERS, EncoderName, Recipe

SAMPLES = Path("bot/fronts/room/static/samples")
RESULTS = Path(__file__).with_name("results")
PAIRS = ("chelsea+swirls", "astronaut+woodcut", "coffee+glass")
GROUNDS = {name: tuple(layers) for name, layers in STYLE_LAYERS.items()}
"""The layers by which each encoder judges a style."""


def painted(recipe: Recipe, content: Tensor, style: Tensor, seconds: float) -> Frame:
    """The last frame that was finished *seconds* after work began, encoder and all."""
    began = time.perf_counter()
    encoder = load_encoder(recipe.encoder, dtype=fastest_dtype(torch.device("cpu")))
    last = None
    for frame in paint(recipe, Picture(content), [Picture(style)], encoder=encoder):
        if last is not None and time.perf_counter() - began > seconds:
            break
        last = frame
    if last is None:
        raise RuntimeError("the painter ended without a frame")
    return last


def compare(
    pair: str, size: int, seconds: float, judges: Mapping[str, Encoder], folder: Path
) -> tuple[list[list[str]], list[tuple[str, Path]]]:
    """A row of the table for each encoder, and the labelled pictures: originals and paintings."""
    rows, pictures = [], []

    def keep(name: str, label: str, pixels: Tensor) -> None:
        path = folder / f"{pair}-{name}.png"
        path.write_bytes(encode_png(pixels))
        pictures.append((label, path))

    originals = []
    for name in pair.split("+"):
        pixels = read(SAMPLES / f"{name}.jpg")
        pixels = resize(pixels, fit(pixels.shape[2], pixels.shape[1], size)).round().byte()
        originals.append(pixels)
        keep(name, name, pixels)
    content, style = originals
    for encoder in get_args(EncoderName):
        frame = painted(Recipe(size=size, steps=MOST_STEPS, encoder=encoder), *originals, seconds)
        delivered = frame.pixels.round()
        distances = [
            style_distance(delivered, style, judge, GROUNDS[name]) for name, judge in judges.items()
        ]
        numbers = [*distances, similarity(delivered, content)]
        rows.append([pair, encoder, str(frame.step), *(f"{number:.3f}" for number in numbers)])
        keep(encoder, f"{encoder}, {frame.step} steps", delivered)
    return rows, pictures


def main() -> None:
    """Paint, and write ``results/encoders`` as Markdown and as a sheet."""
    parser = argparse.ArgumentParser(description="What each encoder paints in the same time.")
    parser.add_argument("--pairs", nargs="+", default=PAIRS, metavar="CONTENT+STYLE")
    parser.add_argument("--size", type=int, default=256, metavar="PX")
    parser.add_argument("--seconds", type=float, default=30)
    args = parser.parse_args()
    origin, rows, sheets = machine(), [], []
    judges = {name: load_encoder(name) for name in GROUNDS}
    RESULTS.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder:
        for pair in args.pairs:
            more, pictures = compare(pair, args.size, args.seconds, judges, Path(folder))
            rows += more
            sheets.append(pictures)
        sheet(sheets).save(RESULTS / "encoders.png", optimize=True)
    header = ["pair", "painted with", "steps"]
    header += [f"style distance by {name}" for name in GROUNDS]
    text = f"# encoders\n\n{origin}\n\n{table([*header, 'similarity'], rows)}"
    RESULTS.joinpath("encoders.md").write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
