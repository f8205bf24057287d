"""The slash commands: the same options as forms, checked by Discord and by the bot."""

import discord
import pytest
import simcord

from bot.commands.dispatch import Dispatch
from bot.commands.options import options
from bot.commands.registry import commands
from bot.fronts.discord.slash import add_commands
from bot.studio import Refused
from tests.bot.fronts.discord.world import NOTES, PHOTO, STARS, WAVE, buttons, file_names


def form(world, name):
    """The options of a command as Discord has registered them, by name."""
    command = world.env.backend.find_command(name, world.guild.id, type=1)
    return {option["name"]: option for option in command.get("options", ())}


async def test_the_forms_know_every_option_with_its_bounds(world):
    stylenet, blend, texture = (form(world, name) for name in ("stylenet", "blend", "texture"))
    known = [*options(world.studio.settings.painting)]
    styles = {"style", "style2", "style3", "style4"}
    pictures = {"content", "style", "start", "mask", "more"}
    for one, others in ((stylenet, {"weights"}), (blend, styles)):
        mine = [name for name in known if name not in others]
        fields = [name for name in mine if name in one]
        rest = mine[len(fields) :]  # those most for experts have no field of their own
        assert one.keys() - others == pictures - others | {*fields}
        assert len(one) == MOST_FIELDS
        assert fields == mine[: len(fields)]
        assert one["more"]["description"].startswith(f"other options, as in a message: {rest[0]}")
    senseless = {"strength", "alpha", "colours", "on", "show", "content_layers"}
    assert set(texture) == styles | {"more", "tile"} | {*known} - senseless
    assert (stylenet["size"]["min_value"], stylenet["size"]["max_value"]) == (64, 1024)
    assert (stylenet["steps"]["min_value"], stylenet["steps"]["max_value"]) == (1, 1000)
    assert [choice["value"] for choice in stylenet["init"]["choices"]] == [
        "content",
        "noise",
        "picture",
    ]
    assert stylenet["gif"]["description"] == "add the film of the painting"
    assert [name for name in blend if blend[name].get("required")] == ["content", "style"]


LONGEST_DESCRIPTION, LONGEST_COMMAND, MOST_FIELDS = 100, 8000, 25
"""Characters and fields, says Discord, which refuses all commands for one that has more."""


async def test_every_form_is_one_that_discord_takes(world):
    for name, command in commands().items():
        fields = form(world, name).values()
        assert len(fields) <= MOST_FIELDS
        words = [name, command.about]
        for field in fields:
            words += [field["name"], field["description"]]
            words += [one[key] for one in field.get("choices", ()) for key in ("name", "value")]
        assert sum(map(len, words)) <= LONGEST_COMMAND, name
        assert all(0 < len(one["description"]) <= LONGEST_DESCRIPTION for one in fields), name


async def test_stylenet_is_acknowledged_and_answered_in_the_channel(world):
    result = await world.alice.slash(
        world.channel, "stylenet", content=PHOTO, style=WAVE, size=128, strength=80.0, gif=True
    )
    assert not result.ephemeral
    assert result.response.content == "You are next: I start in about 40 seconds."
    job = world.studio.jobs[world.job]
    assert job.order.recipe.size == 128
    assert job.order.wishes.film
    assert job.person == f"discord:{world.alice.id}"
    assert buttons(result.response.message) == ["Cancel"]
    await world.studio.end(world.job)
    acknowledgement, answer = world.said()
    assert acknowledgement.content == "Done in 32 seconds."
    assert buttons(acknowledgement) == []
    assert answer.reference.message_id == acknowledgement.id
    assert answer.content == (
        f"{world.alice.mention} Here is your painting: 480 × 320, done in 32 seconds "
        "with `size=128 strength=80 gif`."
    )
    number = job.id.removeprefix("discord-")
    assert file_names(answer) == [f"painting-{number}.png", f"film-{number}.gif"]


async def test_an_answer_after_the_interaction_has_expired(world):
    await world.alice.slash(world.channel, "texture", style=WAVE)
    await world.env.advance_time(16 * 60)
    await world.studio.paint(world.job, 50)
    await world.studio.end(world.job)
    assert len(world.said()) == 2


async def test_blend_takes_weights(world):
    await world.alice.slash(
        world.channel, "blend", content=PHOTO, style=WAVE, style2=STARS, weights="2, 1"
    )
    order = world.studio.jobs[world.job].order
    assert order.recipe.blend == (2.0, 1.0)
    assert [picture.name for picture in order.pictures] == ["photo.jpg", "wave.png", "stars.webp"]


async def test_a_form_has_no_more_fields_than_discord_allows(world):
    painting = world.studio.settings.painting.model_copy(update={"max_styles": 8})
    world.studio.settings = world.studio.settings.model_copy(update={"painting": painting})
    tree = discord.app_commands.CommandTree(discord.Client(intents=discord.Intents.none()))
    add_commands(tree, Dispatch(world.studio))
    blend = tree.get_command("blend")
    assert len(blend.parameters) == 25
    assert {"style8", "start", "colours", "gif", "more"} <= {
        field.name for field in blend.parameters
    }


