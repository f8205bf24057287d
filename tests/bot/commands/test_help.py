"""Help: of everything, of one command, of one option; and that each text fits into a message."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Annotated, ClassVar, Literal

import pytest
from pydantic import Field, create_model

from bot.commands import registry
from bot.commands.base import CommandError, Incoming
from bot.commands.grammar import parse
from bot.commands.help import command_text, find, help_text, option_text, picture_of
from bot.commands.paint import Paint
from bot.commands.registry import commands
from stylize.recipes import Input, Option, Recipe
from tests.bot.commands.asked import SETTINGS

LONGEST = 2000  # Discord takes no more in one message


class Opus(Recipe):
    """A work of many options, as a package may bring it."""

    inputs: ClassVar[tuple[Input, ...]] = (Input("theme", "a picture", least=0, most=3),)
    task: Literal["opus"] = "opus"


MANY = {
    f"choice_{n:02}": (
        Annotated[int, Option(f"how many of part {n}, said at some length", "3", expert=n > 5)],
        Field(1, ge=1, le=9),
    )
    for n in range(60)
}


class Grand(Paint):
    name = "opus"
    about = "A work of many options"
    usage = "`{prefix}opus`: pictures, and a great many options to choose from"
    recipe = create_model("Grand", __base__=Opus, **MANY)


@pytest.fixture
def packages(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Packages have brought twenty commands more, one of them with many options."""
    more = [
        type(f"Work{n}", (Paint,), {"name": f"work{n}", "about": f"Work {n} " + 80 * "x"})
        for n in range(20)
    ]
    monkeypatch.setattr(
        registry, "installed", lambda _: [(one.name, one) for one in (Grand, *more)]
    )
    registry.commands.cache_clear()
    yield
    registry.commands.cache_clear()


async def helped(text: str, *, mentioned: bool = False):
    studio = SimpleNamespace(settings=SETTINGS)
    given = parse(text, studio.settings, mentioned=mentioned)
    assert given.command.name == "help"

    async def gather(_):
        return ()

    return await given.command.run(given, Incoming("a", "b", "c", gather, str, text=text), studio)


async def test_help_of_one_command_has_its_options_examples_and_picture():
    reply = await helped("!help blend")
    assert "**`!blend`**: paint a picture in a blend of several styles" in reply.text
    assert "• style: a picture whose style to take, 1 to 4 of them" in reply.text
    assert "with `init=picture`" in reply.text
    assert "`weights=2,1`: one number per style" in reply.text
    assert "`!blend weights=1,3`: mostly the second style" in reply.text
    [picture] = reply.files
    assert picture.path == picture_of(commands()["blend"])
    assert "!blend" in picture.alt


async def test_help_of_everything_has_a_picture_and_points_to_more():
    reply = await helped("!help")
    assert "`!help stylenet`" in reply.text
    [picture] = reply.files
    assert picture.path.is_file()
    assert picture.alt.startswith("Examples: content above")
    assert await helped("!help help") == reply


async def test_help_of_the_usual_command_has_a_picture_too():
    [picture] = (await helped("!help stylenet")).files
    assert picture.path == picture_of(commands()["help"])
    assert picture.alt.startswith("Examples of !stylenet")


@pytest.mark.parametrize(
    "text", ["!help blend", "!help !blend", "!HELP Blend", "!help with blend", "!help topic=blend"]
)
async def test_a_topic_is_understood_however_it_is_written(text):
    assert await helped(text) == await helped("!help blend")


async def test_a_mention_is_enough():
    asked = await helped("help blend?", mentioned=True)
    assert asked == await helped("!help blend")


async def test_help_of_one_option():
    text = (await helped("!help style scale")).text
    assert text.startswith("**`style_scale=2`**: size of the strokes")
    assert "a number from 0.25 to 4; `1` is usual" in text
    assert text.rpartition("It belongs to ")[2].startswith("`!stylenet`, `!blend`, ")
    assert "`!texture`" not in (await helped("!help strength")).text


async def test_an_unknown_topic_gets_the_nearest():
    with pytest.raises(CommandError, match=r"no `blent`\. Did you mean `!help blend`\?"):
        await helped("!help blent")
    with pytest.raises(CommandError, match=r"no `strenth`\. Did you mean `!help strength`\?"):
        await helped("!help strenth")
    with pytest.raises(CommandError, match=r"no command `qqq`\. There are: `stylenet`, `blend`"):
        await helped("!help qqq")
    talk = await helped("!help I am lost here")
    assert talk == await helped("!help")


@pytest.mark.parametrize("name", [*commands()])
def test_help_of_each_command_names_all_its_options_in_one_message(name):
    command = commands()[name]
    text = command_text(command, SETTINGS)
    assert len(text) <= LONGEST
    for option in command.written(SETTINGS).values():
        assert f"`{option.example}`" in text
        assert len(option_text(option, SETTINGS)) <= LONGEST
        assert find(option.name, SETTINGS)
    for written in command.examples:
        given = parse(written.format(prefix="!", hashtag="#stylenet", large=512), SETTINGS)
        assert given.command is command


def test_the_help_of_everything_fits_and_names_every_command():
    text = help_text(SETTINGS)
    assert len(text) <= LONGEST
    assert all(f"!{name}" in text for name in commands())


@pytest.mark.usefixtures("packages")
def test_what_packages_bring_fits_as_well():
    text = help_text(SETTINGS)
    assert len(text) <= LONGEST
    assert all(f"!{name}" in text for name in commands())
    grand = command_text(commands()["opus"], SETTINGS)
    assert len(grand) <= LONGEST
    assert "• theme: a picture, up to 3" in grand
    assert all(f"`{name}=3`" in grand for name in MANY)


def test_every_picture_is_of_a_command():
    pictures = picture_of(commands()["help"]).parent.glob("*.jpg")
    assert {picture.stem.partition("-")[0] for picture in pictures} <= {*commands()}
