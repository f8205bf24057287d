"""The bot's account on the AT protocol, through the ``atproto`` library.

https://docs.bsky.app/docs/category/http-reference. The library is loaded when the front opens: it
is large, and most studios have no use for it.
"""

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from yarl import URL

from bot.commands.base import NotNow
from bot.fronts.base import NotReady
from bot.fronts.fetching import NotFetched, fetch

if TYPE_CHECKING:
    from atproto import AsyncClient
    from atproto.exceptions import RequestErrorBase
    from atproto_client.models.app.bsky.feed.defs import PostView

Answer = TypeVar("Answer")

REASONS = ("mention", "reply", "quote")
"""Of notifications that may ask for something."""
PAGE, MOST_PAGES = 100, 20
MOST_DOCUMENT = 100_000
"""Bytes of a DID document."""
TIMEOUT = 60
"""Seconds that the server may take to say anything; the library's five are few for a picture."""
LONGEST_WAIT = 15 * 60
"""Seconds; a server that wants to be left alone for longer is asked again after these."""
REFUSED = (
    "handle or password are refused; make an app password under Settings › Privacy and security › "
    "App passwords"
)
MISSING = "its library is missing: pip install 'stylenet[bluesky]'"
REFUSALS = (400, 404, 413, 415)
OF_THE_ACCOUNT = ("ExpiredToken", "InvalidToken", "AccountTakedown", "AccountDeactivated")
"""Names of errors that say nothing of the request: the session has ended, or the owner must act."""
TID = "234567abcdefghijklmnopqrstuvwxyz"
"""The digits of a record key that is a TID, https://atproto.com/specs/tid."""


