"""Stands between the bot and the network, and does to single requests what a test wants."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import time
from typing import Self

import aiohttp
from aiohttp import web

from tests.bot.fronts.bluesky.network import Network

Forward = Callable[[], Awaitable[web.Response]]
Fault = Callable[[web.Request, Forward], Awaitable[web.Response]]

OF_THE_CONNECTION = (
    "Host",
    "Content-Length",
    "Transfer-Encoding",
    "Content-Encoding",
    "Connection",
)


def refused(status: int, error: str = "InternalServerError", **headers: str) -> Fault:
    """The request does not get through; the answer says *status* and *error*."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def fault(request: web.Request, forward: Forward) -> web.Response:
        return web.json_response({"error": error, "message": "."}, status=status, headers=named)

    return fault


async def lost(request: web.Request, forward: Forward) -> web.Response:
    """The request is done, but the answer never comes."""
    answer = await forward()
    if request.transport is not None:  # else nobody waits for it any more
        request.transport.abort()
    return answer


async def limited(request: web.Request, forward: Forward) -> web.Response:
    """The server has had enough for a second or two."""
    reset = str(int(time()) + 2)
    return await refused(429, "RateLimitExceeded", RateLimit_Reset=reset)(request, forward)


FAULTS = (refused(500), refused(502), refused(503), limited, lost)


@dataclass
class Proxy:
    """Use ``async with Proxy(network) as proxy``: both PDS and directory, at ``url``."""

    network: Network
    url: str = ""
    asked: list[tuple[float, str]] = field(default_factory=list)
    """When each request came, and what it asked for."""
    met: list[tuple[float, str]] = field(default_factory=list)
    """The same of those that met a fault."""
    _faults: list[tuple[str, Fault]] = field(default_factory=list)
    _always: dict[str, Fault] = field(default_factory=dict)
    _dice: random.Random = field(default_factory=random.Random)
    _share: float = 0.0

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=10**8)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._session = aiohttp.ClientSession(auto_decompress=True)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()
        await self._session.close()

    def once(self, what: str, *faults: Fault) -> None:
        """Let the next requests for *what*, such as ``getBlob``, meet these *faults*, one each."""
        self._faults += [(what, fault) for fault in faults]

    def always(self, what: str, fault: Fault) -> None:
        """Let all requests for *what* meet *fault*, until ``heal``."""
        self._always[what] = fault

    def storm(self, dice: random.Random, share: float) -> None:
        """Let this *share* of all requests meet one of FAULTS, until ``heal``."""
        self._dice, self._share = dice, share

    def heal(self) -> None:
        self._always.clear()
        self._share = 0.0

    async def _handle(self, request: web.Request) -> web.Response:
        what = request.path.removeprefix("/").rpartition(".")[2]
        self.asked.append((time(), what))
        fault = self._always.get(what)
        for planned in self._faults:
            if planned[0] == what:
                self._faults.remove(planned)
                fault = planned[1]
                break
        if self._dice.random() < self._share:
            fault = self._dice.choice(FAULTS)
        if fault is None:
            return await self._forward(request)
        self.met.append(self.asked[-1])
        return await fault(request, lambda: self._forward(request))

    async def _forward(self, request: web.Request) -> web.Response:
        body = await request.read()
        server = self.network.pds if request.path.startswith("/xrpc/") else self.network.plc
        try:
            async with self._session.request(
                request.method, server + request.path_qs, data=body, headers=_passed_on(request)
            ) as answer:
                data = await answer.read()
        except aiohttp.ClientError:
            return web.Response(status=502)
        if "json" in answer.content_type:  # where else the server would be found
            data = data.replace(self.network.pds.encode(), self.url.encode())
        return web.Response(status=answer.status, body=data, headers=_passed_on(answer))


def _passed_on(message: web.Request | aiohttp.ClientResponse) -> dict[str, str]:
    return {name: value for name, value in message.headers.items() if name not in OF_THE_CONNECTION}
