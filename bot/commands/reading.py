"""Finding options in what people write, however they write them.

``size=512`` is also ``size 512``, ``size: 512``, ``—size＝512``, ``**"size"=512**`` or, in a list,
``- Size → 512 px``. What may be talk is never dropped without a word: who uses a word as an option
and gives it no value that can be read is refused; what is only named like an option is told of.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from typing import Any

from bot.commands.options import CommandError, read_option, unknown_option
from stylize.recipes import Option

SPELLINGS: Mapping[str, str] = {
    **dict.fromkeys(("color", "colors", "colour"), "colours"),
    "optimiser": "optimizer",
    "step": "steps",
}
"""Other spellings of options."""

TALK = r"""
    (?<![a-z0-9])[a-z0-9]+://\S+ | \bwww\.\S+                           # links
  | (?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+                          # mail
  | <(?:@[!&]?\d+|\#\d+|a?:\w+:\d+|(?:t:|/|id:)[^<>]+)>               # mentions and the like
  | (?<![\w=:])@[\w.]*[^\W_]                                          # the same, typed
  | (?<![\w:]):\w+:(?!\w)                                             # emoji by name
  | (?<![\w-])[\w-]+(?:\.[\w-]+){0,5}\.(?:png|jpe?g|jfif|gifv?|webp|bmp|tiff?|heic|avif|svg|psd
    |pdf|txt|zip|mp4|mov|webm|com|org|net|io|gg|tv|co|uk|de|fr|jp)\b(?!\s*=)   # files and sites
"""
"""What is never an option, whatever is in it."""

UNSPACED = r"\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
"""Letters of Thai, Japanese, Chinese and Korean, which stand next to other ones without a space."""
EDGE = rf"(?<=[{UNSPACED}])(?=[a-z0-9-])|(?<=[a-z0-9%])(?=[{UNSPACED}])"
"""Where such letters and others meet."""

DECORATION = re.compile(
    rf"""(?P<talk>{TALK})
       | (?P<face>(?<!\S)[:;=][-'^]?[()dpo/\\|*]+(?!\S) | [:;=]-?[()]+(?!\S))
       | (?P<arrow>(?<![=-])[=-]+>|[→⇒➔➜⟶])
       | (?P<nothing>\\|(?<=\d)['"](?=\d{{3}}(?!\d)))                # escapes, and 1'000
       | [*~|`"'<>()^\#&] | (?<![^\W_])_+ | _+(?![^\W_]) | {EDGE}""",
    re.VERBOSE,
)
SIGNS = {"Pd": "-", "Ps": "(", "Pe": ")", "Pi": '"', "Pf": '"', "Cf": ""}
"""What stands for the dashes, brackets, quotes and invisible signs of all scripts."""
OTHER_SIGNS = str.maketrans("\u2212\u2236\ua78a\u115f\u1160\u2800", "-:=   ", "\ufe0e\ufe0f\u20e3")

SEPARATOR = re.compile(r"\s*[=:→]+\s*")
SPACE = re.compile(r"\s+(?:(?:is|to|of)\s+)?(?:-\s+)?|[-_]?(?=\d)")
END = r"(?![\w/%@]|[.,:]\d|[-+]\w)"
RAW = re.compile(r"[^\s;]*")
NUMBER_BEFORE = re.compile(r"(?<![\w.,:=→/-])(\d+(?:[.,]\d+)?)\s?(?:px|pixels?|%|x)?[\s-]+\Z")
NO_BEFORE = re.compile(
    r"""\b(?:(?:no|not|never|without|don\s?t)
          (?:\s+(?:need|want|have|make|add|send|for|me|a|any|the))*
        |ohne|keine?n?|sans|pas\s+de|sin|senza|sem|без)(?:\s+|-)\Z""",
    re.VERBOSE,
)
GAP = " ; "
"""Stands in what is left of a text for what was taken out."""
CLOSE = 0.75
"""How near, of 1, a word is to the option that it seems to mean."""


def plain(text: str) -> str:
    """*text* in lower case and in the usual forms of its signs, without what nobody sees."""
    text = unicodedata.normalize("NFKC", text).lower().translate(OTHER_SIGNS)
    return "".join(SIGNS.get(unicodedata.category(sign), sign) for sign in text)


def undecorated(text: str) -> str:
    """Plain *text* with spaces in place of quotes, brackets and Markdown, but in links and such."""

    def undo(found: re.Match[str]) -> str:
        if found["talk"]:
            return found[0]
        return "→" if found["arrow"] else "" if found["nothing"] else " "

    return DECORATION.sub(undo, text)


@dataclass
class Reading:
    """The options of *table* in a text.

    A *strict* text is meant for the bot word by word: names are exact there and have values. Where
    people are *counting*, a number before a name is not its value.
    """

    table: Mapping[str, Option]
    strict: bool = False
    counting: bool = False
    given: dict[str, Any] = field(default_factory=dict)
    """The value of each option."""
    named: list[str] = field(default_factory=list)
    """Options that are named where a word like others seems to be meant."""
    rest: str = ""
    """What is left of the text, without links and such."""

    def read(self, text: str) -> None:
        """Read undecorated *text*. Raises CommandError for options that cannot be read."""
        at = 0
        while found := _words(tuple(self.table)).search(text, at):
            self.rest += text[at : found.start()]
            at = found.end()
            if found["word"]:
                self._check_word(found)
                self.rest += found[0]
            else:
                at = self._read_named(found) if found["name"] else at
                self.rest += GAP
        self.rest += text[at:]

    def _read_named(self, found: re.Match[str]) -> int:
        """Read the option whose name is *found*; returns where the text goes on."""
        name = re.sub(r"[\s_-]", "", found["name"])
        names = {**SPELLINGS, **{known.replace("_", ""): known for known in self.table}}
        option = self.table[names[name]]
        value, end = _value_behind(option, found.string, found.end())
        if value is not None:
            self.give(option, read_option(option, value))
        elif option.kind is bool and (self.strict or not (option.talk and self._talks())):
            self.give(option, not self._denied())
        elif (number := self._number_before(option)) is not None:
            self.give(option, number)
        elif self.strict or found["dashes"]:
            raise unknown_option(option.name, self.table)
        elif option.name not in self.named and (option.kind is bool or not option.talk):
            self.named.append(option.name)
        return end

    def give(self, option: Option, value: Any) -> None:
        """Note the *value* of *option*. Raises CommandError where it has another one already."""
        if self.given.setdefault(option.name, value) != value:
            raise CommandError(
                f"`{option.name}` stands there twice, with different values: give it once."
            )

    def _talks(self) -> bool:
        """Whether there is other talk in front of a name."""
        return re.search(r"\w", self.rest) is not None

    def _denied(self) -> bool:
        """Whether the words in front of a name say no to it."""
        no = NO_BEFORE.search(self.rest)
        self.rest = self.rest[: no.start()] if no else self.rest
        return no is not None

    def _number_before(self, option: Option) -> Any:
        """The number in front of a name, as in ``200 steps``, if it can be meant as its value."""
        if self.strict or self.counting or option.kind not in (int, float):
            return None
        number = NUMBER_BEFORE.search(self.rest)
        try:
            value = option.read(number[1]) if number else None
        except ValueError:
            return None
        self.rest = self.rest[: number.start()] if number else self.rest
        return value

    def _check_word(self, found: re.Match[str]) -> None:
        """Raise CommandError for a word used like an option that is none, such as ``sise=3``."""
        word, sign = found["word"], SEPARATOR.match(found.string, found.end())
        if sign and "=" in sign[0] and "→" not in sign[0]:
            raise unknown_option(word, self.table)
        if not (sign or found["dash"]):
            return
        for close in get_close_matches(word, self.table, n=1, cutoff=CLOSE):
            value = re.compile(self.table[close].pattern)
            if not sign or value.match(found.string, sign.end()):
                raise unknown_option(word, self.table)


def _value_behind(option: Option, text: str, at: int) -> tuple[str | None, int]:
    """The value that is written behind the name, None if there is none, and where it ends.

    Behind a sign something has to be meant; behind a space only what looks like a value is one.
    """
    pattern = re.compile(f"(?:{option.pattern}){END}")
    if sign := SEPARATOR.match(text, at):
        value = pattern.match(text, sign.end())
        if value is None and option.kind is bool and "=" not in sign[0]:
            return None, sign.end()
        value = value or RAW.match(text, sign.end())
    else:
        space = SPACE.match(text, at)
        value = pattern.match(text, space.end()) if space else None
    return (value[0].rstrip(".,:!?"), value.end()) if value else (None, at)


@cache
def _words(names: tuple[str, ...]) -> re.Pattern[str]:
    """A pattern for talk, for options by their *names*, and for other words."""
    known = sorted([*names, *SPELLINGS], key=len, reverse=True)
    spelt = {name: name.replace("_", r"[\s_-]{0,3}") for name in known}
    long = "|".join(spelling for name, spelling in spelt.items() if len(name) > 2)
    return re.compile(
        rf"""(?P<talk>{TALK})
           | (?P<dashes>(?<!\S)-+)?(?<!\w)(?P<name>(?:{"|".join(spelt.values())})(?!\w)
             |(?:{long})(?=_?\d))
           | (?P<dash>(?<!\S)-+)?(?P<word>(?<![\w-])[^\W\d]\w*(?:-\w+)*(?=\s*=)
             |(?<!\w)[^\W\d]\w*)""",
        re.VERBOSE,
    )
