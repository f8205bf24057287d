"""A world that changes while the bot paints: one answer by an open way, else a line in the log."""

import json

import pytest

from tests.bot.processes import until
from tests.faults.discord.conftest import PHOTO, WAVE

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.usefixtures("in_peace")]

CLOSED = {"send_messages": True}
BLIND = {"view_channel": True}
NO_FILES = {"attach_files": True}
NO_HISTORY = {"read_message_history": True}


async def asked_and_held(house):
    """A job that is acknowledged and waits in the painter, and where it was asked for."""
    ann, art = await house.person_in_a_channel()
    house.hold()
    asked = await house.ask(ann, art)
    await house.acknowledged(asked)
    return ann, art, asked


@pytest.mark.parametrize(
    ("denied", "said"),
    [
        (CLOSED, "Send Messages"),
        (NO_FILES, "Attach Files"),
        (NO_HISTORY, "Read Message History"),
    ],
)
async def test_without_a_permission_the_bot_paints_nothing_and_names_it(house, denied, said):
    ann, art = await house.person_in_a_channel()
    await house.fake.deny(art, **denied)
    asked = await house.ask(ann, art)
    reply = await house.heard(asked)
    assert f"I need the permission **{said}** there" in reply.content
    assert reply.channel.person is (None if denied is NO_FILES else ann)
    assert await house.studio.status(f"discord-{asked.id}") is None


async def test_where_the_bot_can_say_nothing_it_leaves_a_sign(house):
    ann, art = await house.person_in_a_channel()
    ann.dms_open = False
    await house.fake.deny(art, **CLOSED)
    asked = await house.ask(ann, art)
    await until(lambda: asked.reactions)
    assert asked.reactions == ["🔇"]
    assert house.fake.replies_to(asked) == []


async def test_where_not_even_a_sign_is_possible_the_log_tells_what_could_not_be_said(
    house, caplog
):
    ann, art = await house.person_in_a_channel()
    ann.dms_open = False
    await house.fake.deny(art, send_messages=True, add_reactions=True)
    asked = await house.ask(ann, art)
    await until(lambda: f"message {asked.id}: its author could not be told" in caplog.text)
    assert house.fake.replies_to(asked) == []


@pytest.mark.parametrize("denied", [CLOSED, BLIND, NO_FILES])
async def test_a_channel_that_closes_while_painting_is_answered_privately(house, denied):
    ann, art, asked = await asked_and_held(house)
    await house.fake.deny(art, **denied)
    house.go_on()
    answer = await house.answered(asked)
    assert answer.channel.person is ann
    assert answer.content.startswith(f"I cannot post in <#{art.id}> any more. Here is your paint")
    assert len(answer.files) == 1


async def test_without_the_history_the_person_is_mentioned(house):
    ann, art, asked = await asked_and_held(house)
    await house.fake.deny(art, **NO_HISTORY)
    house.go_on()
    answer = await house.answered(asked)
    assert answer.channel is art
    assert answer.content.startswith(f"<@{ann.id}> Here is your painting")


async def test_a_permission_that_goes_between_the_look_and_the_answer(house):
    """Discord refuses what the bot's own picture of the channel still allows."""
    ann, art, asked = await asked_and_held(house)
    art.denied.update(**CLOSED)
    house.go_on()
    answer = await house.answered(asked)
    assert answer.channel.person is ann


async def test_a_permission_that_goes_after_the_answer_does_not_repeat_it(house):
    _, art, asked = await asked_and_held(house)
    house.go_on()
    await until(lambda: house.fake.answers_to(asked))
    await house.fake.deny(art, **BLIND)
    assert (await house.answered(asked)).channel is art


async def test_a_deleted_question_is_answered_by_a_mention(house):
    ann, art, asked = await asked_and_held(house)
    await house.fake.board.delete(asked)
    house.go_on()
    answer = await house.answered(asked)
    assert answer.channel is art
    assert answer.replies_to is None
    assert answer.content.startswith(f"<@{ann.id}> Here is your painting")


