"""``!help``: what can be done here, written from the commands and options that there are.

``!help blend`` tells all of one command, ``!help tv`` of one option.
"""

import inspect
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

from bot.commands.base import Attachment, Command, CommandError, Given, Incoming, Reply
from bot.commands.registry import USUAL, commands
from bot.config import Settings
from bot.studio import Studio
from stylize.recipes import Input, Option, values

LONGEST = 2000
"""Characters of a message, says Discord; where all would be more, the least needed is left out."""

EXAMPLES_ALT = "Examples: content above, style below it, then the painting"


class Help(Command):
    name = "help"
    about = "What I can do, or all about one command, with examples"
    usage = "`{prefix}help blend` tells more of a command"
    unnamed = "topic"

    def options(self, settings: Settings) -> dict[str, Option]:
        others = tuple(name for name in commands() if name != self.name)
        topic = replace(values.choice(others), read=str)  # what it can be, ``run`` says
        about = "a command, or in a message also an option"
        option = Option(about, "topic=blend", name="topic", field="topic", value=topic)
        return {option.name: option}

    async def run(self, given: Given, incoming: Incoming, studio: Studio) -> Reply:
        """Tells of the topic. Raises CommandError for one that there is not."""
        settings = studio.settings
        found = find(given.options.get("topic", ""), settings)
        if isinstance(found, Option):
            return Reply(option_text(found, settings))
        if found is None or found.name == self.name:
            return Reply(help_text(settings), _pictures(self, EXAMPLES_ALT))
        alt = f"Examples of {settings.commands.prefix}{found.name}: pictures, and what came of them"
        shown = self if found.name == USUAL else found  # of everything it is the first example
        return Reply(command_text(found, settings), _pictures(shown, alt))


def find(topic: str, settings: Settings) -> Command | Option | None:
    """The command, or else the option, that *topic* names; None where it is only talk.

    Raises CommandError for one word that names none.
    """
    known: dict[str, Command | Option] = {**_all_options(settings), **commands()}
    words = re.findall(r"\w+", topic.lower())
    for word in ("_".join(words), *words):
        if word in known:
            return known[word]
    if len(words) != 1:
        return None
    [word], prefix = words, settings.commands.prefix
    if close := get_close_matches(word, known, n=1):
        raise CommandError(f"I know no `{word[:40]}`. Did you mean `{prefix}help {close[0]}`?")
    names = ", ".join(f"`{name}`" for name in commands())
    raise CommandError(f"I know no command `{word[:40]}`. There are: {names}.")


def help_text(settings: Settings) -> str:
    """What can be done here, in Markdown that all chats show."""
    works = [one for one in commands().values() if one.recipe is not None]
    others = ", ".join(_usage(one) for one in commands().values() if one.recipe is None)
    uses = _worded([*(f"• {_usage(one)}" for one in works), f"• {others}"], settings)
    names = _worded([f"• {_named(one)}" for one in commands().values()], settings)
    options = _split(commands()[USUAL].written(settings).values())[0]
    opening = "**Post two pictures and I paint the first in the style of the second.**"
    title = "\n**Options**, in any order, also as `size: 512` or `size 512`:"
    examples = ["\n**Examples**", *_worded(_examples(works), settings)]
    more = _worded([f"\nMore of them: `{{prefix}}help {USUAL}`"], settings)
    return _first_that_fits(
        [opening, *uses, title, *_explained(options), *more, *examples],
        [opening, *uses, title, *_explained(options), *more, *examples[:3]],
        [opening, *uses, title, *_explained(options), *more],
        [opening, *uses, title, _listed(options), *more],
        [opening, *names, title, _listed(options), *more],
        [opening, " ".join(f"`{settings.commands.prefix}{name}`" for name in commands())],
    )


