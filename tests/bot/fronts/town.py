"""A bot that is in all chats at once, in the test's own process, and the people there."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import discord
import pytest

import bot.fronts.connected
import bot.jobs.background
from bot.fronts.base import Front, found, settings_with_fronts
from bot.studio import Studio
from tests.bot.fronts.bluesky.network import MISSING as NO_BLUESKY
from tests.bot.fronts.bluesky.network import Network
from tests.bot.fronts.mastodon.strict import TOKEN as MASTODON_TOKEN
from tests.bot.fronts.mastodon.strict import StrictServer
from tests.bot.fronts.matrix.homeserver import MISSING as NO_MATRIX
from tests.bot.fronts.matrix.homeserver import Homeserver
from tests.bot.fronts.matrix.world import Person, register
from tests.faults.discord import TOKEN, FakeDiscord, point_discord_py_at
from tests.faults.quick_worker import running_worker
from tests.patience import until
from tests.pictures import png, stripes

PICTURES = ("cat.png", png(64, 48)), ("wave.png", stripes(48, 48))
OPTIONS = "size=64 steps=1"


@dataclass(frozen=True)
class Asked:
    """A request for a painting, in some chat."""

    job: str
    answers: Callable[[], Awaitable[Sequence[Any]]]
    """The paintings that came of it, where it was asked."""


@dataclass
class Town:
    """The chats' servers; those of Bluesky and Matrix where they are installed."""

    discord: FakeDiscord
    mastodon: StrictServer
    session: aiohttp.ClientSession
    bluesky: Any = None
    """Its ``World``."""
    matrix_bot: Person | None = None
    ben: Person | None = None
    """Somebody on Matrix."""
    sections: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The settings of the fronts."""
    studio: Studio = field(init=False)
    fronts: dict[str, Front] = field(init=False)
    folder: Path = field(init=False)

    @asynccontextmanager
    async def living(self, folder: Path, **changed: dict[str, Any]) -> AsyncIterator[None]:
        """The bot lives here, with some *changed* settings; its worker only waits."""
        sections = {
            name: section | changed.get(name, {}) for name, section in self.sections.items()
        }
        limits = {"waiting_per_person": 20}
        settings = settings_with_fronts()(data=folder, limits=limits, **sections)
        self.folder = folder
        async with Studio(settings) as self.studio, running_worker(settings):
            kinds = {name: kind for name, kind in found().items() if name in sections}
            self.fronts = {name: kind(self.studio) for name, kind in kinds.items()}
            for front in self.fronts.values():
                self.studio.enlist(front)
                await front.open()
            await self.studio.resume()
            yield
            for front in self.fronts.values():
                await front.close()

    def hold(self) -> None:
        """Let no painting be finished until ``go_on``."""
        (self.folder / "hold").touch()

    def go_on(self) -> None:
        (self.folder / "hold").unlink()

    def health(self) -> dict[str, str]:
        """Of each part ``ok``, or what is wrong."""
        return self.studio.health.report()[1]

    def are_well(self, *chats: str) -> bool:
        """Whether the bot has looked there for the first time: what is said then is heard."""
        return all(self.health()[chat] == "ok" for chat in chats)

    async def place(self, asked: Asked) -> int:
        """Its place in the queue once it is taken; 0 when it is being painted."""

        async def taken() -> Any:
            return await self.studio.status(asked.job)

        return (await until(taken)).position or 0

    async def ask(self, chat: str) -> Asked:
        """Let somebody ask in *chat* who has asked for nothing before."""
        return await getattr(self, f"_ask_on_{chat}")()

    async def ask_on_discord(self, name: str, times: int) -> list[Asked]:
        """Let *name* ask so many *times*."""
        person, fake = self.discord.join(name), self.discord
        text = f"#stylenet {OPTIONS}"
        posts = [await fake.post(fake.art, person, text, PICTURES) for _ in range(times)]

        def answers_to(post: Any) -> Callable[[], Awaitable[Sequence[Any]]]:
            async def answers() -> Sequence[Any]:
                return fake.answers_to(post)

            return answers

        return [Asked(f"discord-{post.id}", answers_to(post)) for post in posts]

    async def _ask_on_discord(self) -> Asked:
        return (await self.ask_on_discord("somebody", 1))[0]

    async def _ask_on_mastodon(self) -> Asked:
        from bot.fronts.mastodon.hearing import event_of

        post = await self.mastodon.mention(OPTIONS, "cat.png", "wave.png")

        async def answers() -> Sequence[Any]:
            return [one for one in self.mastodon.replies(post) if one.get("media_ids")]

        return Asked(f"mastodon-{event_of(post)}", answers)

    async def _ask_on_bluesky(self) -> Asked:
        from tests.bot.fronts.bluesky.house import job_of
        from tests.bot.fronts.bluesky.world import PHOTO, WAVE

        post = await self.bluesky.post(OPTIONS, PHOTO, WAVE)

        async def answers() -> Sequence[Any]:
            return [one for one in await self.bluesky.replies(post) if one.embed]

        return Asked(job_of(post), answers)

    async def _ask_on_matrix(self) -> Asked:
        from bot.fronts.matrix.events import key_of

        ben, bot = self.ben, self.matrix_bot
        assert ben is not None
        assert bot is not None
        room = await ben.create_room(bot.id)

        async def has_come() -> bool:
            return bot.id in await ben.members(room)

        await until(has_come, every=0.1)
        for name, data in PICTURES:
            await ben.show(room, name, data)
        event = await ben.say(room, f"!stylenet {OPTIONS}")

        async def answers() -> Sequence[Any]:
            said = [one for one in await ben.messages(room) if one["sender"] == bot.id]
            return [one for one in said if one["content"]["msgtype"] == "m.image"]

        return Asked(f"matrix-{key_of(event)}", answers)

    async def _ask_on_room(self) -> Asked:
        form = aiohttp.FormData({"text": f"!stylenet {OPTIONS}"})
        for name, data in PICTURES:
            form.add_field("file", data, filename=name)
        address = f"{self.fronts['room'].url}/api/messages"
        async with self.session.post(address, data=form) as response:
            job = (await response.json())["job"]["id"]

        async def answers() -> Sequence[Any]:
            async with self.session.get(address) as response:
                said = [one for one in await response.json() if one["job"]]
            done = [one for one in said if (one["job"]["id"], one["author"]) == (job, "bot")]
            return [one for one in done if one["job"]["state"] == "done"]

        return Asked(job, answers)


@asynccontextmanager
async def built() -> AsyncIterator[Town]:
    """A town whose bot does not wait long before it tries anything again.

    Servers that take their time to start do so side by side.
    """
    async with AsyncExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(bot.jobs.background, "RETRY_SECONDS", (0.1, 0.2))
        patch.setattr(bot.fronts.connected, "RECONNECT_SECONDS", (0.1, 0.2))
        patch.setattr(discord.Client, "before_identify_hook", _at_once)
        network, homeserver = await asyncio.gather(
            _started(stack, NO_BLUESKY or Network), _started(stack, NO_MATRIX or Homeserver)
        )
        fake = await stack.enter_async_context(FakeDiscord())
        point_discord_py_at(fake.url, patch.setattr)
        mastodon = await stack.enter_async_context(StrictServer())
        session = await stack.enter_async_context(aiohttp.ClientSession())
        town = Town(fake, mastodon, session)
        town.sections = {
            "room": {"port": 0},
            "discord": {"token": TOKEN, "edit_seconds": 0.1},
            "mastodon": {"instance": mastodon.address, "token": MASTODON_TOKEN},
        }
        town.sections["mastodon"]["poll_seconds"] = 0.2
        if network:
            await _settle_on_bluesky(town, network)
        if homeserver:
            town.matrix_bot = await register(homeserver, session, "bot")
            town.ben = await register(homeserver, session, "ben")
            token = town.matrix_bot.token
            town.sections["matrix"] = {"homeserver": homeserver.url, "token": token}
        yield town


async def _started(stack: AsyncExitStack, server: Any) -> Any:
    """A *server* that runs; None for the reason why there is none."""
    return (
        None if isinstance(server, str) else await asyncio.to_thread(stack.enter_context, server())
    )


async def _settle_on_bluesky(town: Town, network: Network) -> None:
    from tests.bot.fronts.bluesky.world import World, person

    people = [await person(network, name) for name in ("stylenet", "ann", "ben")]
    town.bluesky = World(network, None, None, *people)
    town.sections["bluesky"] = {
        "handle": "stylenet.test",
        "password": "sesame",
        "service": network.pds,
        "directory": network.plc,
        "poll_seconds": 0.2,
    }


async def _at_once(client: discord.Client, shard_id: int | None, *, initial: bool = False) -> None:
    """Identify again without the five seconds that discord.py waits."""
