"""The bot fetches nothing that people name: only what Discord itself hands over, from its hosts."""

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


def embed(proxy: str) -> dict[str, Any]:
    link = "https://evil.example/a.png"
    media = {"url": link, "proxy_url": proxy}
    return {"type": "rich", "url": link, "image": media, "thumbnail": media, "video": media}


@pytest.mark.parametrize(
    "proxy",
    [
        "https://evil.example/a.png",
        "http://media.discordapp.net/a.png",
        "https://media.discordapp.net@evil.example/a.png",
        "https://127.0.0.1/a.png",
    ],
)
async def test_a_preview_is_read_from_no_host_but_discords(world, connections, proxy):
    for kind in ("rich", "image", "gifv", "video", "article", "link"):
        shown = {"embeds": [{**embed(proxy), "type": kind}]}
        earlier = await world.show(**shown)
        await world.alice.send(world.channel, "#stylenet", reply_to=earlier, attachments=[WAVE])
        await world.alice.send(world.channel, "#stylenet last", attachments=())
        await world.show("#stylenet texture", by=world.alice, **shown)
    item = {"media": {"url": "https://evil.example/a.png", "proxy_url": proxy}}
    earlier = await world.show(components=[{"type": 12, "items": [item]}])
    await world.alice.send(world.channel, "#stylenet", reply_to=earlier, attachments=[WAVE])
    assert world.studio.jobs == {}
    assert connections == []


async def test_of_a_preview_only_discords_copy_is_asked_for(world, hosts):
    proxy = hosts.put("https://images-ext-2.discordapp.net/external/AbC/https/evil.example/a.png")
    await world.show("#stylenet", by=world.alice, embeds=[embed(proxy)], files=[WAVE])
    assert [name for name, _ in world.pictures] == ["wave.png", "a.png"]
    assert hosts.asked == [proxy]
    assert hosts.looked_for == []


async def test_a_connection_would_be_noticed(connections):
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientError):
            await session.get("http://127.0.0.1:9/a.png")
    assert connections != []
