"""The slash commands: the options of ``bot.commands`` as forms that Discord checks."""

import inspect
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import discord
from discord import app_commands

from bot.commands import SENSELESS, Kind, Paint, help_text, paint_command
from bot.config import Painting
from bot.fronts import EXAMPLES
from bot.fronts.discord import texts
from bot.fronts.discord.address import Address, person_id
from bot.fronts.discord.channel import LONGEST_TEXT, by_any, channel_of, patiently
from bot.fronts.discord.permissions import check_permissions
from bot.fronts.discord.pictures import check_types, uploads_of
from bot.fronts.discord.response import respond
from bot.fronts.discord.submission import submit
from bot.model import Upload
from bot.options import CommandError, options, read_option
from bot.studio import Refused, Studio
from bot.texts import ARRIVING, SORRY, cancelled
from stylize.recipes import Option

log = logging.getLogger(__name__)

ABOUT: dict[Kind, str] = {
    "stylenet": "Paint a picture in the style of another",
    "blend": "Paint a picture in a blend of several styles",
    "texture": "Make a texture of one or several styles",
}
START = "start"
"""The picture that ``init=picture`` begins with, as the forms call it."""
MOST_FIELDS = 25
"""In one form, says Discord. Messages know the options that a form has no place for."""

Interaction = discord.Interaction[Any]
Reply = Callable[[Interaction], Awaitable[str]]


def add_commands(tree: app_commands.CommandTree[Any], studio: Studio) -> None:
    """Add all slash commands, bounded by the settings of the studio."""
    for kind in ABOUT:
        tree.add_command(_paint_command(kind, studio))

    async def show_help(interaction: Interaction) -> str:
        settings = studio.settings
        return help_text(settings.painting, settings.commands.prefix, settings.commands.hashtag)

    async def cancel(interaction: Interaction) -> str:
        return cancelled(await studio.cancel_all(person_id(interaction.user.id)))

    async def forget(interaction: Interaction) -> str:
        return texts.forgotten(await studio.forget(person_id(interaction.user.id)))

    tree.add_command(_private_command("help", "What I can do, with examples", show_help, EXAMPLES))
    tree.add_command(_private_command("cancel", "Cancel your jobs", cancel))
    tree.add_command(_private_command("forget", "Delete your pictures and paintings", forget))


def _private_command(
    name: str, about: str, reply: Reply, picture: Path | None = None
) -> app_commands.Command[Any, Any, Any]:
    """A command without options whose reply only the person sees."""

    async def callback(interaction: Interaction) -> None:
        await respond(lambda: interaction.response.defer(ephemeral=True))
        try:
            text = await reply(interaction)
        except Exception:
            log.exception("/%s failed", name)
            text = SORRY

        async def say(picture: Path | None = None) -> None:
            files = [discord.File(picture)] if picture else []
            await interaction.edit_original_response(content=text, attachments=files)

        await by_any(*([partial(say, picture)] if picture else []), say)

    return app_commands.Command(name=name, description=about, callback=callback)


def _paint_command(kind: Kind, studio: Studio) -> app_commands.Command[Any, Any, Any]:
    """A command whose form has the pictures first, then the options, everyday ones first."""
    painting = studio.settings.painting
    pictures = _pictures(kind, painting)
    useful = [item for item in options(painting).items() if item[0] not in SENSELESS[kind]]
    table = dict(useful[: MOST_FIELDS - len(pictures)])

    async def callback(interaction: Interaction, /, **given: Any) -> None:
        filled = {name: value for name, value in given.items() if value is not None}
        try:
            _begin(filled)
            files = [filled.pop(name) for name in pictures if name in filled]
            paint, uploads = _read(kind, interaction, files, filled, studio)
        except CommandError as refusal:
            text = str(refusal)
        except Exception:
            log.exception("/%s failed", kind)
            text = SORRY
        else:
            await _paint(paint, uploads, interaction, studio)
            return
        replies = interaction.client.replies
        said = texts.unless_enough(text, person_id(interaction.user.id), replies)
        if said is not None:
            said = said[:LONGEST_TEXT]
            await respond(lambda: interaction.response.send_message(said, ephemeral=True))

    first = inspect.Parameter(
        "interaction", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Interaction
    )
    rest = [_picture_parameter(name, required) for name, (_, required) in pictures.items()]
    rest += [_option_parameter(option) for option in table.values()]
    callback.__signature__ = inspect.Signature([first, *rest])  # type: ignore[attr-defined]
    described = {name: about for name, (about, _) in pictures.items()}
    described |= {name: option.about for name, option in table.items()}
    choices = {
        name: [app_commands.Choice(name=choice, value=choice) for choice in option.choices]
        for name, option in table.items()
        if option.choices
    }
    app_commands.describe(**described)(callback)
    app_commands.choices(**choices)(callback)
    return app_commands.Command(name=kind, description=ABOUT[kind], callback=callback)


