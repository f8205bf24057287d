"""The part of Discord that lets a bot in: enough of its HTTP API and gateway to connect, or not."""

import asyncio
import json
from contextlib import asynccontextmanager

import discord
import yarl
from aiohttp import web
from aiohttp.test_utils import TestServer
from discord.gateway import DiscordWebSocket

TOKEN = "a-good-token"
HELLO, IDENTIFY, DISPATCH = 10, 2, 0
DISALLOWED_INTENTS = 4014


class Gateway:
    """Accepts ``TOKEN``; refuses the message content intent unless *message_content*."""

    def __init__(self, *, message_content: bool) -> None:
        self.message_content = message_content
        self.unavailable = 0
        """How many requests are turned away before the first is served."""
        self.identified: list[discord.Intents] = []
        self.ready = asyncio.Event()
        self.user = {"id": "1", "username": "painter", "discriminator": "0", "avatar": None}

    @web.middleware
    async def guard(self, request, handler):
        if self.unavailable:
            self.unavailable -= 1
            return _json({"message": "maintenance", "code": 0}, status=403)
        if request.headers.get("Authorization", f"Bot {TOKEN}") != f"Bot {TOKEN}":
            return _json({"message": "401: Unauthorized", "code": 0}, status=401)
        return await handler(request)

    async def me(self, request):
        return _json(self.user)

    async def application(self, request):
        bot = {"id": "2", "name": "painter", "icon": None, "description": "", "verify_key": ""}
        traits = {"bot_public": True, "bot_require_code_grant": False, "flags": 0}
        return _json({**bot, **traits, "owner": {**self.user, "id": "3"}})

    async def commands(self, request):
        return _json([])

    async def connect(self, request):
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"op": HELLO, "d": {"heartbeat_interval": 40_000}})
        async for frame in socket:
            message = frame.json()
            if message["op"] != IDENTIFY:
                continue
            intents = discord.Intents._from_value(message["d"]["intents"])
            self.identified.append(intents)
            if intents.message_content and not self.message_content:
                await socket.close(code=DISALLOWED_INTENTS)
                break
            await socket.send_json({"op": DISPATCH, "t": "READY", "s": 1, "d": self._welcome()})
            self.ready.set()
        return socket

    def _welcome(self):
        return {
            "v": 10,
            "user": self.user,
            "guilds": [],
            "session_id": "4",
            "resume_gateway_url": str(DiscordWebSocket.DEFAULT_GATEWAY),
            "application": {"id": "2", "flags": 0},
        }


def _json(data, status=200):
    """discord.py knows JSON by exactly this type, without a charset."""
    body = json.dumps(data).encode()
    return web.Response(body=body, content_type="application/json", status=status)


@asynccontextmanager
async def discord_at_home(monkeypatch, *, message_content=True):
    """Let discord.py find its Discord on this machine."""
    gateway = Gateway(message_content=message_content)
    app = web.Application(middlewares=[gateway.guard])
    app.router.add_get("/users/@me", gateway.me)
    app.router.add_get("/oauth2/applications/@me", gateway.application)
    app.router.add_put("/applications/{id}/commands", gateway.commands)
    app.router.add_get("/gateway/", gateway.connect)
    async with TestServer(app) as server:
        monkeypatch.setattr(discord.http.Route, "BASE", str(server.make_url("")).rstrip("/"))
        socket = yarl.URL(server.make_url("/gateway/")).with_scheme("ws")
        monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", socket)
        yield gateway
