"""The room as a front of the studio: opens and closes it, and passes its news on."""

import asyncio
from datetime import datetime

from aiohttp import web

from bot.fronts.base import Front, NotReady
from bot.fronts.web.conversation import NAME, Conversation
from bot.fronts.web.feed import Feed
from bot.fronts.web.server import Server
from bot.fronts.web.settings import RoomSettings
from bot.model import Job, Status
from bot.studio import Studio

CLOSING_SECONDS = 2.0
IDLE_SECONDS = 75.0
"""How long a connection may be open without a whole request; proxies count on a minute."""


class Room(Front):
    """The chat page."""

    name = NAME
    Settings = RoomSettings
    settings: RoomSettings

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio)
        feed = Feed()
        self._conversation = Conversation(studio, feed)
        self._runner = web.AppRunner(
            Server(studio, self._conversation, feed).app(self.settings),
            access_log=None,
            keepalive_timeout=IDLE_SECONDS,
            shutdown_timeout=CLOSING_SECONDS,
        )

    @classmethod
    async def check(cls, settings: RoomSettings) -> str:
        if not settings.active:
            return "off"
        host, port = settings.host, settings.port
        try:
            server = await asyncio.start_server(lambda *_: None, host, port)
        except OSError as error:
            raise NotReady(
                f"port {port} cannot be opened ({error.strerror}); is another studio running?"
            ) from None
        server.close()
        return f"would open at http://{host}:{port}"

    async def open(self) -> None:
        await self._runner.setup()
        host, port = self.settings.host, self.settings.port
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise OSError(
                f"the room cannot be opened at {host} port {port} ({error.strerror}); "
                "is it open already? Otherwise choose another port"
            ) from None
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def close(self) -> None:
        """Close the room; open pages notice and come back when it opens again."""
        await self._runner.cleanup()

    async def show(self, job: Job, status: Status) -> None:
        """Show on every open page where a job stands."""
        await self._conversation.show(job, status)

    async def pause(self, job: Job, status: Status) -> None:
        """Say on every open page that a job goes on when the room opens again."""
        await self._conversation.pause(job, status)

    async def delete_before(self, moment: datetime) -> None:
        """Delete what was said before *moment*."""
        await self._conversation.delete_before(moment)

    async def forget(self, person: str) -> None:
        """Delete what was said, if that is the room's person."""
        await self._conversation.forget(person)

    async def answer(self, job: Job, status: Status) -> None:
        """Turn the acknowledgement of a job into its answer."""
        await self._conversation.answer(job, status)
