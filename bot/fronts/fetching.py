"""Fetching pictures that posts lead to: over the open internet, but never into the own network.

A server hands out the addresses, yet on some servers it is others who choose them. So every name
is resolved by us, and what is not a public address is refused, redirections included.
"""

import ipaddress
import socket
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

SECONDS = 60
REDIRECTIONS = 3
PIECE = 65536
REDIRECTED = (301, 302, 303, 307, 308)


class NotFetched(Exception):
    """The picture cannot be had; the text says why, as the end of a sentence."""


class PublicResolver(AbstractResolver):
    """Resolves names to public addresses alone; those of the host *trusted* to any."""

    def __init__(self, trusted: str | None) -> None:
        self._trusted = trusted
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        if host != self._trusted:
            found = [one for one in found if is_public(one["host"])]
        if not found:
            raise OSError(f"{host} is not on the internet")
        return found

    async def close(self) -> None:
        await self._resolver.close()


def is_public(address: str) -> bool:
    """Whether an IP *address* belongs to the open internet."""
    return ipaddress.ip_address(address.partition("%")[0]).is_global


async def fetch(url: str, most: int, trusted: str | None = None) -> bytes:
    """The bytes at *url*, *most* at most; no more than that is ever read.

    The host *trusted*, the owner's own choice, may be in the own network. Raises NotFetched, and
    aiohttp's errors or TimeoutError where trying again may help.
    """
    connector = aiohttp.TCPConnector(resolver=PublicResolver(trusted))
    session = aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=SECONDS),
        auto_decompress=False,
        headers={"Accept-Encoding": "identity"},
    )
    async with session:
        address = URL(url)
        for _ in range(REDIRECTIONS + 1):
            _check(address, trusted)
            async with session.get(address, allow_redirects=False) as response:
                if response.status in REDIRECTED and "Location" in response.headers:
                    address = address.join(URL(response.headers["Location"]))
                    continue
                if response.status == 429 or response.status >= 500:
                    response.raise_for_status()
                if response.status != 200:
                    raise NotFetched(f"its server answers {response.status}")
                return await read(response, most)
    raise NotFetched("it leads from one address to the next")


def _check(address: URL, trusted: str | None) -> None:
    """Refuse what no resolver would see: other schemes, and addresses that are numbers."""
    if address.scheme not in ("http", "https") or address.host is None:
        raise NotFetched("its address is none of the web")
    if address.host == trusted:
        return
    try:
        public = is_public(address.host)
    except ValueError:  # a name
        return
    if not public:
        raise NotFetched("it is not on the internet")


async def read(response: Any, most: int) -> bytes:
    if (response.content_length or 0) > most:
        raise NotFetched(f"it has more than {most / 1e6:.0f} MB")
    data = bytearray()
    async for piece in response.content.iter_chunked(PIECE):
        data += piece
        if len(data) > most:
            raise NotFetched(f"it has more than {most / 1e6:.0f} MB")
    return bytes(data)
