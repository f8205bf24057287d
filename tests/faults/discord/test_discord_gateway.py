"""Connections that break and events that come twice or not at all."""

import pytest

from tests.bot.processes import until
from tests.faults.discord.conftest import PHOTO, WAVE
from tests.faults.discord.faults import lost

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.usefixtures("in_peace")]


async def test_what_was_missed_while_the_connection_was_broken_is_heard_on_resume(house):
    ann, art = await house.person_in_a_channel()
    resumed = house.fake.gateway.resumed
    await house.fake.gateway.drop()
    asked = await house.ask(ann, art)
    await house.answered(asked)
    assert house.fake.gateway.resumed == resumed + 1


@pytest.mark.parametrize("resumable", [True, False])
async def test_a_session_that_discord_declares_invalid_is_replaced(house, resumable):
    ann, art = await house.person_in_a_channel()
    identified = len(house.fake.gateway.identified)
    house.hold()
    before = await house.ask(ann, art)
    await house.acknowledged(before)
    await house.fake.gateway.invalidate(resumable=resumable)
    house.go_on()
    await house.answered(before)
    await house.fake.bot_arrives()
    after = await house.ask(ann, art)
    await house.answered(after)
    assert len(house.fake.gateway.identified) == identified + (not resumable)


async def test_a_lost_session_costs_no_acknowledged_job(house):
    ann, art = await house.person_in_a_channel()
    house.hold()
    asked = await house.ask(ann, art)
    await house.acknowledged(asked)
    await house.fake.gateway.drop(resumable=False)
    await house.fake.bot_arrives()
    house.go_on()
    await house.answered(asked)
    assert len(art.messages) == 2


async def test_discords_wish_to_reconnect_is_followed(house):
    ann, art = await house.person_in_a_channel()
    resumed = house.fake.gateway.resumed
    await house.fake.gateway.ask_to_reconnect()
    await until(lambda: house.fake.gateway.resumed == resumed + 1)
    await house.answered(await house.ask(ann, art))


async def test_a_message_heard_twice_is_one_job_even_at_the_limit(house):
    """Somebody with one place left is not told, by the echo, that there is none."""
    ann, art = await house.person_in_a_channel()
    house.hold()
    house.fake.gateway.copies = lambda event: 2
    asked = [await house.ask(ann, art) for _ in range(3)]
    for message in asked:
        await house.acknowledged(message)
    house.go_on()
    for message in asked:
        await house.answered(message)
    assert len(art.messages) == 6


async def test_a_bad_command_heard_twice_is_explained_once(house):
    ann, art = await house.person_in_a_channel()
    house.fake.gateway.copies = lambda event: 2
    house.fake.board.clock = iter(range(0, 10_000_000, 1000)).__next__  # no nonce is remembered
    reply = await house.heard(await house.fake.post(art, ann, "#stylenet"))
    assert "two pictures" in reply.content


async def test_a_slash_command_heard_twice_is_one_job(house):
    ann, art = await house.person_in_a_channel()
    house.fake.gateway.copies = lambda event: 2
    used = await house.fake.slash(art, ann, "stylenet", content=PHOTO, style=WAVE, steps=1)
    await house.answered(used)
    assert used.followups == []


async def test_a_command_to_cancel_heard_twice_is_not_told_that_there_is_nothing(house):
    ann, art = await house.person_in_a_channel()
    house.hold()
    await house.acknowledged(await house.ask(ann, art))
    house.fake.gateway.copies = lambda event: 2
    used = await house.fake.slash(art, ann, "cancel")
    await until(lambda: used.said)
    await house.all_is_heard()
    assert used.said == ["Cancelled your job."]


async def test_a_message_that_discord_never_tells_of_does_no_harm(house):
    ann, art = await house.person_in_a_channel()
    house.fake.gateway.copies = lambda event: 0
    missed = await house.ask(ann, art)
    house.fake.gateway.copies = lambda event: 1
    asked = await house.ask(ann, art)
    await house.answered(asked)
    assert house.fake.replies_to(missed) == []


async def test_an_answer_whose_echo_came_is_known_to_be_there_even_unseen(house):
    """The response is lost, then the channel closes: only the gateway has told of the answer."""
    ann, art = await house.person_in_a_channel()
    house.hold()
    asked = await house.ask(ann, art)
    await house.acknowledged(asked)
    house.fake.faults.plan("POST", f"/channels/{art.id}/messages", lost)
    house.go_on()
    await until(lambda: house.fake.answers_to(asked))
    await house.fake.deny(art, view_channel=True)
    assert (await house.answered(asked)).channel is art


async def test_buttons_that_are_pressed_twice_cancel_once(house):
    ann, art = await house.person_in_a_channel()
    house.hold()
    house.fake.gateway.copies = lambda event: 2
    asked = await house.ask(ann, art)
    acknowledgement = await house.acknowledged(asked)
    used = await house.fake.click(acknowledgement, ann)
    await house.at_rest(asked)
    assert acknowledgement.content == "Cancelled."
    await house.all_is_heard()
    assert house.fake.answers_to(asked) == []
    assert used.said == []
