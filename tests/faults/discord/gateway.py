"""The fake Discord's gateway: sessions that hear events, and what they missed when they resume."""

import asyncio
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import discord
from aiohttp import web

from tests.faults.discord.world import User

DISPATCH, HEARTBEAT, IDENTIFY, RESUME = 0, 1, 2, 6
RECONNECT, INVALID_SESSION, HELLO, HEARTBEAT_ACK = 7, 9, 10, 11
AUTHENTICATION_FAILED, DISALLOWED_INTENTS = 4004, 4014
HEARTBEAT_MS = 40_000

WITHHELD = {"content": "", "attachments": [], "embeds": [], "components": []}
"""What of a message a bot without the message content intent gets."""


@dataclass
class Session:
    """What one bot has identified for; it outlives its sockets."""

    intents: discord.Intents
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    socket: web.WebSocketResponse | None = None
    transport: asyncio.Transport | None = None
    """Of the socket: what breaks when a network does."""
    sent: list[str] = field(default_factory=list)
    """Each event as it was sent, or is to be; its number is its place, from 1."""
    at: int = 0
    """How many of them the bot was sent."""
    sending: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def connected(self) -> bool:
        return self.socket is not None and not self.socket.closed

    async def tell(self, event: str, data: Any) -> None:
        frame = {"op": DISPATCH, "t": event, "s": len(self.sent) + 1, "d": data}
        self.sent.append(json.dumps(frame))
        await self.catch_up()

    async def catch_up(self) -> None:
        """Send what the bot has not been sent, in order; a socket that breaks ends it."""
        async with self.sending:
            while self.connected and self.at < len(self.sent):
                self.at += 1
                await self.send(self.sent[self.at - 1])

    async def send(self, frame: str) -> None:
        if self.socket is not None and self.connected:
            try:
                await self.socket.send_str(frame)
            except ConnectionError:
                self.socket = None


class Gateway:
    """Tells every session of what happens, and of the *servers* first."""

    def __init__(self, me: User, token: str) -> None:
        self.me = me
        self.token = token
        self.url = ""
        self.message_content = True
        """Whether the intent is switched on for the bot."""
        self.servers: Callable[[], list[dict[str, Any]]] = list
        self.sessions: dict[str, Session] = {}
        self.identified: list[discord.Intents] = []
        self.resumed = 0
        self.unheard: set[int] = set()
        """Messages and commands that came to nobody, because their session was lost."""
        self._lost: dict[str, Session] = {}
        self.copies: Callable[[str], int] = lambda event: 1
        """How often an event arrives: faults make it none or two."""

    @property
    def connected(self) -> bool:
        return any(session.connected for session in self.sessions.values())

    async def dispatch(self, event: str, data: dict[str, Any]) -> None:
        for _ in range(self.copies(event)):
            for session in list(self.sessions.values()):
                await session.tell(event, self._seen(session, event, data))

    def _seen(self, session: Session, event: str, data: dict[str, Any]) -> dict[str, Any]:
        withheld = (
            event in ("MESSAGE_CREATE", "MESSAGE_UPDATE")
            and not session.intents.message_content
            and "guild_id" in data
            and data["author"]["id"] != str(self.me.id)
            and f"<@{self.me.id}>" not in data["content"]
        )
        return {**data, **WITHHELD} if withheld else data

    async def drop(self, *, resumable: bool = True) -> None:
        """Break the connection, as a network does; without *resumable* the session is lost, too."""
        for session in list(self.sessions.values()):
            if session.transport is not None:
                session.transport.abort()
            session.socket = session.transport = None
            if not resumable:
                self._lost[session.id] = self.sessions.pop(session.id)

    async def ask_to_reconnect(self) -> None:
        """Discord's own way of moving bots to another machine."""
        for session in self.sessions.values():
            await session.send(json.dumps({"op": RECONNECT, "d": None}))

    async def invalidate(self, *, resumable: bool) -> None:
        """Declare the sessions invalid over their open sockets."""
        for session in list(self.sessions.values()):
            if not resumable:
                del self.sessions[session.id]
            await session.send(json.dumps({"op": INVALID_SESSION, "d": resumable}))

    async def connect(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one socket until it closes."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"op": HELLO, "d": {"heartbeat_interval": HEARTBEAT_MS}})
        async for frame in socket:
            said = frame.json()
            if said["op"] == HEARTBEAT:
                await socket.send_json({"op": HEARTBEAT_ACK})
            elif said["op"] == IDENTIFY:
                await self._identify(socket, request, said["d"])
            elif said["op"] == RESUME:
                await self._resume(socket, request, said["d"])
        return socket

    async def _identify(
        self, socket: web.WebSocketResponse, request: web.Request, said: dict[str, Any]
    ) -> None:
        intents = discord.Intents.none()
        intents.value = said["intents"]
        self.identified.append(intents)
        if said["token"] != self.token:
            await socket.close(code=AUTHENTICATION_FAILED)
            return
        if intents.message_content and not self.message_content:
            await socket.close(code=DISALLOWED_INTENTS)
            return
        gone = [id for id, session in self.sessions.items() if not session.connected]
        for id in gone:  # the bot that had them has started anew
            del self.sessions[id]
        session = Session(intents, socket=socket, transport=request.transport)
        servers = self.servers()
        await session.tell(
            "READY",
            {
                "v": 10,
                "user": self.me.payload(),
                "guilds": [{"id": server["id"], "unavailable": True} for server in servers],
                "session_id": session.id,
                "resume_gateway_url": self.url,
                "application": {"id": str(self.me.id), "flags": 0},
            },
        )
        for server in servers:
            await session.tell("GUILD_CREATE", server)
        self.sessions[session.id] = session

    async def _resume(
        self, socket: web.WebSocketResponse, request: web.Request, said: dict[str, Any]
    ) -> None:
        session = self.sessions.get(said["session_id"])
        if session is None:
            self._note_unheard(said)
            await socket.send_json({"op": INVALID_SESSION, "d": False})
            return
        async with session.sending:
            session.socket, session.transport = socket, request.transport
            session.at = said["seq"]
        await session.catch_up()
        await session.tell("RESUMED", {})
        self.resumed += 1

    def _note_unheard(self, said: dict[str, Any]) -> None:
        """The bot says up to which event it has heard; the rest of its session is lost."""
        lost = self._lost.pop(said["session_id"], None)
        for frame in lost.sent[said["seq"] :] if lost else ():
            event = json.loads(frame)
            if event["t"] in ("MESSAGE_CREATE", "INTERACTION_CREATE"):
                self.unheard.add(int(event["d"]["id"]))
