"""The room as a front of the studio: opens and closes it, and passes its news on."""

import asyncio
from datetime import datetime

from aiohttp import web

from bot.fronts.base import Front, NotReady, Undeliverable
from bot.fronts.web import texts
from bot.fronts.web.conversation import NAME, PERSON, Conversation
from bot.fronts.web.feed import Feed
from bot.fronts.web.messages import Messages
from bot.fronts.web.server import Server
from bot.fronts.web.settings import RoomSettings
from bot.fronts.web.views import job_view
from bot.model import Job, Status
from bot.studio import Studio
from bot.texts import PAUSED

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
        self._feed = Feed()
        self._messages = Messages(studio.engine)
        self._conversation = Conversation(studio, self._messages, self._feed)
        self._runner = web.AppRunner(
            Server(studio, self._conversation, self._feed).app(self.settings),
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
        self._tell(status, texts.about(status, job.order))

    async def pause(self, job: Job, status: Status) -> None:
        """Say on every open page that a job goes on when the room opens again."""
        self._tell(status, PAUSED)

    async def answer(self, job: Job, status: Status) -> None:
        """Turn the acknowledgement of a job into its answer."""
        text, view = texts.about(status, job.order), job_view(status, job.order)
        message = await self._messages.answer(job.id, text, view)
        if message is None:
            raise Undeliverable("its message in the room was deleted")
        await self._conversation.publish(message)

    async def delete_before(self, moment: datetime) -> None:
        """Delete the messages from before *moment*, but no reply that is to become an answer."""
        unended = await self._messages.unended()
        owed = [job for job in unended if await self.studio.status(job) is not None]
        await self._messages.delete(before=moment, keep=owed)

    async def forget(self, person: str) -> None:
        """Delete all messages, and let the pages do the same, if *person* is the one here."""
        if person == PERSON:
            await self._messages.delete()
            self._feed.publish("room", {"messages": []})

    def _tell(self, status: Status, text: str) -> None:
        news = {"text": text, "job": job_view(status)}
        self._feed.publish("progress", news, about=status.job)
