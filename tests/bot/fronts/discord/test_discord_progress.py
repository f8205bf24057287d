"""The acknowledgement: it shows the newest state, can cancel the job, and outlives restarts."""

import asyncio

import discord
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.commands.options import options_in
from bot.fronts.discord import DiscordFront
from bot.model import Order, StoredPicture, Wishes, read_order
from bot.texts import PAUSED, describe, duration
from stylize.recipes import Transfer
from tests.bot.fronts.discord.world import PHOTO, WAVE, buttons, file_names


async def test_it_shows_the_place_in_the_queue_then_the_painting(world):
    await world.ask()
    await world.ask()
    first, second = world.studio.jobs
    texts = [message.content for message in world.said()]
    assert texts[1] == "You are number 2 in the queue: I start in about 80 seconds."
    await world.studio.show(first, "running")
    assert world.said()[0].content == "I am mixing the colours."
    await world.studio.paint(first, 42)
    shown = world.said()[0]
    assert shown.content == "`▰▰▰▰▱▱▱▱▱▱` 42%, step 42 of 100, about 58 seconds left"
    assert file_names(shown) == ["preview.jpg"]
    assert buttons(shown) == ["Cancel"]
    await world.studio.show(second, "queued", position=1)
    assert world.said()[1].content == "You are next."


async def test_a_report_without_a_preview_leaves_the_one_before(world):
    await world.ask()
    await world.studio.paint(world.job, 10)
    await world.studio.paint(world.job, 20, preview=False)
    assert file_names(world.reply()) == ["preview.jpg"]
    await world.studio.paint(world.job, 30)
    assert file_names(world.reply()) == ["preview.jpg"]


async def test_a_stop_is_told_and_the_next_start_shows_the_painting_again(world):
    await world.ask()
    await world.studio.paint(world.job, 42)
    await world.front.pause(world.studio.jobs[world.job], world.studio.statuses[world.job])
    shown = world.reply()
    assert shown.content == PAUSED
    assert file_names(shown) == ["preview.jpg"]
    assert buttons(shown) == ["Cancel"]
    await world.restart()
    await world.studio.paint(world.job, 50)
    assert "step 50 of 100" in world.reply().content


async def test_a_stop_before_anything_was_said_says_nothing(world):
    await world.ask()
    job = world.studio.jobs[world.job]
    unsaid = job.model_copy(update={"address": {**job.address, "acknowledgement": None}})
    await world.reply().delete()
    await world.front.pause(unsaid, world.studio.statuses[world.job])
    assert world.said() == []


async def test_its_author_can_cancel(world):
    await world.ask()
    await world.studio.paint(world.job, 10)
    await world.alice.click(world.reply(), label="Cancel")
    assert world.studio.statuses[world.job].state == "cancelled"
    assert world.reply().content == "Cancelled."
    assert buttons(world.reply()) == file_names(world.reply()) == []


async def test_a_stranger_cannot_cancel_but_a_moderator_can(world):
    await world.ask()
    result = await world.bob.click(world.reply(), label="Cancel")
    assert result.ephemeral
    assert result.response.content.startswith("Only the person who asked for this")
    assert world.studio.statuses[world.job].state == "queued"
    role = world.guild.create_role(
        "moderators", permissions=discord.Permissions(manage_messages=True)
    )
    moderator = world.guild.add_member(world.env.create_user("mo"), roles=[role])
    await moderator.click(world.reply(), label="Cancel")
    assert world.studio.statuses[world.job].state == "cancelled"


async def test_a_button_that_comes_too_late_says_so(world, monkeypatch):
    async def too_late(*_):
        return False

    await world.ask()
    monkeypatch.setattr(world.studio, "cancel", too_late)
    result = await world.alice.click(world.reply(), label="Cancel")
    (said,) = result.followups
    assert said.ephemeral
    assert said.content == "This job has ended already."


async def test_buttons_and_edits_go_on_after_a_restart(world):
    await world.ask()
    await world.studio.paint(world.job, 10)
    await world.restart()
    await world.studio.paint(world.job, 50)
    assert "50%" in world.reply().content
    await world.alice.click(world.reply(), label="Cancel")
    assert world.reply().content == "Cancelled."


async def test_a_bot_killed_between_saying_and_noting_does_not_say_it_twice(world):
    await world.ask()
    job = world.studio.jobs[world.job]
    world.studio.jobs[world.job] = job.model_copy(
        update={"address": {**job.address, "acknowledgement": None}}
    )
    await world.restart()
    await world.env.advance_time(3600)
    await world.studio.paint(world.job, 10)
    assert "10%" in world.reply().content
    assert world.studio.jobs[world.job].address["acknowledgement"] == world.reply().id


