"""The grammar that every front shares: text in, a command or a helpful error out.

    !stylenet size=512 strength=70 gif        two pictures: content, then style
    look at this #stylenet                    the same, anywhere in a sentence
    !blend 2 1                                a content picture and several styles, weighted
    !texture seed=7                           style pictures only
    !stylenet init=picture                    one more picture, the last: the painting begins as it
    !stylenet last                            with the newest picture posted before
    !stylenet content=@ann                    a style picture, for somebody's avatar
    cell=B2                                   in reply to a sheet: that cell in full
    !help   !help blend   !cancel   !forget

``bot.commands.reading`` finds the options in a text. A form has them one by one.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from bot.commands.base import Command, CommandError, Given
from bot.commands.options import SOURCES, Unreadable, read_option, unknown_option
from bot.commands.reading import UNSPACED, Reading, plain, undecorated
from bot.commands.registry import USUAL, commands
from bot.config import Settings
from stylize.recipes import Option

LETTER = rf"[^\W_{UNSPACED}]"


def parse(
    text: str, settings: Settings, *, mentioned: bool = False, replied: bool = False
) -> Given | None:
    """Read a message: a command, or None when it is not meant for the bot.

    *mentioned* says that the message mentions the bot; the front has removed the mention itself.
    One that has *replied* to the bot may be talk; what is meant is a command's own option, as in
    ``cell=B2``. Raises CommandError when the message is meant for the bot but cannot be followed.
    """
    text = plain(text)
    prefix = re.escape(plain(settings.commands.prefix))
    hashtag = re.escape(plain(settings.commands.hashtag))
    command = re.match(rf"\s*{prefix}({'|'.join(commands())})(?!{LETTER}|_)", text)
    if command:
        named = commands()[command[1]]
        own = named.name in named.known(settings)  # which may be written as `!cell=B2`
        rest = undecorated(text[command.start(1) if own else command.end() :])
        return _read(named, rest, settings, strict=True)
    tag = re.search(rf"(?<!{LETTER})(?<!#){hashtag}(?!_*{LETTER})", text)
    if tag:
        text = f"{text[tag.end() :]}\n;\n{text[: tag.start()]}"
    elif not (mentioned or replied):
        return None
    said = undecorated(text)
    first = re.search(r"\w+", said)
    found = commands().get(first[0]) if first else None
    others = said[first.end() :] if first else ""
    own_option = found and found.known(settings).get(found.name)
    if found and own_option and re.match(rf"\W*(?:{own_option.pattern})(?!\w)", others):
        return _read(found, f"{found.name}{others}", settings)
    if not (mentioned or tag):
        return None
    if found:
        value = found.known(settings).get(found.unnamed)
        alone = value is not None and re.fullmatch(rf"\W*(?:{value.pattern})\W*", others)
        if found.inputs(settings) or alone or not re.search(r"\w", others):
            return _read(found, others, settings)
    return _read(commands()[USUAL], said, settings, explicit=tag is not None)


def fill(command: Command, fields: Mapping[str, object], more: str, settings: Settings) -> Given:
    """Read a form: *fields* by their options' names, and *more* options in a text.

    Raises CommandError when it cannot be followed, as it is where both have the same option.
    """
    table = {name: one for name, one in command.known(settings).items() if name not in SOURCES}
    given = _read(command, undecorated(plain(more)), settings, strict=True, table=table)
    if twice := sorted(fields.keys() & given.options):
        raise CommandError(
            f"`{twice[0]}` has its own field and stands in `more`, too: give it once."
        )
    read = {name: read_option(table[name], str(value)) for name, value in fields.items()}
    return replace(given, options={**read, **given.options})


def _read(
    command: Command,
    text: str,
    settings: Settings,
    *,
    strict: bool = False,
    explicit: bool = True,
    table: Mapping[str, Option] | None = None,
) -> Given:
    """Read the undecorated *text* of a command; if it is not *strict*, other words are talk."""
    table = command.known(settings) if table is None else table
    if not table:
        return Given(command, explicit=explicit)
    unnamed = table.get(command.unnamed)
    if strict and unnamed and len(table) == 1 and "=" not in text:
        value = " ".join(text.split())
        said = {unnamed.name: read_option(unnamed, value)} if value else {}
        return Given(command, said, explicit=explicit)
    reading = Reading(table, strict=strict, counting=unnamed is not None)
    try:
        reading.read(text)
    except Unreadable as refusal:
        raise _said_elsewhere(refusal, settings) from None
    shares: list[str] = []
    for word in reading.rest.split():
        share = word.strip(",:;").rstrip(".!?")
        if unnamed and re.fullmatch(r"\W?\d.*" if strict else unnamed.pattern, share):
            shares.append(share)
        elif shares and share in ("and", "to"):
            continue
        elif strict and (unknown := re.search(r"\w.*", word)):
            raise unknown_option(unknown[0].rstrip(".,:;!?"), table)
    if unnamed and shares and (strict or unnamed.name not in reading.given):
        reading.give(unnamed, read_option(unnamed, " ".join(shares)))
    return Given(command, reading.given, _notes(reading), explicit)


def _said_elsewhere(refusal: Unreadable, settings: Settings) -> CommandError:
    """The refusal of a value, or where there is a command that has a use for it, its name."""
    name, value = refusal.option.name, refusal.value
    for one in commands().values():
        option = one.options(settings).get(name)
        try:
            if option is None or option.read(value) is None:
                continue
        except ValueError:
            continue
        written = f"{settings.commands.prefix}{one.name} {name}={value}"
        wants = f"`{name}` wants {refusal.option.wants}, not `{value[:40]}`"
        return CommandError(f"{wants}. That is what `{written}` is for.")
    return refusal


def _notes(reading: Reading) -> tuple[str, ...]:
    """What to say of options that are named in *reading* and were not taken for options."""
    named = [name for name in reading.named if name not in reading.given]
    if not named:
        return ()
    names = " and ".join(f"`{name}`" for name in named)
    examples = " or ".join(f"`{_assigned(reading.table[name])}`" for name in named)
    return (f"I took {names} for plain talk. To set an option, write it like {examples}.",)


def _assigned(option: Option) -> str:
    """An example of *option* that nobody takes for talk."""
    return option.example if "=" in option.example else f"{option.name}=yes"
