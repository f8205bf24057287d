"""A small Discord for the tests: a server, a channel and two people."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import discord
import simcord

from bot.fronts.discord import DiscordFront

PHOTO = ("photo.jpg", b"a photograph")
WAVE = ("wave.png", b"a great wave")
STARS = ("stars.webp", b"a starry night")
NOTES = ("notes.txt", b"buy paint")
COMPONENTS_V2 = 1 << 15
"""The flag of a message that is made of components alone."""


@dataclass
class World:
    """Alice and Bob in a channel of a server where the bot is."""

    env: simcord.Env
    studio: Any
    front: DiscordFront
    guild: simcord.GuildHandle = field(init=False)
    channel: simcord.ChannelHandle = field(init=False)
    alice: simcord.MemberActor = field(init=False)
    bob: simcord.MemberActor = field(init=False)

    def __post_init__(self) -> None:
        self.guild = self.env.create_guild("Painters")
        self.channel = self.guild.create_text_channel("art")
        self.alice = self.guild.add_member(self.env.create_user("alice"))
        self.bob = self.guild.add_member(self.env.create_user("bob"))

    async def ask(self, text: str = "#stylenet", *files: tuple[str, bytes]) -> discord.Message:
        """Let Alice post *text* with *files*, by default a photograph and a wave."""
        return await self.alice.send(self.channel, text, attachments=files or (PHOTO, WAVE))

    async def show(
        self,
        text: str = "",
        *,
        by: simcord.MemberActor | None = None,
        files: Sequence[tuple[str, bytes]] = (),
        reply_to: discord.Message | None = None,
        **parts: Any,
    ) -> discord.Message:
        """Let somebody, by default Bob, post what no upload holds: embeds, components, stickers."""
        backend = self.env.backend
        stored = backend.create_message(
            self.channel.id,
            (by or self.bob).id,
            text,
            attachments=parts.pop("attachments", backend.store_attachments(self.channel.id, files)),
            reference={"channel_id": str(self.channel.id), "message_id": str(reply_to.id)}
            if reply_to
            else None,
            flags=COMPONENTS_V2 if "components" in parts else 0,
            **parts,
        )
        await self.env.settle()
        return next(one for one in self.channel.history() if one.id == stored.id)

    @property
    def job(self) -> str:
        """The id of the newest job."""
        return list(self.studio.jobs)[-1]

    @property
    def pictures(self) -> list[tuple[str, bytes]]:
        """Names and bytes of the newest job's pictures."""
        pictures = self.studio.jobs[self.job].order.pictures
        return [(picture.name, self.studio.store[picture.key]) for picture in pictures]

    def said(self, channel: simcord.ChannelHandle | None = None) -> list[discord.Message]:
        """What the bot has said and not deleted."""
        me = self.env.bot.user
        history = (channel or self.channel).history()
        return [message for message in history if message.author == me]

    def reply(self) -> discord.Message:
        """The one thing the bot has said."""
        (message,) = self.said()
        return message

    async def restart(self) -> None:
        """The bot is killed and starts again, with what the studio has kept."""
        self.front = DiscordFront(self.studio)
        self.studio.enlist(self.front)
        await self.env.restart_bot(self.front.client)

    def deny(self, **permissions: bool) -> simcord.ChannelHandle:
        """A channel in which the bot lacks some permissions."""
        overwrite = discord.PermissionOverwrite(**permissions)
        return self.guild.create_text_channel("quiet", overwrites={self.env.bot.user: overwrite})


def file_names(message: discord.Message) -> list[str]:
    return [file.filename for file in message.attachments]


def buttons(message: discord.Message) -> list[str | None]:
    rows = [row for row in message.components if isinstance(row, discord.ActionRow)]
    return [getattr(item, "label", None) for row in rows for item in row.children]
