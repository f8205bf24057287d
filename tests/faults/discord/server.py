"""The whole of the fake Discord, as a test holds it in its hands."""

import time
from collections.abc import Callable
from typing import Any, Self

import discord
import yarl
from aiohttp.test_utils import TestServer
from discord import Permissions
from discord.gateway import DiscordWebSocket

from tests.faults.discord.buckets import Buckets
from tests.faults.discord.cdn import Cdn
from tests.faults.discord.faults import Faults
from tests.faults.discord.gateway import Gateway
from tests.faults.discord.interactions import Interaction, Interactions
from tests.faults.discord.messages import Board
from tests.faults.discord.rest import GATEWAY, PREFIX, Rest
from tests.faults.discord.world import Channel, Guild, Message, User
from tests.patience import until

TOKEN = "a-good-token"
Named = tuple[str, bytes] | tuple[str, bytes, str | None, bool]
"""A file's name and bytes; perhaps its description, and whether it is a spoiler."""


def point_discord_py_at(url: str, put: Callable[[Any, str, Any], None] = setattr) -> None:
    """Let this process's discord.py take the server at *url* for Discord."""
    put(discord.http.Route, "BASE", url + PREFIX)
    put(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(url + GATEWAY).with_scheme("ws"))


class FakeDiscord:
    """Use ``async with FakeDiscord() as fake``; one server with the channel ``art`` is there."""

    def __init__(self) -> None:
        self.me = User("painter", bot=True)
        self.owner = User("olga")
        self.guild = Guild("Painters", self.owner)
        self.guilds = [self.guild]
        self.faults = Faults()
        self.buckets = Buckets()
        self.gateway = Gateway(self.me, TOKEN)
        self.gateway.servers = lambda: [guild.payload(self.me) for guild in self.guilds]
        self.board = Board(self.me, self.gateway)
        self._cdn = Cdn()
        self.interactions = Interactions(self.board, self._cdn)
        rest = Rest(
            self.board,
            self.interactions,
            self._cdn,
            faults=self.faults,
            buckets=self.buckets,
            token=TOKEN,
        )
        rest.app.router.add_get(GATEWAY, self.gateway.connect)
        self._listening = TestServer(rest.app)

    async def __aenter__(self) -> Self:
        await self._listening.start_server()
        self.url = self._cdn.url = str(self._listening.make_url("")).rstrip("/")
        self.gateway.url = self.url.replace("http", "ws") + GATEWAY
        self.art = await self.open_channel("art")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.gateway.drop()
        await self._listening.close()

    async def bot_arrives(self) -> None:
        """Wait until a bot has identified."""
        await until(lambda: self.gateway.connected)

    def join(self, name: str) -> User:
        """A new person."""
        person = User(name)
        self.board.people[person.id] = person
        return person

    async def found(self, name: str) -> Guild:
        """A new server, to which the bot is invited."""
        guild = Guild(name, self.owner)
        self.guilds.append(guild)
        await self.gateway.dispatch("GUILD_CREATE", guild.payload(self.me))
        return guild

    async def open_channel(
        self, name: str, *, guild: Guild | None = None, parent: Channel | None = None
    ) -> Channel:
        """A new channel or, in the channel *parent*, a new thread."""
        channel = Channel(name, guild=guild or self.guild, parent=parent)
        assert channel.guild is not None
        channel.guild.channels.append(channel)
        self.board.channels[channel.id] = channel
        kind = "CHANNEL" if parent is None else "THREAD"
        await self.gateway.dispatch(f"{kind}_CREATE", channel.payload_for(self.me))
        return channel

    def direct(self, person: User) -> Channel:
        """The channel of the direct messages with *person*."""
        return self.board.direct(person)

    async def post(
        self,
        channel: Channel,
        author: User,
        text: str,
        files: tuple[Named, ...] = (),
        *,
        replies_to: Message | None = None,
        embeds: tuple[dict[str, Any], ...] = (),
    ) -> Message:
        """*author* writes a message, in which Discord shows *embeds*."""
        message = Message(
            channel=channel,
            author=author,
            content=text,
            files=tuple(self._cdn.keep(*file) for file in files),
            embeds=embeds,
            replies_to=replies_to.id if replies_to else None,
            type=19 if replies_to else 0,
        )
        await self.board.post(message)
        return message

    async def rewrite(self, message: Message, text: str) -> None:
        """The author of *message* edits it."""
        await self.board.rewrite(message, text)

    async def slash(self, channel: Channel, person: User, name: str, **given: Any) -> Interaction:
        """*person* uses a slash command; files are given as a name and their bytes."""
        return await self.interactions.slash(channel, person, name, **given)

    async def click(self, message: Message, person: User, label: str = "Cancel") -> Interaction:
        """*person* presses a button below *message*."""
        return await self.interactions.click(message, person, label)

    def replies_to(self, asked: Message | Interaction) -> list[Message]:
        """All that the bot has ever said about what *asked* asks for, wherever it said it."""
        return self.board.about(asked.id)

    def acknowledgements_of(self, asked: Message | Interaction) -> list[Message]:
        """The messages that show, or showed, how the job stands."""
        return [message for message in self.replies_to(asked) if message.is_acknowledgement]

    def answers_to(self, asked: Message | Interaction) -> list[Message]:
        """The painting or a refusal: there must never be more than one."""
        return [message for message in self.replies_to(asked) if not message.is_acknowledgement]

    async def deny(self, channel: Channel, **permissions: bool) -> None:
        """Take permissions from the bot, such as ``deny(channel, send_messages=True)``."""
        channel.denied = Permissions(**permissions)
        await self.gateway.dispatch("CHANNEL_UPDATE", channel.payload_for(self.me))

    async def delete_channel(self, channel: Channel) -> None:
        channel.deleted = True
        assert channel.guild is not None
        channel.guild.channels.remove(channel)
        await self.gateway.dispatch("CHANNEL_DELETE", channel.payload_for(self.me))

    async def delete_guild(self, guild: Guild) -> None:
        for channel in guild.channels:
            channel.deleted = True
        self.guilds.remove(guild)
        await self.gateway.dispatch("GUILD_DELETE", {"id": str(guild.id)})

    def calm(self) -> None:
        """Let everything work again."""
        self.faults.calm()
        self.buckets.calm()
        self.gateway.copies = lambda event: 1
        self.board.clock = time.monotonic
