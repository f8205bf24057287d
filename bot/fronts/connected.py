"""Chats on servers elsewhere: connected in the background, for as long as the studio is open."""

import asyncio
from collections.abc import Iterator
from itertools import chain, repeat

from bot.fronts.base import Front
from bot.studio import Studio

RECONNECT_SECONDS: tuple[float, ...] = (5, 15, 60, 300)


def pauses() -> Iterator[float]:
    """How long to wait before each further try to connect, in seconds, for ever."""
    return chain(RECONNECT_SECONDS, repeat(RECONNECT_SECONDS[-1]))


class Connected(Front):
    """A front whose ``run`` connects, sets ``_ready``, and stays so until it is cancelled."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio)
        self._ready = asyncio.Event()
        self._trouble: str | None = "not connected yet"
        self._running: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Stay connected until closed, whatever happens to the server."""
        raise NotImplementedError

    async def open(self) -> None:
        """Connect in the background: the rest of the studio does not wait for the server."""
        self._running = asyncio.create_task(self.run(), name=self.name)

    async def close(self) -> None:
        self._ready.clear()
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    def trouble(self) -> str | None:
        return self._trouble
