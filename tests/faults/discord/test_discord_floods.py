"""Somebody who sends bad commands without end gets a few explanations, then silence."""

import pytest

from bot.commands.throttle import Throttle
from tests.bot.processes import until

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.usefixtures("in_peace")]

SILENCE = "so for the next one I stay silent"


async def test_a_flood_of_bad_commands_gets_few_replies_and_harms_nobody(house):
    ann, art = await house.person_in_a_channel()
    bob = house.fake.join("bob")
    bad = [await house.fake.post(art, ann, f"!stylenet size={n}") for n in range(1, 201)]
    asked = await house.fake.post(art, bob, "#stylenet")
    await house.heard(asked)
    await house.all_is_heard()
    replies = [reply for message in bad for reply in house.fake.replies_to(message)]
    assert len(replies) == 6
    assert [SILENCE in reply.content for reply in replies] == [False] * 5 + [True]
    assert all("size" in reply.content for reply in replies)

    await house.answered(await house.ask(ann, art))


async def test_after_a_minute_of_silence_there_are_explanations_again(house, monkeypatch):
    now = 0.0
    throttle = Throttle(6, 60, clock=lambda: now)
    monkeypatch.setattr(house.front.client.commands, "replies", throttle)
    ann, art = await house.person_in_a_channel()
    for number in range(10):
        await house.fake.post(art, ann, f"!stylenet {number}")
    await until(lambda: throttle.closed(f"discord:{ann.id}"))
    now = 61.0
    reply = await house.heard(await house.fake.post(art, ann, "!help"))
    assert "#stylenet" in reply.content


async def test_what_is_asked_in_the_silence_is_done_all_the_same(house):
    ann, art = await house.person_in_a_channel()
    house.hold()
    asked = await house.ask(ann, art)
    acknowledgement = await house.acknowledged(asked)
    for _ in range(7):
        await house.fake.post(art, ann, "!help")
    silent = await house.fake.post(art, ann, "!cancel")
    await until(lambda: acknowledgement.content == "Cancelled.")
    await house.all_is_heard()
    assert house.fake.replies_to(silent) == []


async def test_bad_slash_commands_are_met_with_silence_too(house):
    ann, art = await house.person_in_a_channel()
    notes = ("notes.txt", b"buy paint")
    used = [await house.fake.slash(art, ann, "texture", style=notes) for _ in range(10)]
    await house.all_is_heard()
    said = [one.said[0] for one in used if one.said]
    assert len(said) == 6
    assert [SILENCE in text for text in said] == [False] * 5 + [True]
