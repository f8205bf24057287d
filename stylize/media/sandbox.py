"""A process of its own for decoding strangers' pictures.

Decoders are large old C libraries, and a picture may be made to break them. What breaks here is a
small process without torch, without anybody's secrets and without the right to open a file or a
connection. Its memory and its time are limited. It is kept from picture to picture, and replaced
when one was too much for it.

Both sides are in this module. The painter writes a line of JSON and the file's bytes to the
process's standard input, and reads a line of JSON and the pixels from its standard output. What
the process says is as little trusted as the picture: sizes are checked, nothing is unpickled.
"""

import contextlib
import io
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from stylize.media import tiff
from stylize.media.confinement import confine
from stylize.media.decode import Bitmap, PictureError, to_bitmap
from stylize.media.formats import KINDS
from stylize.media.limits import MAX_BYTES, MAX_PIXELS, SHORTEST_SIDE

log = logging.getLogger(__name__)

SECONDS = 30
"""For one picture. The largest legal ones take up to ten on a processor that is busy."""

START_SECONDS = 60.0

BASE_BYTES = 400_000_000
BYTES_PER_PIXEL = 32
"""Address space of the process, by itself and for each pixel that a picture may have.

Measured at 50 megapixels in all modes and depths (docs/reliability.md): 130 MB, and at most 31
bytes a pixel, but for colours of 64 bits a channel, which do not fit at that size.
"""

_LONGEST_LINE = 20_000
"""Bytes. A line of JSON holds a name or a sentence or two."""

_KEPT = ("PATH", "LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH")
"""What the process needs of our environment: where Python and its libraries are."""

_ITS_OWN = {
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "1000000",
}
"""A thread would take its share of the address space, and a picture's memory goes back to the
system with the picture."""

COMMAND = (sys.executable, "-m", "stylize.media.sandbox")

_SIMPLER = "save it again as a plain PNG or JPEG and use the copy."


class Sandbox:
    """Decodes pictures in another process, one at a time, for any number of threads.

    The process starts with the sandbox and ends with it, or when this process ends.
    """

    def __init__(
        self,
        *,
        max_bytes: int = MAX_BYTES,
        max_pixels: int = MAX_PIXELS,
        seconds: int = SECONDS,
    ) -> None:
        """*max_bytes* and *max_pixels* limit a picture, *seconds* the time that it may take.

        Raises RuntimeError when no process can be started.
        """
        self._max_bytes = max_bytes
        self._max_pixels = max_pixels
        self._seconds = seconds
        self._turn = threading.Lock()
        self._start()

    def decode(self, data: bytes, name: str = "the picture") -> Bitmap:
        """Decode as ``to_bitmap`` does; *name* is what messages call the picture.

        Raises PictureError when the picture cannot be used, also because it breaks the process
        or takes too long, and RuntimeError when no process can be started.
        """
        if not 0 < len(data) <= self._max_bytes:  # refused for its length alone
            return to_bitmap(data, name, max_bytes=self._max_bytes)
        with self._turn:
            if self._process.poll() is not None:
                self._restart()
            with _deadline(self._process, self._seconds) as overdue:
                try:
                    return self._ask(data, name)
                except PictureError:
                    raise
                except Exception as error:  # it ended, or talks nonsense
                    log.warning("a picture broke the decoder: %r", error)
                except BaseException:  # stopped in between: its answer is not to the next picture
                    self._end()
                    raise
            self._restart()
        if overdue.is_set():
            raise PictureError(f"{name} takes too long to open: {_SIMPLER}")
        raise PictureError(f"{name} breaks the program that opens pictures: {_SIMPLER}")

    def close(self) -> None:
        """End the process."""
        self._end()

    @property
    def pid(self) -> int:
        """The id of the process, which another one may replace after each picture."""
        return self._process.pid

    def _start(self) -> None:
        limits = (self._max_bytes, self._max_pixels, self._seconds)
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        try:
            process = subprocess.Popen(  # noqa: S603 - our own module, in our own Python
                [*COMMAND, *map(str, limits)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=kept | _ITS_OWN,
                start_new_session=True,  # Ctrl-C is for us
            )
        except OSError as error:
            raise RuntimeError("the process that opens pictures cannot be started") from error
        if process.stdin is None or not isinstance(process.stdout, io.BufferedReader):
            raise RuntimeError("the process that opens pictures has pipes")
        self._process, self._input, self._output = process, process.stdin, process.stdout
        self._end = weakref.finalize(self, _end, process)
        with _deadline(process, START_SECONDS):
            try:
                _hear(self._output)
            except (OSError, ValueError) as error:
                self._end()
                raise RuntimeError("the process that opens pictures does not start") from error

    def _restart(self) -> None:
        self._end()
        self._start()

    def _ask(self, data: bytes, name: str) -> Bitmap:
        _say(self._input, {"name": name, "length": len(data)}, data)
        answer = _hear(self._output)
        if "refusal" in answer:
            raise PictureError(str(answer["refusal"]))
        height, width = answer["size"]
        if min(height, width) < SHORTEST_SIDE or height * width > self._max_pixels:
            raise ValueError(f"{width}×{height} pixels were never allowed")
        return Bitmap(
            pixels=_receive(self._output, (height, width, 3)),
            alpha=_receive(self._output, (height, width)) if answer["alpha"] else None,
            note=None if answer["note"] is None else str(answer["note"]),
        )


@contextlib.contextmanager
def _deadline(process: subprocess.Popen[bytes], seconds: float) -> Iterator[threading.Event]:
    """End *process* after *seconds*, whatever it does; the event tells whether that was needed."""
    overdue = threading.Event()

    def end() -> None:
        overdue.set()
        process.kill()
        process.wait()

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield overdue
    finally:
        timer.cancel()
        timer.join()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):  # what was not yet sent
            if pipe is not None:
                pipe.close()


