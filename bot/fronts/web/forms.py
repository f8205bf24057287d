"""What can be asked for in the room, as JSON: the page draws its forms from it."""

from typing import TypedDict

from bot.commands.base import Command
from bot.commands.registry import commands
from bot.config import Settings
from stylize.recipes import Drawing, Input, Option
from stylize.recipes.values import spell


class DrawingView(TypedDict):
    """How a picture is drawn: over that of another role, if there is one, and in which colours."""

    over: str
    colours: dict[str, str]


class InputView(TypedDict):
    """Pictures of one role that belong to a command, or only where an option has a value."""

    role: str
    label: str
    about: str
    kind: str
    least: int
    most: int
    when: dict[str, str] | None
    drawn: DrawingView | None


class OptionView(TypedDict):
    """An option, with all values spelled as people write them.

    ``choices`` are all that there are, or for a number those to offer, words that may stand in its
    place among them; ``words`` say what some values mean. Numbers lie between ``low`` and ``high``.
    """

    name: str
    label: str
    about: str
    example: str
    kind: str
    choices: list[str]
    words: dict[str, str]
    unit: str
    low: float | None
    high: float | None
    usual: str | None
    expert: bool


class CommandView(TypedDict):
    """A command, with the pictures that belong to it, in their order, and its options."""

    name: str
    label: str
    verb: str
    about: str
    example: str
    inputs: list[InputView]
    options: list[OptionView]


KIND_OF = {int: "whole", float: "number", bool: "flag", str: "text"}


def command_views(settings: Settings) -> list[CommandView]:
    """All commands; what a message means that names none comes first."""
    return [_command_view(command, settings) for command in commands().values()]


def _command_view(command: Command, settings: Settings) -> CommandView:
    return CommandView(
        name=command.name,
        label=command.label or command.name.capitalize(),
        verb=command.verb or "Send",
        about=command.about,
        example=settings.commands.prefix + command.name,
        inputs=[_input_view(one) for one in command.inputs(settings)],
        options=[_option_view(option) for option in command.options(settings).values()],
    )


def _input_view(one: Input) -> InputView:
    return InputView(
        role=one.role,
        label=one.label or f"a {one.role.replace('_', ' ')}",
        about=one.about,
        kind="picture",
        least=one.least,
        most=one.most,
        when={one.when[0]: spell(one.when[1])} if one.when else None,
        drawn=_drawing_view(one.drawn) if one.drawn else None,
    )


def _drawing_view(drawing: Drawing) -> DrawingView:
    return DrawingView(over=drawing.over, colours=dict(drawing.colours))


def _option_view(option: Option) -> OptionView:
    usual, choices = option.spelled_usual, list(option.choices)
    if option.offers and option.kind is str:
        choices = list(map(str, option.offers))
    elif option.offers:
        offered = {f"{value:g}" for value in map(float, option.offers) if value <= option.high}
        if usual and usual not in option.instead:
            offered.add(usual)
        choices = [*option.instead, *sorted(offered, key=float)]
    return OptionView(
        name=option.name,
        label=option.label,
        about=option.about,
        example=option.example.partition("=")[2],
        kind="choice" if option.choices else KIND_OF[option.kind],
        choices=choices,
        words=dict(option.words),
        unit=option.unit,
        low=option.low,
        high=option.high,
        usual=usual,
        expert=option.expert,
    )
