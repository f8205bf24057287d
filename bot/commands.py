"""The grammar that every front shares: text in, a command or a helpful error out.

    !stylenet size=512 strength=70 gif        two pictures: content, then style
    look at this #stylenet                    the same, anywhere in a sentence
    !blend 2 1                                a content picture and several styles, weighted
    !texture seed=7                           style pictures only
    !stylenet init=picture                    one more picture, the last: the painting begins as it
    !stylenet last                            with the newest picture posted before
    !stylenet content=@ann                    a style picture, for somebody's avatar
    !help   !cancel   !forget

``bot.reading`` finds the options in a text. Slash commands skip that and call ``paint_command``
with the same options.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from pydantic import ValidationError

from bot.config import Painting
from bot.options import (
    SOURCES,
    CommandError,
    options,
    read_option,
    unknown_option,
)
from bot.reading import UNSPACED, Reading, plain, undecorated
from stylize.recipes import Option, Texture, Transfer, options_of
from stylize.recipes.style import StyleRecipe
from stylize.recipes.values import SHARES

Kind = Literal["stylenet", "blend", "texture"]
KINDS: tuple[Kind, ...] = get_args(Kind)
SENSELESS: Mapping[Kind, frozenset[str]] = {
    "stylenet": frozenset({"weights"}),
    "blend": frozenset(),
    "texture": frozenset({"strength", "alpha", "colours", "init", "content", "content_layers"}),
}
"""Options that a kind of painting has no use for: forms leave them out."""
ORDINALS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True)
class Paint:
    """Paint a picture; ``least`` to ``most`` pictures belong to it."""

    kind: Kind
    recipe: StyleRecipe
    film: bool
    least: int
    most: int
    last: bool = False
    """Whether the newest picture of the place may be used where pictures are missing."""
    content: str | None = None
    """Whose avatar is the content, as their mention is written there."""
    notes: tuple[str, ...] = ()
    """What its author should know of how it was read."""

    def roles(self, count: int) -> list[str]:
        """What each of *count* pictures is for, in their order: content, styles, start."""
        before = ["Content"] if self.kind != "texture" else []
        after = ["Start"] if self.recipe.init == "picture" else []
        styles = count - len(before) - len(after)
        numbered = [f"Style {number}" for number in range(1, styles + 1)]
        return [*before, *(numbered if styles > 1 else ["Style"]), *after][:count]


@dataclass(frozen=True)
class Help:
    """Show what can be done here."""


@dataclass(frozen=True)
class Cancel:
    """Stop this person's jobs, those that wait and those that run."""


@dataclass(frozen=True)
class Forget:
    """Delete what is kept of this person: pictures, paintings and jobs."""


Command = Paint | Help | Cancel | Forget
WORDS: Mapping[str, type[Help] | type[Cancel] | type[Forget]] = {
    "help": Help,
    "cancel": Cancel,
    "forget": Forget,
}


def parse(
    text: str, painting: Painting, *, prefix: str, hashtag: str, mentioned: bool = False
) -> Command | None:
    """Read a message: a command, or None when it is not meant for the bot.

    *mentioned* says that the message mentions the bot; the front has removed the mention itself.
    Raises CommandError when the message is meant for the bot but cannot be followed.
    """
    text, prefix, hashtag = plain(text), re.escape(plain(prefix)), re.escape(plain(hashtag))
    letter = rf"[^\W_{UNSPACED}]"
    command = re.match(rf"\s*{prefix}({'|'.join([*KINDS, *WORDS])})(?!{letter}|_)", text)
    if command:
        rest = undecorated(text[command.end() :])
        return _read_words(command[1], rest, painting, strict=True)
    tag = re.search(rf"(?<!{letter})(?<!#){hashtag}(?!_*{letter})", text)
    if tag:
        text = f"{text[tag.end() :]}\n;\n{text[: tag.start()]}"
    elif not mentioned:
        return None
    said = undecorated(text)
    first = re.search(r"\w+", said)
    name, others = (first[0], said[first.end() :]) if first else ("", said)
    if name in KINDS or (name in WORDS and not re.search(r"\w", others)):
        return _read_words(name, others, painting, strict=False)
    return _read_words("stylenet", said, painting, strict=False)


def paint_command(kind: Kind, given: Mapping[str, Any], painting: Painting) -> Paint:
    """Build the painting command from options that are already read.

    Raises CommandError where options contradict each other or this kind of painting.
    """
    if "strength" in given and "alpha" in given:
        raise CommandError("Give either `strength` or `alpha`: both set the content weight.")
    if kind == "stylenet" and "weights" in given:
        raise CommandError("`weights` mix several styles: use `blend` with one number per style.")
    if kind == "texture":
        _check_texture(given)
    recipe: type[StyleRecipe] = Texture if kind == "texture" else Transfer
    fields: dict[str, Any] = {
        "size": painting.size,
        "steps": painting.steps,
    }
    known = options_of(recipe)
    fields |= {
        known[name].field: known[name].sets(value) for name, value in given.items() if name in known
    }
    try:
        made = recipe(**fields)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in problem["loc"])
        reason = problem["msg"].removeprefix("Value error, ")
        raise CommandError(f"I cannot paint with this {where}: {reason}.") from None
    others = (kind != "texture") + (made.init == "picture")
    most = others + (1 if kind == "stylenet" else painting.max_styles)
    film, last = bool(given.get("gif")), bool(given.get("last"))
    return Paint(kind, made, film, 1 + others, most, last, given.get("content"))


