"""The options of a painting, as people write them: one table for messages, forms and help."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, get_args

from bot.config import Painting
from stylize.recipe import (
    SMALLEST,
    Colours,
    EncoderName,
    Init,
    Optimizer,
    Pooling,
    Statistics,
    default,
)

NUMBER = r"[-+]?(?:\d+(?:\s0\d\d(?!\d)|[.,]\d+)?|[.]\d+)(?:e[-+]?\d+)?"
NUMBER += r"(?:\s?(?:px|pixels?|%|percent|[x×])(?!\w))?"
"""With ``1 000``, which is then refused as a whole: it is not 1."""
UNIT = re.compile(r"\s?(?:px|pixels?|%|percent|[x×])\Z")
THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+")
"""What a comma means here is anybody's guess."""
SHARE = r"(?:\d+\.?\d*|\.\d+)(?:%|[x×](?!\w))?"
SHARES = rf"{SHARE}(?:(?:\s*[,:/]\s*|-|\s+(?:and|to)\s+){SHARE})+|{SHARE}(?:\s+{SHARE})*"
FLAG = "yes|no|true|false|on|off"
LAYER = r"(?:stem|[a-z]+\d\w*)"
WEIGHTED = rf"{LAYER}(?:\s*:\s*[\d.]+)?"


class CommandError(Exception):
    """The message cannot be followed; the text tells its author why and what to write instead."""


FIELDS: Mapping[str, str] = {
    "size": "size",
    "steps": "steps",
    "colours": "colours",
    "style_scale": "style_scale",
    "init": "init",
    "seed": "seed",
    "weights": "blend",
    "alpha": "content_weight",
    "beta": "style_weight",
    "tv": "total_variation",
    "mean_weight": "mean_weight",
    "statistics": "statistics",
    "optimizer": "optimizer",
    "encoder": "encoder",
    "pooling": "pooling",
    "content_layers": "content_layers",
    "style_layers": "style_layers",
}
"""The field of the recipe that each option sets; ``strength`` sets ``content_weight``, too."""


@dataclass(frozen=True)
class Option:
    """One option of a painting, as people write it."""

    name: str
    about: str
    wants: str
    example: str
    read: Callable[[str], Any]
    pattern: str
    """What a value looks like in running text, in lower case."""
    choices: tuple[str, ...] = ()
    kind: type[int] | type[float] | type[bool] | type[str] = str
    """What a form should ask for; numbers lie between ``low`` and ``high``."""
    low: float = 0
    high: float = 0
    everyday: bool = False
    """Whether its name is also a usual word of talk: in a sentence it counts before all others."""


def options(painting: Painting) -> dict[str, Option]:
    """The options by name, bounded by the settings of this studio; everyday ones come first."""
    known = (
        _size(painting),
        _whole(
            "steps", f"how long to paint, up to {painting.max_steps}", 1, painting.max_steps, "200"
        ),
        _number("strength", "how much style: 0 little, 50 usual, 100 all", 0, 100, "70"),
        _choice(
            "colours",
            "content: in the content's colours; luminance: only brightness is painted",
            get_args(Colours),
            "content",
        ),
        _number("style_scale", "size of the strokes: 0.5 fine, 1 usual, 2 broad", 0.25, 4, "2"),
        _choice(
            "init", "begin with the content, noise, or your last picture", get_args(Init), "noise"
        ),
        _whole("seed", "another seed, another noise", 0, 2**32 - 1, "7"),
        Option(
            "weights",
            "one number per style",
            "numbers above 0 with commas",
            "weights=2,1",
            _read_weights,
            SHARES,
        ),
        Option(
            "gif", "add the film of the painting", "yes or no", "gif", _read_flag, FLAG, kind=bool
        ),
        *_expert_options(),
    )
    return {option.name: option for option in known}


def _expert_options() -> tuple[Option, ...]:
    """What only those ask for who know the method."""
    return (
        _number("alpha", "content weight α, for those who prefer numbers", 0, 1e9, "1"),
        _number("beta", "style weight β", 1e-6, 1e9, "1000"),
        _number(
            "tv",
            f"total variation: smooths; {default('total_variation'):g} is usual, 0 is off",
            0,
            1e9,
            "10",
        ),
        _choice(
            "statistics",
            "what is compared of a style: Gram matrices or covariances",
            get_args(Statistics),
            "covariance",
        ),
        _choice("optimizer", "L-BFGS or Adam", get_args(Optimizer), "adam"),
        _choice("encoder", "the network: VGG-19, or a lighter one", get_args(EncoderName), "lite"),
        _choice("pooling", "of VGG-19", get_args(Pooling), "average"),
        Option(
            "content_layers",
            "where content is compared",
            "layer names with commas",
            "content_layers=relu4_2",
            _read_layers,
            rf"{LAYER}(?:\s*,\s*{LAYER})*",
        ),
        Option(
            "style_layers",
            "where style is compared, each with a weight",
            "layer names with commas, each with its weight after a colon",
            "style_layers=relu1_1:1,relu3_1:0.5",
            _read_weighted_layers,
            rf"{WEIGHTED}(?:\s*,\s*{WEIGHTED})*",
        ),
        _number(
            "mean_weight",
            "weight of the features' means in the style loss; "
            f"{default('mean_weight'):g} is usual, 0 is off",
            0,
            1e9,
            "0",
        ),
    )


