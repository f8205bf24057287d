"""A server that is stricter than most: it streams, processes media later, and has had enough.

Ids are words, as those of Pleroma. It counts each character of a post, takes four files at most,
knows the same post again by its Idempotency-Key, and notes whom a post would notify.
"""

import asyncio
import itertools
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Self

from aiohttp import web

from tests.bot.fake_studio import encode, painting
from tests.bot.processes import free_port

TOKEN = "bot_token"
ME = {"id": "9Bot", "acct": "stylenet", "bot": True}
ANN = {"id": "9Ann", "acct": "ann@far.example"}
BEN = {"id": "9Ben", "acct": "ben"}
MENTION = re.compile(r"(?<![=/\w])@(\w+(?:[\w.-]+\w)?)(@[\w.-]+\w)?", re.ASCII)
"""As Mastodon finds them: https://github.com/mastodon/mastodon, ``Account::MENTION_RE``."""
PICTURE = encode(painting(0.5), "PNG")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Effect = Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]
"""What happens to a request in place of its being handled."""


def refused(status: int, **headers: str) -> Effect:
    async def effect(request: web.Request, handler: Handler) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.json_response({"error": "no"}, status=status, headers=named)

    return effect


async def lost(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The request is heard, and its response never arrives."""
    await handler(request)
    assert request.transport is not None
    request.transport.abort()
    raise asyncio.CancelledError


class StrictServer:
    """Use ``async with StrictServer() as server``; ``stop`` and ``start`` keep what was said."""

    def __init__(self) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.posts: dict[str, dict[str, Any]] = {}
        self.notifications: list[dict[str, Any]] = []
        self.tagged: list[dict[str, Any]] = []
        """What has the hashtag."""
        self.published: dict[str, dict[str, Any]] = {}
        """By idempotency key."""
        self.favourites: list[str] = []
        self.media: dict[str, int] = {}
        """How often each was looked at."""
        self.files: dict[str, bytes] = {}
        """What is at an address, where it is not just a picture."""
        self.asked: list[str] = []
        """Methods and paths, oldest first."""
        self.notified: list[str] = []
        """Whom the bot's posts mention."""
        self.token = TOKEN
        self.instance: dict[str, Any] | None = None
        """What the server says of its limits; None: it knows no second version of that."""
        self.answers_pings = True
        self.sockets: list[web.WebSocketResponse] = []
        self.tokens: list[str] = []
        self._faults: list[tuple[str, list[Effect]]] = []
        self._ids = (f"A{n:04}xyZ" for n in itertools.count())

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        app = web.Application(middlewares=[self._meet])
        app.add_routes(
            [
                web.get("/api/v1/accounts/verify_credentials", self._me),
                web.get("/api/v2/instance", self._instance),
                web.get("/api/v1/notifications", partial(_listed, self.notifications)),
                web.get("/api/v1/timelines/tag/stylenet", partial(_listed, self.tagged)),
                web.post("/api/v1/statuses", self._publish),
                web.get("/api/v1/statuses/{id}", self._post),
                web.delete("/api/v1/statuses/{id}", self._delete),
                web.post("/api/v1/statuses/{id}/favourite", self._favourite),
                web.get("/api/v1/statuses/{id}/context", self._context),
                web.post("/api/v2/media", self._upload),
                web.get("/api/v1/media/{id}", self._look),
                web.get("/files/{name}", self._file),
                web.get("/api/v1/streaming", self._stream),
            ]
        )
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()

    async def stop(self) -> None:
        await self.hang_up()
        await self._runner.cleanup()

    def meet(self, path: str, *effects: Effect) -> None:
        """Let the next requests whose method and path hold *path* meet these *effects*."""
        self._faults.append((path, [*effects]))

    async def mention(
        self, text: str, *files: str, by: dict[str, Any] = ANN, tell: bool = True, **more: Any
    ) -> str:
        """Let somebody, by default Ann, mention the bot; the stream rings."""
        post = self.say(f"{self.link} {text}", *files, by=by, mentions=[ME], **more)
        if tell:
            told = {"id": next(self._ids), "type": "mention", "status": self.posts[post]}
            self.notifications.append(told)
            await self.ring("notification")
        return post

    @property
    def link(self) -> str:
        """How the bot stands in a post."""
        return f'<span class="h-card"><a href="{self.address}">@<span>stylenet</span></a></span>'

    def say(self, html: str, *files: str, by: dict[str, Any] = BEN, **more: Any) -> str:
        """Let somebody, by default Ben, post something; ``clip.mp4`` is a video."""
        id = next(self._ids)
        self.posts[id] = {
            "id": id,
            "account": by,
            "created_at": datetime.now(UTC).isoformat(),
            "content": f"<p>{html}</p>",
            "media_attachments": self.attached(*files),
            **more,
        }
        return id

    def attached(self, *files: str) -> list[dict[str, Any]]:
        return [
            {
                "id": name,
                "type": "video" if name.endswith(".mp4") else "image",
                "url": f"{self.address}/files/{name}",
            }
            for name in files
        ]

    async def edit(self, post: str, text: str, *files: str, after: float = 0, tell: bool = True):
        """Let its author put *post* right, *after* so many seconds."""
        made = datetime.fromisoformat(self.posts[post]["created_at"])
        self.posts[post] |= {
            "content": f"<p>{self.link} {text}</p>",
            "media_attachments": self.attached(*files),
            "edited_at": (made + timedelta(seconds=after)).isoformat(),
        }
        if tell:
            await self.ring("status.update")

    def replies(self, post: str) -> list[dict[str, Any]]:
        """What the bot has published below *post* and not deleted."""
        said = [one for one in self.published.values() if one["id"] in self.posts]
        return [one for one in said if one["in_reply_to_id"] == post]

    async def ring(self, event: str) -> None:
        for socket in self.sockets:
            if not socket.closed:
                await socket.send_json({"event": event, "payload": "{}"})

    async def hang_up(self) -> None:
        while self.sockets:
            await self.sockets.pop().close()

    @web.middleware
    async def _meet(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        asked = f"{request.method} {request.path}"
        self.asked.append(asked)
        for path, effects in self._faults:
            if path in asked and effects:
                return await effects.pop(0)(request, handler)
        public = request.path.startswith(("/files/", "/api/v1/streaming"))
        if not public and request.headers["Authorization"] != f"Bearer {self.token}":
            return web.json_response({"error": "The access token was revoked"}, status=401)
        return await handler(request)

    async def _me(self, request: web.Request) -> web.Response:
        self.tokens.append(request.headers["Authorization"])
        return web.json_response(ME)

    async def _instance(self, request: web.Request) -> web.Response:
        if self.instance is None:
            return _missing()
        return web.json_response({"configuration": self.instance})

    async def _post(self, request: web.Request) -> web.Response:
        post = self.posts.get(request.match_info["id"])
        return _missing() if post is None else web.json_response(post)

    async def _delete(self, request: web.Request) -> web.Response:
        post = self.posts.pop(request.match_info["id"], None)
        return _missing() if post is None else web.json_response(post)

    async def _publish(self, request: web.Request) -> web.Response:
        fields = await request.json()
        if fields["in_reply_to_id"] not in self.posts:
            return _missing()
        most = (self.instance or {}).get("statuses", {}).get("max_characters", 500)
        counted = MENTION.sub(r"@\1", fields["status"]) + fields.get("spoiler_text", "")
        if len(counted) > most or len(fields.get("media_ids", ())) > 4:
            return web.json_response({"error": "Validation failed"}, status=422)
        key = request.headers["Idempotency-Key"]
        if key not in self.published:
            names = ["".join(found) for found in MENTION.findall(fields["status"])]
            self.notified += names
            id = self.say(fields["status"], by=ME, in_reply_to_id=fields["in_reply_to_id"])
            self.published[key] = {**fields, "id": id}
        id = self.published[key]["id"]
        return web.json_response(self.posts.get(id, {}), status=200 if id in self.posts else 404)

    async def _favourite(self, request: web.Request) -> web.Response:
        self.favourites.append(request.match_info["id"])
        return web.json_response({})

    async def _context(self, request: web.Request) -> web.Response:
        id = request.match_info["id"]
        if id not in self.posts:
            return _missing()
        below = [post for post in self.posts.values() if post.get("in_reply_to_id") == id]
        return web.json_response({"ancestors": [], "descendants": below})

    async def _upload(self, request: web.Request) -> web.Response:
        await request.post()
        id = next(self._ids)
        self.media[id] = 0
        return web.json_response({"id": id, "type": "image", "url": None}, status=202)

    async def _look(self, request: web.Request) -> web.Response:
        id = request.match_info["id"]
        self.media[id] += 1
        if self.media[id] < 3:
            return web.json_response({"id": id, "type": "image", "url": None}, status=206)
        return web.json_response({"id": id, "type": "image", "url": f"{self.address}/files/{id}"})

    async def _file(self, request: web.Request) -> web.Response:
        return web.Response(body=self.files.get(request.match_info["name"], PICTURE))

    async def _stream(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(
            protocols=request.headers["Sec-WebSocket-Protocol"].split(),
            autoping=self.answers_pings,
        )
        await socket.prepare(request)
        self.sockets.append(socket)
        async for _ in socket:
            await asyncio.sleep(0)
        return socket


async def _listed(all_of_it: list[dict[str, Any]], request: web.Request) -> web.Response:
    since = request.query.get("min_id", "")
    ids = [one["id"] for one in all_of_it]
    first = ids.index(since) + 1 if since in ids else 0
    return web.json_response(all_of_it[first : first + 2][::-1])  # small pages


def _missing() -> web.Response:
    return web.json_response({"error": "Record not found"}, status=404)
