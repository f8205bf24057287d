"""What the works cost beside their plain ways: ``python -m benchmarks.works [NAME …]``.

Each function measures both sides in one run, in turns, and tells the ratio; below 1 is cheaper.
The table goes into ``results/works.md``, where rows that were not measured anew stay.
"""

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

from benchmarks.pairs import RESULTS, SAMPLES
from benchmarks.report import machine, table
from bot.config import Settings
from bot.model import Order, StoredPicture
from bot.worker.painter import Painter
from stylize.recipes import Recipe, Sweep, Transfer

ROUNDS = 3
"""Of each side."""
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


WORKS: Mapping[str, Callable[[], Ratio]] = {"sweep": sweep}
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
