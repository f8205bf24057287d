"""Messages that are put right by editing, and those whose pictures Discord shows a moment later."""

import pytest
from simcord.backend import serializers

from bot.commands.dispatch import REPLIES_PER_MINUTE
from bot.studio import Refused
from tests.bot.fronts.discord.test_discord_sources import CAT_PROXY, PROXY, picture_link
from tests.bot.fronts.discord.world import NOTES, PHOTO

WRONG, RIGHT = "#stylenet szie=128", "#stylenet size=128"


@pytest.mark.parametrize("before", [WRONG, "my cat, stylenet size=128", "#stylenet size=9"])
async def test_a_command_put_right_is_painted_once(world, before):
    asked = await world.ask(before)
    assert world.studio.jobs == {}
    await world.alice.edit(asked, RIGHT)
    assert list(world.studio.jobs) == [f"discord-{asked.id}"]
    assert world.studio.jobs[world.job].order.recipe.size == 128
    assert world.reply().content.startswith("You are next")  # the refusal is gone
    await world.alice.edit(asked, "#stylenet size=256")
    assert world.studio.jobs[world.job].order.recipe.size == 128
    await world.studio.end(world.job)
    await world.alice.edit(asked, "#stylenet size=192")
    assert len(world.studio.jobs) == len(world.said()) == 1


async def test_what_is_still_wrong_changes_the_refusal_until_it_is_right(world):
    asked = await world.ask(WRONG)
    await world.alice.edit(asked, "#stylenet steps=0")
    assert world.reply().content.startswith("`steps` wants auto or a whole number")
    assert world.reply().reference.message_id == asked.id
    await world.alice.edit(asked, "#stylenet seed=x")
    assert world.reply().content.startswith("`seed` wants a whole number")
    await world.alice.edit(asked, RIGHT)
    assert world.studio.jobs[f"discord-{asked.id}"].order.recipe.size == 128
    assert world.reply().content.startswith("You are next")


async def test_after_ten_minutes_an_edit_is_only_that(world):
    refused, talk = await world.ask(WRONG), await world.ask("my cat")
    world.env.backend.advance_clock(601)
    for message in (refused, talk):
        await world.alice.edit(message, RIGHT)
    assert world.studio.jobs == {}
    assert world.reply().content.startswith("I know no option `szie`")


async def test_within_ten_minutes_a_restart_does_not_matter(world):
    refused, painted = await world.ask(WRONG), await world.ask("#stylenet")
    await world.restart()
    await world.alice.edit(refused, RIGHT)
    await world.alice.edit(painted, RIGHT)
    assert set(world.studio.jobs) == {f"discord-{refused.id}", f"discord-{painted.id}"}
    assert world.studio.jobs[f"discord-{painted.id}"].order.recipe.size == 256
    assert world.studio.jobs[f"discord-{refused.id}"].order.recipe.size == 128
    assert len(world.said()) == 3  # two acknowledgements, and the refusal from before


async def test_a_talk_that_is_edited_stays_talk(world):
    asked = await world.ask("two pictures")
    await world.alice.edit(asked, "two pictures of mine")
    await world.alice.edit(asked, RIGHT)
    assert len(world.studio.jobs) == 1


async def test_a_refusal_that_its_author_takes_as_talk_stays(world):
    asked = await world.ask(WRONG)
    await world.alice.edit(asked, "never mind")
    assert world.reply().content.startswith("I know no option `szie`")


async def test_other_commands_are_obeyed_once_however_often_they_are_edited(world):
    asked = await world.alice.send(world.channel, "!cansel")
    await world.alice.edit(asked, "!cancel")
    await world.alice.edit(asked, "!cancel ")
    assert world.reply().content.startswith("There is nothing to cancel")
    refused = await world.alice.send(world.channel, "#stylenet szie=3")
    await world.alice.edit(refused, "!help")
    assert len(world.said()) == 2
    assert "`#stylenet` anywhere in your message" in world.said()[-1].content


async def test_a_refusal_of_the_studio_can_be_tried_again(world):
    world.studio.refusal = Refused("The studio is full: 50 jobs are waiting.")
    asked = await world.ask("#stylenet")
    world.studio.refusal = None
    await world.alice.edit(asked, RIGHT)
    assert len(world.studio.jobs) == len(world.said()) == 1


async def test_who_is_silenced_is_painted_for_all_the_same(world, monkeypatch):
    asked = [await world.ask(WRONG) for _ in range(REPLIES_PER_MINUTE + 2)]
    assert len(world.said()) == REPLIES_PER_MINUTE
    await world.alice.edit(asked[0], "#stylenet steps=0")
    assert "steps" not in world.said()[0].content
    await world.alice.edit(asked[-1], RIGHT)
    assert len(world.studio.jobs) == 1


async def test_a_refusal_that_was_deleted_meanwhile_is_said_anew(world):
    asked = await world.ask(WRONG)
    await world.reply().delete()
    await world.alice.edit(asked, "#stylenet steps=0")
    assert world.reply().content.startswith("`steps` wants auto or a whole number")


async def test_previews_that_arrive_late_are_the_pictures_that_were_missing(world, hosts):
    links = [f"https://cats.example/{n}.png" for n in range(2)]
    embeds = [picture_link(link, hosts.put(f"{PROXY}/{n}.png")) for n, link in enumerate(links)]
    asked = await world.show(f"#stylenet {' '.join(links)}", by=world.alice)
    assert "I need two pictures" in world.reply().content
    unfold(world, asked, embeds)
    await world.env.settle()
    assert [name for name, _ in world.pictures] == ["0.png", "1.png"]
    assert world.reply().content.startswith("You are next")


async def test_previews_are_looked_at_once_and_change_what_is_said(world):
    asked = await world.show("#stylenet https://example.com/0", by=world.alice)
    unfold(world, asked, [picture_link("https://example.com/0", CAT_PROXY)])
    await world.env.settle()
    assert "I see one picture" in world.reply().content
    unfold(world, asked, [picture_link(f"https://example.com/{n}", CAT_PROXY) for n in range(2)])
    await world.env.settle()
    assert world.studio.jobs == {}
    assert len(world.said()) == 1


async def test_what_discord_changes_itself_is_no_edit(world):
    asked = await world.ask("#stylenet", PHOTO, NOTES)
    before = [message.content for message in world.said()]
    stored = world.env.backend.get_message(world.channel.id, asked.id)
    world.env.backend.crosspost_message(world.channel.id, stored.id)
    await world.env.settle()
    assert [message.content for message in world.said()] == before
    await world.restart()
    unfold(world, asked, [picture_link("https://example.com/0", CAT_PROXY)])
    await world.env.settle()
    assert world.studio.jobs == {}
    assert [message.content for message in world.said()] == before


def unfold(world, message, embeds):
    """Let Discord show the links of *message*, which nobody has edited."""
    backend = world.env.backend
    stored = backend.get_message(world.channel.id, message.id)
    stored.embeds = embeds
    backend.emit("MESSAGE_UPDATE", dict(serializers.message_payload(backend, stored)))