def _check_texture(given: Mapping[str, Any]) -> None:
    """Raise CommandError for what a texture has no use for, unless it asks for nothing else."""
    harmless: dict[str, Any] = {"strength": 50, "colours": "style", "init": "noise"}
    for name in sorted(SENSELESS["texture"]):
        if name in given and given[name] != harmless.get(name):
            raise CommandError(
                "A texture has no content picture and begins with noise, so "
                f"`{name}={_plain(given[name])}` means nothing there: leave it out."
            )


def check_pictures(paint: Paint, count: int) -> None:
    """Raise CommandError, saying what to do, unless *count* pictures suit the command."""
    others = paint.least - 1
    if paint.least <= count <= paint.most:
        if paint.recipe.blend and len(paint.recipe.blend) != count - others:
            raise CommandError(
                f"There {_are(len(paint.recipe.blend), 'weight')} for "
                f"{_count(count - others, 'style')}: give one number for each style picture."
            )
        return
    hint = ""
    if paint.kind == "stylenet" and count > paint.most:
        hint = " To mix several styles, use `blend`."
    elif count < paint.least:
        hint = " Attach them to your message, or reply to a message that has them."
    raise CommandError(f"I need {_needs(paint)}. I see {_count(count, 'picture')}.{hint}")


def _needs(paint: Paint) -> str:
    """Which pictures belong to the command, in words."""
    start = paint.recipe.init == "picture"
    styles = f"one to {_number_word(paint.most - paint.least + 1)} style pictures"
    if paint.kind == "stylenet":
        pictures = f"{_count(paint.most, 'picture')}: first the content, then the style"
    elif paint.kind == "blend":
        pictures = f"a content picture and then {styles}"
    else:
        pictures = styles
    return f"{pictures}, and last the one to begin with" if start else pictures


def help_text(painting: Painting, prefix: str, hashtag: str) -> str:
    """What can be done here, in Markdown that Discord and the room both show."""
    lines = [
        "**Post two pictures and I paint the first in the style of the second.**",
        f"• `{hashtag}` anywhere in your message, or `{prefix}stylenet`: content first, then style",
        f"• `{prefix}blend 2 1`: a content picture and several styles, two parts to one",
        f"• `{prefix}texture`: style pictures only; I make a texture of them",
        f"• `{prefix}cancel` stops your jobs, `{prefix}forget` deletes your pictures and paintings",
        "",
        "**Options**, in any order, also as `size: 512` or `size 512`:",
    ]
    table = {**options(painting), **SOURCES}
    lines += [f"• `{option.example}`: {option.about}" for option in table.values()]
    lines += [
        "",
        "**Examples**",
        f"`{prefix}stylenet strength=70 gif`: bolder, with the film",
        f"`{hashtag} size={min(512, painting.max_size)} init=noise seed=3`: larger, from noise",
        f"`{prefix}blend weights=1,3`: mostly the second style",
        f"`{prefix}stylenet colours=content style_scale=2`: broad strokes in the content's colours",
        f"`{prefix}stylenet init=picture`: content, style, and a picture to begin with",
    ]
    return "\n".join(lines)


def _read_words(name: str, text: str, painting: Painting, *, strict: bool) -> Command:
    """Read the undecorated *text* of a command; if it is not *strict*, other words are talk."""
    if name in WORDS:
        return WORDS[name]()
    kind: Kind = next(known for known in KINDS if known == name)
    table = {**options(painting), **SOURCES}
    reading = Reading(table, strict=strict, counting=kind != "stylenet")
    reading.read(text)
    shares: list[str] = []
    for word in reading.rest.split():
        share = word.strip(",:;").rstrip(".!?")
        like_a_share = r"\W?\d.*" if strict else SHARES
        if kind != "stylenet" and re.fullmatch(like_a_share, share):
            shares.append(share)
        elif shares and share in ("and", "to"):
            continue
        elif strict and (unknown := re.search(r"\w.*", word)):
            raise unknown_option(unknown[0].rstrip(".,:;!?"), table)
    if shares and (strict or "weights" not in reading.given):
        reading.give(table["weights"], read_option(table["weights"], " ".join(shares)))
    return replace(paint_command(kind, reading.given, painting), notes=_notes(reading))


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


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _number_word(number: int) -> str:
    return ORDINALS[number] if number < len(ORDINALS) else str(number)


def _count(number: int, noun: str) -> str:
    return f"{_number_word(number)} {noun}{'' if number == 1 else 's'}"


def _are(number: int, noun: str) -> str:
    return f"{'is' if number == 1 else 'are'} {_count(number, noun)}"
