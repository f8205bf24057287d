"""The bot's account on a homeserver, through the ``matrix-nio`` library.

The library is loaded when the front opens: most studios have no use for it.
"""

import asyncio
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import aiohttp

from bot.fronts.base import NotReady
from bot.fronts.fetching import NotFetched, read
from bot.fronts.matrix.events import Event, events_in

if TYPE_CHECKING:
    from nio import AsyncClient, SyncResponse

MISSING = "its library is missing: pip install 'stylenet[matrix]'"
LOST = (aiohttp.ClientError, OSError, TimeoutError)
"""The server, or its answer, is lost."""
GONE = ("M_FORBIDDEN", "M_NOT_FOUND")
"""What a server says of a room where the bot is not, or of what is not there any more."""
REFUSED = ("M_UNKNOWN_TOKEN", "M_MISSING_TOKEN")
WAIT_SECONDS = 30
"""How long the server holds its answer back while nothing is said."""
FILTER = {"room": {"state": {"lazy_load_members": True}, "timeline": {"limit": 50}}}
PAGE = 100
"""Events."""


class ApiError(Exception):
    """The server refuses a request; ``code`` is its name for why, such as ``M_FORBIDDEN``."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code


class Api:
    """The account on *homeserver* that an access *token* opens. All raises ApiError, or LOST."""

    def __init__(self, homeserver: str, token: str) -> None:
        self._homeserver, self._token = homeserver, token
        self.client: AsyncClient
        self._open = AsyncExitStack()
        self.me = ""
        """The account, such as ``@stylenet:example.org``, once it is connected."""
        self.file_bytes: int | None = None
        """What the server takes of one file, where it says so."""

    async def connect(self) -> None:
        """Ask who the account is, and what the server takes. Raises NotReady, too."""
        try:
            nio = await asyncio.to_thread(import_module, "nio")
        except ModuleNotFoundError:
            raise NotReady(MISSING) from None
        await self.close()  # an earlier connection
        config = nio.AsyncClientConfig(max_timeouts=0, request_timeout=60)
        client = self.client = nio.AsyncClient(self._homeserver, config=config)
        self._open.push_async_callback(client.close)
        client.access_token = self._token
        try:
            who = await self.ask(client.whoami())
        except ApiError as error:
            if error.code in REFUSED:
                raise NotReady(f"the server refuses the token: {error}") from None
            raise
        client.restore_login(who.user_id, who.device_id, self._token)
        self.me = who.user_id
        self.file_bytes = (await self.ask(client.content_repository_config())).upload_size

    async def close(self) -> None:
        await self._open.aclose()

    async def sync(self, since: str | None) -> "SyncResponse":
        """What has happened *since*, as soon as something has; at first also what rooms there are.

        Without *since* only the newest messages are told.
        """
        first = not self.client.next_batch
        wait = 0 if first else 1000 * WAIT_SECONDS
        return await self.ask(self.client.sync(wait, FILTER, since=since, full_state=first))

    async def missed(self, room: str, until: str, since: str) -> list[Event]:
        """What was said in *room* after *since* and before *until*, oldest first."""
        found: list[Event] = []
        start: str | None = until
        while start is not None:
            asking = self.client.room_messages(room, start, end=since, limit=PAGE)
            page = await self.ask(asking)
            found += events_in(page.chunk)
            start = page.end if page.chunk else None
        return found[::-1]

    async def before(self, room: str, event: str) -> list[Event]:
        """What was said last in *room* before *event*, newest first."""
        page = await self.ask(self.client.room_context(room, event, limit=PAGE))
        return events_in(page.events_before)

    async def event(self, room: str, event: str | None) -> Event | None:
        """A message; None where it is gone, or there is none."""
        try:
            found = await self.ask(self.client.room_get_event(room, event)) if event else None
        except ApiError as error:
            if error.code not in GONE:
                raise
            found = None
        return next(iter(events_in([found.event])), None) if found else None

    async def send(self, room: str, content: dict[str, Any], key: str) -> str:
        """Send a message, once however often it is tried under the same *key*; returns its id."""
        sending = self.client.room_send(room, "m.room.message", content, key)
        return str((await self.ask(sending)).event_id)

    async def upload(self, data: bytes, name: str, media_type: str) -> str:
        """Upload a file; returns its address."""
        answer, _ = await self.client.upload(lambda *_: data, media_type, name, filesize=len(data))
        return str((await self.ask(answer)).content_uri)

    async def download(self, address: str, most: int) -> bytes:
        """The file at *address*, *most* bytes at most. Raises NotFetched, too."""
        place = address.removeprefix("mxc://")
        path = f"/_matrix/client/v1/media/download/{quote(place)}"
        headers = {"Authorization": f"Bearer {self._token}"}
        async with await self.client.send("GET", path, headers=headers) as response:
            if response.status == 429 or response.status >= 500:
                response.raise_for_status()
            if response.status != 200:
                raise NotFetched(f"its server answers {response.status}")
            return await read(response, most)

    async def ask(self, asking: Awaitable[Any] | Any) -> Any:
        """What the server answers, which the library returns even where it is a refusal."""
        from nio import ErrorResponse

        answer = await asking if isinstance(asking, Awaitable) else asking
        if isinstance(answer, ErrorResponse):
            raise ApiError(answer.status_code or "M_UNKNOWN", answer.message)
        return answer
