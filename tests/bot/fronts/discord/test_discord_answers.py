"""The answer: the painting arrives once, whatever is deleted, denied, too large or killed."""

import discord
import pytest

from bot.fronts.base import Undeliverable
from bot.model import File
from tests.bot.fake_studio import PAINTING
from tests.bot.fronts.discord.world import WAVE, buttons, file_names


def sent(world):
    """The bodies of the messages the bot has sent."""
    return [
        entry.json
        for entry in world.env.http_requests
        if entry.method == "POST" and entry.path.endswith("/messages")
    ]


async def test_the_answer_replies_and_the_acknowledgement_goes(world):
    asked = await world.ask("#stylenet gif seed=7")
    await world.studio.paint(world.job, 50)
    await world.studio.end(world.job, notes=("Only the first frame of photo.gif was used.",))
    answer = world.reply()
    assert answer.content == (
        "Here is your painting: 480 × 320, done in 32 seconds with `seed=7 gif`.\n"
        "• Only the first frame of photo.gif was used."
    )
    assert answer.reference.message_id == asked.id
    assert file_names(answer) == [f"painting-{asked.id}.png", f"film-{asked.id}.gif"]
    assert answer.attachments[0].description == "photo.jpg painted in the style of wave.png"
    assert await answer.attachments[0].read() == PAINTING
    assert buttons(answer) == []


async def test_the_answer_notifies_its_person_and_nobody_else(world):
    asked = await world.ask("#stylenet @everyone")
    await world.studio.end(world.job)
    body = sent(world)[-1]
    assert body["allowed_mentions"] == {
        "parse": [],
        "users": [world.alice.id],
        "replied_user": True,
    }
    assert body["nonce"] == f"{asked.id}p"
    assert body["enforce_nonce"]


async def test_answering_twice_sends_once(world):
    await world.ask()
    await world.studio.end(world.job)
    await world.studio.answer(world.job)
    await world.restart()
    await world.studio.answer(world.job)
    assert len(world.said()) == 1


async def test_a_job_half_done_at_a_restart_is_answered_once(world):
    await world.ask()
    await world.studio.paint(world.job, 50)
    await world.restart()
    await world.studio.paint(world.job, 75)
    await world.studio.end(world.job)
    await world.restart()
    await world.studio.answer(world.job)
    assert world.reply().content.startswith("Here is your painting")


async def test_two_jobs_of_one_person_each_get_their_answer(world):
    for _ in range(2):
        await world.ask()
    first, second = world.studio.jobs
    for job in (second, first, second):
        await world.studio.end(job)
    assert [message.reference.message_id for message in world.said()] == [
        int(job.removeprefix("discord-")) for job in (second, first)
    ]


@pytest.mark.parametrize("status", [503, 403])
async def test_a_failed_try_is_repeated_and_nothing_is_lost(world, status):
    await world.ask()
    world.env.inject_error("POST", "/channels/*/messages", status=status, code=0)
    with pytest.raises(discord.HTTPException, match=str(status)):
        await world.studio.end(world.job)
    await world.studio.answer(world.job)
    assert world.reply().content.startswith("Here is your painting")


async def test_a_failure_is_told_in_a_reply(world):
    asked = await world.ask()
    reason = "The second picture (wave.png) is damaged: it ends too early."
    await world.studio.end(world.job, "failed", error=reason)
    assert world.reply().content == reason
    assert world.reply().reference.message_id == asked.id
    await world.studio.answer(world.job)
    assert len(world.said()) == 1


async def test_a_failure_after_a_slash_command_is_told_in_both_places(world):
    await world.alice.slash(world.channel, "texture", style=WAVE)
    await world.studio.end(world.job, "failed", error="The picture is damaged.")
    acknowledgement, answer = world.said()
    assert acknowledgement.content == "This did not work out."
    assert answer.content == f"{world.alice.mention} The picture is damaged."


async def test_a_deleted_message_is_answered_by_name(world):
    asked = await world.ask()
    await world.alice.delete(asked)
    await world.studio.end(world.job)
    answer = world.reply()
    assert answer.content.startswith(f"{world.alice.mention} Here is your painting")
    assert answer.reference is None
    await world.studio.answer(world.job)
    assert len(world.said()) == 1


async def test_a_closed_channel_is_answered_in_a_direct_message_once(world):
    await world.ask("#stylenet gif")
    world.env.backend.delete_channel(world.channel.id)
    await world.studio.end(world.job)
    await world.studio.answer(world.job)
    (said,) = world.said(world.alice.user.dm_channel)
    assert said.content.startswith(
        f"I cannot post in <#{world.channel.id}> any more. Here is your painting"
    )
    assert len(said.attachments) == 2


async def test_a_permission_withdrawn_meanwhile_is_no_loss(world):
    await world.ask()
    world.env.inject_error("POST", f"/channels/{world.channel.id}/messages", status=403, code=50013)
    await world.studio.end(world.job)
    (said,) = world.said(world.alice.user.dm_channel)
    assert len(said.attachments) == 1


async def test_when_nobody_can_be_reached_the_studio_hears_why(world):
    await world.ask()
    world.env.inject_error("POST", "/channels/*/messages", status=403, code=50001, times=None)
    with pytest.raises(Undeliverable, match=rf"channel {world.channel.id}: .*; direct message: "):
        await world.studio.end(world.job)


async def test_closed_direct_messages_are_not_tried_twice(world):
    await world.alice.user.slash("texture", style=WAVE)
    world.env.inject_error("POST", "/channels/*/messages", status=403, code=50007, times=None)
    with pytest.raises(Undeliverable, match="direct messages are closed"):
        await world.studio.end(world.job)


