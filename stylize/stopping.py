"""Ctrl-C: once to end a painting and keep it as far as it is, twice to stop at once."""

import signal
from types import FrameType, TracebackType
from typing import Self

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopping:
    """What Ctrl-C and SIGTERM mean while this context lasts; for the main thread.

    The first raises KeyboardInterrupt or, once ``saving`` is set, only leaves ``signal``: what is
    being written then is what would be written on account of it. The second raises
    KeyboardInterrupt in any case. From the third on they are ignored, as all are once a program
    that was stopped has left the context: nothing keeps it from clearing up behind it.
    """

    def __init__(self) -> None:
        self.saving = False
        self.signal: int | None = None
        """The first that came."""
        self._count = 0

    @property
    def code(self) -> int:
        """The exit code of a program that was stopped: 130 after Ctrl-C, 143 after SIGTERM."""
        return 128 + (self.signal or signal.SIGINT)

    def __enter__(self) -> Self:
        self._before = {number: signal.getsignal(number) for number in _SIGNALS}
        for number, handler in self._before.items():
            if handler is not signal.SIG_IGN:  # as in the background of a script
                signal.signal(number, self._take)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, signal.SIG_IGN if self.signal else handler)

    def _take(self, number: int, frame: FrameType | None) -> None:
        self._count += 1
        self.signal = self.signal or number
        if self._count == 2 or (self._count == 1 and not self.saving):
            raise KeyboardInterrupt
