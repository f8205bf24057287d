"""Chats on servers elsewhere: connected in the background, for as long as the studio is open."""

import asyncio
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import chain, repeat
from typing import Annotated, ClassVar

from pydantic import AfterValidator

from bot.fronts.base import Front, NotReady
from bot.studio import Studio

log = logging.getLogger(__name__)

CHECK_SECONDS = 20
RECONNECT_SECONDS: tuple[float, ...] = (5, 15, 60, 300)
HERE = ("http://127.0.0.1", "http://localhost")


def _is_address(address: str) -> str:
    if address and not address.startswith(("https://", *HERE)):
        raise ValueError("must be an address such as https://example.org")
    return address.rstrip("/")


Server = Annotated[str, AfterValidator(_is_address)]
"""The address of a server, or nothing: who sends a password there wants it to be encrypted."""


def pauses() -> Iterator[float]:
    """How long to wait before each further try to connect, in seconds, for ever."""
    return chain(RECONNECT_SECONDS, repeat(RECONNECT_SECONDS[-1]))


def reason_of(error: BaseException | None) -> str:
    """Why a server cannot be reached, in plain words, by *error* or what has led to it."""
    last: BaseException | None = None
    while error is not None:
        match error:
            case socket.gaierror():
                return "no such name is found; is it spelled right, and is this machine online?"
            case ConnectionRefusedError():
                return "nobody answers at this address"
            case ssl.SSLError():
                return "its certificate is not valid, or it speaks no HTTPS"
            case TimeoutError():
                return "it does not answer in time"
        last = error
        error = getattr(error, "os_error", None) or error.__cause__ or error.__context__
    return str(last) or type(last).__name__


@asynccontextmanager
async def checking(address: str) -> AsyncIterator[None]:
    """For a look at the server at *address*: raises NotReady where that takes too long or fails."""
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            yield
    except NotReady:
        raise
    except Exception as error:
        raise NotReady(f"cannot reach {address}: {reason_of(error)}") from None


class Connected(Front):
    """A front that stays connected until it is closed, whatever happens to the server."""

    trouble_of_servers: ClassVar[tuple[type[Exception], ...]] = (OSError, TimeoutError)
    """Errors that are to be expected; of others the log tells where they come from."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio)
        self._ready = asyncio.Event()
        self._trouble: str | None = "not connected yet"
        self._waits = pauses()
        self._running: asyncio.Task[None] | None = None

    @property
    def server(self) -> str:
        """The address that it connects to."""
        raise NotImplementedError

    async def stay(self) -> None:
        """Connect, set ``_ready``, and hear what is said, for ever, with ``_is_well`` each time."""
        raise NotImplementedError

    async def run(self) -> None:
        """Stay connected, and connect anew after whatever ends that."""
        while True:
            try:
                await self.stay()
            except Exception as error:
                pause = next(self._waits)
                told = isinstance(error, NotReady)
                why = str(error) if told else f"cannot reach {self.server}: {reason_of(error)}"
                unknown = not isinstance(error, (NotReady, *self.trouble_of_servers))
                self._trouble = why
                log.warning("%s; again in %g s", why, pause, exc_info=unknown)
                await asyncio.sleep(pause)

    def _is_well(self) -> None:
        """Note that the server was reached and heard."""
        self._trouble, self._waits = None, pauses()

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
