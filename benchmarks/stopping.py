"""Where ``steps=auto`` stops, and what that saves and costs: ``python -m benchmarks.stopping``.

Each pair is painted once for long, and the rule is tried on the losses of its steps; a painting of
two scales begins the finer one where 50 steps ended the coarser. Some of these are then painted
with ``steps=auto`` itself; one scale's first steps are those of the long painting anyway. Time is
counted in evaluations, of which one at half the size counts as a quarter: so it does not matter
what else the machine does. What was painted stays in ``out/stopping``: delete it there to have it
painted anew.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from statistics import fmean

import torch

from benchmarks.judge import DeliveredLoss
from benchmarks.pairs import RESULTS, ROOT, pictures
from benchmarks.quality import Count
from benchmarks.report import machine, table
from stylize.convergence import Convergence, share
from stylize.encoders import choose_dtype, load_encoder
from stylize.frame import Canvas, Frame
from stylize.media.picture import Picture
from stylize.paint import paint
from stylize.recipes import Texture, Transfer
from stylize.recipes.style import StyleRecipe

PAIRS = ("chelsea+swirls", "astronaut+woodcut", "coffee+glass", "rocket+dots", "chelsea+mosaic")
PAINTED = ("chelsea+swirls", "coffee+glass")
"""Really painted at two scales: where the coarser one ends, the finer one begins."""
STEPS = 100
"""What was usual before paintings ended by themselves."""
LONG, LONG_EACH = 200, 70
"""Steps of a long painting of one scale, and of each of two."""
TRIED = (0.8, 1.0, 1.25, 1.5)
"""Shares, in terms of the one that is in use."""
FOLDER = ROOT / "out" / "stopping"

Row = tuple[float, int, float | None]
"""After a step: the loss, the pixels looked at since the scale began, the delivered loss."""


@dataclass(frozen=True)
class Subject:
    """A pair and how it is painted."""

    pair: str
    size: int
    optimizer: str = "lbfgs"
    texture: bool = False

    @property
    def name(self) -> str:
        return f"{self.pair}-{self.size}-{self.optimizer}{'-texture' * self.texture}"

    def recipe(self, steps: int | str) -> StyleRecipe:
        kind = Texture if self.texture else Transfer
        fields = {"size": self.size, "steps": steps, "optimizer": self.optimizer}
        return kind.model_validate(fields)


class Easel:
    """Paints *subject*, and judges it where it has a content."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        content, style = pictures(subject.pair, subject.size)
        self._content = None if subject.texture else Picture(content)
        self._style = Picture(style)
        self._encoder = load_encoder("vgg19", dtype=choose_dtype(torch.device("cpu")))
        self._judge = DeliveredLoss(content, style, load_encoder("vgg19"))

    def paint(
        self, steps: int | str, most: int | None = None, resume: Canvas | None = None
    ) -> tuple[list[Row], list[Frame]]:
        """What came of the first *most* steps, and the frames that end scales or are the 50th."""
        count, rows, kept = Count(), [], []
        recipe = self.subject.recipe(steps)
        frames = paint(
            recipe,
            self._content,
            [self._style],
            encoder=self._encoder,
            evaluator=count,
            resume=resume,
        )
        for frame in islice(frames, most):
            judged = frame.scale == frame.scales - 1 and not self.subject.texture
            looked = judged and (frame.step % 5 == 0 or frame.ends_scale)
            delivered = self._judge(frame.pixels.round()) if looked else None
            rows.append((frame.losses["total"], count.pixels, delivered))
            if frame.ends_scale or frame.step == STEPS // 2:
                kept.append(frame)
        return rows, kept


OTHERS = (
    Subject("chelsea+swirls", 192, optimizer="adam"),
    Subject("chelsea+dots", 192, texture=True),
)


