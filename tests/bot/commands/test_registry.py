"""Commands are found by themselves, here and in installed packages."""

from collections.abc import Callable, Iterator

import pytest

from bot.commands import registry
from bot.commands.base import Command, Given, Incoming, Reply
from bot.commands.grammar import parse
from bot.commands.help import help_text
from bot.config import Settings
from bot.studio import Studio
from stylize.plugins import PluginError


class Echo(Command):
    name = "echo"
    about = "Say it again"
    usage = "`{prefix}echo` says it again"

    async def run(self, given: Given, incoming: Incoming, studio: Studio) -> Reply:
        return Reply(incoming.text)


class Cancel(Echo):
    name = "cancel"


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[object], None]]:
    """Installs a package that brings something as a command."""

    def install(brought: object) -> None:
        monkeypatch.setattr(registry, "installed", lambda group: [("a-package", brought)])
        registry.commands.cache_clear()

    yield install
    registry.commands.cache_clear()


def test_the_usual_command_is_first_then_those_that_paint(install):
    install(Echo)
    names = [*registry.commands()]
    assert names == [
        *("stylenet", "blend", "cell", "compare", "doodle", "dream"),
        *("layers", "study", "sweep", "texture"),
        *("cancel", "echo", "forget", "help"),
    ]


def test_a_package_s_command_is_heard_and_stands_in_the_help(install):
    assert parse("!echo", Settings()) is None
    install(Echo)
    for text in ("!echo this", "#stylenet echo"):
        given = parse(text, Settings())
        assert given is not None
        assert isinstance(given.command, Echo)
    assert "`!cancel` stops your jobs, `!echo` says it again, `!forget`" in help_text(Settings())


@pytest.mark.parametrize("brought", [Echo(), Command, "echo"])
def test_what_is_no_command_is_named(install, brought):
    install(brought)
    with pytest.raises(PluginError, match=r"a-package of stylenet\.commands is no class of"):
        registry.commands()


def test_no_package_takes_the_place_of_another_command(install):
    install(Cancel)
    with pytest.raises(PluginError, match="two commands are called cancel: uninstall"):
        registry.commands()


@pytest.mark.parametrize("about", ["", "x" * 101])
def test_a_command_that_discord_would_refuse_is_named(install, about):
    """With it Discord would refuse all others, too."""
    install(type("Long", (Echo,), {"name": "long", "about": about}))
    found = rf"what the command long of .* must be said in 1 to 100 characters, not {len(about)}"
    with pytest.raises(PluginError, match=found):
        registry.commands()
