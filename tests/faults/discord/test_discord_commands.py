"""Slash commands and buttons that come late, or whose tokens have expired."""

import pytest

from tests.bot.processes import until
from tests.faults.discord.conftest import PHOTO, WAVE
from tests.faults.discord.faults import broken, lost, refused, slow

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.usefixtures("in_peace")]


async def test_a_command_that_is_read_too_late_is_not_painted(house, caplog, monkeypatch):
    """Discord waits three seconds, then says that the bot did not respond."""
    ann, art = await house.person_in_a_channel()
    monkeypatch.setattr(house.fake.interactions, "acknowledge_seconds", 0)
    used = await house.fake.slash(art, ann, "stylenet", content=PHOTO, style=WAVE, steps=1)
    await until(lambda: "/stylenet could not be answered: 404" in caplog.text)
    assert house.fake.replies_to(used) == []
    assert await house.studio.status(f"discord-{used.id}") is None


async def test_a_command_whose_three_seconds_went_by_unheard_answers_is_painted(house):
    """Discord has acknowledged it, but its two answers were errors, and now it is too late."""
    ann, art = await house.person_in_a_channel()
    house.fake.faults.plan("POST", "/interactions/*/callback", broken(502))
    house.fake.faults.plan("POST", "/interactions/*/callback", refused(404, 10062))
    used = await house.fake.slash(art, ann, "stylenet", content=PHOTO, style=WAVE, steps=1)
    await house.answered(used)
    assert used.response.content.startswith("Done in")


async def test_a_token_that_expires_while_painting_is_not_needed(house):
    ann, art = await house.person_in_a_channel()
    house.hold()
    used = await house.fake.slash(art, ann, "stylenet", content=PHOTO, style=WAVE, steps=1)
    await house.acknowledged(used)
    house.fake.interactions.expire(used)
    house.go_on()
    answer = await house.answered(used)
    assert answer.content.startswith(f"<@{ann.id}> Here is your painting")
    assert answer.replies_to == used.response.id
    assert used.response.content.startswith("Done in")


async def test_a_refusal_after_the_acknowledgement_takes_its_place(house):
    ann, art = await house.person_in_a_channel()
    house.fake.faults.plan("GET", "/attachments/*", refused(404), times=9)
    used = await house.fake.slash(art, ann, "texture", style=WAVE, steps=1)
    await until(lambda: used.said and "post it again" in used.said[0])
    assert len(house.fake.replies_to(used)) == 1


async def test_a_refusal_is_said_though_the_token_has_expired(house):
    ann, art = await house.person_in_a_channel()
    house.fake.faults.plan("GET", "/attachments/*", slow(0.5))
    house.fake.faults.plan("GET", "/attachments/*", refused(404))
    used = await house.fake.slash(art, ann, "stylenet", content=WAVE, style=WAVE, steps=1)
    await until(lambda: used.acknowledged)
    house.fake.interactions.expire(used)
    await until(lambda: "post it again" in used.said[0])


async def test_a_refusal_that_only_the_person_sees_is_given_once(house):
    ann, art = await house.person_in_a_channel()
    house.fake.faults.plan("POST", "/interactions/*/callback", lost)
    used = await house.fake.slash(art, ann, "texture", style=("notes.txt", b"buy paint"))
    await until(lambda: used.acknowledged)
    (reply,) = house.fake.replies_to(used)
    assert reply.ephemeral
    assert "I cannot use `notes.txt`" in reply.content


@pytest.mark.parametrize("fault", [lost, refused(500)])
async def test_help_is_shown_once_though_its_way_is_rough(house, fault):
    ann, art = await house.person_in_a_channel()
    house.fake.faults.plan("PATCH", "/webhooks/*", fault)
    used = await house.fake.slash(art, ann, "help")
    await until(lambda: used.said)
    assert len(house.fake.replies_to(used)) == 1
    assert used.response.ephemeral
    assert [file.name for file in used.response.files] == ["help.jpg"]


@pytest.mark.parametrize("command", ["cancel", "forget"])
async def test_a_command_whose_acknowledgement_is_lost_is_carried_out(house, command):
    ann, art = await house.person_in_a_channel()
    house.hold()
    asked = await house.ask(ann, art)
    acknowledgement = await house.acknowledged(asked)
    house.fake.faults.plan("POST", "/interactions/*/callback", lost)
    used = await house.fake.slash(art, ann, command)
    await until(lambda: used.said)
    assert used.said[0].startswith(("Cancelled your job", "Deleted: your job"))
    await until(lambda: acknowledgement.content == "Cancelled.")


async def test_a_button_whose_response_is_lost_cancels(house):
    ann, art = await house.person_in_a_channel()
    house.hold()
    asked = await house.ask(ann, art)
    acknowledgement = await house.acknowledged(asked)
    house.fake.faults.plan("POST", "/interactions/*/callback", lost)
    await house.fake.click(acknowledgement, ann)
    await house.at_rest(asked)
    assert acknowledgement.content == "Cancelled."
