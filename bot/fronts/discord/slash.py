"""The slash commands: every command as a form, which Discord checks and then the bot."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from inspect import Parameter, Signature
from typing import Any

import discord
from discord import app_commands

from bot.commands.base import Command, CommandError, Given, Incoming, Reply
from bot.commands.dispatch import Dispatch
from bot.commands.grammar import fill
from bot.commands.pictures import Wanted
from bot.commands.registry import LONGEST_ABOUT, commands
from bot.config import Settings
from bot.fronts.discord import texts
from bot.fronts.discord.address import FRONT, Address, person_id
from bot.fronts.discord.channel import LONGEST_TEXT, by_any, channel_of, patiently
from bot.fronts.discord.files import attached_files
from bot.fronts.discord.permissions import check_permissions
from bot.fronts.discord.pictures import check_types
from bot.fronts.discord.response import respond
from bot.fronts.discord.sources import attached
from bot.model import Request, Upload
from bot.texts import ARRIVING, shortened
from stylize.recipes import Input, Option

log = logging.getLogger(__name__)

MOST_FIELDS = 25
"""In one form, says Discord."""
MOST_CHOICES = 25
"""Of one field; with more it takes any text, which is then checked here."""
MORE = "more"
"""The field for the options that have none."""

Interaction = discord.Interaction[Any]


def add_commands(tree: app_commands.CommandTree[Any], dispatch: Dispatch) -> None:
    """Add all commands, bounded by the settings of the studio."""
    for command in commands().values():
        tree.add_command(_slash_command(command, dispatch))


def _slash_command(command: Command, dispatch: Dispatch) -> app_commands.Command[Any, Any, Any]:
    form = _Form.of(command, dispatch.studio.settings)

    async def callback(interaction: Interaction, /, **given: Any) -> None:
        filled = {name: value for name, value in given.items() if value is not None}
        await _follow(form, filled, interaction, dispatch)

    callback.__signature__ = form.signature()  # type: ignore[attr-defined]
    app_commands.describe(**form.descriptions())(callback)
    app_commands.choices(**form.choices())(callback)
    return app_commands.Command(name=command.name, description=command.about, callback=callback)


@dataclass(frozen=True)
class _Form:
    """What Discord asks for: the pictures first, then the options, everyday ones first."""

    command: Command
    settings: Settings
    pictures: Mapping[str, Input]
    """Those that may be given, in their order, by their fields."""
    options: Mapping[str, Option]
    """Those that have a field."""
    more: bool
    """Whether there is a field for other options."""

    @classmethod
    def of(cls, command: Command, settings: Settings) -> "_Form":
        pictures = {
            f"{one.role}{number}" if number > 1 else one.role: one
            for one in command.inputs(settings)
            for number in range(1, one.most + 1)
        }
        options = command.options(settings)
        room = MOST_FIELDS - len(pictures)
        more = command.recipe is not None or len(options) > room
        fields = dict([*options.items()][: room - more])
        return cls(command, settings, pictures, fields, more)

    def signature(self) -> Signature:
        """The fields as discord.py reads them; those that must be filled in come first."""
        pictures = [_picture_field(name, one) for name, one in self.pictures.items()]
        fields = sorted(pictures, key=lambda field: field.default is not Parameter.empty)
        fields += [_option_field(option) for option in self.options.values()]
        fields += [_field(MORE, str | None, None)] if self.more else []
        first = Parameter("interaction", Parameter.POSITIONAL_ONLY, annotation=Interaction)
        return Signature([first, *fields])

    def descriptions(self) -> dict[str, str]:
        described = {name: one.about for name, one in self.pictures.items()}
        described |= {name: option.about for name, option in self.options.items()}
        described |= {MORE: self._about_more()} if self.more else {}
        return {name: shortened(about, LONGEST_ABOUT) for name, about in described.items()}

    def choices(self) -> dict[str, list[app_commands.Choice[str]]]:
        return {
            name: [app_commands.Choice(name=choice, value=choice) for choice in option.choices]
            for name, option in self.options.items()
            if option.choices and len(option.choices) <= MOST_CHOICES
        }

    def read(self, filled: Mapping[str, Any]) -> Given:
        """The command that is given by the *filled* fields. Raises CommandError.

        A picture that only belongs to some recipes asks for such a one. Pictures go by their order
        from here on, and the last style must not be taken for the start.
        """
        fields = {name: value for name, value in filled.items() if name in self.options}
        given = fill(self.command, fields, filled.get(MORE, ""), self.settings)
        options = dict(given.options)
        for name, one in self.pictures.items():
            if one.when is not None:
                field, value = one.when
                if name in filled:
                    options.setdefault(field, value)
                if (name in filled) != (options.get(field) == value):
                    raise CommandError(
                        f"`{field}={value}` and a `{name}` picture belong together: give `{name}` "
                        f"alone, or another `{field}` without it."
                    )
        return replace(given, options=options)

    def _about_more(self) -> str:
        others = [name for name in self.command.options(self.settings) if name not in self.options]
        named = f": {', '.join(others)}" if others else ""
        return f"other options, as in a message{named}"


def _picture_field(name: str, one: Input) -> Parameter:
    if one.when is None and one.least and name == one.role:
        return _field(name, discord.Attachment, Parameter.empty)
    return _field(name, discord.Attachment | None, None)


def _option_field(option: Option) -> Parameter:
    annotation: Any = option.kind
    if option.kind in (int, float):
        low, high = option.kind(option.low), option.kind(option.high)
        annotation = app_commands.Range[option.kind, low, high]
    return _field(option.name, annotation | None, None)


def _field(name: str, annotation: Any, default: Any) -> Parameter:
    return Parameter(name, Parameter.KEYWORD_ONLY, annotation=annotation, default=default)


async def _follow(
    form: _Form, filled: Mapping[str, Any], interaction: Interaction, dispatch: Dispatch
) -> None:
    """Do what is asked; only its author sees a reply, all see where a job stands."""
    paints = form.command.recipe is not None
    if not paints:
        await respond(lambda: interaction.response.defer(ephemeral=True))
    incoming = _incoming(form, filled, interaction)
    try:
        given: Given | Reply = form.read(filled)
    except CommandError as refusal:
        given = Reply(str(refusal), refused=True)
    result = given if isinstance(given, Reply) else await dispatch.run(given, incoming)
    if isinstance(result, Request):
        await _paint(result, interaction, dispatch)
    elif not paints:
        await _complete(result, interaction)
    elif said := dispatch.unless_enough(result.text, incoming.person):
        text = said[:LONGEST_TEXT]
        await respond(lambda: interaction.response.send_message(text, ephemeral=True))


def _incoming(form: _Form, filled: Mapping[str, Any], interaction: Interaction) -> Incoming:
    async def gather(wanted: Wanted) -> Sequence[Upload]:
        files = [filled[name] for name in form.pictures if name in filled]
        check_types(files)
        wanted.check(len(files))
        if interaction.channel is None:
            raise CommandError("I cannot see this channel.")
        if interaction.guild is not None:
            check_permissions(interaction.app_permissions, interaction.channel)
        most = form.settings.limits.picture_bytes
        return [attached(file).upload(most) for file in files]

    return Incoming(
        front=FRONT,
        event=str(interaction.id),
        person=person_id(interaction.user.id),
        gather=gather,
        forgotten=texts.forgotten,
    )


async def _complete(reply: Reply, interaction: Interaction) -> None:
    """Say *reply* in the response that was deferred, if need be without its files."""

    async def say(*, shown: bool = False) -> None:
        files = attached_files(reply) if shown else []
        text = reply.text[:LONGEST_TEXT]
        await interaction.edit_original_response(content=text, attachments=files)

    await by_any(*([partial(say, shown=True)] if reply.files else []), say)


async def _paint(request: Request, interaction: Interaction, dispatch: Dispatch) -> None:
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
    result = await dispatch.submit(replace(request, address=address.model_dump()))
    if not isinstance(result, Reply):
        return
    text = result.text[:LONGEST_TEXT]
    message = channel_of(interaction.client, address).get_partial_message(acknowledgement)

    async def in_place() -> None:
        await message.edit(content=text)

    async def beside() -> None:
        await interaction.followup.send(text, ephemeral=True)

    await by_any(in_place, beside)