def _begin(filled: dict[str, Any]) -> None:
    """Let a start picture mean ``init=picture``. Raises CommandError for the one without the other.

    Pictures go by their order from here on, and the last style must not be taken for the start.
    """
    if START in filled:
        filled.setdefault("init", "picture")
    if (START in filled) != (filled.get("init") == "picture"):
        raise CommandError(
            f"`init=picture` and a `{START}` picture belong together: give `{START}` alone, "
            "or another `init` without it."
        )


def _read(
    kind: Kind,
    interaction: Interaction,
    files: list[discord.Attachment],
    given: dict[str, Any],
    studio: Studio,
) -> tuple[Paint, list[Upload]]:
    """What the form asks for. Raises CommandError when it, or this channel, will not do."""
    painting = studio.settings.painting
    table = options(painting)
    read = {name: read_option(table[name], str(value)) for name, value in given.items()}
    paint = paint_command(kind, read, painting)
    check_types(files)
    uploads = uploads_of(paint, files, studio.settings.limits.picture_bytes)
    if interaction.channel is None:
        raise CommandError("I cannot see this channel.")
    if interaction.guild is not None:
        check_permissions(interaction.app_permissions, interaction.channel)
    return paint, uploads


async def _paint(
    paint: Paint, uploads: list[Upload], interaction: Interaction, studio: Studio
) -> None:
    """Acknowledge the form within the three seconds Discord allows, then submit.

    The response becomes the acknowledgement; it is a message like others, which the bot can still
    edit when the interaction has long expired.
    """
    response = await respond(lambda: interaction.response.send_message(ARRIVING))
    acknowledgement = response.message_id if response else None
    if acknowledgement is None:
        acknowledgement = (await patiently(interaction.original_response)).id
    address = Address(
        guild=interaction.guild_id,
        channel=interaction.channel_id or 0,
        person=interaction.user.id,
        acknowledgement=acknowledgement,
    )
    try:
        await submit(studio, interaction.id, address, paint, uploads)
        return
    except (CommandError, Refused) as refusal:
        text = str(refusal)
    except Exception:
        log.exception("/%s failed", paint.kind)
        text = SORRY
    message = channel_of(interaction.client, address).get_partial_message(acknowledgement)

    async def in_place() -> None:
        await message.edit(content=text[:LONGEST_TEXT])

    async def beside() -> None:
        await interaction.followup.send(text[:LONGEST_TEXT], ephemeral=True)

    await by_any(in_place, beside)


def _pictures(kind: Kind, painting: Painting) -> dict[str, tuple[str, bool]]:
    """The pictures that the form asks for: what each is for, and whether it must be there."""
    styles = 1 if kind == "stylenet" else painting.max_styles
    names = ["style", *(f"style{number}" for number in range(2, styles + 1))]
    wanted = {"content": ("the picture to paint", True)} if kind != "texture" else {}
    wanted |= {name: ("a picture whose style to take", name == "style") for name in names}
    if "init" not in SENSELESS[kind]:
        wanted[START] = ("a picture to begin with, instead of the content", False)
    return wanted


def _picture_parameter(name: str, required: bool) -> inspect.Parameter:
    annotation = discord.Attachment if required else discord.Attachment | None
    return _parameter(name, annotation, inspect.Parameter.empty if required else None)


def _option_parameter(option: Option) -> inspect.Parameter:
    annotation: Any = option.kind
    if option.kind in (int, float):
        annotation = app_commands.Range[
            option.kind, option.kind(option.low), option.kind(option.high)
        ]
    return _parameter(option.name, annotation | None, None)


def _parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default
    )
