"""Gives hostile files to the sandbox, checks every answer, and keeps count."""

import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from stylize.media.decode import Bitmap, PictureError
from stylize.media.limits import SHORTEST_SIDE
from stylize.media.sandbox import Sandbox
from tests.faults.pictures.mutate import Mutator

NAME = "the second picture (odd.png)"


class Trial:
    """One sandbox and what became of the files that it was given."""

    def __init__(self, max_pixels: int) -> None:
        self.files = self.decoded = self.refused = self.broken = self.overdue = 0
        self.slowest = 0.0
        self.peak = 0
        """Bytes of memory that the sandbox's process had at most; 0 where that is not told."""
        self._max_pixels = max_pixels
        self._sandbox = Sandbox(max_pixels=max_pixels)

    def close(self) -> None:
        self._sandbox.close()

    def fuzz(self, mutator: Mutator, seeds: Iterable[int]) -> None:
        for seed in seeds:
            self.give(mutator.file(seed), f"Mutator({mutator.kind!r}).file({seed})")

    def give(self, data: bytes, origin: str) -> None:
        """Have *data* decoded. Fails, naming its *origin*, when the answer is none."""
        started = time.monotonic()
        try:
            self._check(self._sandbox.decode(data, NAME), origin)
            self.decoded += 1
        except PictureError as error:
            sentence = str(error)
            assert sentence.startswith(f"{NAME} "), (origin, sentence)
            assert sentence.endswith("."), (origin, sentence)
            assert "\n" not in sentence, (origin, sentence)
            self.refused += 1
            for word, count in (("breaks", "broken"), ("too long to open", "overdue")):
                if word in sentence:
                    setattr(self, count, getattr(self, count) + 1)
                    print(origin, sentence)
        self.files += 1
        self.slowest = max(self.slowest, time.monotonic() - started)
        self.peak = max(self.peak, _peak(self._sandbox.pid))

    def _check(self, bitmap: Bitmap, origin: str) -> None:
        height, width, channels = bitmap.pixels.shape
        assert (bitmap.pixels.dtype, channels) == (np.uint8, 3), origin
        assert min(height, width) >= SHORTEST_SIDE, origin
        assert height * width <= self._max_pixels, origin
        if bitmap.alpha is not None:
            assert bitmap.alpha.shape == (height, width), origin
        if bitmap.note is not None:
            assert bitmap.note.startswith(f"{NAME} "), origin

    def row(self, kind: str) -> str:
        """A line of the table that ``HEAD`` begins."""
        return (
            f"| {kind} | {self.files:,} | {self.decoded:,} | {self.refused:,} | {self.broken} "
            f"| {self.slowest:.2f} | {self.peak / 1e6:.0f} |"
        )


HEAD = (
    "| format | files | decoded | refused in words | broke the process | slowest s | peak MB |\n"
    "|---|---:|---:|---:|---:|---:|---:|"
)


def _peak(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024
