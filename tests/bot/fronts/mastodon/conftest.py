"""A server, the bot's account on it, and a studio that the test itself paints for."""

import pytest
import pytest_asyncio

from bot.fronts.mastodon import MastodonFront
from tests.bot.fake_studio import FakeStudio
from tests.bot.fronts.mastodon.world import World, server, settings_for
from tests.patience import until


@pytest.fixture(scope="module")
def address():
    with server() as running:
        yield running.base_url


@pytest.fixture
def more():
    """Settings of the front beside the usual ones."""
    return {}


@pytest_asyncio.fixture
async def world(address, more):
    studio = FakeStudio(settings_for(address, **more))
    front = MastodonFront(studio)
    studio.enlist(front)
    world = World(address, studio, front)
    await front.open()
    try:
        await until(lambda: "mastodon mentions" in studio.kept)
        yield world
    finally:
        await front.close()
        await world.session.close()
