"""Asking for a painting with a message, and what the bot says to it."""

import discord
import pytest

from bot.studio import Refused
from tests.bot.fronts.discord.world import NOTES, PHOTO, STARS, WAVE, buttons


def pictures(world):
    return [picture.name for picture in world.studio.jobs[world.job].order.pictures]


async def test_a_hashtag_with_two_pictures_makes_a_job(world):
    asked = await world.ask("look at my cat #stylenet size=128 please")
    job = world.studio.jobs[world.job]
    assert job.id == f"discord-{asked.id}"
    assert job.person == f"discord:{world.alice.id}"
    assert job.order.recipe.size == 128
    assert pictures(world) == ["photo.jpg", "wave.png"]
    assert world.studio.store[job.order.pictures[1].key] == WAVE[1]


async def test_the_bot_acknowledges_at_once_and_disturbs_nobody(world):
    asked = await world.ask()
    reply = world.reply()
    assert reply.content == "You are next: I start in about 40 seconds."
    assert reply.reference.message_id == asked.id
    assert buttons(reply) == ["Cancel"]
    (sent,) = [entry.json for entry in world.env.http_requests if entry.method == "POST"]
    assert sent["allowed_mentions"] == {"parse": [], "replied_user": False}
    assert sent["nonce"] == f"{asked.id}a"
    assert sent["enforce_nonce"]


@pytest.mark.parametrize("text", ["!stylenet", "!STYLENET size=64", "#StyleNet", "wow #stylenet!"])
async def test_ways_to_ask(world, text):
    await world.ask(text)
    assert len(world.studio.jobs) == 1


async def test_a_mention_is_enough(world):
    await world.ask(f"<@{world.env.bot.user.id}> seed=3 please")
    assert world.studio.jobs[world.job].order.recipe.seed == 3


async def test_a_mention_of_the_bots_own_role_is_enough(world, monkeypatch):
    monkeypatch.setattr(discord.Guild, "self_role", property(lambda guild: guild.me.top_role))
    role = world.env.bot.get_guild(world.guild.id).me.top_role
    await world.ask(f"{role.mention} texture", WAVE)
    assert world.studio.jobs[world.job].order.recipe.task == "texture"


@pytest.mark.parametrize("text", ["two pictures of mine", "#stylenets", "stylenet", "! stylenet"])
async def test_talk_is_left_alone(world, text):
    await world.ask(text)
    assert world.said() == []


async def test_a_direct_message_needs_no_trigger(world):
    user = world.alice.user
    stored = world.env.backend.store_attachments(user.dm_channel.id, [PHOTO, WAVE])
    await user.send_dm("strength=80", attachments=stored)
    assert pictures(world) == ["photo.jpg", "wave.png"]
    assert world.studio.jobs[world.job].address["guild"] is None
    await user.send_dm("hello")
    assert "I need two pictures" in world.said(user.dm_channel)[-1].content


async def test_a_word_that_may_be_an_option_is_told_of_where_the_job_stands_and_with_it(world):
    await world.ask("#stylenet my cat, I love the size of it, and its strength")
    first, note = world.reply().content.split("\n")
    assert first == "You are next: I start in about 40 seconds."
    assert note.startswith("• I took `size` and `strength` for plain talk. To set an option, write")
    assert world.studio.jobs[world.job].order.notes == (note.removeprefix("• "),)
    await world.studio.paint(world.job, 10)
    assert world.reply().content.endswith(note)


@pytest.mark.parametrize("text", ["size 128", "**size=128**", "—size＝128", "size: `128`."])
async def test_options_are_read_as_people_write_them(world, text):
    await world.ask(f"look #stylenet {text}")
    assert world.studio.jobs[world.job].order.recipe.size == 128
    await world.ask(f"{text} <@{world.env.bot.user.id}>")
    assert world.studio.jobs[world.job].order.recipe.size == 128


async def test_bots_and_webhooks_are_ignored(world):
    hook = world.guild.create_webhook(world.channel)
    await hook.send("#stylenet", attachments=[PHOTO, WAVE])
    assert world.studio.jobs == {}


