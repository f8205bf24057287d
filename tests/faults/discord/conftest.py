"""A studio in the fake Discord, in the test's own process; its worker only waits, as it is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import discord
import pytest
import pytest_asyncio

import bot.jobs.background
import bot.jobs.tracker
from bot.config import Settings
from bot.fronts.base import settings_with_fronts
from bot.fronts.discord import DiscordFront, channel
from bot.jobs.ledger import Ledger
from bot.studio import Studio
from tests.bot.processes import PATIENCE, until
from tests.faults.discord import TOKEN, FakeDiscord, point_discord_py_at
from tests.faults.discord.interactions import Interaction
from tests.faults.discord.world import Channel, Message, User
from tests.faults.quick_worker import running_worker

HEARING = ("discord.py: on_", "CommandTree", "discord-ui-")
"""How discord.py names the tasks that deal with an event."""

PHOTO, WAVE = ("photo.png", b"a photograph"), ("wave.png", b"a great wave")


@dataclass
class House:
    """The studio, its Discord, and a hand on its painter."""

    fake: FakeDiscord
    settings: Settings
    studio: Studio = field(init=False)
    front: DiscordFront = field(init=False)

    async def enter(self) -> None:
        """The bot starts with what is in the database."""
        self.studio = await Studio(self.settings).__aenter__()
        self.front = DiscordFront(self.studio)
        self.studio.enlist(self.front)
        await self.front.open()
        await self.studio.resume()
        await until(lambda: self.front.trouble() is None)

    async def leave(self) -> None:
        await self.front.close()
        await self.studio.__aexit__()

    def hold(self) -> None:
        """Let no painting be finished until ``go_on``."""
        (self.settings.data / "hold").touch()

    def go_on(self) -> None:
        (self.settings.data / "hold").unlink(missing_ok=True)

    async def person_in_a_channel(self) -> tuple[User, Channel]:
        """Somebody new in a place of their own."""
        person = self.fake.join("ann")
        return person, await self.fake.open_channel("art")

    async def ask(
        self, person: User, channel: Channel, text: str = "#stylenet steps=1", *files: Any
    ) -> Message:
        return await self.fake.post(channel, person, text, files or (PHOTO, WAVE))

    async def acknowledged(self, asked: Message | Interaction) -> Message:
        """The one acknowledgement of *asked*, once it is there."""
        await until(lambda: self.fake.acknowledgements_of(asked))
        (acknowledgement,) = self.fake.acknowledgements_of(asked)
        return acknowledgement

    async def heard(self, asked: Message | Interaction) -> Message:
        """The one reply to *asked*, which asks for no painting, or not well."""
        await until(lambda: self.fake.replies_to(asked))
        await self.all_is_heard()  # a second one would have come
        (reply,) = self.fake.replies_to(asked)
        return reply

    async def all_is_heard(self) -> None:
        """Wait until the bot has taken in and dealt with all that Discord has told it."""

        def done() -> bool:
            sessions = self.fake.gateway.sessions.values()
            heard = self.front.client.ws.sequence
            busy = [task for task in asyncio.all_tasks() if task.get_name().startswith(HEARING)]
            return not busy and all(heard == len(session.sent) for session in sessions)

        await until(done)

    async def answered(self, asked: Message | Interaction) -> Message:
        """The one answer to *asked*, once the studio has nothing more to do for it."""
        await self.at_rest(asked)
        (answer,) = self.fake.answers_to(asked)
        return answer

    async def at_rest(self, asked: Message | Interaction) -> None:
        """Wait until the studio has nothing more to do for *asked*."""
        id = f"discord-{asked.id}"
        async with asyncio.timeout(PATIENCE):
            while await self.ledger.get(id) is None:
                await asyncio.sleep(0.02)
            while id in {job.id for job in await self.ledger.unanswered()}:
                await asyncio.sleep(0.02)

    @property
    def ledger(self) -> Ledger:
        """What is written of the studio's jobs."""
        return Ledger(self.studio.engine)


@asynccontextmanager
async def housed(folder: Path, **overrides: Any) -> AsyncIterator[House]:
    """A house whose worker is a process of its own and whose studio does not wait long."""
    connection = {"token": TOKEN, "edit_seconds": 0.1}
    settings = settings_with_fronts()(data=folder, **{"discord": connection, **overrides})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bot.jobs.background, "RETRY_SECONDS", (0.05, 0.1, 0.2))
        patch.setattr(bot.jobs.tracker, "SHOW_AGAIN_SECONDS", 0.1)
        patch.setattr(channel, "AGAIN_SECONDS", (0.05, 0.1))
        patch.setattr(discord.Client, "before_identify_hook", _at_once)
        async with FakeDiscord() as fake:
            point_discord_py_at(fake.url, patch.setattr)
            house = House(fake, settings)
            await house.enter()
            async with running_worker(settings):
                yield house
            await house.leave()


async def _at_once(client: discord.Client, shard_id: int | None, *, initial: bool = False) -> None:
    """Identify again without the five seconds that discord.py waits."""


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """One for all tests of this package, which take places of their own in it."""
    limits = {"waiting_per_person": 50, "waiting": 200}
    workers = {"together": 16}
    folder = tmp_path_factory.mktemp("house")
    async with housed(folder, limits=limits, workers=workers) as house:
        yield house


@pytest.fixture
def in_peace(house: House) -> Any:
    """Whatever a test has done to the weather and the painter ends with it."""
    yield
    house.fake.calm()
    house.go_on()
