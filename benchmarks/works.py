"""What the works cost beside their plain ways: ``python -m benchmarks.works [NAME …]``.

Each function measures both sides in one run, in turns, and tells the ratio; below 1 is cheaper.
The table goes into ``results/works.md``, where rows that were not measured anew stay.
"""

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

import torch
from torch import Tensor
from torch.nn import functional

from benchmarks.pairs import RESULTS, SAMPLES, pictures
from benchmarks.report import machine, table
from bot.config import Settings
from bot.model import Order, StoredPicture
from bot.worker.painter import Painter
from stylize.encoders import choose_dtype, load_encoder
from stylize.evaluate import evaluate
from stylize.inputs import noise
from stylize.media.picture import Picture, decode, resize
from stylize.parts import map_in, regions_of
from stylize.recipes import Dream, Recipe, Sweep, Texture, Transfer
from stylize.targets import Targets, measure
from stylize.tasks.base import Resources
from stylize.tasks.dream import TASK

ROUNDS = 3
"""Of each side."""
LOOKS = 10
"""At a loss and its gradient, where one is too short for the clock."""
HEADER = ("work", "against", "ratio", "rounds", "measured")


@dataclass(frozen=True)
class Ratio:
    """How many times as long *one* takes as the *other*."""

    against: str
    """What the other side is, in a few words."""
    one: Callable[[], object]
    other: Callable[[], object]


def sweep() -> Ratio:
    """A sheet of three strengths at three stroke sizes, against a job for each of its cells."""
    painter = Painter(Settings())
    pair = [(SAMPLES / f"{name}.jpg").read_bytes() for name in ("chelsea", "swirls")]
    stored = [StoredPicture(key=f"jobs/a/picture-{n}", name=f"{n}.jpg") for n in (1, 2)]
    sheet = Sweep(size=128, steps=60)

    def job(recipe: Recipe) -> None:
        for _ in painter.paint(Order(recipe=recipe, pictures=tuple(stored)), pair):
            pass

    def jobs() -> None:
        for cell in sheet.grid(styles=1).cells:
            job(cell.recipe)

    job(Transfer(size=64, steps=1))  # loads the network, which neither side is to pay for
    return Ratio("a job for each of its nine cells", lambda: job(sheet), jobs)


def dream() -> Ratio:
    """The usual dream at 384 pixels, and the loop that one writes first."""
    content = Picture(pictures("chelsea+swirls", 384)[0])
    device, recipe = torch.device("cpu"), Dream(size=384)
    encoder = load_encoder("vgg19", dtype=choose_dtype(device))
    resources = Resources(device, lambda name, pooling: encoder, upload_bytes=sys.maxsize)

    def plain() -> Tensor:
        pixels = content.pixels.float()
        height, width = pixels.shape[-2:]
        detail = torch.zeros(3, 1, 1)
        for octave in range(recipe.octaves - 1, -1, -1):
            side = recipe.octave_scale**octave
            shape = [round(height / side), round(width / side)]
            base, detail = (
                functional.interpolate(one[None], shape, mode="bicubic")[0]
                for one in (pixels, detail)
            )
            dreamt = base + detail
            for _ in range(recipe.steps):
                shift = tuple(torch.randint(-32, 33, (2,)).tolist())
                leaf = dreamt.roll(shift, (-2, -1)).requires_grad_()
                features = encoder(leaf, [recipe.layer])[recipe.layer]
                (slope,) = torch.autograd.grad(features.float().square().mean(), leaf)
                slope = slope.roll((-shift[0], -shift[1]), (-2, -1))
                dreamt = (dreamt + 1.5 * slope / slope.abs().mean()).clamp(0, 255)
            detail = dreamt - base
        return dreamt

    inputs = {"content": [content], "guide": []}
    return Ratio("a plain loop, 384 px", lambda: list(TASK.run(recipe, inputs, resources)), plain)


def regions() -> Ratio:
    """Looks at a painting in two parts with a style each, against looks at one in one style."""
    encoder = load_encoder("vgg19", dtype=choose_dtype(torch.device("cpu")))
    content, *styles = (
        decode((SAMPLES / f"{name}.jpg").read_bytes()) for name in ("coffee", "woodcut", "swirls")
    )
    parts = Transfer(on="subject,background")
    pixels = resize(content.pixels, (170, 256))
    seen = [resize(style.pixels, (256, 256)) for style in styles]
    found = regions_of(parts, map_in([parts], content, None), len(seen))
    each = [one.at((170, 256), pixels.device) for one in found]
    apart = measure(parts, encoder, pixels, seen, regions=each)
    plain = measure(Transfer(), encoder, pixels, seen[:1])

    def looks(targets: Targets) -> None:
        for _ in range(LOOKS):
            evaluate(targets, pixels)

    return Ratio("a look at one style everywhere", lambda: looks(apart), lambda: looks(plain))


def tile() -> Ratio:
    """Ten evaluations of a texture's loss and gradient at 256 pixels, with and without wrapping."""
    encoder = load_encoder("vgg19", dtype=choose_dtype(torch.device("cpu")))
    style, begun = pictures("chelsea+swirls", 256)[1].float(), noise((256, 256), seed=0)

    def ten(*, seamless: bool) -> None:
        targets = measure(Texture(seamless=seamless), encoder, None, [style])
        for _ in range(10):
            evaluate(targets, begun)

    ten(seamless=True)
    return Ratio("a texture with sides", lambda: ten(seamless=True), lambda: ten(seamless=False))


WORKS: Mapping[str, Callable[[], Ratio]] = {
    "sweep": sweep,
    "dream": dream,
    "tile": tile,
    "regions": regions,
}
"""By the work's name: what is prepared outside the clock, and both sides."""


def measured(ratio: Ratio) -> list[float]:
    """The ratio of each round; the sides take turns, so that a busy moment hits both."""
    found = []
    for _ in range(ROUNDS):
        seconds = []
        for side in (ratio.one, ratio.other):
            begun = time.perf_counter()
            side()
            seconds.append(time.perf_counter() - begun)
        found.append(seconds[0] / seconds[1])
    return found


def main() -> None:
    """Measure the works that are named, or all, and print and keep the table."""
    path = RESULTS / "works.md"
    lines = path.read_text().splitlines() if path.exists() else []
    rows = {line.split(" | ")[0].strip("| "): line.strip("| ").split(" | ") for line in lines[2:]}
    for name in sys.argv[1:] or WORKS:
        ratio = WORKS[name]()
        found = measured(ratio)
        rounds = ", ".join(f"{one:.2f}" for one in found)
        rows[name] = [name, ratio.against, f"{median(found):.2f}", rounds, machine()]
        print(table(HEADER, [rows[name]]), flush=True)
    path.write_text(table(HEADER, list(rows.values())) + "\n")


if __name__ == "__main__":
    main()