def read_option(option: Option, value: str) -> Any:
    """Read what someone wrote for *option*. Raises CommandError with an example."""
    try:
        return option.read(value)
    except ValueError:
        raise CommandError(
            f"`{option.name}` wants {option.wants}, not `{value[:40]}`. "
            f"For example: `{option.example}`"
        ) from None


def unknown_option(name: str, table: Mapping[str, Option]) -> CommandError:
    if name in table:
        return CommandError(f"`{name}` wants a value. For example: `{table[name].example}`")
    close = get_close_matches(name, table, n=1, cutoff=0.5)
    if not close:
        known = ", ".join(f"`{option}`" for option in table)
        return CommandError(f"I know no option `{name[:40]}`. There are: {known}.")
    example = table[close[0]].example
    return CommandError(
        f"I know no option `{name[:40]}`. Did you mean `{close[0]}`? For example: `{example}`"
    )


def _size(painting: Painting) -> Option:
    """The longer side counts where both are given, as in ``512x384``."""
    about = f"longer side in pixels, up to {painting.max_size}"
    side = _whole("size", about, SMALLEST, painting.max_size, "512")

    def read(value: str) -> int:
        sides: list[int] = [side.read(part) for part in re.split(r"(?<=\d)\s*[x×]\s*(?=\d)", value)]
        return max(sides)

    return replace(side, read=read, pattern=rf"\d+\s*[x×]\s*\d+(?:\s?px)?|{NUMBER}")


def _whole(name: str, about: str, low: int, high: int, example: str) -> Option:
    def read(value: str) -> int:
        number = int(UNIT.sub("", value))
        if not low <= number <= high:
            raise ValueError
        return number

    bounds = f"a whole number from {low} to {high}"
    shown = str(min(int(example), high))
    example = f"{name}={shown}"
    return Option(name, about, bounds, example, read, NUMBER, kind=int, low=low, high=high)


def _number(name: str, about: str, low: float, high: float, example: str) -> Option:
    def read(value: str) -> float:
        if THOUSANDS.fullmatch(value):
            raise ValueError
        number = float(UNIT.sub("", value).replace(",", "."))
        if not low <= number <= high:  # false for nan, too
            raise ValueError
        return number

    bounds = f"a number from {low:g} to {high:g}"
    example = f"{name}={example}"
    return Option(name, about, bounds, example, read, NUMBER, kind=float, low=low, high=high)


def _choice(name: str, about: str, choices: tuple[str, ...], example: str) -> Option:
    def read(value: str) -> str:
        if value.lower() not in choices:
            raise ValueError
        return value.lower()

    *others, last = choices
    wants, pattern = f"{', '.join(others)} or {last}", "|".join(choices)
    return Option(name, about, wants, f"{name}={example}", read, pattern, choices)


def _flag(name: str, about: str, *, everyday: bool = False) -> Option:
    return Option(name, about, "yes or no", name, _read_flag, FLAG, kind=bool, everyday=everyday)


def _read_flag(value: str) -> bool:
    if value.lower() in ("yes", "true", "on", "1"):
        return True
    if value.lower() in ("no", "false", "off", "0"):
        return False
    raise ValueError


def _read_weights(value: str) -> tuple[float, ...]:
    parts = re.split(r"\s*[,:/]\s*|-|\s+(?:and|to)\s+|\s+", value)
    shares = tuple(float(part.rstrip("%x×")) for part in parts)
    if not all(1e-9 <= share <= 1e9 for share in shares):
        raise ValueError
    return shares


def _read_layers(value: str) -> tuple[str, ...]:
    names = tuple(re.split(r"\s*,\s*", value.lower()))
    if not all(names):
        raise ValueError
    return names


def _read_weighted_layers(value: str) -> dict[str, float]:
    pairs = [part.partition(":") for part in _read_layers(value)]
    weights = {name.strip(): _read_weights(weight.strip() or "1")[0] for name, _, weight in pairs}
    if len(weights) < len(pairs):
        raise CommandError("`style_layers` wants each layer named once.")
    return weights


def _read_person(value: str) -> str:
    if not re.fullmatch(r"<?@[^\s<>@]+>?", value):
        raise ValueError
    return value


PERSON = r"<@!?\d+>|@[^\s<>@,;!?]+"

SOURCES: Mapping[str, Option] = {
    "content": Option(
        "content", "paint somebody's avatar", "a mention", "content=@ann", _read_person, PERSON
    ),
    "last": _flag("last", "use the newest picture posted here", everyday=True),
}
"""Where a picture comes from that is not in the message; forms have fields for pictures instead."""
