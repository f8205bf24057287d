"""All commands: those of this folder, and those that installed packages bring."""

from collections.abc import Iterator, Mapping
from functools import cache

import bot.commands
from bot.commands.base import Command
from bot.model import Order
from stylize.plugins import PluginError, classes, installed

LONGEST_ABOUT = 100
"""Characters that a form of Discord takes, which would else refuse all commands."""

USUAL = "stylenet"
"""The command that hashtag and mention ask for where they name no other."""


@cache
def commands() -> Mapping[str, Command]:
    """The commands by name: the usual one, the others that paint, then the rest.

    Raises PluginError when what a package brings is no command, or has the name of another.
    """
    found: dict[str, Command] = {}
    for command in (*_own(), *_installed()):
        if command.name in found:
            raise PluginError(
                f"two commands are called {command.name}: uninstall the package that brings one"
            )
        if not 0 < len(command.about) <= LONGEST_ABOUT:
            raise PluginError(
                f"what the command {command.name} of {type(command).__module__} does must be said "
                f"in 1 to {LONGEST_ABOUT} characters, not {len(command.about)}: shorten its about"
            )
        found[command.name] = command

    def place(command: Command) -> tuple[bool, bool, str]:
        return command.name != USUAL, command.recipe is None, command.name

    return {command.name: command for command in sorted(found.values(), key=place)}


def replies_to(order: Order) -> dict[str, str]:
    """What one may reply to the answer to *order*, by what a button for it says."""
    return {said: text for one in commands().values() for said, text in one.replies(order).items()}


def _own() -> Iterator[Command]:
    return (found() for found in classes(bot.commands) if _is_command(found))


def _installed() -> Iterator[Command]:
    for name, found in installed("stylenet.commands"):
        if not _is_command(found):
            raise PluginError(
                f"the entry point {name} of stylenet.commands is no class of bot.commands.base."
                "Command with a name"
            )
        yield found()


def _is_command(found: object) -> bool:
    return isinstance(found, type) and issubclass(found, Command) and bool(found.name)
