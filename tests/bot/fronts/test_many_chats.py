"""One bot in many chats at once: one queue, fair turns, and a chat that is away harms no other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.bot.fronts.bluesky.network import MISSING as NO_BLUESKY
from tests.bot.fronts.bluesky.network import Network
from tests.bot.fronts.mastodon.world import PHOTO, WAVE, server
from tests.bot.fronts.mastodon.world import World as Mastodon
from tests.bot.fronts.matrix.homeserver import MISSING as NO_MATRIX
from tests.bot.fronts.matrix.homeserver import Homeserver
from tests.bot.fronts.matrix.world import Person, register
from tests.bot.processes import RunningStudio
from tests.faults.discord import FakeDiscord
from tests.patience import until
from tests.pictures import png, stripes

PICTURES = ("cat.png", png(64, 48)), ("wave.png", stripes(48, 48))
SMALL = "size=64 steps=1"


@dataclass
class Town:
    """A bot that is in all chats, as a process of its own, and people there."""

    studio: RunningStudio
    discord: FakeDiscord
    mastodon: Mastodon
    bluesky: Any
    """Of the tests of Bluesky, where its network is installed."""
    homeserver: Homeserver | None
    matrix_bot: Person | None


@asynccontextmanager
async def opened(tmp_path) -> AsyncIterator[Town]:
    """The homeserver of Matrix is down at first."""
    async with AsyncExitStack() as stack:
        discord = await stack.enter_async_context(FakeDiscord())
        session = await stack.enter_async_context(aiohttp.ClientSession())
        instance = stack.enter_context(server()).base_url
        mastodon = Mastodon(instance, None, None, session)
        environment = {
            "STYLENET_MASTODON__INSTANCE": instance,
            "STYLENET_MASTODON__TOKEN": "bot_token",
            "STYLENET_MASTODON__POLL_SECONDS": "0.5",
            "STYLENET_LIMITS__WAITING_PER_PERSON": "20",
        }
        bluesky = homeserver = bot = None
        if not NO_BLUESKY:
            bluesky = await on_bluesky(stack.enter_context(Network()))
            environment["STYLENET_BLUESKY__HANDLE"] = "stylenet.test"
            environment["STYLENET_BLUESKY__PASSWORD"] = "sesame"
            environment["STYLENET_BLUESKY__SERVICE"] = bluesky.network.pds
            environment["STYLENET_BLUESKY__DIRECTORY"] = bluesky.network.plc
            environment["STYLENET_BLUESKY__POLL_SECONDS"] = "0.5"
        if not NO_MATRIX:
            homeserver = stack.enter_context(Homeserver())
            bot = await register(homeserver, session, "bot")
            environment["STYLENET_MATRIX__HOMESERVER"] = homeserver.url
            environment["STYLENET_MATRIX__TOKEN"] = bot.token
            await asyncio.to_thread(homeserver.stop)
        running = RunningStudio(tmp_path / "data", discord=discord, **environment)
        studio = await stack.enter_async_context(running)
        await discord.bot_arrives()
        for chat in ("mastodon", *(["bluesky"] if bluesky else [])):
            await until(lambda chat=chat: is_well(studio, chat), every=0.2)
        yield Town(studio, discord, mastodon, bluesky, homeserver, bot)


async def is_well(studio: RunningStudio, chat: str) -> bool:
    """Whether the bot has looked for the first time: what is said from then on is heard."""
    return (await studio.get("/healthz"))["parts"][chat] == "ok"


async def on_bluesky(network: Network) -> Any:
    from tests.bot.fronts.bluesky.world import World, person

    bot, ann, ben = [await person(network, name) for name in ("stylenet", "ann", "ben")]
    return World(network, None, None, bot, ann, ben)


async def test_each_is_answered_where_they_asked_and_in_turn(tmp_path):
    async with opened(tmp_path) as town:
        ann = town.discord.join("ann")
        flood = [
            await town.discord.post(town.discord.art, ann, f"#stylenet {SMALL}", PICTURES)
            for _ in range(6)
        ]
        await until(lambda: all(town.discord.acknowledgements_of(one) for one in flood))
        said = await town.mastodon.post(f"@stylenet {SMALL}", PHOTO, WAVE)
        posted = town.bluesky and await ask_on_bluesky(town.bluesky)
        room = (await town.studio.post(f"!stylenet {SMALL}", *PICTURES))["job"]["id"]

        assert (await town.studio.wait_for_end(room))["state"] == "done"
        await until(lambda: town.mastodon.replies(said), every=0.1)
        assert not town.discord.answers_to(flood[-1]), "who asks six times waits for the others"
        await until(lambda: all(town.discord.answers_to(one) for one in flood), every=0.1)
        assert [len(town.discord.answers_to(one)) for one in flood] == [1] * 6
        [answer] = await town.mastodon.replies(said)
        assert answer["media_attachments"]

        if town.bluesky is not None:
            assert len(await until(lambda: answers_of(town.bluesky, posted), every=0.2)) == 1
        if town.homeserver is not None:
            await is_away_and_comes_back(town)


async def ask_on_bluesky(bluesky: Any) -> Any:
    """The bot hears what is said once it has looked for the first time."""
    from tests.bot.fronts.bluesky.world import PHOTO, WAVE

    return await bluesky.post(SMALL, PHOTO, WAVE)


async def answers_of(bluesky: Any, posted: Any) -> list[Any]:
    return [one for one in await bluesky.replies(posted) if one.embed]


async def is_away_and_comes_back(town: Town) -> None:
    assert town.homeserver
    assert town.matrix_bot
    health = await town.studio.get("/healthz")
    assert "cannot reach" in health["parts"]["matrix"]
    assert health["ok"]
    await asyncio.to_thread(town.homeserver.start)
    ben = await register(town.homeserver, town.mastodon.session, "ben")
    room = await ben.create_room(town.matrix_bot.id)

    async def has_come() -> bool:
        return town.matrix_bot.id in await ben.members(room)

    await until(has_come, every=0.2)
    for name, data in PICTURES:
        await ben.show(room, name, data)
    await ben.say(room, f"!stylenet {SMALL}")

    async def painted() -> list[Any]:
        said = [one for one in await ben.messages(room) if one["sender"] == town.matrix_bot.id]
        return [one for one in said if one["content"]["msgtype"] == "m.image"]

    assert len(await until(painted, every=0.2)) == 1
