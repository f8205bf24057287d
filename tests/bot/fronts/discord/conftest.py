"""What the tests of the Discord front share; ``simcord_env`` comes from simcord's own plugin."""

import pytest

from bot.config import Settings
from bot.fronts.discord import DiscordFront
from tests.bot.fronts.discord.world import FakeStudio, World


@pytest.fixture
def settings():
    return Settings(limits={"picture_bytes": 1000}, discord={"edit_seconds": 0.1})


@pytest.fixture
def studio(settings):
    return FakeStudio(settings)


@pytest.fixture
def front(studio):
    return DiscordFront(studio)


@pytest.fixture
def simcord_bot(front):
    return front.client


@pytest.fixture
def world(simcord_env, studio, front):
    return World(simcord_env, studio, front)
