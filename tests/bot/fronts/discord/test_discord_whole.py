"""From a message in Discord to the painting below it: real studio, queue, worker and weights."""

import asyncio
import inspect
import io
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import simcord
from PIL import Image

from bot.config import Settings, load
from bot.fronts.base import settings_with_fronts
from bot.fronts.discord import DiscordFront
from bot.studio import Studio
from bot.supervisor import Supervisor
from tests.bot.fronts.discord.world import World
from tests.bot.processes import PATIENCE, until
from tests.pictures import png, stripes


class Aside:
    """Passes calls on to a studio from a task of its own.

    simcord waits after every event for all tasks that began in it; the studio's go on for as long
    as a painting takes, so they must not begin there.
    """

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._calls: asyncio.Queue[tuple[asyncio.Future[Any], Coroutine[Any, Any, Any]]]
        self._calls = asyncio.Queue()

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._studio, name)
        if not inspect.iscoroutinefunction(method):
            return method

        async def call(*args: Any, **kwargs: Any) -> Any:
            result: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
            self._calls.put_nowait((result, method(*args, **kwargs)))
            return await result

        return call

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            while True:
                result, work = await self._calls.get()
                tasks.create_task(self._resolve(result, work))

    async def _resolve(self, result: asyncio.Future[Any], work: Coroutine[Any, Any, Any]) -> None:
        try:
            result.set_result(await work)
        except Exception as error:
            result.set_exception(error)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Any]:
    """A studio for fronts to talk to; leaving the block ends it as closing the bot does."""
    async with Studio(settings) as studio:
        aside = Aside(studio)
        running = asyncio.create_task(aside.run())
        yield aside
        running.cancel()


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(tmp_path)  # no config.toml of the developer's
    return load(
        None,
        settings_with_fronts(),
        data=tmp_path,
        workers={"device": "cpu"},
        discord={"edit_seconds": 0.2},
    )


@pytest.fixture
async def supervisor(settings: Settings) -> AsyncIterator[Supervisor]:
    """The studio's supervisor; the test starts it."""
    supervisor = Supervisor(settings)
    yield supervisor
    await supervisor.stop()


PHOTO, STYLE = ("photo.png", png(90, 60)), ("style.png", stripes(50, 50))


async def test_pictures_become_paintings_across_a_restart_of_the_bot(settings, supervisor):
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(AsyncExitStack())
        studio = await first.enter_async_context(opened(settings))
        front = DiscordFront(studio)
        studio.enlist(front)
        env = await stack.enter_async_context(simcord.run(front.client, settle_timeout=PATIENCE))
        world = World(env, studio, front)

        await world.ask("#stylenet size=64 steps=3 gif", PHOTO, STYLE)
        await until(world.said)
        assert world.reply().content == "You are next."
        supervisor.start()
        await until(lambda: [len(message.attachments) for message in world.said()] == [2])
        painting, film = world.reply().attachments
        assert Image.open(io.BytesIO(await painting.read())).size == (64, 43)
        assert Image.open(io.BytesIO(await film.read())).n_frames > 1

        await world.ask("!texture size=64 steps=10", STYLE)
        await until(lambda: "step" in world.said()[-1].content)
        await first.aclose()
        world.studio = await stack.enter_async_context(opened(settings))
        await world.restart()
        await world.studio.resume()
        await until(lambda: "Here is your texture: 64 × 64" in world.said()[-1].content)
        await until(lambda: len(world.said()) == 2)


async def test_a_bad_picture_is_named_a_long_painting_cancelled_and_all_forgotten(
    settings, supervisor
):
    supervisor.start()
    async with opened(settings) as studio:
        front = DiscordFront(studio)
        studio.enlist(front)
        async with simcord.run(front.client, settle_timeout=PATIENCE) as env:
            world = World(env, studio, front)
            await world.ask("#stylenet", PHOTO, ("notes.png", b"only words, no picture" * 9))
            await until(lambda: [each for each in world.said() if not each.components])
            await until(lambda: len(world.said()) == 1)
            assert "text file" in world.reply().content

            await world.ask("#stylenet size=256 steps=500", PHOTO, STYLE)
            await until(lambda: "step" in world.said()[-1].content)
            await world.alice.click(world.said()[-1], label="Cancel")
            await until(lambda: world.said()[-1].content == "Cancelled.")

            await world.ask("#stylenet", PHOTO, STYLE)
            await until(lambda: world.said()[-1].components)
            acknowledgement = len(world.said()) - 1
            await world.alice.send(world.channel, "!forget")
            assert world.said()[-1].content.startswith("Deleted: your 3 jobs, their pictures")
            await until(lambda: world.said()[acknowledgement].content == "Cancelled.")