@dataclass(frozen=True)
class Curve:
    """The losses of a long painting, at its coarser scale, if it has one, and its finer one."""

    coarse: Sequence[Row]
    fine: Sequence[Row]

    @classmethod
    def of(cls, subject: Subject) -> "Curve":
        """Painted, unless it was before."""
        path = FOLDER / f"{subject.name}.json"
        if not path.exists():
            easel, curve = Easel(subject), {}
            if subject.size < 384:
                curve["fine"], _ = easel.paint(LONG)
            else:
                curve["coarse"], kept = easel.paint(2 * LONG_EACH, LONG_EACH)
                begun = Canvas(0, kept[0].pixels, LONG_EACH, 2 * LONG_EACH)
                curve["fine"], _ = easel.paint(2 * LONG_EACH, resume=begun)
            path.write_text(json.dumps(curve))
        return cls(**{"coarse": (), **json.loads(path.read_text())})

    @property
    def usual(self) -> tuple[int, ...]:
        """The steps of each scale as they were before."""
        return (STEPS // 2, STEPS // 2) if self.coarse else (STEPS,)

    def stops(self, factor: float) -> tuple[int, ...]:
        """After how many steps each scale ends, the share being *factor* times that in use."""
        scales = [self.coarse, self.fine] if self.coarse else [self.fine]
        return tuple(stop(rows, factor * share(len(scales))) for rows in scales)

    def cost(self, stops: Sequence[int]) -> float:
        """Of so many steps at each scale, relative to what was usual."""
        scales = [self.coarse, self.fine] if self.coarse else [self.fine]
        now, before = (
            sum(rows[steps - 1][1] for rows, steps in zip(scales, each, strict=True))
            for each in (stops, self.usual)
        )
        return now / before

    def loss(self, steps: int) -> float:
        """Relative to what it was at the usual steps of the finer scale."""
        return self.fine[steps - 1][0] / self.fine[self.usual[-1] - 1][0] - 1

    def delivered(self, steps: int) -> float:
        """The same of the delivered loss, which is known of every fifth step."""
        known = {n: row[2] for n, row in enumerate(self.fine, start=1) if row[2] is not None}
        for (below, low), (above, high) in pairwise(known.items()):
            if below <= steps <= above:
                found = low + (high - low) * (steps - below) / (above - below)
                return found / known[self.usual[-1]] - 1
        raise ValueError(f"nothing is known after {steps} steps")


def stop(rows: Sequence[Row], least: float) -> int:
    """The step after which the rule ends a scale, which has to win *least*."""
    convergence = Convergence(least)
    for loss, *_ in rows:
        convergence.add(loss)
        if convergence.reached:
            break
    return convergence.steps


def tried(curves: Sequence[Curve]) -> str:
    """A table of several shares on all *curves*."""
    rows = []
    for factor in TRIED:
        stops = [curve.stops(factor) for curve in curves]
        each = list(zip(curves, stops, strict=True))
        delivered = [curve.delivered(steps[-1]) for curve, steps in each]
        rows.append(
            [
                f"{factor * share(len(stops[0])):.2%}",
                ", ".join("+".join(map(str, steps)) for steps in stops),
                f"{fmean(curve.cost(steps) for curve, steps in each):.2f}",
                f"{fmean(delivered):+.1%}",
                f"{max(delivered):+.1%}",
                f"{fmean(curve.loss(steps[-1]) for curve, steps in each):+.1%}",
            ]
        )
    header = ("share", "steps", "cost", "delivered loss", "the worst pair's", "own loss")
    return table(header, rows)


def painted(subject: Subject) -> list[str]:
    """What ``steps=auto`` itself makes of *subject*, as a row of a table."""
    curve = Curve.of(subject)
    path = FOLDER / f"{subject.name}-auto.json"
    if not path.exists():
        rows, kept = Easel(subject).paint("auto")
        ends = [frame.step for frame in kept if frame.ends_scale]
        path.write_text(json.dumps({"ends": ends, "row": rows[-1]}))
    found = json.loads(path.read_text())
    ends, (loss, pixels, delivered) = found["ends"], found["row"]
    usual = curve.usual[-1]
    before = sum(rows[-1][1] for rows in (curve.coarse[:usual], curve.fine[:usual]) if rows)
    steps = [later - sooner for sooner, later in pairwise([0, *ends])]
    return [
        subject.pair,
        "+".join(map(str, steps)),
        f"{pixels / before:.2f}",
        f"{delivered / (curve.fine[usual - 1][2] or 1) - 1:+.1%}",
        f"{loss / curve.fine[usual - 1][0] - 1:+.1%}",
    ]


def others(subjects: Sequence[Subject]) -> str:
    """Where paintings end that are no usual ones, by their own loss."""
    rows = []
    for subject in subjects:
        curve = Curve.of(subject)
        (steps,) = curve.stops(1)
        what = f"{'texture' if subject.texture else 'painting'}, {subject.optimizer}"
        last = curve.loss(len(curve.fine))
        rows.append([what, subject.pair, f"{steps}", f"{curve.loss(steps):+.1%}", f"{last:+.1%}"])
    header = ("what", "pair", "steps", f"loss beside {STEPS} steps", "after all that was tried")
    return table(header, rows)


def main() -> None:
    """Paint, and write ``results/stopping.md``."""
    parser = argparse.ArgumentParser(description="Where paintings end by themselves.")
    parser.add_argument("--large", nargs="+", default=PAIRS, metavar="PAIR", help="at 512 pixels")
    parser.add_argument("--painted", nargs="+", default=PAINTED, metavar="PAIR", help="really")
    args = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    parts = [f"# stopping\n\n{machine()}"]
    for size, pairs in ((256, PAIRS), (512, args.large)):
        curves = [Curve.of(Subject(pair, size)) for pair in pairs]
        usual = "+".join(map(str, curves[0].usual))
        parts.append(f"## {size} pixels, beside {usual} steps: shares tried on the losses")
        parts += [", ".join(pairs), tried(curves)]
    rows = [painted(Subject(pair, 512)) for pair in args.painted]
    header = ("pair", "steps", "cost", "delivered loss", "own loss")
    parts += ["## 512 pixels, painted", table(header, rows)]
    parts += ["## Others, 192 pixels", others(OTHERS)]
    text = "\n\n".join(parts) + "\n"
    RESULTS.joinpath("stopping.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
