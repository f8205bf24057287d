"""All commands: those of this folder, and those that installed packages bring."""

from collections.abc import Iterator, Mapping
from functools import cache

import bot.commands
from bot.commands.base import Command
from bot.config import Settings
from stylize.plugins import PluginError, classes, installed
from stylize.recipes import Option

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
        found[command.name] = command

    def place(command: Command) -> tuple[bool, bool, str]:
        return command.name != USUAL, command.recipe is None, command.name

    return {command.name: command for command in sorted(found.values(), key=place)}


def all_options(settings: Settings) -> dict[str, Option]:
    """The options of all commands."""
    found: dict[str, Option] = {}
    for command in commands().values():
        found |= {name: one for name, one in command.known(settings).items() if name not in found}
    return found


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
