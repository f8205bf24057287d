"""This project against PyPI's pastiche and neural-style: loss over time on identical pixels.

``python -m benchmarks.peers --size 256 --pairs chelsea+swirls astronaut+woodcut``

Content and style are resized once, to the same longer side, and every painter gets those very
files. They paint one after the other, pair by pair, each in a process and an environment of its
own; every painting is judged as the 8-bit PNG that it was saved as.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmarks.judge import DeliveredLoss, read, similarity, style_distance
from benchmarks.painters import OURS, PEERS, Commission, Painter
from benchmarks.pairs import PAIRS, RESULTS, ROOT, pictures
from benchmarks.race import Curve, Sample, watch
from benchmarks.report import machine, sheet, table
from stylize.encoders import Encoder, load_encoder
from stylize.media.picture import encode_png


@dataclass(frozen=True)
class Result:
    """One painter's work on one pair."""

    size: int
    pair: str
    painter: str
    curve: Curve
    """From the start of the process."""
    warm: Curve
    """Without start-up. Ours is another painting, the second in the process."""
    style_distance: float
    similarity: float
    """Both of the painting that ``final`` gives."""

    def final(self) -> Sample:
        """What is delivered in the end: a peer's best, although it does not know; our last."""
        return self.curve.samples[-1] if self.painter == OURS.name else self.curve.best()


def compete(args: argparse.Namespace, folder: Path) -> Iterator[Result]:
    """Every painter on every pair at every size; pairs begin with different painters."""
    painters = [OURS, *(PEERS[name] for name in args.peers)]
    limits = {"every": args.every, "iterations": args.iterations, "steps": args.steps}
    for size in args.size:
        for turn, pair in enumerate(args.pairs):
            place = folder / f"{size}-{pair}"
            content, style = prepare(pair, size, place)
            first = turn % len(painters)
            for painter in painters[first:] + painters[:first]:
                commission = Commission(content, style, size, place / painter.name, **limits)
                yield judged(painter, commission, pair, args.minutes)


def prepare(pair: str, size: int, folder: Path) -> tuple[Path, Path]:
    """Content and style, resized and rounded, as the files that all painters get."""
    folder.mkdir(parents=True)
    paths = folder / "content.png", folder / "style.png"
    for path, pixels in zip(paths, pictures(pair, size), strict=True):
        path.write_bytes(encode_png(pixels))
    return paths


def judged(painter: Painter, commission: Commission, pair: str, minutes: float) -> Result:
    """Let *painter* paint and measure what it delivered."""
    content, style = read(commission.content), read(commission.style)
    loss = DeliveredLoss(content, style, _encoder("vgg19"))
    ours = painter is OURS
    curve = watch(
        painter, commission, lambda path: loss(read(path)), minutes=None if ours else minutes
    )
    first = curve.painting(0)
    final = read((first.samples[-1] if ours else first.best()).path)
    return Result(
        commission.size,
        pair,
        painter.name,
        first,
        curve.painting(1 if ours else 0).warm(),
        style_distance(final, style, _encoder("lite")),
        similarity(final, content),
    )


@cache
def _encoder(name: str) -> Encoder:
    return load_encoder(name)


def head_to_head(results: Sequence[Result], curve_of: Callable[[Result], Curve]) -> str:
    """Each peer against us, on the same pictures: time for the same loss, loss for the same time.

    Our time is that for the lowest loss that any peer reached on the pair; the peer's is that in
    which it came within 1 % of its own.
    """
    header = ["pair", "px", "peer", "its best loss", "after", "ours beats all after", "faster"]
    rows = []
    for peer in (result for result in results if result.painter != OURS.name):
        rivals = [r for r in results if (r.size, r.pair) == (peer.size, peer.pair)]
        (ours,) = (curve_of(r) for r in rivals if r.painter == OURS.name)
        goal = min(curve_of(r).best().loss for r in rivals if r.painter != OURS.name)
        loss, seconds = curve_of(peer).best().loss, curve_of(peer).settled().seconds
        row = [peer.pair, str(peer.size), peer.painter, f"{loss:.3g}", f"{seconds:.0f} s"]
        equal, meanwhile = ours.reaching(goal), ours.after(seconds)
        row += _ratio(equal.seconds if equal else None, seconds, ".1f", " s")
        row += _ratio(meanwhile.loss if meanwhile else None, loss, ".3g")
        rows.append(row)
    return table([*header, "our loss by then", "lower"], rows)


