"""A server, the bot's account on it, and a studio that the test itself paints for."""

import pytest
import pytest_asyncio

from bot.fronts.mastodon import MastodonFront, api
from tests.bot.fake_studio import FakeStudio
from tests.bot.fronts.mastodon.strict import StrictServer
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


@pytest_asyncio.fixture
async def strict_server():
    async with StrictServer() as server:
        yield server


@pytest_asyncio.fixture
async def strict_front(strict_server, more, monkeypatch):
    """A front that waits for nobody's clock, on a server that is stricter than most."""
    monkeypatch.setattr(api, "PROCESSING_SECONDS", (0.01,) * 5)
    monkeypatch.setattr("bot.fronts.connected.RECONNECT_SECONDS", (0.05, 0.2))
    studio = FakeStudio(settings_for(strict_server.address, **{"poll_seconds": 0.3, **more}))
    front = MastodonFront(studio)
    studio.enlist(front)
    await front.open()
    await until(lambda: strict_server.sockets)
    yield front
    await front.close()


@pytest.fixture
def strict(strict_server, strict_front):
    """The server and the studio."""
    return strict_server, strict_front.studio
