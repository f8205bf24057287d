"""A server that is stricter than most: it streams, processes media later, and has had enough.

Ids are words, as those of Pleroma; it knows no second version of itself.
"""

import asyncio
import itertools
from datetime import UTC, datetime
from typing import Any, Self

from aiohttp import web

ME = {"id": "9Bot", "acct": "stylenet", "bot": True}
ANN = {"id": "9Ann", "acct": "ann@far.example"}


class StrictServer:
    """Use ``async with StrictServer() as server``."""

    def __init__(self) -> None:
        self.notifications: list[dict[str, Any]] = []
        self.published: dict[str, dict[str, Any]] = {}
        """By idempotency key."""
        self.favourites: list[str] = []
        self.media: dict[str, int] = {}
        """How often each was looked at."""
        self.refusals: list[tuple[int, dict[str, str]]] = []
        """What the next requests are refused with."""
        self.polls = 0
        self.sockets: list[web.WebSocketResponse] = []
        self.tokens: list[str] = []
        self._ids = (f"A{n:04}xyZ" for n in itertools.count())
        app = web.Application(middlewares=[self._refuse])
        app.add_routes(
            [
                web.get("/api/v1/accounts/verify_credentials", self._me),
                web.get("/api/v1/notifications", self._notifications),
                web.post("/api/v1/statuses", self._publish),
                web.post("/api/v1/statuses/{id}/favourite", self._favourite),
                web.get("/api/v1/statuses/{id}/context", self._context),
                web.post("/api/v2/media", self._upload),
                web.get("/api/v1/media/{id}", self._look),
                web.get("/files/{name}", self._file),
                web.get("/api/v1/streaming", self._stream),
            ]
        )
        self._runner = web.AppRunner(app)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.address = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def mention(self, text: str, *files: str) -> str:
        """Let Ann mention the bot; the stream rings."""
        post = {
            "id": next(self._ids),
            "account": ANN,
            "created_at": datetime.now(UTC).isoformat(),
            "content": f'<p><span class="h-card"><a href="{self.address}">@<span>stylenet</span>'
            f"</a></span> {text}</p>",
            "mentions": [ME],
            "media_attachments": [
                {"id": name, "type": "image", "url": f"{self.address}/files/{name}"}
                for name in files
            ],
        }
        self.notifications.append({"id": next(self._ids), "type": "mention", "status": post})
        for socket in self.sockets:
            await socket.send_json({"event": "notification", "payload": "{}"})
        return post["id"]

    async def hang_up(self) -> None:
        while self.sockets:
            await self.sockets.pop().close()

    @web.middleware
    async def _refuse(self, request: web.Request, handler: Any) -> Any:
        if self.refusals and request.method == "POST":
            status, headers = self.refusals.pop(0)
            return web.json_response({"error": "no"}, status=status, headers=headers)
        return await handler(request)

    async def _me(self, request: web.Request) -> web.Response:
        self.tokens.append(request.headers["Authorization"])
        return web.json_response(ME)

    async def _notifications(self, request: web.Request) -> web.Response:
        self.polls += 1
        since = request.query.get("min_id", "")
        ids = [one["id"] for one in self.notifications]
        first = ids.index(since) + 1 if since in ids else 0
        page = self.notifications[first : first + 2]  # small pages
        return web.json_response(page[::-1])

    async def _publish(self, request: web.Request) -> web.Response:
        fields = await request.json()
        key = request.headers["Idempotency-Key"]
        post = {
            "id": next(self._ids),
            "account": ME,
            "created_at": datetime.now(UTC).isoformat(),
            "in_reply_to_id": fields["in_reply_to_id"],
        }
        kept = self.published.setdefault(key, {**fields, "post": post})
        return web.json_response(kept["post"])

    async def _favourite(self, request: web.Request) -> web.Response:
        self.favourites.append(request.match_info["id"])
        return web.json_response({})

    async def _context(self, request: web.Request) -> web.Response:
        posts = [one["post"] for one in self.published.values()]
        return web.json_response({"ancestors": [], "descendants": posts})

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
        return web.Response(body=b"a picture")

    async def _stream(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=request.headers["Sec-WebSocket-Protocol"].split())
        await socket.prepare(request)
        self.sockets.append(socket)
        async for _ in socket:
            await asyncio.sleep(0)
        return socket
