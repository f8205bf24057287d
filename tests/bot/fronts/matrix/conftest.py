"""A homeserver, people and the bot on it, and a studio that the test itself paints for."""

import aiohttp
import pytest
import pytest_asyncio

from bot.fronts.matrix import MatrixFront
from bot.fronts.matrix.hearing import POSITION
from tests.bot.fake_studio import FakeStudio
from tests.bot.fronts.matrix.homeserver import MISSING, Homeserver
from tests.bot.fronts.matrix.world import World, register, settings_for
from tests.patience import until


@pytest.fixture(scope="session")
def homeserver():
    if MISSING:
        pytest.skip(MISSING)
    with Homeserver() as homeserver:
        yield homeserver


@pytest.fixture
def more():
    """Settings of the front beside the usual ones."""
    return {}


@pytest_asyncio.fixture
async def world(homeserver, more):
    async with aiohttp.ClientSession() as session:
        bot, ann, ben = [
            await register(homeserver, session, name) for name in ("bot", "ann", "ben")
        ]
        studio = FakeStudio(settings_for(homeserver.url, bot.token, **more))
        front = MatrixFront(studio)
        studio.enlist(front)
        await front.open()
        try:
            await until(lambda: POSITION in studio.kept)
            room = await ann.create_room(bot.id, ben.id)
            await ben.ask("POST", f"client/v3/join/{room}")
            world = World(homeserver, studio, front, bot, ann, ben, room)
            await until(lambda: said_hello(world))
            yield world
        finally:
            await front.close()


async def said_hello(world):
    return [one for one in await world.ann.messages(world.room) if one["sender"] == world.bot.id]
