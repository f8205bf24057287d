"""The network, the bot's account on it, and a studio that the test itself paints for."""

import pytest
import pytest_asyncio

from bot.fronts.bluesky import BlueskyFront
from bot.fronts.bluesky.inbox import INBOX
from tests.bot.fake_studio import FakeStudio
from tests.bot.fronts.bluesky.network import MISSING, Network
from tests.patience import until


@pytest.fixture(scope="session")
def network():
    if MISSING:
        pytest.skip(MISSING)
    with Network() as network:
        yield network


@pytest.fixture
def more():
    """Settings of the front beside the usual ones."""
    return {}


@pytest_asyncio.fixture
async def world(network, more):
    from tests.bot.fronts.bluesky.world import World, person, settings_for

    bot, ann, ben = [await person(network) for _ in range(3)]
    handle = (await bot.com.atproto.server.get_session()).handle
    studio = FakeStudio(settings_for(network, handle, **more))
    front = BlueskyFront(studio)
    studio.enlist(front)
    await front.open()
    try:
        await until(lambda: INBOX in studio.kept)
        yield World(network, studio, front, bot, ann, ben)
    finally:
        await front.close()


@pytest_asyncio.fixture
async def house(network, tmp_path):
    from tests.bot.fronts.bluesky.house import housed

    async with housed(network, tmp_path) as house:
        yield house
