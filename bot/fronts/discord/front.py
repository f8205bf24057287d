"""The Discord front: connects, and carries what the studio says of a job to Discord."""

import asyncio
import logging

import discord
from pydantic import Field, SecretStr

from bot.fronts.base import FrontSettings, NotReady, Undeliverable, address_of
from bot.fronts.connected import Connected, checking, pauses
from bot.fronts.discord.acknowledgement import show_pause, show_progress, tidy
from bot.fronts.discord.address import FRONT, Address
from bot.fronts.discord.client import Client
from bot.fronts.discord.delivery import Delivery
from bot.model import Job, Outcome, Status
from bot.studio import Studio

log = logging.getLogger(__name__)

LOGIN_REFUSED = (
    "Discord refuses the token, so the Discord front stays off. Copy it again from the Bot page of "
    "your application at https://discord.com/developers/applications into the setting "
    "discord.token, and restart."
)
REFUSED = "the token is refused; make a new one under Bot › Reset Token"
NO_CONTENT = (
    "Discord refuses the Message Content intent: switch it on, on the Bot page of your application "
    "at https://discord.com/developers/applications, and restart. Until then the bot sees pictures "
    "in mentions, direct messages and slash commands only."
)


class DiscordSettings(FrontSettings):
    """The section ``[discord]``."""

    token: SecretStr = SecretStr("")
    edit_seconds: float = Field(default=3, ge=0.1)

    @property
    def active(self) -> bool:
        return self.enabled and bool(self.token.get_secret_value())


class DiscordFront(Connected):
    """Discord, through a bot of its own."""

    name = FRONT
    Settings = DiscordSettings
    settings: DiscordSettings

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio)
        self.pace = self.settings.edit_seconds  # Discord limits how often one may edit
        self.client = Client(studio, self._ready)
        self._trouble = "not connected to Discord"

    @classmethod
    async def check(cls, settings: DiscordSettings) -> str:
        if not settings.active:
            return "off: no token (the README says how to get one)" if settings.enabled else "off"
        client = discord.Client(intents=discord.Intents.none())
        async with checking("Discord"), client:
            try:
                await client.login(settings.token.get_secret_value())
            except discord.LoginFailure:
                raise NotReady(REFUSED) from None
            return f"the token is that of {client.user}"

    async def close(self) -> None:
        await super().close()
        await self.client.close()

    def trouble(self) -> str | None:
        """What is wrong while the bot is not connected; the log says more."""
        connected = self._ready.is_set() and self.client.ws is not None and self.client.ws.open
        return None if connected else self._trouble

    async def run(self) -> None:
        """Stay connected until closed, or until Discord refuses the token.

        Once connected, discord.py reconnects by itself; this is about getting so far.
        """
        token = self.settings.token.get_secret_value()
        for pause in pauses():
            try:
                await self.client.start(token)
                return
            except discord.LoginFailure:
                self._trouble = REFUSED
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
        """Send the acknowledgement, or edit it."""
        await self._ready.wait()
        address_of(job, Address)
        await show_progress(self.client, job, status)

    async def pause(self, job: Job, status: Status) -> None:
        """Say in the acknowledgement that the painting goes on later, if Discord can be reached."""
        if self._ready.is_set():
            await show_pause(self.client, job)

    async def answer(self, job: Job, status: Status) -> None:
        """Reply with the painting, once, or with what went wrong; then tidy up."""
        await self._ready.wait()
        address = address_of(job, Address)
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
