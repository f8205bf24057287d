"""The Discord front: connects, and carries what the studio says of a job to Discord."""

import asyncio
import logging
from contextlib import suppress
from datetime import datetime
from itertools import chain, repeat

import discord
from pydantic import ValidationError

from bot.fronts.discord.acknowledgement import show_pause, show_progress, tidy
from bot.fronts.discord.address import FRONT, Address
from bot.fronts.discord.channel import TROUBLE
from bot.fronts.discord.client import Client
from bot.fronts.discord.delivery import Delivery
from bot.model import Job, Outcome, Status
from bot.studio import Studio, Undeliverable

log = logging.getLogger(__name__)

RECONNECT_SECONDS = (5, 15, 60, 300)
LOGIN_REFUSED = (
    "Discord refuses the token, so the Discord front stays off. Copy it again from the Bot page of "
    "your application at https://discord.com/developers/applications into the setting "
    "discord.token, and restart."
)
NO_CONTENT = (
    "Discord refuses the Message Content intent: switch it on, on the Bot page of your application "
    "at https://discord.com/developers/applications, and restart. Until then the bot sees pictures "
    "in mentions, direct messages and slash commands only."
)


class DiscordFront:
    """``start`` it when the studio is open; ``close`` it before the studio closes."""

    name = FRONT

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self._ready = asyncio.Event()
        self.client = Client(studio, self._ready)
        self._running: asyncio.Task[None] | None = None
        studio.enlist(self)

    async def start(self) -> None:
        """Connect in the background: the rest of the studio does not wait for Discord."""
        self._running = asyncio.create_task(self.run(), name="discord")

    async def close(self) -> None:
        """Leave Discord. Nothing more is sent; what is unanswered waits for the next start."""
        self._ready.clear()
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        await self.client.close()

    def trouble(self) -> str | None:
        """What is wrong while the bot is not connected; the log says more."""
        connected = self._ready.is_set() and self.client.ws is not None and self.client.ws.open
        return None if connected else "not connected to Discord"

    async def run(self) -> None:
        """Stay connected until closed, or until Discord refuses the token.

        Once connected, discord.py reconnects by itself; this is about getting so far.
        """
        token = self.studio.settings.discord.token.get_secret_value()
        for pause in chain(RECONNECT_SECONDS, repeat(RECONNECT_SECONDS[-1])):
            try:
                await self.client.start(token)
                return
            except discord.LoginFailure:
                log.error(LOGIN_REFUSED)
                return
            except discord.PrivilegedIntentsRequired:
                log.warning(NO_CONTENT)
                await self._renew(message_content=False)
            except Exception as error:
                log.warning("Discord cannot be reached; trying again in %d s: %r", pause, error)
                await self._renew(message_content=self.client.intents.message_content)
                await asyncio.sleep(pause)

    async def show(self, job: Job, status: Status) -> None:
        """Edit the acknowledgement, then rest: Discord limits how often one may edit.

        A person who has seen nothing yet is not left waiting for the next news: the acknowledgement
        is tried again until Discord takes it or the job has ended.
        """
        await self._ready.wait()
        while True:
            try:
                await show_progress(self.client, job, status)
            except TROUBLE as error:
                log.warning("job %s: Discord does not take its progress: %r", job.id, error)
                missing = Address.of(job).acknowledgement is None
            else:
                missing = False
            if await self._rest(job) or not missing:
                return

    async def _rest(self, job: Job) -> bool:
        """Wait for as long as edits are to be apart, or for the end of the job, and tell which."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self.studio.settings.discord.edit_seconds):
                async for _ in self.studio.follow(job.id):
                    pass
            return True
        return False

    async def pause(self, job: Job, status: Status) -> None:
        """Say in the acknowledgement that the painting goes on later, if Discord can be reached."""
        if self._ready.is_set():
            await show_pause(self.client, job)

    async def delete_before(self, moment: datetime) -> None:
        """Nothing is kept here; what was posted in Discord is Discord's."""

    async def answer(self, job: Job, status: Status) -> None:
        """Reply with the painting, once, or with what went wrong; then tidy up.

        Raises Undeliverable when there is nobody to answer any more.
        """
        await self._ready.wait()
        try:
            address = Address.of(job)
        except ValidationError:
            raise Undeliverable("where its answer belongs cannot be read any more") from None
        if status.state != "cancelled" and not address.answered:
            try:
                await Delivery(self.client, job, status.outcome or Outcome()).deliver()
            except Undeliverable:
                await tidy(self.client, job, status, told=False)
                raise
        await tidy(self.client, job, status)

    async def _renew(self, *, message_content: bool) -> None:
        """Replace the client: discord.py does not open one again that has failed."""
        self._ready.clear()
        await self.client.close()
        self.client = Client(self.studio, self._ready, message_content=message_content)