async def test_an_address_that_cannot_be_read_is_given_up(world):
    await world.ask()
    job = world.studio.jobs[world.job]
    for address in ({}, {"channel": "here"}, {**job.address, "person": None}):
        lost = job.model_copy(update={"address": address})
        with pytest.raises(Undeliverable, match="cannot be read"):
            await world.front.answer(lost, world.studio.statuses[world.job])


async def test_a_painting_that_is_gone_cannot_be_delivered(world):
    await world.ask()
    with pytest.raises(Undeliverable, match="no longer in the store"):
        await world.studio.end(world.job, result="jobs/gone.png")


async def test_above_the_servers_limit_the_copy_is_sent(world):
    await world.ask()
    world.studio.store |= {"big.png": b"x" * (11 << 20), "copy.jpg": b"copy"}
    await world.studio.end(world.job, result="big.png", shared="copy.jpg")
    answer = world.reply()
    assert answer.content.endswith(
        "• The PNG is too large for this channel, so this is a compressed copy."
    )
    assert answer.attachments[0].filename.endswith(".jpg")
    assert await answer.attachments[0].read() == b"copy"


async def test_when_discord_finds_it_too_large_the_copy_is_sent_once_then_it_is_explained(world):
    await world.ask()
    world.studio.store |= {"large.png": b"painting", "copy.jpg": b"copy"}
    world.env.inject_error("POST", "/channels/*/messages", status=413, code=40005, times=2)
    await world.studio.end(world.job, result="large.png", shared="copy.jpg")
    assert world.reply().content.startswith("It is done, but even a compressed copy")
    assert file_names(world.reply()) == []


async def test_a_film_that_is_too_large_is_left_out(world):
    await world.ask("#stylenet gif")
    world.studio.store["big.gif"] = b"x" * (11 << 20)
    await world.studio.end(world.job, film="big.gif")
    assert world.reply().content.endswith("• The film is too large for this channel.")
    assert len(world.reply().attachments) == 1


async def test_a_sound_comes_with_its_sheet_and_what_each_is(world):
    asked = await world.ask()
    world.studio.store |= {"sea.opus": b"OggS", "sheet.webp": b"a sheet"}
    files = (File.at("result", "sea.opus", "The sea"), File.at("sheet", "sheet.webp"))
    await world.studio.end(world.job, files=files, width=0, height=0)
    answer = world.reply()
    assert answer.content.startswith("Here it is, done in 32 seconds")
    assert file_names(answer) == [f"painting-{asked.id}.opus", f"sheet-{asked.id}.webp"]
    assert answer.attachments[0].description == "The sea"


async def test_what_is_left_out_beside_a_painting_is_named(world):
    await world.ask("#stylenet gif")
    world.studio.store |= {"film.gif": b"x" * (6 << 20), "sheet.webp": b"x" * (6 << 20)}
    files = [File.at("result", f"jobs/{world.job}/result.png")]
    files += [File.at("film", "film.gif"), File.at("sheet", "sheet.webp")]
    world.env.inject_error("POST", "/channels/*/messages", status=413, code=40005, times=1)
    await world.studio.end(world.job, files=tuple(files))
    assert world.reply().content.endswith("• The film and sheet are too large for this channel.")


async def test_what_is_small_comes_where_something_beside_it_is_too_large(world):
    await world.ask("#stylenet gif")
    world.studio.store |= {"film.gif": b"x" * (11 << 20), "sheet.webp": b"a sheet"}
    files = [File.at("result", f"jobs/{world.job}/result.png")]
    files += [File.at("film", "film.gif"), File.at("sheet", "sheet.webp")]
    await world.studio.end(world.job, files=tuple(files))
    assert world.reply().content.endswith("• The film is too large for this channel.")
    names = [name.partition("-")[0] for name in file_names(world.reply())]
    assert names == ["painting", "sheet"]
    _, sheet = world.reply().attachments
    assert sheet.description == "Sheet: photo.jpg painted in the style of wave.png"


async def test_of_many_files_as_many_come_as_one_message_takes(world):
    await world.ask()
    roles = [f"map-{letter}" for letter in "abcdefghijkl"]
    world.studio.store |= {f"{role}.webp": b"a map" for role in roles}
    files = [File.at("result", f"jobs/{world.job}/result.png")]
    files += [File.at(role, f"{role}.webp") for role in roles]
    await world.studio.end(world.job, files=tuple(files))
    assert len(world.reply().attachments) == 10
    said = "• The map-j and map-k and map-l have no room in this message."
    assert world.reply().content.endswith(said)


async def test_cancelling_needs_no_answer_where_nothing_was_said(world):
    await world.ask()
    await world.reply().delete()
    await world.studio.end(world.job, "cancelled")
    assert world.said() == []


async def test_a_search_that_fails_does_not_hide_the_answer_before_it(world):
    await world.ask()
    await world.studio.end(world.job)
    job = world.studio.jobs[world.job]  # the bot is killed before it notes that it has answered
    world.studio.jobs[world.job] = job.model_copy(
        update={"address": {**job.address, "answered": False}}
    )
    await world.restart()
    await world.env.advance_time(3600)
    world.env.inject_error("GET", "/channels/*/messages", status=503)
    with pytest.raises(discord.HTTPException, match="503"):
        await world.studio.answer(world.job)
    await world.studio.answer(world.job)
    assert len(world.said()) == 1