async def test_the_last_picture_may_be_the_one_to_begin_with(world):
    await world.ask("#stylenet init=picture", PHOTO, WAVE, STARS)
    assert pictures(world) == ["photo.jpg", "wave.png", "stars.webp"]
    assert world.studio.jobs[world.job].order.recipe.init == "picture"
    await world.ask("#stylenet init=picture", PHOTO, WAVE)
    assert "last the one to begin with. I see two pictures" in world.said()[-1].content


async def test_pictures_of_the_message_replied_to_come_first(world):
    earlier = await world.bob.send(world.channel, "my cat", attachments=[PHOTO])
    await world.alice.send(world.channel, "!stylenet", reply_to=earlier, attachments=[WAVE])
    assert pictures(world) == ["photo.jpg", "wave.png"]


async def test_a_complete_message_leaves_out_what_it_replies_to(world):
    earlier = await world.bob.send(world.channel, "mine", attachments=[STARS])
    await world.alice.send(world.channel, "#stylenet", reply_to=earlier, attachments=[PHOTO, WAVE])
    assert pictures(world) == ["photo.jpg", "wave.png"]


async def test_a_reply_to_the_bot_is_a_command_only_when_it_says_so(world):
    await world.ask()
    await world.alice.send(world.channel, "thank you", reply_to=world.reply())
    assert len(world.studio.jobs) == len(world.said()) == 1


async def test_a_painting_of_the_bots_can_be_painted_again_without_its_film(world):
    await world.ask("#stylenet gif")
    await world.studio.end(world.job)
    await world.alice.send(world.channel, "#stylenet", reply_to=world.reply(), attachments=[STARS])
    first, second = pictures(world)
    assert first.startswith("painting-")
    assert second == "stars.webp"


async def test_forwarded_pictures_count(world):
    gallery = world.guild.create_text_channel("gallery")
    original = await world.bob.send(gallery, "both", attachments=[PHOTO, WAVE])
    forwarded = await world.bob.forward(original, world.channel)
    await world.alice.send(world.channel, "#stylenet", reply_to=forwarded)
    assert pictures(world) == ["photo.jpg", "wave.png"]


@pytest.mark.parametrize(
    ("text", "files", "answer"),
    [
        ("!stylenet", [PHOTO], "I need two pictures: first the content, then the style. I see one"),
        ("!stylenet", [], "I see no pictures. Attach them to your message, or reply to"),
        ("#stylenet", [PHOTO, WAVE, STARS, WAVE, STARS], "I see five pictures. For several styles"),
        ("!blend", [PHOTO, *[WAVE] * 5], "one to four style pictures. I see six pictures."),
        ("!blend 1 2 3", [PHOTO, WAVE, STARS], "There are three weights for two styles"),
        ("!stylenet", [PHOTO, NOTES], "I cannot use `notes.txt`: I read PNG, JPEG, WebP, GIF"),
        ("!texture", [("film.mp4", b"?")], "I cannot use `film.mp4`"),
        ("!stylenet sise=3", [PHOTO, WAVE], "Did you mean `size`? For example: `size=512`"),
        ("!stylenet size=9", [PHOTO, WAVE], "`size` wants a whole number from 64 to 1024"),
        (
            "!stylenet",
            [PHOTO, ("huge.png", b"?" * 10_001)],
            "huge.png has 10001 bytes, which is too much.",
        ),
    ],
)
async def test_what_cannot_be_done_is_explained(world, text, files, answer):
    asked = await world.alice.send(world.channel, text, attachments=files)
    assert answer in world.reply().content
    assert world.reply().reference.message_id == asked.id
    assert world.studio.jobs == {}


async def test_a_picture_is_known_by_its_name_where_discord_knows_no_type(world):
    stored = world.env.backend.store_attachments(world.channel.id, [PHOTO, WAVE])
    for payload in stored:
        payload["content_type"] = None
    world.env.backend.create_message(
        world.channel.id, world.alice.id, "#stylenet", attachments=stored
    )
    await world.env.settle()
    assert pictures(world) == ["photo.jpg", "wave.png"]


async def test_a_refusal_of_the_studio_is_passed_on(world):
    world.studio.refusal = Refused("The studio is full: 50 jobs are waiting.")
    await world.ask()
    assert world.reply().content == "The studio is full: 50 jobs are waiting."


async def test_a_fault_is_admitted(world, monkeypatch, caplog):
    async def fail(*_):
        raise RuntimeError("no database")

    monkeypatch.setattr(world.studio, "submit", fail)
    await world.ask()
    assert world.reply().content.startswith("Something went wrong on my side")
    assert "no database" in caplog.text


