"""Pictures that are no uploads, from hosts that stumble, by way of the real studio."""

import asyncio

import pytest
import pytest_asyncio
from aiohttp import web

from bot.fronts.discord import fetching
from tests.bot.fronts.discord.hosts import Hosts
from tests.faults.discord.conftest import PHOTO, WAVE

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.usefixtures("in_peace")]

CAT = "https://cats.example/cat.png"
PROXY = "https://images-ext-1.discordapp.net/external/AbC/https/cats.example/cat.png"
PREVIEW = ({"type": "image", "url": CAT, "thumbnail": {"url": CAT, "proxy_url": PROXY}},)
ASK = f"#stylenet steps=1 {CAT}"


@pytest_asyncio.fixture(loop_scope="package")
async def hosts(monkeypatch):
    async with Hosts() as hosts:
        monkeypatch.setattr(fetching, "connect", hosts.connector)
        yield hosts


async def test_a_link_preview_is_painted_though_its_host_stumbles(house, hosts):
    answers = [web.Response(status=503), web.Response(status=429), web.Response(body=PHOTO[1])]

    async def stumble(request):
        return answers[len(hosts.asked) - 1]

    hosts.put(PROXY, stumble)
    ann, art = await house.person_in_a_channel()
    asked = await house.fake.post(art, ann, ASK, (WAVE,), embeds=PREVIEW)
    assert (await house.answered(asked)).content.startswith("Here is your painting")
    assert hosts.asked == [PROXY] * 3


async def test_a_link_preview_that_never_comes_is_refused_once(house, hosts):
    async def away(request):
        return web.Response(status=503)

    hosts.put(PROXY, away)
    ann, art = await house.person_in_a_channel()
    asked = await house.fake.post(art, ann, ASK, (WAVE,), embeds=PREVIEW)
    reply = await house.heard(asked)
    assert reply.content == "Discord did not give me `cat.png`. Please post it again, as a file."
    assert await house.studio.status(f"discord-{asked.id}") is None


async def test_a_picture_that_grows_above_the_cap_is_refused_by_name(house, hosts):
    async def growing(request):
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(100):  # and not for ever: to write to a closed connection takes no time
            await response.write(bytes(1_000_000))
            await asyncio.sleep(0)
        return response

    hosts.put(PROXY, growing)
    ann, art = await house.person_in_a_channel()
    reply = await house.heard(await house.fake.post(art, ann, ASK, (WAVE,), embeds=PREVIEW))
    assert reply.content.startswith("`cat.png` has more than 50 MB, and I take no larger pictures.")


async def test_last_is_painted_from_what_was_posted_before(house):
    ann, art = await house.person_in_a_channel()
    await house.fake.post(art, house.fake.join("bob"), "my cat", (PHOTO,))
    offered = await house.heard(await house.fake.post(art, ann, "#stylenet", (WAVE,)))
    assert "The newest picture here is `photo.png` by bob" in offered.content
    await house.fake.post(art, house.fake.join("bob"), "my cat again", (PHOTO,))
    asked = await house.fake.post(art, ann, "#stylenet last steps=1", (WAVE,))
    assert (await house.answered(asked)).content.startswith("Here is your painting")
    again = await house.fake.post(art, ann, "#stylenet last steps=1", (WAVE,))
    assert (await house.answered(again)).content.startswith("Here is your painting")
