"""Whether each part of the studio works, and in a sentence what is wrong where one does not."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from aiohttp import hdrs, web

from bot.monitor.metrics import PART_UP

log = logging.getLogger(__name__)

PROBE_SECONDS = 30.0
PATIENCE_SECONDS = 40.0
"""Longer than a database that another program locks is waited for: that one says so itself."""

Trouble = Callable[[], str | None]
"""What is wrong with a part right now, from memory; None while it works."""


class Health:
    """What there is to be asked about, and the truth about it.

    The studio is well while all of its *vital* parts work. A chat that is away is told, but does
    not make the studio unwell: it is waited for, and to start the studio again would not help.
    """

    def __init__(self) -> None:
        self._parts: dict[str, Trouble] = {}
        self._vital: set[str] = set()

    def add(self, part: str, trouble: Trouble, *, vital: bool = True) -> None:
        """Ask *trouble* about a *part* from now on."""
        self._parts[part] = trouble
        if vital:
            self._vital.add(part)
        PART_UP.labels(part).set_function(lambda: trouble() is None)

    def report(self) -> tuple[bool, dict[str, str]]:
        """Whether the studio is well, and of each part ``ok`` or what is wrong."""
        troubles = {part: trouble() for part, trouble in self._parts.items()}
        well = all(troubles[part] is None for part in self._vital)
        return well, {part: trouble or "ok" for part, trouble in troubles.items()}

    async def answer(self, _: web.Request) -> web.Response:
        """The answer to ``/healthz``: 200, or 503 when the studio is not well."""
        well, parts = self.report()
        return web.json_response(
            {"ok": well, "parts": parts},
            status=200 if well else 503,
            headers={hdrs.CACHE_CONTROL: "no-store"},
        )


class Probe:
    """Tries now and then whether something works, so that whoever asks need not wait for it."""

    def __init__(self, attempt: Callable[[], Awaitable[None]], wrong: str) -> None:
        self._attempt = attempt
        self._wrong = wrong
        self._trouble: str | None = None

    def trouble(self) -> str | None:
        """What went wrong at the last try, if anything did."""
        return self._trouble

    async def run(self) -> None:
        """Try until cancelled."""
        while True:
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await self._attempt()
                self._trouble = None
            except Exception as error:
                if self._trouble is None:
                    log.warning("%s: %s", self._wrong, str(error) or type(error).__name__)
                self._trouble = f"{self._wrong}; the log says why"
            await asyncio.sleep(PROBE_SECONDS)
