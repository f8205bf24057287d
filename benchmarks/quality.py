"""Our presets beside Crowson's recipe: ``python -m benchmarks.quality``.

Both paint with the same network from the same pixels, and are judged by all measures of
``benchmarks.judge``. Who gives up the content is sooner near the style: hers are painted with more
content weight, too. They take long and stay in ``out/quality``: delete them there to have them
painted anew.
"""

import argparse
import re
from dataclasses import dataclass
from itertools import starmap
from pathlib import Path

import torch
from torch import Tensor

from benchmarks import crowson
from benchmarks.judge import DeliveredLoss, content_distance, read, similarity, style_distance
from benchmarks.pairs import PAIRS, RESULTS, ROOT, pictures
from benchmarks.report import machine, sheet, table
from stylize.encoders import choose_dtype, load_encoder
from stylize.evaluate import evaluate
from stylize.media.picture import Picture, encode_png
from stylize.paint import paint
from stylize.pyramid import plan
from stylize.recipes import Transfer
from stylize.recipes.style import StyleRecipe
from stylize.recipes.transfer import content_weight
from stylize.targets import Losses, Targets

STEPS = 235
"""At one scale, they take a quarter of the reference's evaluations."""
CROWSON = {"Crowson": 1, "Crowson, content x 4": 4, "Crowson, content x 16": 16}
"""How many times her content weight."""
HEADER = ("pair", "painter", "evaluations", "loss", "style distance", "content distance", "SSIM")


def presets(size: int) -> dict[str, StyleRecipe]:
    """Ours: the default; the same at a quarter of the reference's compute; and so, but bolder."""
    share = sum(scale.steps * (scale.size / size) ** 2 for scale in plan(size, STEPS)) / STEPS
    usual = Transfer(size=size)
    longer = usual.model_copy(update={"steps": round(STEPS / share)})
    bolder = longer.model_copy(update={"content_weight": content_weight(60)})
    return {"ours": usual, "ours, longer": longer, "ours, bolder": bolder}


@dataclass(frozen=True)
class Painting:
    """A painting, what it cost, and what it is worth."""

    painter: str
    path: Path
    evaluations: float
    """Of loss and gradient, in whole pictures: one at half the size counts as a quarter."""
    loss: float
    """Delivered."""
    style_distance: float
    content_distance: float
    """Both by lite."""
    similarity: float

    @property
    def label(self) -> str:
        """For a sheet."""
        distances = f"style {self.style_distance:.4f}, content {self.content_distance:.2f}"
        return f"{self.painter}\n{distances}"

    def row(self, pair: str) -> list[str]:
        """For a table."""
        return [
            pair,
            self.painter,
            f"{self.evaluations:.0f}",
            f"{self.loss:.3g}",
            f"{self.style_distance:.4f}",
            f"{self.content_distance:.3f}",
            f"{self.similarity:.3f}",
        ]


class Count:
    """Evaluates, and counts the pixels that were looked at."""

    def __init__(self) -> None:
        self.pixels = 0

    def __call__(self, targets: Targets, pixels: Tensor) -> tuple[Losses, Tensor]:
        self.pixels += pixels[..., 0, :, :].numel()
        return evaluate(targets, pixels)


class Easel:
    """Paints *pair* at *size* pixels, and keeps what is painted in *folder*."""

    def __init__(self, pair: str, size: int, folder: Path) -> None:
        self.pair = pair
        self._size = size
        self._folder = folder
        self._content, self._style = pictures(pair, size)
        self._dtype = choose_dtype(torch.device("cpu"))
        self._encoder = load_encoder("vgg19", dtype=self._dtype)
        self._judge = load_encoder("lite")
        self._delivered = DeliveredLoss(self._content, self._style, load_encoder("vgg19"))

    def originals(self) -> list[tuple[str, Path]]:
        """Content and style, labelled."""
        return [
            (self.pair, self._keep("content", self._content)),
            ("", self._keep("style", self._style)),
        ]

    def hers(self, name: str, times: int) -> Painting:
        """By Crowson's recipe, content weighing *times* as much; painted once, judged anew."""
        if self._path(name).exists():
            return self._judged(name, read(self._path(name)), crowson.cost(self._size))
        pixels, content, style = self._content, self._content.float(), self._style.float()
        weight = times * crowson.CONTENT_WEIGHT
        for _, _, average in crowson.paint(content, style, self._dtype, weight):
            pixels = 255 * average
        return self._judged(name, pixels, crowson.cost(self._size))

    def ours(self, name: str, recipe: StyleRecipe) -> Painting:
        """By *recipe*."""
        count, pixels = Count(), self._content
        content, style = Picture(self._content), Picture(self._style)
        for frame in paint(recipe, content, [style], encoder=self._encoder, evaluator=count):
            pixels = frame.pixels
        return self._judged(name, pixels, count.pixels / self._content[0].numel())

    def _judged(self, painter: str, pixels: Tensor, cost: float) -> Painting:
        delivered = pixels.round().clamp(0, 255)
        return Painting(
            painter,
            self._keep(painter, delivered),
            cost,
            self._delivered(delivered),
            style_distance(delivered, self._style, self._judge),
            content_distance(delivered, self._content, self._judge),
            similarity(delivered, self._content),
        )

    def _path(self, name: str) -> Path:
        plain = "-".join(re.findall(r"\w+", name.lower()))
        return self._folder / f"{self.pair}-{self._size}-{plain}.png"

    def _keep(self, name: str, pixels: Tensor) -> Path:
        path = self._path(name)
        path.write_bytes(encode_png(pixels))
        return path


def main() -> None:
    """Paint, and write ``results/quality`` as Markdown and as a sheet."""
    parser = argparse.ArgumentParser(description="Our preset beside Crowson's recipe.")
    parser.add_argument("--pairs", nargs="+", default=PAIRS, metavar="CONTENT+STYLE")
    parser.add_argument("--size", type=int, default=256, metavar="PX")
    args = parser.parse_args()
    origin, rows, sheets = machine(), [], []
    folder = ROOT / "out" / "quality"
    folder.mkdir(parents=True, exist_ok=True)
    name = f"quality-{args.size}"
    for pair in args.pairs:
        easel = Easel(pair, args.size, folder)
        ours = starmap(easel.ours, presets(args.size).items())
        paintings = [*ours, *starmap(easel.hers, CROWSON.items())]
        rows += [painting.row(pair) for painting in paintings]
        sheets.append([*easel.originals(), *((p.label, p.path) for p in paintings)])
        text = f"# {name}\n\n{origin}\n\n{table(HEADER, rows)}"
        RESULTS.joinpath(f"{name}.md").write_text(text + "\n")
        sheet(sheets).save(RESULTS / f"{name}.png", optimize=True)
    print(text)


if __name__ == "__main__":
    main()