async def test_a_picture_that_discord_does_not_give_is_asked_for_again(world, monkeypatch):
    monkeypatch.setattr(world.env.backend.cdn, "get", lambda url: None)
    await world.ask()
    assert world.reply().content == "Discord did not give me `photo.jpg`. Please post it again."


async def test_the_same_event_twice_makes_one_job_and_one_acknowledgement(world):
    asked = await world.ask()
    stored = world.env.backend.get_message(world.channel.id, asked.id)
    world.env.backend.announce_message_create(stored)
    await world.env.settle()
    assert len(world.studio.jobs) == len(world.said()) == 1


async def test_help_cancel_and_forget(world):
    await world.alice.send(world.channel, "!help")
    assert "`#stylenet` anywhere in your message" in world.said()[-1].content
    assert len(world.said()[-1].content) < 2000
    assert [file.filename for file in world.said()[-1].attachments] == ["help.jpg"]
    await world.alice.send(world.channel, "!cancel")
    assert world.said()[-1].content.startswith("There is nothing to cancel")
    await world.ask()
    acknowledgement = world.said()[-1]
    await world.alice.send(world.channel, "!cancel")
    assert world.said()[-1].content == "Cancelled your job."
    assert world.said()[-2].id == acknowledgement.id
    assert world.said()[-2].content == "Cancelled."
    await world.alice.send(world.channel, "!forget")
    assert world.said()[-1].content.startswith("Deleted: your job, its pictures and paintings.")
    await world.alice.send(world.channel, "!forget")
    assert world.said()[-1].content == "I keep nothing of yours."


async def test_where_the_bot_may_not_speak_it_says_so_privately(world):
    quiet = world.deny(send_messages=False)
    await world.alice.send(quiet, "#stylenet", attachments=[PHOTO, WAVE])
    assert world.said(quiet) == []
    (said,) = world.said(world.alice.user.dm_channel)
    assert said.content == (
        f"I cannot paint in <#{quiet.id}>: I need the permission **Send Messages** there."
    )
    assert world.studio.jobs == {}


async def test_where_it_may_say_nothing_at_all_it_leaves_a_sign(world):
    quiet = world.deny(send_messages=False)
    world.env.inject_error("POST", "/users/@me/channels", status=403, code=50007, times=None)
    await world.alice.send(quiet, "#stylenet", attachments=[PHOTO, WAVE])
    (asked,) = quiet.history()
    assert [reaction.emoji for reaction in asked.reactions] == ["🔇"]


async def test_missing_permissions_are_named_before_anybody_waits(world):
    quiet = world.deny(attach_files=False, read_message_history=False)
    await world.alice.send(quiet, "#stylenet", attachments=[PHOTO, WAVE])
    (said,) = world.said(quiet)
    assert "the permissions **Read Message History** and **Attach Files** there" in said.content
    assert world.studio.jobs == {}


async def test_a_reply_to_a_sheet_paints_one_of_its_cells(world):
    await world.ask("!sweep seed=1,2 strength=70")
    sheet = world.job
    await world.studio.end(sheet)
    await world.ask("!sweep seed=3,4 strength=70")
    [answer] = [one for one in world.said() if one.attachments]
    await world.show("cell=B1", by=world.alice, reply_to=answer)
    assert world.job != sheet
    assert world.studio.jobs[world.job].order.recipe.seed == 2
    assert [name for name, _ in world.pictures] == ["photo.jpg", "wave.png"]


async def test_a_reply_to_the_acknowledgement_means_its_job_too(world):
    await world.ask("!sweep seed=1,2 strength=70")
    [shown] = world.said()
    await world.show("cell=A1", by=world.bob, reply_to=shown)
    job = world.studio.jobs[world.job]
    assert job.order.recipe.seed == 1
    assert job.person == f"discord:{world.bob.id}"


async def test_talk_below_a_painting_stays_talk(world):
    await world.ask("!sweep seed=1,2")
    await world.studio.end(world.job)
    before = len(world.said())
    await world.show("what a cell B2!", by=world.alice, reply_to=world.said()[-1])
    await world.show("cell=B2", by=world.alice, reply_to=await world.show("hello"))
    assert len(world.said()) == before
