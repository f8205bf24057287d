"""Parameter sweeps: the same painting with one or two options at several values each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import product
from math import ceil, prod
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from stylize.recipes.cells import cell_name
from stylize.recipes.option import Option, options_of
from stylize.recipes.sheet import MOST_CELLS, MOST_COLUMNS, Cell, Grid, SheetRecipe
from stylize.recipes.transfer import Transfer
from stylize.recipes.values import Several, several


class Axis(BaseModel):
    """An option, and the values that it has one after the other."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    option: str = Field(max_length=32)
    values: tuple[Annotated[str, Field(max_length=32)], ...] = Field(
        min_length=2, max_length=MOST_CELLS
    )
    """As they are written."""

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(f"{self.option}={value}" for value in self.values)


USUAL_AXES = (
    Axis(option="strength", values=("20", "50", "80")),
    Axis(option="style_scale", values=("0.5", "1", "2")),
)


class Sweep(SheetRecipe):
    """A sheet on which one option changes from left to right, and another from row to row."""

    about: ClassVar[str] = "paint a sheet with one or two options at several values each"
    task: Literal["sweep"] = "sweep"
    axes: tuple[Axis, ...] = Field(default=USUAL_AXES, min_length=1, max_length=2)
    """The first goes across, the second down."""

    @classmethod
    def taken(cls, option: Option) -> Option:
        """Options with numbers and choices may be lists: then the field gets an ``Axis``."""
        if not may_be_listed(option):
            return option

        def sets(value: Any) -> Any:
            if isinstance(value, Several):
                return Axis(option=option.name, values=value)
            return option.sets(value)

        return replace(
            option,
            value=several(option.form),
            sets=sets,
            example=f"{option.name}={','.join(cls._some(option))}",
            offers=(),
        )

    @classmethod
    def _some(cls, option: Option) -> Sequence[str]:
        """A few values of *option* that may stand in a list, spelled."""
        if option.choices:
            alone = [one.when[1] for one in cls.inputs if one.when and one.when[0] == option.field]
            return [one for one in option.choices if one not in alone and "," not in one]
        if option.offers:
            return [f"{value:g}" for value in option.offers if value <= option.high][:3]
        return [*option.words][1:-1] or [option.example.partition("=")[2]]

    @model_validator(mode="before")
    @classmethod
    def _find_axes(cls, data: object) -> object:
        """Fields that were given as lists are axes; those that nobody gives are usual ones."""
        if not isinstance(data, dict) or "axes" in data:
            return data
        axes = [value for value in data.values() if isinstance(value, Axis)]
        rest = {name: value for name, value in data.items() if not isinstance(value, Axis)}
        if not axes:
            axes = [axis for axis in USUAL_AXES if _options()[axis.option].field not in rest]
        if not 1 <= len(axes) <= 2:
            raise ValueError(
                "give one option or two as lists, such as strength=20,50,80"
                + (f", and not {len(axes)}" if axes else "")
            )
        return {**rest, "axes": tuple(axes)}

    @model_validator(mode="after")
    def _check_axes(self) -> Self:
        """Refuse now what could not be painted later."""
        fields = [_option(axis).field for axis in self.axes]
        if len(set(fields)) < len(fields):
            both = " and ".join(axis.option for axis in self.axes)
            raise ValueError(f"{both} set the same: give one of them as a list")
        count = prod(len(axis.values) for axis in self.axes)
        if count > MOST_CELLS:
            sides = " × ".join(str(len(axis.values)) for axis in self.axes)
            raise ValueError(f"{sides} are {count} pictures: a sheet has up to {MOST_CELLS}")
        for own in self._owns():
            if self._recipe_of(own).wanted != self.wanted:
                raise ValueError(
                    "what needs a picture of its own cannot be one of several: give it alone"
                )
        return self

    @property
    def lists(self) -> tuple[str, ...]:
        """As of ``Recipe``."""
        return tuple(f"{axis.option}={','.join(axis.values)}" for axis in self.axes)

    def grid(self, styles: int) -> Grid:
        """As of ``SheetRecipe``. One option with many values goes on row by row."""
        owns = list(self._owns())
        across, *down = self.axes
        columns, rows = across.labels, down[0].labels if down else ("",)
        beside = [""] * len(owns)
        if not down and len(owns) > MOST_COLUMNS:
            height = ceil(len(owns) / MOST_COLUMNS)
            width = ceil(len(owns) / height)
            beside = [f"  {label}" for label in columns]
            columns, rows = ("",) * width, ("",) * height
        cells = [
            Cell(self.cell(own), cell_name(n, len(columns)), n, tuple(range(styles)), own)
            for n, own in enumerate(owns)
        ]
        names = [cell.name + said for cell, said in zip(cells, beside, strict=True)]
        spare = len(rows) * len(columns) - len(cells)
        return Grid(rows, columns, (*names, *[None] * spare), tuple(cells))

    def _owns(self) -> Iterator[dict[str, Any]]:
        """The fields that each cell has for itself, along the rows."""
        options = [_option(axis) for axis in reversed(self.axes)]
        for written in product(*(axis.values for axis in reversed(self.axes))):
            read = zip(options, written, strict=True)
            yield {option.field: option.sets(option.read(value)) for option, value in read}

    def _recipe_of(self, own: dict[str, Any]) -> Transfer:
        """The recipe of a cell. Raises ValueError with the reason alone."""
        try:
            return self.cell(own)
        except ValidationError as error:
            problem = error.errors(include_url=False)[0]
            raise ValueError(problem["msg"].removeprefix("Value error, ")) from None


@cache
def _options() -> Mapping[str, Option]:
    return options_of(Transfer)


def _option(axis: Axis) -> Option:
    """The option that *axis* is about, where all its values can be read. Raises ValueError."""
    option = _options().get(axis.option)
    if option is None or not may_be_listed(option):
        raise ValueError(f"{axis.option} cannot be a list")
    for value in axis.values:
        try:
            option.read(value)
        except ValueError:
            raise ValueError(f"{axis.option} wants {option.wants}, not {value}") from None
    return option


def may_be_listed(option: Option) -> bool:
    """Whether *option* has numbers or choices, of which a sheet may show several."""
    return option.kind in (int, float) or bool(option.choices)
