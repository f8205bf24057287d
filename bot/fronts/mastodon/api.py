"""The REST and streaming API of Mastodon, as much of it as the bot needs, through aiohttp.

https://docs.joinmastodon.org/methods. Its relatives GoToSocial, Pleroma and Akkoma know all of it.
"""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, TypeVar

import aiohttp
from pydantic import BaseModel, ValidationError

from bot.commands.base import NotNow
from bot.fronts.connected import reason_of
from bot.fronts.mastodon.entities import (
    Account,
    Attachment,
    Limits,
    Notification,
    Post,
    Thread,
)

Told = TypeVar("Told", bound=BaseModel)
Listed = Sequence[tuple[str, Post | None]]
"""Posts by the ids under which they are listed; None where there is none that can be read."""

log = logging.getLogger(__name__)

SECONDS = 60
"""For one request, uploads included."""
PROCESSING_SECONDS = (0.5, 1, 2, 4, 8, 15, 30)
"""Between two looks whether the server has processed what was uploaded."""
LONGEST_WAIT = 15 * 60
"""Seconds; a server that wants to be left alone for longer is asked again after these."""
PAGE = 40
GONE = (404, 410)
PASSING = (401, 403, 408, 425, 429)
HEARTBEAT = 30
"""Seconds between two signs of life of a stream that says nothing."""

LOST = (aiohttp.ClientError, OSError, TimeoutError)
"""What a request ends with when nobody knows whether the server has heard it."""


