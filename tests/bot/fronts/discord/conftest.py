"""What the tests of the Discord front share; ``simcord_env`` comes from simcord's own plugin."""

import pytest
import pytest_asyncio

from bot.fronts.base import settings_with_fronts
from bot.fronts.discord import DiscordFront, channel, fetching
from tests.bot.fake_studio import FakeStudio
from tests.bot.fronts.discord.hosts import Hosts
from tests.bot.fronts.discord.world import World
from tests.patience import PATIENCE


@pytest.fixture
def settings():
    return settings_with_fronts()(limits={"picture_bytes": 10_000}, discord={"edit_seconds": 0.1})


@pytest.fixture
def studio(settings):
    return FakeStudio(settings)


@pytest.fixture
def front(studio):
    front = DiscordFront(studio)
    studio.enlist(front)
    return front


@pytest.fixture
def simcord_bot(front):
    return front.client


@pytest.fixture
def world(simcord_env, studio, front):
    simcord_env.settle_timeout = PATIENCE
    return World(simcord_env, studio, front)


@pytest_asyncio.fixture
async def hosts(monkeypatch):
    """Discord's own hosts for pictures; whoever is refused tries again at once."""
    monkeypatch.setattr(channel, "AGAIN_SECONDS", (0, 0))
    async with Hosts() as hosts:
        monkeypatch.setattr(fetching, "connect", hosts.connector)
        yield hosts