def _ratio(ours: float | None, theirs: float, form: str, unit: str = "") -> list[str]:
    """Our number, and how many times smaller it is than *theirs*."""
    return ["never", "–"] if ours is None else [f"{ours:{form}}{unit}", f"{theirs / ours:.2f}×"]


def deliveries(results: Sequence[Result]) -> str:
    """What each painter delivered in the end."""
    header = ["pair", "px", "painter", "start-up", "delivered after", "delivered loss"]
    rows = [
        [
            result.pair,
            str(result.size),
            result.painter,
            f"{result.curve.begins[0]:.1f} s",
            f"{result.final().seconds:.0f} s",
            f"{result.final().loss:.3g}",
            f"{result.style_distance:.3f}",
            f"{result.similarity:.3f}",
        ]
        for result in results
    ]
    return table([*header, "style distance", "similarity"], rows)


def report(name: str, results: Sequence[Result], origin: str, folder: Path) -> str:
    """Write ``results/NAME`` as Markdown, as JSON with all curves, and as a sheet of pictures."""
    text = "\n\n".join(
        [
            f"# {name}",
            origin,
            "Seconds since the start of the process:",
            head_to_head(results, lambda result: result.curve),
            "Without start-up, and ours the second painting of its process:",
            head_to_head(results, lambda result: result.warm),
            "Delivered in the end:",
            deliveries(results),
        ]
    )
    RESULTS.mkdir(exist_ok=True)
    RESULTS.joinpath(f"{name}.md").write_text(text + "\n")
    RESULTS.joinpath(f"{name}.json").write_text(
        json.dumps({"origin": origin, "results": [_as_json(result) for result in results]})
    )
    sheet(_rows(results, folder)).save(RESULTS / f"{name}.png", optimize=True)
    return text


def _as_json(result: Result) -> dict[str, object]:
    """Curves are lists of (seconds, delivered loss)."""
    curves = {"curve": result.curve, "warm": result.warm}
    return {
        **{key: value for key, value in vars(result).items() if key not in curves},
        "start_up": round(result.curve.begins[0], 3),
        **{
            key: [(round(s.seconds, 3), round(s.loss, 1)) for s in curve.samples]
            for key, curve in curves.items()
        },
    }


def _rows(results: Sequence[Result], folder: Path) -> list[list[tuple[str, Path]]]:
    """For each pair its content, its style and every painter's painting, with labels."""
    rows: dict[str, list[tuple[str, Path]]] = {}
    for result in sorted(results, key=lambda result: result.painter != OURS.name):
        place = f"{result.size}-{result.pair}"
        names = result.pair.split("+")
        originals = zip(names, ("content", "style"), strict=True)
        start = [(name, folder / place / f"{role}.png") for name, role in originals]
        final = result.final()
        label = f"{result.painter}, {final.seconds:.0f} s\nloss {final.loss:.3g}"
        rows.setdefault(place, start).append((label, final.path))
    return list(rows.values())


def main() -> None:
    """Run the competition and write its report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--size", type=int, nargs="+", default=[256], metavar="PX")
    parser.add_argument("--pairs", nargs="+", default=PAIRS, metavar="CONTENT+STYLE")
    usual = ["pastiche-matched", "neural-style"]
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=usual, metavar="PEER")
    parser.add_argument("--minutes", type=float, default=4, help="the most for a peer's painting")
    parser.add_argument("--iterations", type=int, default=1000, help="likewise")
    parser.add_argument("--every", type=int, default=10, help="iterations between saved pictures")
    parser.add_argument("--steps", type=int, help="of ours; by default the recipe's own")
    parser.add_argument("--name", default="peers", help="of the results")
    args = parser.parse_args()
    origin, folder = machine(), ROOT / "out" / "paintings" / args.name
    shutil.rmtree(folder, ignore_errors=True)
    for name in args.peers:
        PEERS[name].install()
    results = []
    for result in compete(args, folder):
        results.append(result)
        final = result.final()
        print(
            f"{result.pair} at {result.size}, {result.painter}: "
            f"{final.loss:.3g} after {final.seconds:.0f} s",
            file=sys.stderr,
        )
    print(report(args.name, results, origin, folder))


if __name__ == "__main__":
    main()
