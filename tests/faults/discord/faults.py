"""What can go wrong between the bot and Discord's HTTP API, on demand or at random.

A fault stands between a request and its handler: it may answer itself, wait, or let the handler do
its work and then lose the answer.
"""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch

from aiohttp import web

from tests.faults.discord.errors import ApiError

Serve = Callable[[], Awaitable[web.StreamResponse]]
Fault = Callable[[web.Request, Serve], Awaitable[web.StreamResponse]]


def reply(data: object, status: int = 200, **headers: str) -> web.Response:
    """JSON as Discord sends it: discord.py knows it by exactly this type, without a charset."""
    body = json.dumps(data).encode()
    return web.Response(
        body=body, status=status, content_type="application/json", headers={**headers}
    )


def refused(status: int, code: int = 0, text: str = "a fault") -> Fault:
    """Answer with an error, having done nothing."""

    async def fault(request: web.Request, serve: Serve) -> web.StreamResponse:
        raise ApiError(status, code, text)

    return fault


def broken(status: int) -> Fault:
    """Do what was asked, then answer as a failing gateway does: nobody knows that it was done."""

    async def fault(request: web.Request, serve: Serve) -> web.StreamResponse:
        await serve()
        return web.Response(status=status, text="upstream connect error")

    return fault


def limited(seconds: float, *, is_global: bool = False, by_cloudflare: bool = False) -> Fault:
    """Answer 429; only Discord's own has a ``Via`` header, and JSON."""

    async def fault(request: web.Request, serve: Serve) -> web.StreamResponse:
        if by_cloudflare:
            return web.Response(status=429, text="error code: 1015")
        said = {"message": "You are being rate limited.", "global": is_global}
        scope = "global" if is_global else "user"
        headers = {"Via": "1.1 google", "X-RateLimit-Scope": scope, "Retry-After": str(seconds)}
        return reply({**said, "retry_after": seconds}, 429, **headers)

    return fault


def slow(seconds: float) -> Fault:
    """Answer late."""

    async def fault(request: web.Request, serve: Serve) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return await serve()

    return fault


async def unheard(request: web.Request, serve: Serve) -> web.StreamResponse:
    """Close the connection before anything is done."""
    await request.read()
    return _hang_up(request)


async def lost(request: web.Request, serve: Serve) -> web.StreamResponse:
    """Do what was asked, then close the connection instead of saying so."""
    await serve()
    return _hang_up(request)


def _hang_up(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()  # nobody gets it


@dataclass
class _Planned:
    method: str
    path: str
    fault: Fault
    times: int
    after: int


class Faults:
    """Decides for each request which fault it meets, if any."""

    def __init__(self) -> None:
        self._planned: list[_Planned] = []
        self._weather: tuple[random.Random, float, Sequence[Fault]] | None = None
        self.met = 0
        """How many requests met a fault."""

    def plan(self, method: str, path: str, fault: Fault, *, times: int = 1, after: int = 0) -> None:
        """Let requests like ``POST /channels/*/messages`` meet *fault*.

        *times* requests meet it, once *after* others have passed.
        """
        self._planned.append(_Planned(method, path, fault, times, after))

    def storm(self, seed: int, share: float, faults: Sequence[Fault]) -> None:
        """Let a *share* of all requests, from 0 to 1, each meet one of *faults* at random."""
        self._weather = (random.Random(seed), share, faults)

    @property
    def pending(self) -> int:
        """How often a planned fault has not been met yet."""
        return sum(planned.times for planned in self._planned)

    def calm(self) -> None:
        """No more faults."""
        self._planned.clear()
        self._weather = None

    def choose(self, method: str, path: str) -> Fault | None:
        for planned in self._planned:
            if planned.method != method or not fnmatch(path, planned.path) or not planned.times:
                continue
            if planned.after:
                planned.after -= 1
                continue
            planned.times -= 1
            self.met += 1
            return planned.fault
        if self._weather is not None:
            dice, share, faults = self._weather
            if dice.random() < share:
                self.met += 1
                return dice.choice(faults)
        return None
