"""The bot fetches nothing that people name: only the files that Discord itself hands over."""

import asyncio
from typing import Any

import aiohttp
import pytest

from tests.bot.fronts.discord.world import PHOTO, WAVE

LINKS = "https://evil.example/a.png http://127.0.0.1:8017/x.png <http://[::1]/b.png>"


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Whatever this process tries to connect to, which then fails."""
    tried: list[Any] = []

    async def connect(_: object, *arguments: Any, **named: Any) -> None:
        tried.append((arguments, named))
        raise OSError("no way out")

    for name in ("create_connection", "getaddrinfo", "sock_connect"):
        monkeypatch.setattr(asyncio.SelectorEventLoop, name, connect)
    return tried


async def test_links_in_a_message_are_not_followed(world, connections):
    for text in (f"#stylenet {LINKS}", LINKS, f"!blend {LINKS}", f"#stylenet init={LINKS}"):
        await world.alice.send(world.channel, text)
        await world.alice.send(world.channel, text, attachments=(PHOTO,))
    assert world.studio.jobs == {}
    assert connections == []


async def test_links_beside_pictures_are_no_pictures(world, connections):
    await world.alice.send(world.channel, f"#stylenet\n{LINKS}", attachments=(PHOTO, WAVE))
    [job] = world.studio.jobs.values()
    assert [picture.name for picture in job.order.pictures] == [PHOTO[0], WAVE[0]]
    assert connections == []


async def test_a_connection_would_be_noticed(connections):
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientError):
            await session.get("http://127.0.0.1:9/a.png")
    assert connections != []
