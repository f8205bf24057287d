"""Options: how people write the fields of a recipe, wherever they write them.

A field of a pydantic model says so itself, ``size: Annotated[int, Option("longer side", "512")]``,
and its type and bounds say the rest. ``options_of`` reads the table that chats, forms, the page,
the shell and help are made from.
"""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from stylize.recipes import values
from stylize.recipes.base import Recipe
from stylize.recipes.values import Value, spell


def _same(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class Option:
    """One option, as people write it; ``options_of`` fills in what the field knows."""

    about: str
    """What it means, in a few words; ``{high}`` and ``{usual}`` stand for numbers."""
    example: str = ""
    """A value; in the table with its name, such as ``size=512``."""
    name: str = ""
    """The field's own name where it is not given."""
    expert: bool = False
    """Whether only those ask for it who know the method."""
    talk: bool = False
    """Whether its name is also a usual word: alone, it is an option only before all others."""
    value: Value | None = None
    """How a value is written, where the field's type and bounds do not say it."""
    range_of: Callable[[Any, Any], Value] | None = None
    """The same, from the lowest and the highest value."""
    low: Any = None
    high: Any = None
    """Narrower bounds of a number than the field's."""
    sets: Callable[[Any], Any] = _same
    """From a value to that of the field."""
    shows: Callable[[Any], Any] = _same
    """From the value of the field to one that people write, None if there is none such."""
    label: str = ""
    """What a form calls it, where its name would not do."""
    words: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """What some values mean, for forms, by how they are spelled."""
    unit: str = ""
    offers: tuple[float, ...] | tuple[str, ...] = ()
    """Some values to choose from in a form; of numbers, beside the usual one."""
    field: str = ""
    detail: str = ""
    """More about it, where there is room for it: what the field's docstring says."""
    usual: Any = None
    """What the field has unless somebody says otherwise: its default, where nothing else is given.
    Another value is for a field that is younger than its recipe: in recipes of before, the default
    stands for what they meant."""

    @property
    def form(self) -> Value:
        """How a value is written."""
        if self.value is None:
            raise ValueError("options_of completes an option")
        return self.value

    @property
    def kind(self) -> type[int] | type[float] | type[bool] | type[str]:
        return self.form.kind

    @property
    def choices(self) -> tuple[str, ...]:
        return self.form.choices

    @property
    def instead(self) -> tuple[str, ...]:
        return self.form.instead

    @property
    def wants(self) -> str:
        return self.form.wants

    @property
    def pattern(self) -> str:
        return self.form.pattern

    def read(self, text: str) -> Any:
        """The value that is written as *text*. Raises ValueError."""
        return self.form.read(text)

    @property
    def spelled_usual(self) -> str | None:
        """How what is usual is written, if it is anything."""
        shown = self.shows(self.usual)
        return spell(shown) if shown not in (None, (), {}) else None

    def spell(self, field: Any) -> str | None:
        """How to ask for the value *field* of the recipe; None where this option cannot."""
        shown = self.shows(field)
        return None if shown is None else f"{self.name}={spell(shown)}"


def options_of(
    model: type[BaseModel],
    *,
    most: Mapping[str, float] | None = None,
    usual: Mapping[str, Any] | None = None,
) -> dict[str, Option]:
    """The options of *model* by name, everyday ones first.

    *most* and *usual* are what a studio allows at most, and takes where nobody says otherwise, by
    field.
    """
    found = []
    for name, field in model.model_fields.items():
        for option in field.metadata:
            if isinstance(option, Option):
                bound = (most or {}).get(name)
                high = bound if bound is not None else option.high
                known = field.default if option.usual is None else option.usual
                known = (usual or {}).get(name, known)
                option = _complete(replace(option, high=high, field=name, usual=known), field)
                found.append(model.taken(option) if issubclass(model, Recipe) else option)
    return {option.name: option for option in sorted(found, key=lambda option: option.expert)}


def usual_in(model: type[BaseModel]) -> dict[str, Any]:
    """What fields of *model* have where nobody says otherwise, if it is not their default."""
    known = {option.field: option.usual for option in options_of(model).values()}
    return {
        name: value for name, value in known.items() if value != model.model_fields[name].default
    }


def _complete(option: Option, field: FieldInfo) -> Option:
    name = option.name or option.field
    value = option.value or _value(option, field)
    if value.kind is int and option.example:
        option = replace(option, example=str(min(int(option.example), int(value.high))))
    return replace(
        option,
        name=name,
        value=value,
        detail=f". {' '.join((field.description or '').split())}" if field.description else "",
        low=value.low,
        high=value.high,
        about=option.about.format(high=f"{value.high:.15g}", usual=spell(option.usual)),
        example=f"{name}={option.example}" if option.example else name,
    )


def _value(option: Option, field: FieldInfo) -> Value:
    """How a value is written, by the type of *field* and its bounds."""
    kind: Any = field.annotation
    if get_origin(kind) is Literal:
        return values.choice(get_args(kind))
    if NoneType in get_args(kind):
        [kind] = set(get_args(kind)) - {NoneType}
    if kind is bool:
        return values.FLAG
    kind, bounds, words = _alternatives(kind)
    if kind not in (int, float):
        raise TypeError(f"say how a value of {option.field}, {kind}, is written")
    low, high = option.low, option.high
    for bound in [*field.metadata, *bounds]:
        low = getattr(bound, "ge", None) if low is None else low
        most = getattr(bound, "le", high)
        high = most if high is None else min(high, most)
    if low is None or high is None:
        raise TypeError(f"say between which bounds {option.field} lies")
    make: Callable[[Any, Any], Value] = values.whole if kind is int else values.number
    value = (option.range_of or make)(low, high)
    return values.either(words, value) if words else value


def _alternatives(kind: Any) -> tuple[Any, list[Any], tuple[str, ...]]:
    """Of a number, or of ``Annotated[int, Field(ge=1, le=9)] | Literal["auto"]``: its type, its own
    bounds, and the words that may stand in its place."""
    bounds: list[Any] = []
    words: tuple[str, ...] = ()
    for part in get_args(kind):
        if get_origin(part) is Literal:
            words = get_args(part)
        elif get_origin(part) is Annotated:
            kind, field = get_args(part)
            bounds = field.metadata
    return kind, bounds, words
