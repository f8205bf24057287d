"""Commands put right by editing, while Discord says things twice, at once, or not at all."""

import pytest

from tests.faults.discord.faults import refused

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.usefixtures("in_peace")]

WRONG, RIGHT = "#stylenet szie=64", "#stylenet steps=1 size=64"


async def settled(house, asked):
    """What was said about *asked* and still stands, once it was answered."""
    await house.at_rest(asked)
    await house.all_is_heard()  # more would have come
    return [reply.content for reply in house.fake.replies_to(asked) if not reply.deleted]


async def test_an_edit_that_is_told_twice_makes_one_painting(house):
    house.fake.gateway.copies = lambda event: 2
    ann, art = await house.person_in_a_channel()
    asked = await house.ask(ann, art, WRONG)
    refusal = await house.heard(asked)
    await house.fake.rewrite(asked, RIGHT)
    [answer] = await settled(house, asked)
    assert answer.startswith("Here is your painting")
    assert refusal.deleted
    await house.fake.rewrite(asked, "#stylenet steps=2")
    assert await settled(house, asked) == [answer]


async def test_an_edit_at_the_heels_of_the_message_is_heard(house):
    ann, art = await house.person_in_a_channel()
    asked = await house.ask(ann, art, WRONG)
    await house.fake.rewrite(asked, RIGHT)
    [answer] = await settled(house, asked)
    assert answer.startswith("Here is your painting")


async def test_an_edit_while_it_is_painted_or_after_changes_nothing(house):
    ann, art = await house.person_in_a_channel()
    house.hold()
    asked = await house.ask(ann, art)
    await house.acknowledged(asked)
    await house.fake.rewrite(asked, WRONG)
    house.go_on()
    [answer] = await settled(house, asked)
    await house.fake.rewrite(asked, "!stylenet")
    assert await settled(house, asked) == [answer]


async def test_a_painting_from_before_a_restart_is_not_painted_again(house):
    ann, art = await house.person_in_a_channel()
    asked = await house.ask(ann, art)
    [answer] = await settled(house, asked)
    await house.leave()
    await house.enter()
    await house.fake.rewrite(asked, WRONG)
    assert await settled(house, asked) == [answer]


async def test_a_refusal_turned_into_another_command_is_answered_in_its_place(house):
    """Discord remembers the nonce of the refusal, and would take the answer for it."""
    ann, art = await house.person_in_a_channel()
    asked = await house.fake.post(art, ann, WRONG)
    refusal = await house.heard(asked)
    await house.fake.rewrite(asked, "!cancel")
    await house.all_is_heard()
    assert refusal.deleted
    assert house.fake.replies_to(asked)[-1].content.startswith("There is nothing to cancel")


async def test_a_refusal_that_cannot_be_deleted_stays(house):
    ann, art = await house.person_in_a_channel()
    asked = await house.ask(ann, art, WRONG)
    refusal = await house.heard(asked)
    path = f"/channels/{art.id}/messages/{refusal.id}"
    house.fake.faults.plan("DELETE", path, refused(403, 50013))
    await house.fake.rewrite(asked, RIGHT)
    assert len(await settled(house, asked)) == 2
    assert not refusal.deleted
