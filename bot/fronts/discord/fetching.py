"""Reading pictures that are no attachments: from Discord's own hosts, and from nowhere else.

Whatever people link to is fetched by Discord, once, and kept by it for its clients. This is where
the copy comes from; what a message itself names is never asked for.
"""

import re

import aiohttp
from yarl import URL

HOSTS = frozenset(
    {
        "cdn.discordapp.com",
        "media.discordapp.net",
        "images-ext-1.discordapp.net",
        "images-ext-2.discordapp.net",
    }
)
SECONDS = 30
"""How long a picture may take to arrive."""
TOO_MANY_REQUESTS = 429
PRINTABLE = re.compile(r"[!-~]+")
PIECE = 65536

connect = aiohttp.TCPConnector
"""How a connection is made; tests lead it to a server of their own."""


class NotGiven(Exception):
    """Discord does not hand the picture over, and would not if it were asked again."""


class TooLarge(Exception):
    """The picture has more bytes than are taken."""


def is_discords(url: str | None) -> bool:
    """Whether *url* is an https address of one of ``HOSTS``, with nothing odd about it."""
    return url is not None and _read_url(url) is not None


async def fetch(url: str, most: int) -> bytes:
    """The picture at *url*, of *most* bytes at most; no more than that is ever read.

    Raises NotGiven or TooLarge, and aiohttp's errors or TimeoutError where trying again may help.
    """
    address = _read_url(url)
    if address is None:
        raise NotGiven("it is not one of Discord's own addresses")
    async with (
        aiohttp.ClientSession(
            connector=connect(),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=SECONDS),
            auto_decompress=False,
            headers={"Accept-Encoding": "identity"},
        ) as session,
        session.get(address, allow_redirects=False) as response,
    ):
        if response.status >= 500 or response.status == TOO_MANY_REQUESTS:
            response.raise_for_status()
        if response.status != 200:
            raise NotGiven(f"Discord answers {response.status}")
        return await _read(response, most)


async def _read(response: aiohttp.ClientResponse, most: int) -> bytes:
    if (response.content_length or 0) > most:
        raise TooLarge
    data = bytearray()
    async for piece in response.content.iter_chunked(PIECE):
        data += piece
        if len(data) > most:
            raise TooLarge
    return bytes(data)


def _read_url(url: str) -> URL | None:
    """The same object is judged here and asked for later, so that no reading differs."""
    if not PRINTABLE.fullmatch(url):
        return None
    try:
        address = URL(url, encoded=True)  # signed and proxied addresses are taken as they are
        plain = address.scheme == "https" and address.explicit_port is None
        plain = plain and address.user is None and address.password is None
        return address if plain and address.host in HOSTS else None
    except ValueError:
        return None