class ApiError(Exception):
    """The server refuses a request; where it cannot be reached, ``status`` is 0."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Away(ApiError, NotNow):
    """The server cannot be reached, is in trouble or has had enough: later it may do the same."""


def record_key(*parts: str) -> str:
    """A record key that *parts* determine: a second record with it is refused by the server."""
    number = int.from_bytes(hashlib.sha256(" ".join(parts).encode()).digest()[:8], "big")
    return "".join(TID[number % 2**63 >> shift & 31] for shift in range(60, -1, -5))


class Api:
    """The account *handle* on the server at *service*, which a *password* of an app opens."""

    def __init__(self, service: str, handle: str, password: str, directory: str) -> None:
        self.service, self.handle = service.rstrip("/"), handle
        self._password = password
        self._directory = directory.rstrip("/")
        self._client: AsyncClient
        self._open_at = 0.0
        """The moment until which the server wants to be left alone."""
        self.me = ""
        """The account's DID, once it is connected."""

    async def connect(self) -> None:
        """Log in, unless an earlier session is still good: logins are counted.

        Raises ApiError, and NotReady, which says what to do.
        """
        try:
            atproto = await asyncio.to_thread(import_module, "atproto")
        except ModuleNotFoundError:
            raise NotReady(MISSING) from None
        if self.me and await self._is_logged_in():
            return
        request = atproto.AsyncRequest(timeout=TIMEOUT)
        self._client = atproto.AsyncClient(base_url=self.service, request=request)
        # No look at the profile: the one of a fresh account is not known everywhere at once.
        login = self._client.login
        try:
            await self._ask(login, self.handle, self._password, fetch_bsky_profile=False)
        except ApiError as error:
            if error.status in (400, 401):
                raise NotReady(REFUSED) from None
            raise
        session = await self._ask(self._client.com.atproto.server.get_session)
        self.me = str(session.did)

    async def _is_logged_in(self) -> bool:
        try:
            await self._ask(self._client.com.atproto.server.get_session)
        except ApiError as error:
            if error.status in (400, 401):
                return False
            raise
        return True

    async def notifications(self, since: str) -> list[tuple[str, str]]:
        """When each post of others that may ask was made, from *since* on, and where it is.

        Oldest first. The moment is the author's clock's, but never later than the server's.
        """
        listing = self._client.app.bsky.notification.list_notifications
        return await self._since(since, "notifications", listing, {"reasons": [*REASONS]})

    async def tagged(self, hashtag: str, since: str) -> list[tuple[str, str]]:
        """The same of each post with *hashtag*, whomever it mentions."""
        about = {"q": hashtag, "tag": [hashtag.removeprefix("#")], "sort": "latest", "since": since}
        return await self._since(since, "posts", self._client.app.bsky.feed.search_posts, about)

    async def _since(
        self, since: str, kind: str, listing: Callable[..., Awaitable[Any]], about: dict[str, Any]
    ) -> list[tuple[str, str]]:
        """What *listing* has of a *kind* from *since* on; it tells the newest first."""
        found: list[tuple[str, str]] = []
        cursor = None
        for _ in range(MOST_PAGES):
            page = await self._ask(listing, {"limit": PAGE, "cursor": cursor, **about})
            listed = getattr(page, kind)
            new = [one for one in listed if one.indexed_at >= since]
            found += [(one.indexed_at, one.uri) for one in new]
            cursor = page.cursor
            if len(new) < len(listed) or not cursor:
                break
        return found[::-1]

    async def post(self, uri: str) -> "PostView | None":
        """The post at *uri*; None where it is gone, or not for us to see."""
        found = await self._ask(self._client.app.bsky.feed.get_posts, {"uris": [uri]})
        return found.posts[0] if found.posts else None

    async def profile(self, did: str) -> str:
        """What the account *did* says of itself."""
        found = await self._ask(self._client.app.bsky.actor.get_profile, {"actor": did})
        return found.description or ""

    async def create(self, collection: str, key: str, record: Mapping[str, Any]) -> bool:
        """Write a *record* under *key*; False where there is one already."""
        data: Any = {"repo": self.me, "collection": collection, "rkey": key, "record": dict(record)}
        try:
            await self._ask(self._client.com.atproto.repo.create_record, data)
        except ApiError:
            if await self.exists(collection, key):
                return False
            raise
        return True

    async def exists(self, collection: str, key: str) -> bool:
        """Whether the account has such a record."""
        which: Any = {"repo": self.me, "collection": collection, "rkey": key}
        try:
            await self._ask(self._client.com.atproto.repo.get_record, which)
        except ApiError as error:
            if error.status in (400, 404):
                return False
            raise
        return True

    async def records(self, collection: str) -> AsyncIterator[tuple[str, Any]]:
        """All records that the account has in *collection*, newest first, each with its key."""
        cursor = None
        while True:
            which: Any = {"repo": self.me, "collection": collection, "cursor": cursor}
            listing = self._client.com.atproto.repo.list_records
            page = await self._ask(listing, {**which, "limit": PAGE})
            for record in page.records:
                yield record.uri.rpartition("/")[2], record.value
            if not (cursor := page.cursor):
                return

    async def delete(self, collection: str, key: str) -> None:
        """Delete the record under *key*, if it is there."""
        which: Any = {"repo": self.me, "collection": collection, "rkey": key}
        await self._ask(self._client.com.atproto.repo.delete_record, which)

    async def upload(self, data: bytes) -> Any:
        """Upload a file; returns what a record refers to it by."""
        return (await self._ask(self._client.upload_blob, data)).blob

    async def blob(self, did: str, cid: str, most: int) -> bytes:
        """The file *cid* of the account *did*, from its own server, as it was uploaded.

        Raises NotFetched, and aiohttp's errors or TimeoutError where trying again may help.
        """
        server = await self._server_of(did)
        path = f"/xrpc/com.atproto.sync.getBlob?did={quote(did)}&cid={quote(cid)}"
        return await fetch(server + path, most, trusted=_host(self.service))

    async def _server_of(self, did: str) -> str:
        """The address of the server that keeps the account *did*, by its DID document."""
        if did.startswith("did:web:"):
            address = f"https://{did.removeprefix('did:web:')}/.well-known/did.json"
        else:
            address = f"{self._directory}/{did}"
        document = json.loads(await fetch(address, MOST_DOCUMENT, trusted=_host(self._directory)))
        for service in document.get("service", []):
            if service.get("id", "").endswith("#atproto_pds"):
                return str(service["serviceEndpoint"])
        raise NotFetched("its account has no server")

    async def _ask(
        self, method: Callable[..., Awaitable[Answer]], *args: Any, **more: Any
    ) -> Answer:
        """What the server answers. Raises ApiError."""
        from atproto.exceptions import AtProtocolError, RateLimitExceededError, RequestErrorBase
        from httpx import HTTPError

        await asyncio.sleep(max(0.0, self._open_at - time.monotonic()))
        try:
            return await method(*args, **more)
        except RateLimitExceededError as error:
            reset = error.reset_at.timestamp() - time.time() if error.reset_at else 60.0
            wait = error.retry_after if error.retry_after is not None else reset
            self._open_at = time.monotonic() + min(max(wait, 1.0), LONGEST_WAIT)
            raise Away(429, f"the server has had enough for {wait:.0f} s") from error
        except RequestErrorBase as error:
            status = error.response.status_code if error.response else 0
            kind = ApiError if status in REFUSALS and not _is_of_the_account(error) else Away
            raise kind(status, f"{type(error).__name__}: {error}") from error
        except (AtProtocolError, HTTPError, ValueError) as error:  # no answer, or none to be read
            raise Away(0, f"{type(error).__name__}: {error}") from error


def _is_of_the_account(error: "RequestErrorBase") -> bool:
    return error.response is not None and (
        getattr(error.response.content, "error", "") in OF_THE_ACCOUNT
    )


def _host(address: str) -> str | None:
    return URL(address).host