async def test_a_deleted_acknowledgement_stays_deleted_and_the_answer_comes(house):
    _, art, asked = await asked_and_held(house)
    await house.fake.board.delete(house.fake.acknowledgements_of(asked)[0])
    house.go_on()
    answer = await house.answered(asked)
    assert art.messages.keys() == {asked.id, answer.id}
    assert len(house.fake.acknowledgements_of(asked)) == 1


async def test_a_deleted_channel_is_answered_privately(house):
    ann, art, asked = await asked_and_held(house)
    await house.fake.delete_channel(art)
    house.go_on()
    assert (await house.answered(asked)).channel.person is ann


async def test_a_locked_thread_is_answered_privately(house):
    ann, art = await house.person_in_a_channel()
    thread = await house.fake.open_channel("a thread", parent=art)
    house.hold()
    asked = await house.ask(ann, thread)
    await house.acknowledged(asked)
    thread.locked = True
    house.go_on()
    assert (await house.answered(asked)).channel.person is ann


async def test_with_every_way_closed_the_log_says_so_once(house, caplog):
    ann, art, asked = await asked_and_held(house)
    ann.dms_open = False
    await house.fake.delete_channel(art)
    house.go_on()
    await house.at_rest(asked)
    assert house.fake.answers_to(asked) == []
    (line,) = [record.message for record in caplog.records if str(art.id) in record.message]
    assert line.endswith("Unknown Channel; direct message: Cannot send messages to this user")


async def test_direct_messages_that_close_are_a_line_in_the_log(house, caplog):
    ann = house.fake.join("ann")
    room = house.fake.direct(ann)
    house.hold()
    asked = await house.ask(ann, room)
    await house.acknowledged(asked)
    ann.dms_open = False
    house.go_on()
    await house.at_rest(asked)
    assert house.fake.answers_to(asked) == []
    assert "direct messages are closed: Cannot send messages to this user" in caplog.text


async def test_a_painting_too_large_is_sent_as_its_copy(house):
    ann, art = await house.person_in_a_channel()
    wish = json.dumps({"png": 11_000_000, "shared": 7_000_000}).encode()
    asked = await house.ask(ann, art, "#stylenet steps=1", ("photo.png", wish), WAVE)
    answer = await house.answered(asked)
    assert answer.content.endswith("so this is a compressed copy.")
    assert [len(file.data) for file in answer.files] == [7_000_000]


@pytest.mark.parametrize("film", ["", "gif"])
async def test_where_discord_takes_less_than_it_says_the_copy_is_tried_then_explained(house, film):
    ann, art = await house.person_in_a_channel()
    art.upload_limit = 500
    wish = json.dumps({"png": 2000, "shared": 1000}).encode()
    asked = await house.ask(ann, art, f"#stylenet steps=1 {film}", ("photo.png", wish), WAVE)
    answer = await house.answered(asked)
    assert answer.content.startswith("It is done, but even a compressed copy is too")
    assert answer.files == ()


async def test_a_film_too_large_is_left_out(house):
    ann, art = await house.person_in_a_channel()
    wish = json.dumps({"film": 11_000_000}).encode()
    asked = await house.ask(ann, art, "#stylenet steps=1 gif", ("photo.png", wish), WAVE)
    answer = await house.answered(asked)
    assert answer.content.endswith("The film is too large for this channel.")
    assert len(answer.files) == 1


async def test_a_server_that_is_deleted_is_answered_privately(house):
    guild = await house.fake.found("A server of theirs")
    ann = house.fake.join("ann")
    art = await house.fake.open_channel("art", guild=guild)
    house.hold()
    asked = await house.ask(ann, art, "#stylenet steps=1", PHOTO, WAVE)
    await house.acknowledged(asked)
    await house.fake.delete_guild(guild)
    house.go_on()
    assert (await house.answered(asked)).channel.person is ann