async def test_an_acknowledgement_is_sent_late_rather_than_never(world):
    await world.ask()
    await world.reply().delete()
    job = world.studio.jobs[world.job]
    world.studio.jobs[world.job] = job.model_copy(
        update={"address": {**job.address, "acknowledgement": None}}
    )
    await world.studio.paint(world.job, 10)
    assert "10%" in world.reply().content


async def test_a_deleted_acknowledgement_stays_deleted(world):
    await world.ask()
    await world.reply().delete()
    await world.studio.paint(world.job, 10)
    assert world.said() == []
    await world.studio.end(world.job)
    assert world.reply().content.startswith("Here is your painting")


async def test_a_spoiler_stays_a_spoiler(world):
    await world.ask("#stylenet gif", ("SPOILER_photo.jpg", b"a photograph"), WAVE)
    await world.studio.paint(world.job, 10)
    assert file_names(world.reply()) == ["SPOILER_preview.jpg"]
    await world.studio.end(world.job)
    assert all(name.startswith("SPOILER_") for name in file_names(world.reply()))


async def test_a_spoiler_that_an_older_version_took_stays_a_spoiler(world):
    """It knew of no flags, and kept the name alone."""
    await world.ask("#stylenet", ("SPOILER_photo.jpg", b"a photograph"), WAVE)
    job = world.studio.jobs[world.job]
    order = job.order.model_dump(mode="json")
    for picture in order["pictures"]:
        del picture["spoiler"]
    world.studio.jobs[world.job] = job.model_copy(update={"order": read_order(job.id, order)})
    await world.studio.end(world.job)
    assert all(name.startswith("SPOILER_") for name in file_names(world.reply()))


async def test_a_spoiler_in_a_forward_stays_a_spoiler(world):
    stored = world.env.backend.store_attachments(world.channel.id, [PHOTO, WAVE])
    stored[1]["flags"] = 1 << 3
    forwarded = await world.bob.forward(await world.show(attachments=stored), world.channel)
    await world.alice.send(world.channel, "#stylenet", reply_to=forwarded)
    await world.studio.end(world.job)
    assert all(name.startswith("SPOILER_") for name in file_names(world.reply()))


@given(st.lists(st.text(max_size=100), min_size=2, max_size=12))
@example(["a picture of great waves " * 4] * 12)
@example(["ﷺ" * 100] * 12)
def test_an_alt_text_is_as_long_as_discord_takes_it(names):
    pictures = [
        StoredPicture(key=f"jobs/a/picture-{number}", name=name)
        for number, name in enumerate(names)
    ]
    told = describe(Order(recipe=Transfer(), pictures=tuple(pictures)), 1024)
    assert 0 < len(told) <= 1024
    assert len(told) < 1000 or told.endswith("…") or told.endswith(names[-1])


async def test_nothing_is_edited_before_the_connection_stands(world):
    await world.ask()
    front = DiscordFront(world.studio)  # the bot starts again
    world.studio.enlist(front)
    showing = asyncio.create_task(world.studio.paint(world.job, 10))
    assert not (await asyncio.wait({showing}, timeout=0.2))[0]
    assert "next" in world.reply().content
    await world.env.restart_bot(front.client)
    await showing
    assert "10%" in world.reply().content


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "a second"), (40.4, "40 seconds"), (179, "3 minutes"), (7300, "2 hours")],
)
def test_durations(seconds, said):
    assert duration(seconds) == said


@pytest.mark.parametrize(
    ("recipe", "film", "said"),
    [
        (Transfer(size=256), False, ""),
        (Transfer(size=256, steps=100, max_steps=200), False, "steps=100 max_steps=200"),
        (
            Transfer(size=512, seed=7, init="noise"),
            True,
            "size=512 init=noise seed=7 gif",
        ),
        (Transfer(size=256, style_weight=250), False, "beta=250"),
        (Transfer(size=256, content_weight=2, style_weight=9), False, "alpha=2 beta=9"),
        (Transfer(size=256, content_weight=0), False, "alpha=0"),
        (Transfer(size=256, content_weight=2), False, "alpha=2"),
        (Transfer(size=256, content_weight=0.01), False, "strength=100"),
        (Transfer(size=256, content_weight=10**1.5), False, "strength=12.5"),
        (
            Transfer(size=256, content_weight=0.1, style_weight=250),
            False,
            "strength=75 beta=250",
        ),
        (Transfer(size=256, mean_weight=0), False, "mean_weight=0"),
        (Transfer(size=256, blend=(2, 1)), False, "weights=2,1"),
        (
            Transfer(size=256, style_layers={"relu1_1": 0.5}),
            False,
            "style_layers=relu1_1:0.5",
        ),
    ],
)
def test_the_answer_spells_the_options_that_ask_for_it_again(settings, recipe, film, said):
    picture = StoredPicture(key="jobs/a/picture-1", name=PHOTO[0])
    order = Order(recipe=recipe, pictures=(picture,), wishes=Wishes(film=film))
    assert options_in(order, settings.painting) == said
