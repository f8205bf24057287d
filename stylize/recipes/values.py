"""How values of options are written: read leniently, as people write them, and spelled exactly."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

NUMBER = r"[-+]?(?:\d+(?:\s0\d\d(?!\d)|[.,]\d+)?|[.]\d+)(?:e[-+]?\d+)?"
NUMBER += r"(?:\s?(?:px|pixels?|%|percent|[x×])(?!\w))?"
"""With ``1 000``, which is then refused as a whole: it is not 1."""
UNIT = re.compile(r"\s?(?:px|pixels?|%|percent|[x×])\Z")
THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+")
"""What a comma means here is anybody's guess."""
SHARE = r"(?:\d+\.?\d*|\.\d+)(?:%|[x×](?!\w))?"
SHARES = rf"{SHARE}(?:(?:\s*[,:/]\s*|-|\s+(?:and|to)\s+){SHARE})+|{SHARE}(?:\s+{SHARE})*"
AND = r"(?:\s*,\s*|\s+and\s+)"
LAYER = r"(?:stem|[a-z]+\d\w*)"
WEIGHTED = rf"{LAYER}(?:\s*:\s*[\d.]+)?"


class Reason(ValueError):
    """Why a value cannot be taken, where ``wants`` does not say it."""


@dataclass(frozen=True)
class Value:
    """A kind of value; numbers lie between ``low`` and ``high``."""

    read: Callable[[str], Any]
    """Raises ValueError."""
    wants: str
    """What to write, in words."""
    pattern: str
    """What a value looks like in running text, in lower case."""
    kind: type[int] | type[float] | type[bool] | type[str] = str
    """What a form should ask for."""
    choices: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()
    """Words that may stand in the place of a number."""
    low: float = 0
    high: float = 0


def whole(low: int, high: int) -> Value:
    """A whole number, perhaps with its unit."""

    def read(text: str) -> int:
        number = int(UNIT.sub("", text))
        if not low <= number <= high:
            raise ValueError
        return number

    wants = f"a whole number from {low} to {high}"
    return Value(read, wants, NUMBER, int, low=low, high=high)


def pixels(low: int, high: int) -> Value:
    """A length in pixels; of two sides, as in ``512x384``, the longer one."""
    side = whole(low, high)

    def read(text: str) -> int:
        parts = re.split(r"(?<=\d)\s*[x×]\s*(?=\d)", text)
        return max(int(side.read(part)) for part in parts)

    pattern = rf"\d+\s*[x×]\s*\d+(?:\s?px)?|{NUMBER}"
    return Value(read, side.wants, pattern, int, low=low, high=high)


def number(low: float, high: float) -> Value:
    """A number, with a decimal point or comma, perhaps with its unit."""

    def read(text: str) -> float:
        if THOUSANDS.fullmatch(text):
            raise ValueError
        found = float(UNIT.sub("", text).replace(",", "."))
        if not low <= found <= high:  # false for nan, too
            raise ValueError
        return found

    return Value(read, f"a number from {low:g} to {high:g}", NUMBER, float, low=low, high=high)


def choice(choices: tuple[str, ...], wants: str = "") -> Value:
    """One of *choices*, in any case; of several words with commas, or with ``and``."""

    def read(text: str) -> str:
        chosen = re.sub(AND, ",", text.lower())
        if chosen not in choices:
            raise ValueError
        return chosen

    *others, last = choices
    usual = f"{', '.join(others)} or {last}" if others else last
    words = "|".join(dict.fromkeys(word for one in choices for word in one.split(",")))
    several = any("," in one for one in choices)
    pattern = f"(?:{words})(?:{AND}(?:{words}))*" if several else words
    return Value(read, wants or usual, pattern, choices=choices)


def either(words: tuple[str, ...], number: Value) -> Value:
    """One of *words*, or a *number*."""
    word = choice(words)

    def read(text: str) -> Any:
        return word.read(text) if text.lower() in words else number.read(text)

    return replace(
        number,
        read=read,
        wants=f"{word.wants} or {number.wants}",
        pattern=f"{word.pattern}|{number.pattern}",
        instead=words,
    )


class Several(tuple[str, ...]):
    """Values for one option, each as it is written and can be read."""


def several(value: Value) -> Value:
    """One of what *value* reads or, with commas, ``Several``."""

    def read(text: str) -> Any:
        parts = tuple(part.strip() for part in text.lower().split(","))
        found = [value.read(part) for part in parts]
        if len(found) > 1 and len(set(found)) < len(found):
            raise Reason("wants each of several values once")
        return found[0] if len(found) == 1 else Several(parts)

    each = f"(?:{value.pattern})"
    return Value(read, f"{value.wants}, or several with commas", rf"{each}(?:\s*,\s*{each})*")


def _read_flag(text: str) -> bool:
    if text.lower() in ("yes", "true", "on", "1"):
        return True
    if text.lower() in ("no", "false", "off", "0"):
        return False
    raise ValueError


def _read_shares(text: str) -> tuple[float, ...]:
    parts = re.split(r"\s*[,:/]\s*|-|\s+(?:and|to)\s+|\s+", text)
    shares = tuple(float(part.rstrip("%x×")) for part in parts)
    if not all(1e-9 <= share <= 1e9 for share in shares):
        raise ValueError
    return shares


def _read_layers(text: str) -> tuple[str, ...]:
    names = tuple(re.split(r"\s*,\s*", text.lower()))
    if not all(names):
        raise ValueError
    return names


def _read_weighted_layers(text: str) -> dict[str, float]:
    pairs = [part.partition(":") for part in _read_layers(text)]
    weights = {name.strip(): _read_shares(weight.strip() or "1")[0] for name, _, weight in pairs}
    if len(weights) < len(pairs):
        raise Reason("wants each layer named once")
    return weights


def _read_cell(text: str) -> str:
    if not re.fullmatch(r"[a-z]\d\d?", text.lower()):
        raise ValueError
    return text.upper()


def _read_person(text: str) -> str:
    if not re.fullmatch(r"<?@[^\s<>@]+>?", text):
        raise ValueError
    return text


FLAG = Value(_read_flag, "yes or no", r"yes|no|true|false|on(?!\s*[=:])|off", bool)
WEIGHTS = Value(_read_shares, "numbers above 0 with commas", SHARES)
LAYERS = Value(_read_layers, "layer names with commas", rf"{LAYER}(?:\s*,\s*{LAYER})*")
CELL = Value(_read_cell, "the name of a cell", r"[a-z]\d\d?")
LAYER_NAME = Value(str.lower, "the name of a layer", LAYER)
WEIGHTED_LAYERS = Value(
    _read_weighted_layers,
    "layer names with commas, each with its weight after a colon",
    rf"{WEIGHTED}(?:\s*,\s*{WEIGHTED})*",
)
PERSON = Value(_read_person, "a mention", r"<@!?\d+>|@[^\s<>@,;!?]+")


def spell(value: Any) -> str:
    """What reads as *value*.

    >>> spell({"relu1_1": 0.5, "relu2_1": 1.0})
    'relu1_1:0.5,relu2_1:1'
    """
    if isinstance(value, dict):
        return ",".join(f"{layer}:{spell(weight)}" for layer, weight in value.items())
    if isinstance(value, tuple):
        return ",".join(map(spell, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