@pytest.mark.parametrize(
    "more", ["mean_weight=0 tv=7", "**mean weight**: 0, tv 7", "--mean-weight 0 --tv=7"]
)
async def test_options_without_a_field_are_written_like_those_of_a_message(world, more):
    assert "mean_weight" not in form(world, "blend")
    await world.alice.slash(
        world.channel, "blend", content=PHOTO, style=WAVE, size=128, seed=3, more=more
    )
    recipe = world.studio.jobs[world.job].order.recipe
    assert (recipe.mean_weight, recipe.total_variation) == (0, 7)
    assert (recipe.size, recipe.seed) == (128, 3)


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({"more": "mean_weight=many"}, "`mean_weight` wants a number from 0 to 1e+12, not `many`"),
        ({"more": "mean_weigth=3"}, "Did you mean `mean_weight`? For example: `mean_weight=0`"),
        ({"more": "paint it well"}, "I know no option `paint`"),
        ({"more": "last"}, "I know no option `last`"),
        ({"more": "size=128", "size": 256}, "`size` has its own field and stands in `more`, too"),
        ({"more": "size=128", "size": 128}, "`size` has its own field and stands in `more`, too"),
        ({"more": "tv=1 tv=2"}, "`tv` stands there twice"),
        ({"more": "alpha=2", "strength": 3.0}, "Give either `strength` or `alpha`"),
        ({"more": "init=picture"}, "`init=picture` and a `start` picture belong together"),
    ],
)
async def test_what_cannot_be_followed_in_more_is_explained(world, fields, answer):
    result = await world.alice.slash(world.channel, "blend", content=PHOTO, style=WAVE, **fields)
    assert result.ephemeral
    assert answer in result.response.content
    assert world.studio.jobs == {}


async def test_a_picture_to_begin_with_is_the_last(world):
    await world.alice.slash(
        world.channel, "blend", start=STARS, content=PHOTO, style=WAVE, colours="content"
    )
    order = world.studio.jobs[world.job].order
    assert (order.recipe.init, order.recipe.colours) == ("picture", "content")
    assert [picture.name for picture in order.pictures] == ["photo.jpg", "wave.png", "stars.webp"]


async def test_slash_commands_work_in_direct_messages(world):
    result = await world.alice.user.slash("texture", style=WAVE, seed=7)
    assert result.response.content.startswith("You are next")
    await world.studio.end(world.job)
    answer = world.said(world.alice.user.dm_channel)[-1]
    assert answer.content.startswith("Here is your texture")


@pytest.mark.parametrize(
    ("name", "form", "answer"),
    [
        ("stylenet", {"content": PHOTO, "style": NOTES}, "I cannot use `notes.txt`"),
        ("blend", {"content": PHOTO, "style": WAVE, "style2": NOTES}, "I cannot use `notes.txt`"),
        (
            "blend",
            {"content": PHOTO, "style": WAVE, "style2": STARS, "init": "picture"},
            "belong together",
        ),
        (
            "stylenet",
            {"content": PHOTO, "style": WAVE, "start": STARS, "init": "noise"},
            "belong together",
        ),
        ("blend", {"content": PHOTO, "style": WAVE, "weights": "2,x"}, "`weights` wants numbers"),
        ("blend", {"content": PHOTO, "style": WAVE, "weights": "2,1"}, "two weights for one style"),
        (
            "stylenet",
            {"content": PHOTO, "style": WAVE, "strength": 3.0, "alpha": 2.0},
            "Give either",
        ),
    ],
)
async def test_a_form_that_cannot_be_followed_is_explained_to_its_author_only(
    world, name, form, answer
):
    result = await world.alice.slash(world.channel, name, **form)
    assert result.ephemeral
    assert answer in result.response.content
    assert world.studio.jobs == {}


async def test_discord_itself_refuses_what_is_out_of_bounds(world):
    with pytest.raises(simcord.OptionError):
        await world.alice.slash(world.channel, "stylenet", content=PHOTO, style=WAVE, size=9999)


async def test_a_refusal_takes_the_place_of_the_acknowledgement(world):
    world.studio.refusal = Refused("The studio is full: 50 jobs are waiting.")
    result = await world.alice.slash(world.channel, "texture", style=WAVE)
    assert result.response.content == "The studio is full: 50 jobs are waiting."
    assert len(world.said()) == 1


async def test_missing_permissions_are_told_to_the_author_only(world):
    quiet = world.deny(attach_files=False)
    result = await world.alice.slash(quiet, "texture", style=WAVE)
    assert result.ephemeral
    assert "I need the permission **Attach Files** there" in result.response.content
    assert world.studio.jobs == {}


async def test_help_cancel_and_forget_are_private(world):
    replies = {}
    await world.alice.slash(world.channel, "texture", style=WAVE)
    for name in ("help", "cancel", "forget"):
        result = await world.alice.slash(world.channel, name)
        assert result.ephemeral
        replies[name] = result.response.content
        assert len(result.response.attachments) == (name == "help")
    assert "`!blend 2 1`" in replies["help"]
    assert replies["cancel"] == "Cancelled your job."
    assert replies["forget"].startswith("Deleted: your job")
    assert world.reply().content == "Cancelled."


async def test_help_of_one_command_is_chosen_from_a_list(world):
    result = await world.alice.slash(world.channel, "help", topic="blend")
    assert result.ephemeral
    assert "**`!blend`**" in result.response.content
    [picture] = result.response.attachments
    assert (picture.filename, picture.description[:18]) == ("blend.jpg", "Examples of !blend")


async def test_a_fault_is_admitted(world, monkeypatch):
    async def fail(*_, **__):
        raise RuntimeError("no database")

    monkeypatch.setattr(world.studio, "submit", fail)
    monkeypatch.setattr(world.studio, "forget", fail)
    result = await world.alice.slash(world.channel, "texture", style=WAVE)
    assert result.response.content.startswith("Something went wrong on my side")
    result = await world.alice.slash(world.channel, "forget")
    assert result.response.content.startswith("Something went wrong on my side")
