"""One painter at work, watched from outside: the delivered loss over time.

A painter is a process that saves its picture now and then. When a file was last written tells
how long after the start of the process that picture was to be had. Every few seconds the process
is stopped (SIGSTOP), what it has saved is judged, and it goes on; the time for which it was
stopped is not counted. So a painter can be ended once it no longer improves, and the judge never
competes with it for the processor.
"""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from benchmarks.painters import Commission, Painter
from benchmarks.pairs import ROOT
from stylize.media.decode import PictureError

LOOK_EVERY = 10
"""Seconds between two looks at what a painter has saved."""
PATIENCE, LEAST_GAIN = 0.3, 0.01
"""A painter has levelled off when the last 30 % of its time won less than 1 % of loss."""
FEWEST_SAMPLES = 8
"""With fewer, nobody has levelled off."""


@dataclass(frozen=True)
class Sample:
    """One saved picture."""

    seconds: float
    """Since the start of the process, or of the painting where a ``Curve`` says so."""
    loss: float
    """Delivered loss."""
    path: Path


@dataclass
class Curve:
    """What a painter delivered when."""

    begins: list[float] = field(default_factory=list)
    """Seconds since the start of the process at which a painting was begun; there may be two."""
    samples: list[Sample] = field(default_factory=list)
    """Early to late."""

    def painting(self, index: int) -> "Curve":
        """The part that belongs to one painting, 0-based."""
        spans = list(pairwise([*self.begins, float("inf")]))
        begin, end = spans[index]
        return Curve([begin], [s for s in self.samples if begin <= s.seconds < end])

    def warm(self) -> "Curve":
        """The same with seconds counted from the beginning of the first painting."""
        (begin, *_) = self.begins
        samples = [Sample(s.seconds - begin, s.loss, s.path) for s in self.samples]
        return Curve([0.0], samples)

    def best(self) -> Sample:
        """The sample of the lowest loss."""
        return min(self.samples, key=lambda sample: sample.loss)

    def settled(self) -> Sample:
        """The first sample within 1 % of the best: the rest of the time is not held against it."""
        return next(s for s in self.samples if s.loss <= self.best().loss * (1 + LEAST_GAIN))

    def reaching(self, loss: float) -> Sample | None:
        """The first sample that is no worse than *loss*."""
        return next((sample for sample in self.samples if sample.loss <= loss), None)

    def after(self, seconds: float) -> Sample | None:
        """The latest sample that was there after *seconds*."""
        return next((s for s in reversed(self.samples) if s.seconds <= seconds), None)

    def levelled_off(self) -> bool:
        """Whether the last part of the time spent painting won next to nothing."""
        if len(self.samples) < FEWEST_SAMPLES:
            return False
        first, last = self.samples[0].seconds, self.samples[-1].seconds
        split = last - PATIENCE * (last - first)
        before = min(s.loss for s in self.samples if s.seconds <= split)
        return self.best().loss > (1 - LEAST_GAIN) * before


def watch(
    painter: Painter,
    commission: Commission,
    judge: Callable[[Path], float],
    minutes: float | None = None,
) -> Curve:
    """Let *painter* paint until it ends, or levels off, or *minutes* have passed.

    Without *minutes* it ends by itself only. *judge* gives the delivered loss of a picture.

    Raises RuntimeError, with the end of what the painter said, when it fails.
    """
    commission.frames.mkdir(parents=True)
    visit = _Visit(painter, commission, judge)
    try:
        while visit.goes_on_for(LOOK_EVERY):
            visit.stop_and_look()
            if minutes is not None and (
                visit.curve.levelled_off() or visit.clock(time.time()) > 60 * minutes
            ):
                return visit.curve
        visit.look()
    finally:
        visit.end()
    if visit.process.returncode != 0:
        said = "".join(line for _, line in visit.lines[-20:])
        raise RuntimeError(f"{painter.name} failed:\n{said}")
    return visit.curve


class _Visit:
    """A running painter and what has been seen of it."""

    def __init__(
        self, painter: Painter, commission: Commission, judge: Callable[[Path], float]
    ) -> None:
        self.curve = Curve()
        self.lines: list[tuple[float, str]] = []
        """What it said, and when."""
        self._painter, self._frames, self._judge = painter, commission.frames, judge
        self._seen: set[Path] = set()
        self._pauses: list[tuple[float, float]] = []
        """When it was stopped, and for how many seconds."""
        self._start = time.time()
        self.process = subprocess.Popen(
            painter.command(commission),
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def clock(self, moment: float) -> float:
        """Seconds for which the painter had worked at *moment*."""
        stopped = sum(seconds for begin, seconds in self._pauses if begin < moment)
        return moment - self._start - stopped

    def goes_on_for(self, seconds: float) -> bool:
        """Wait so long, or until it ends; whether it is still running then."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return True
        self._listener.join()
        return False

    def stop_and_look(self) -> None:
        """Look while the painter is stopped."""
        begin = time.time()
        self.process.send_signal(signal.SIGSTOP)
        try:
            self.look()
        finally:
            self._pauses.append((begin, time.time() - begin))
            self.process.send_signal(signal.SIGCONT)

    def look(self) -> None:
        """Judge what is new; a file that is still being written is left for the next time."""
        begins = [at for at, line in self.lines if line.startswith(self._painter.begins)]
        self.curve.begins = [self.clock(at) for at in begins]
        written = {path: path.stat().st_mtime for path in self._frames.glob("*.png")}
        for path in sorted(written.keys() - self._seen, key=lambda path: written[path]):
            try:
                loss = self._judge(path)
            except PictureError:
                continue
            self._seen.add(path)
            self.curve.samples.append(Sample(self.clock(written[path]), loss, path))

    def end(self) -> None:
        """Leave nothing running."""
        self.process.kill()
        self.process.wait()
        self._listener.join()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append((time.time(), line))
