"""The connection to Discord: what it asks for, and to whom it hands what it hears."""

import asyncio
import logging

import discord
from discord import app_commands

from bot.commands.dispatch import Dispatch
from bot.fronts.discord.buttons import CancelButton
from bot.fronts.discord.channel import TROUBLE
from bot.fronts.discord.edits import Traces
from bot.fronts.discord.messages import hear
from bot.fronts.discord.seen import Blocklist, SeenEvents
from bot.fronts.discord.slash import add_commands
from bot.studio import Studio

log = logging.getLogger(__name__)

# discord.py warns when it lacks the libraries for voice, which the bot does not have
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


class Tree(app_commands.CommandTree["Client"]):
    """The slash commands, each use of which is obeyed once."""

    async def interaction_check(self, interaction: discord.Interaction["Client"], /) -> bool:
        return self.client.seen.add(interaction.id)

    async def on_error(
        self,
        interaction: discord.Interaction["Client"],
        error: app_commands.AppCommandError,
        /,
    ) -> None:
        """Discord itself tells the person that the bot did not respond."""
        if isinstance(error.__cause__, TROUBLE):
            name = interaction.command.qualified_name if interaction.command else "?"
            log.warning("/%s could not be answered: %s", name, error.__cause__)
        else:
            await super().on_error(interaction, error)


class Client(discord.Client):
    """One connection; it sets *ready* when it stands.

    It knows which events this run has *seen* of late, and what Discord has *blocked*.
    Without *message_content* only mentions and direct messages show their text and pictures.
    """

    def __init__(
        self, studio: Studio, ready: asyncio.Event, *, message_content: bool = True
    ) -> None:
        super().__init__(
            intents=discord.Intents(guilds=True, messages=True, message_content=message_content),
            allowed_mentions=discord.AllowedMentions(
                everyone=False, users=False, roles=False, replied_user=True
            ),
            activity=discord.CustomActivity(f"{studio.settings.commands.hashtag} · two pictures"),
            max_messages=None,
        )
        self.studio = studio
        self.seen = SeenEvents()
        self.blocked = Blocklist()
        self.traces = Traces()
        self.commands = Dispatch(studio)
        self._connected = ready
        self.tree = Tree(
            self,
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True),
            allowed_installs=app_commands.AppInstallationType(guild=True),
        )
        add_commands(self.tree, self.commands)

    async def setup_hook(self) -> None:
        self.add_dynamic_items(CancelButton)
        try:
            await self.tree.sync()
        except discord.HTTPException:
            log.exception("Discord did not take the slash commands; the older ones stay")

    async def on_ready(self) -> None:
        self._connected.set()
        log.info("in Discord as %s, servers: %d", self.user, len(self.guilds))

    async def on_message(self, message: discord.Message) -> None:
        if message.author == self.user and message.nonce is not None:
            self.seen.add(str(message.nonce))
        if self.user is not None and self.seen.add(message.id):
            await hear(message, self.user, self.commands, self.traces)

    async def on_raw_message_edit(self, edit: discord.RawMessageUpdateEvent) -> None:
        if self.user is not None:
            await hear(edit.message, self.user, self.commands, self.traces, changed=True)
