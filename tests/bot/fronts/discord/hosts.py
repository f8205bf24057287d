"""Discord's own hosts for pictures, on loopback: what is there, and who was asked for what."""

import socket
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import trustme
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import TestServer

from bot.fronts.discord.fetching import HOSTS

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
AUTHORITY = trustme.CA()


@dataclass
class Hosts:
    """Use ``async with``; other hosts are not found, but it is noted that they were looked for."""

    there: dict[str, bytes | Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """The addresses that were asked for, in order."""
    looked_for: list[str] = field(default_factory=list)
    """Other hosts that somebody wished to reach."""

    async def __aenter__(self) -> "Hosts":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        AUTHORITY.issue_cert(*HOSTS).configure_cert(context)
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        self._server = TestServer(app)
        await self._server.start_server(ssl=context)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.close()

    def put(self, url: str, what: bytes | Answer = b"a picture") -> str:
        self.there[url] = what
        return url

    def connector(self, *, trusted: bool = True) -> aiohttp.TCPConnector:
        """Leads all connections here, over TLS that is checked as Discord's is."""
        context = ssl.create_default_context()
        if trusted:
            AUTHORITY.configure_trust(context)
        return aiohttp.TCPConnector(resolver=_Here(self), ssl=context)

    @property
    def port(self) -> int:
        assert self._server.port is not None
        return self._server.port

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        url = f"https://{request.host}{request.raw_path}"
        self.asked.append(url)
        what = self.there.get(url)
        if what is None:
            raise web.HTTPNotFound
        return web.Response(body=what) if isinstance(what, bytes) else await what(request)


class _Here(AbstractResolver):
    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts

    async def resolve(
        self, host: str, port: int = 0, family: Any = socket.AF_INET
    ) -> list[ResolveResult]:
        if host not in HOSTS:
            self._hosts.looked_for.append(host)
            raise OSError(f"no such host: {host}")
        here = ("127.0.0.1", self._hosts.port, socket.AF_INET)
        return [
            ResolveResult(
                hostname=host, host=here[0], port=here[1], family=here[2], proto=0, flags=0
            )
        ]

    async def close(self) -> None:
        pass