class ApiError(Exception):
    """The server refuses a request."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{reason} ({status})" if status else reason)
        self.status = status


class Away(ApiError, NotNow):
    """The server is in trouble, has had enough or, with the status 0, cannot be reached: later it
    may take the same request."""


class Api:
    """The account of *token* on the server at *instance*, such as ``https://example.social``."""

    def __init__(self, instance: str, token: str) -> None:
        self.instance = instance.rstrip("/")
        self._token = token
        self._session: aiohttp.ClientSession | None = None
        self._open_at = 0.0
        """The moment until which the server wants to be left alone."""

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def me(self) -> Account:
        return Account.model_validate(await self._ask("GET", "/api/v1/accounts/verify_credentials"))

    async def limits(self) -> Limits:
        """What the server takes; the usual where it does not say."""
        try:
            return Limits.of(await self._ask("GET", "/api/v2/instance"))
        except ApiError as error:
            if error.status != 404:  # a relative that knows no second version of this
                raise
            return Limits()

    async def mentions(self, since: str | None) -> Listed:
        """The mentions after the notification *since*, oldest first; without one the newest."""
        found = await self._after("/api/v1/notifications", since, {"types[]": "mention"})
        seen = [(str(one["id"]), _readable(Notification, one)) for one in found]
        # Relatives may tell all.
        return [(id, one.status if one and one.type == "mention" else None) for id, one in seen]

    async def tagged(self, tag: str, since: str | None) -> Listed:
        """The posts with the hashtag *tag* after the post *since*, oldest first."""
        found = await self._after(f"/api/v1/timelines/tag/{tag}", since, {})
        return [(str(one["id"]), _readable(Post, one)) for one in found]

    async def post(self, id: str) -> Post:
        return Post.model_validate(await self._ask("GET", f"/api/v1/statuses/{id}"))

    async def replies(self, id: str) -> Sequence[Post]:
        """All that was posted below the post *id*, as far as it may be seen."""
        found = await self._ask("GET", f"/api/v1/statuses/{id}/context")
        return Thread.model_validate(found).descendants

    async def replies_by(self, account: str, id: str) -> list[str]:
        """The ids of the replies of *account* to the post *id*, oldest first."""
        return [
            reply.id
            for reply in await self.replies(id)
            if reply.account.id == account and reply.in_reply_to_id == id
        ]

    async def favourite(self, id: str) -> None:
        await self._ask("POST", f"/api/v1/statuses/{id}/favourite")

    async def publish(self, fields: Mapping[str, Any], key: str) -> Post:
        """Post something, once: the server takes the same *key* again for the same post."""
        made = await self._ask(
            "POST", "/api/v1/statuses", json=dict(fields), headers={"Idempotency-Key": key}
        )
        return Post.model_validate(made)

    async def posts_by(self, account: str) -> AsyncIterator[Post]:
        """All that *account* has posted, newest first."""
        oldest: dict[str, str] = {}
        while True:
            params = {"limit": str(PAGE), **oldest}
            page = await self._ask("GET", f"/api/v1/accounts/{account}/statuses", params=params)
            for post in page:
                yield Post.model_validate(post)
            if not page:
                return
            oldest = {"max_id": str(page[-1]["id"])}

    async def delete(self, id: str) -> None:
        """Delete the post *id*, if it is there."""
        try:
            await self._ask("DELETE", f"/api/v1/statuses/{id}")
        except ApiError as error:
            if error.status not in GONE:
                raise

    async def upload(
        self, data: bytes, name: str, media_type: str, alt: str, focus: str | None = None
    ) -> str:
        """Upload a file and wait until it is processed; returns its id.

        A large one is processed later: the server then answers 202, and 206 until it is done.
        """
        form = aiohttp.FormData()
        form.add_field("file", data, filename=name, content_type=media_type)
        form.add_field("description", alt)
        if focus is not None:
            form.add_field("focus", focus)
        made = Attachment.model_validate(await self._ask("POST", "/api/v2/media", data=form))
        for pause in PROCESSING_SECONDS:
            if made.url is not None:
                return made.id
            await asyncio.sleep(pause)
            found = await self._ask("GET", f"/api/v1/media/{made.id}")
            made = Attachment.model_validate(found)
        raise TimeoutError(f"{name} is still being processed")

    @asynccontextmanager
    async def stream(self, address: str, tag: str | None) -> AsyncIterator[AsyncIterator[str]]:
        """Listen at the *address* of the stream: the names of events, as they come.

        They are those of the account's own stream and, where there is a *tag*, of its hashtag's.
        """
        # As a subprotocol: the one way to give a token that all servers know and no log shows.
        connecting = self._connection().ws_connect(
            f"{address or self.instance.replace('http', 'ws', 1)}/api/v1/streaming?stream=user",
            protocols=[self._token],
            heartbeat=HEARTBEAT,
        )
        async with connecting as socket:
            if tag is not None:
                await socket.send_json({"type": "subscribe", "stream": "hashtag", "tag": tag})

            async def events() -> AsyncIterator[str]:
                async for message in socket:
                    if message.type is aiohttp.WSMsgType.TEXT:
                        yield str(json.loads(message.data).get("event", ""))

            yield events()

    async def _after(self, path: str, since: str | None, more: Mapping[str, str]) -> list[Any]:
        """All that *path* lists after *since*, page by page, oldest first."""
        if since is None:
            newest: list[Any] = await self._ask("GET", path, params={"limit": PAGE, **more})
            return newest[::-1]
        found: dict[str, Any] = {}
        while True:
            params = {"limit": PAGE, "min_id": since, **more}
            page = await self._ask("GET", path, params=params)
            news = {str(one["id"]): one for one in reversed(page) if str(one["id"]) not in found}
            if not news:
                return [*found.values()]
            found |= news
            since = [*news][-1]

    async def _ask(self, method: str, path: str, **how: Any) -> Any:
        """What the server answers. Raises ApiError."""
        await asyncio.sleep(max(0.0, self._open_at - time.monotonic()))
        headers = {"Authorization": f"Bearer {self._token}", **how.pop("headers", {})}
        asking = self._connection().request(
            method, self.instance + path, headers=headers, allow_redirects=False, **how
        )
        try:
            async with asking as response:
                return await self._read(response, method)
        except (*LOST, ValueError) as error:
            raise Away(0, reason_of(error)) from error

    async def _read(self, response: aiohttp.ClientResponse, method: str) -> Any:
        enough = response.status == 429
        if enough and method == "DELETE":  # whose limit is one of its own: thirty in half an hour
            raise ApiError(response.status, await _reason(response))
        if enough:
            self._open_at = time.monotonic() + _patience(response.headers)
        if response.status >= 300:
            passes = response.status in PASSING or response.status >= 500
            raise (Away if passes else ApiError)(response.status, await _reason(response))
        return await response.json()

    def _connection(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=SECONDS), cookie_jar=aiohttp.DummyCookieJar()
            )
        return self._session


def _readable(kind: type[Told], told: dict[str, Any]) -> Told | None:
    """What was *told*, if it can be read."""
    try:
        return kind.model_validate(told)
    except ValidationError as error:
        log.warning("a post cannot be read: %s", error)
        return None


def _patience(headers: Mapping[str, str]) -> float:
    """For how many seconds a server that has had enough wants to be left alone."""
    try:
        if "Retry-After" in headers:
            seconds = float(headers["Retry-After"])
        else:
            seconds = _moment(headers["X-RateLimit-Reset"]) - time.time()
    except (KeyError, ValueError, TypeError):
        seconds = 60.0
    return min(max(seconds, 1.0), LONGEST_WAIT)


def _moment(told: str) -> float:
    """When that is, in seconds since 1970, as GoToSocial writes it; Mastodon writes a date."""
    return float(told) if told.isdecimal() else datetime.fromisoformat(told).timestamp()


async def _reason(response: aiohttp.ClientResponse) -> str:
    """What the server says of its refusal."""
    try:
        told = await response.json(content_type=None)
        return str(told["error"])
    except (ValueError, KeyError, TypeError):
        return response.reason or "refused"