def command_text(command: Command, settings: Settings) -> str:
    """All about one command: its pictures, options and examples."""
    about = command.about[0].lower() + command.about[1:]
    opening = [f"**`{settings.commands.prefix}{command.name}`**: {about}"]
    opening += _worded([command.usage] if command.usage else [], settings)
    if inputs := command.inputs(settings):
        opening += ["\n**Pictures**, in this order", *map(_input, inputs)]
    everyday, expert = _split(command.written(settings).values())
    title = ["\n**Options**"] if everyday else []
    experts = ["\n**For experts**"] if expert else []
    named = _worded([f"`{{prefix}}help {one.name}` tells of one" for one in expert[:1]], settings)
    examples = _worded(_examples([command]), settings)
    examples = ["\n**Examples**", *examples] if examples else []
    explained = [*title, *_explained(everyday)]
    return _first_that_fits(
        [*opening, *explained, *experts, *_explained(expert), *examples],
        [*opening, *explained, *experts, _listed(expert), *named, *examples],
        [*opening, *explained, *experts, _listed(expert), *named],
        [*opening, *title, _listed(everyday), *experts, _listed(expert), *named],
        opening,
    )


def option_text(option: Option, settings: Settings) -> str:
    """All about one option: what it means, its values, and to which commands it belongs."""
    detail = option.detail.removeprefix(". ").replace("``", "`")
    usual = option.spelled_usual
    values_known = f"It takes {option.wants}" + (f"; `{usual}` is usual." if usual else ".")
    belongs = [one for one in commands().values() if option.name in one.written(settings)]
    names = ", ".join(f"`{settings.commands.prefix}{one.name}`" for one in belongs)
    opening, belonging = f"**`{option.example}`**: {option.about}", f"It belongs to {names}."
    lines = [opening, detail, values_known, belonging]
    return "\n".join(line for line in lines if line)[:LONGEST]


def picture_of(command: Command) -> Path | None:
    """The picture of *command*: ``examples/NAME.jpg`` beside its module, if there is one."""
    folder = Path(inspect.getfile(type(command))).with_name("examples")
    picture = folder / f"{command.name}.jpg"
    return picture if picture.is_file() else None


def _pictures(command: Command, alt: str) -> tuple[Attachment, ...]:
    picture = picture_of(command)
    return (Attachment(picture, alt),) if picture else ()


def _all_options(settings: Settings) -> dict[str, Option]:
    """The options of all commands, of those that have the same name the first one's."""
    found: dict[str, Option] = {}
    for command in commands().values():
        found |= {key: one for key, one in command.written(settings).items() if key not in found}
    return found


def _usage(command: Command) -> str:
    return command.usage or _named(command)


def _named(command: Command) -> str:
    return f"`{{prefix}}{command.name}`: {command.about}"


def _worded(lines: Iterable[str], settings: Settings) -> list[str]:
    """*lines* with what prefix, hashtag and a large size are here."""
    large = min(512, settings.painting.max_size)
    words = {"prefix": settings.commands.prefix, "hashtag": settings.commands.hashtag}
    return [line.format(**words, large=large) for line in lines]


def _examples(some: Iterable[Command]) -> list[str]:
    return [f"`{written}`: {does}" for one in some for written, does in one.examples.items()]


def _split(options: Iterable[Option]) -> tuple[list[Option], list[Option]]:
    """Everyday ones, and those for experts."""
    every = list(options)
    return [one for one in every if not one.expert], [one for one in every if one.expert]


def _explained(options: Iterable[Option]) -> list[str]:
    return [f"• `{option.example}`: {option.about}" for option in options]


def _listed(options: Iterable[Option]) -> str:
    return " ".join(f"`{option.example}`" for option in options)


def _input(one: Input) -> str:
    """An input, how many pictures it is of, and when it belongs there."""
    if one.most > 1:
        number = f", {one.least} to {one.most} of them" if one.least else f", up to {one.most}"
    else:
        number = "" if one.least else ", if you like"
    when = f", with `{one.when[0]}={values.spell(one.when[1])}`" if one.when else ""
    return f"• {one.role}: {one.about}{number}{when}"


def _first_that_fits(*variants: Sequence[str]) -> str:
    """The first of the texts, given as their lines, that one message takes, or the last cut off."""
    texts = ["\n".join(line for line in lines if line) for lines in variants]
    return next((text for text in texts if len(text) <= LONGEST), texts[-1][:LONGEST])
