"""Requests that fail: each job is answered once, whatever Discord says meanwhile."""

import asyncio

import pytest

from tests.bot.processes import until
from tests.faults.discord.conftest import WAVE
from tests.faults.discord.faults import broken, limited, lost, refused, slow, unheard

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.usefixtures("in_peace")]

BY_CLOUDFLARE = limited(0.2, by_cloudflare=True)
TROUBLE = (
    limited(0.2),
    limited(0.2, is_global=True),
    BY_CLOUDFLARE,
    refused(500),
    broken(502),
    refused(503),
    broken(503),
    unheard,
    lost,
    slow(0.5),
)


async def for_each_trouble(house, check):
    """Run *check* with each fault at once, each with a person and a channel of its own."""
    places = [await house.person_in_a_channel() for _ in TROUBLE]
    async with asyncio.TaskGroup() as checks:
        for fault, (ann, art) in zip(TROUBLE, places, strict=True):
            checks.create_task(check(fault, ann, art))


@pytest.mark.parametrize("step", ["the acknowledgement", "the answer"])
async def test_trouble_with_a_message_is_overcome(house, step):
    async def check(fault, ann, art):
        after = 1 if step == "the answer" else 0
        house.fake.faults.plan("POST", f"/channels/{art.id}/messages", fault, after=after)
        asked = await house.ask(ann, art)
        answer = await house.answered(asked)
        assert answer.content.startswith("Here is your painting")
        assert answer.replies_to == asked.id
        assert art.messages.keys() == {asked.id, answer.id}

    await for_each_trouble(house, check)


async def test_trouble_with_an_explanation_is_overcome(house):
    async def check(fault, ann, art):
        house.fake.faults.plan("POST", f"/channels/{art.id}/messages", fault)
        asked = await house.fake.post(art, ann, "#stylenet")
        reply = await house.heard(asked)
        assert reply.channel is art
        assert "two pictures" in reply.content

    await for_each_trouble(house, check)


async def test_trouble_with_a_slash_command_is_overcome(house):
    async def check(fault, ann, art):
        house.fake.faults.plan("POST", "/interactions/*/callback", fault)
        used = await house.fake.slash(art, ann, "texture", style=WAVE, steps=1)
        answer = await house.answered(used)
        assert answer.content.startswith(f"<@{ann.id}> Here is your texture")
        assert used.response.content.startswith("Done in")

    await for_each_trouble(house, check)


async def test_where_a_slash_command_cannot_be_answered_nothing_is_painted(house, caplog):
    """Discord itself tells the person that the bot did not respond."""
    ann, art = await house.person_in_a_channel()
    house.fake.faults.plan("POST", "/interactions/*/callback", BY_CLOUDFLARE, times=9)
    used = await house.fake.slash(art, ann, "texture", style=WAVE, steps=1)
    await until(lambda: "/texture could not be answered: 429" in caplog.text)
    assert house.fake.replies_to(used) == []
    assert await house.studio.status(f"discord-{used.id}") is None


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/channels/{art}/messages/*"),
        ("DELETE", "/channels/{art}/messages/*"),
        ("PATCH", "/channels/{art}/messages/*"),
        ("GET", "/attachments/*"),
    ],
    ids=["the look for the question", "the tidying", "an edit", "a download"],
)
async def test_trouble_on_the_way_is_overcome(house, method, path):
    async def check(fault, ann, art):
        house.fake.faults.plan(method, path.format(art=art.id), fault)
        asked = await house.ask(ann, art, "#stylenet steps=150")
        answer = await house.answered(asked)
        assert answer.content.startswith("Here is your painting")
        assert art.messages.keys() == {asked.id, answer.id}

    await for_each_trouble(house, check)
    assert house.fake.faults.pending == 0


async def test_a_discord_that_is_away_for_long_is_waited_for(house):
    ann, art = await house.person_in_a_channel()
    house.fake.faults.plan("POST", f"/channels/{art.id}/messages", refused(503), times=6)
    asked = await house.ask(ann, art)
    answer = await house.answered(asked)
    assert answer.replies_to == asked.id


async def test_an_answer_that_was_lost_is_found_by_the_next_bot(house):
    """Neither the nonce nor the gateway helps any more: the bot must look for its own message."""
    ann, art = await house.person_in_a_channel()
    house.fake.faults.plan("POST", f"/channels/{art.id}/messages", lost, after=1)
    house.fake.faults.plan("GET", f"/channels/{art.id}/messages*", refused(503), after=1, times=99)
    asked = await house.ask(ann, art)
    await until(lambda: house.fake.answers_to(asked))
    await house.leave()
    house.fake.board.forget_nonces()
    house.fake.faults.calm()
    await house.enter()
    await house.answered(asked)
    assert len(art.messages) == 2


async def test_buckets_are_respected(house):
    """discord.py knows how many requests are left, and waits before it is told to."""
    ann, art = await house.person_in_a_channel()
    house.fake.buckets.limit, house.fake.buckets.seconds = 2, 0.5
    asked = [await house.ask(ann, art) for _ in range(5)]
    for message in asked:
        await house.answered(message)
    assert len(art.messages) == 10
