"""The whole product in the fake Discord: real processes, weights, discord.py and sockets."""

import asyncio
import io
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from tests.bot.processes import PATIENCE, RunningStudio
from tests.faults.discord import FakeDiscord
from tests.pictures import png, stripes

PHOTO, STYLE = ("photo.png", png(90, 60)), ("style.png", stripes(50, 50))


async def until(reached: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not reached():
            await asyncio.sleep(0.05)


async def test_a_message_and_a_slash_command_are_answered(tmp_path: Path):
    data = tmp_path / "data"
    async with FakeDiscord() as fake, RunningStudio(data, discord=fake):
        await fake.bot_arrives()
        alice = fake.join("alice")
        asked = await fake.post(fake.art, alice, "#stylenet size=64 steps=3 gif", (PHOTO, STYLE))
        used = await fake.slash(fake.art, alice, "texture", style=STYLE, size=64, steps=10)
        await until(lambda: fake.answers_to(asked) and fake.answers_to(used))
        (answer,) = fake.answers_to(asked)
        painting, film = answer.files
        assert Image.open(io.BytesIO(painting.data)).size == (64, 43)
        assert Image.open(io.BytesIO(film.data)).format == "GIF"
        (answer,) = fake.answers_to(used)
        assert answer.content.startswith(f"<@{alice.id}> Here is your painting: 64 × 64")