def _say(sink: IO[bytes], line: dict[str, Any], *parts: bytes | memoryview) -> None:
    sink.write(json.dumps(line).encode() + b"\n")
    for part in parts:
        sink.write(part)
    sink.flush()


def _hear(source: IO[bytes]) -> Any:
    return json.loads(source.readline(_LONGEST_LINE))


def _receive(source: io.BufferedReader, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    pixels = np.empty(shape, np.uint8)
    if source.readinto(pixels.data) < pixels.nbytes:
        raise EOFError("the pixels end early")
    return pixels


# ---------------------------------------------------------------- inside


def main() -> None:
    """Decode pictures from standard input until it ends; the arguments are the limits."""
    max_bytes, max_pixels, seconds = map(int, sys.argv[1:])
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    _rehearse()
    confine(BASE_BYTES + 4 * max_bytes + BYTES_PER_PIXEL * max_pixels)
    _say(sink, {"ready": True})
    while line := source.readline():
        request = json.loads(line)
        data = source.read(request["length"])
        signal.alarm(seconds + 1)  # should nobody be left to end this process
        try:
            found = to_bitmap(data, request["name"], max_bytes=max_bytes, max_pixels=max_pixels)
        except PictureError as error:
            _say(sink, {"refusal": str(error)})
        else:
            parts = [found.pixels] if found.alpha is None else [found.pixels, found.alpha]
            answer = {"size": found.pixels.shape[:2], "alpha": len(parts) == 2, "note": found.note}
            _say(sink, answer, *(part.data for part in parts))
            del found, parts
        signal.alarm(0)


def _rehearse() -> None:
    """Decode something of every format: later, the modules that this needs cannot be opened."""
    Image.init()
    for kind in (known.name for known in KINDS):
        if kind in Image.SAVE:
            file = io.BytesIO()
            Image.new("RGB", (SHORTEST_SIDE, SHORTEST_SIDE)).save(file, kind)
            to_bitmap(file.getvalue())
    tiff.load_codecs()
    with contextlib.suppress(PictureError):
        to_bitmap(b"no picture")


if __name__ == "__main__":
    main()
