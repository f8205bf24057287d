"""The options of a painting, as people write them: those of its recipe, and what a chat adds."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Any

from pydantic import BaseModel

from bot.config import Painting
from bot.model import Order, Wishes
from stylize.recipes import Option, Recipe, Transfer, options_of, usual_in, values

MOST_SEED = 2**53 - 1
"""What every form can carry; a recipe may have a larger one."""


class CommandError(Exception):
    """The message cannot be followed; the text tells its author why and what to write instead."""


class Unreadable(CommandError):
    """*value* is none for *option*."""

    def __init__(self, option: Option, value: str) -> None:
        super().__init__(
            f"`{option.name}` wants {option.wants}, not `{value[:40]}`. "
            f"For example: `{option.example}`"
        )
        self.option, self.value = option, value


class Sources(BaseModel):
    """Where a picture comes from that is not in the message; forms have fields for pictures."""

    content: Annotated[
        str | None, Option("paint somebody's avatar", "@ann", value=values.PERSON)
    ] = None
    last: Annotated[bool, Option("use the newest picture posted here", talk=True)] = False


SOURCES = options_of(Sources)
CELL = Option(
    "which cell of the sheet",
    "cell=B2",
    name="cell",
    field="cell",
    value=values.CELL,
    talk=True,
)
WISHES = options_of(Wishes)


def usual_fields(recipe: type[Recipe], painting: Painting) -> dict[str, Any]:
    """What fields of *recipe* are where nobody says otherwise, by the settings of this studio.

    A word such as ``auto`` is usual only where the recipe has it, too.
    """
    fields, most = recipe.model_fields, _most(painting)
    words = {option.field: option.instead for option in options_of(recipe).values()}
    here = {
        name: value
        for name, value in (("size", painting.size), ("steps", painting.steps))
        if not isinstance(value, str) or value in words.get(name, ())
    }
    own = {
        name: min(fields[name].default, most[name])
        for name in (recipe.own | {"max_steps"}) & most.keys() & fields.keys()
    }
    here = usual_in(recipe) | here | own
    return {name: value for name, value in here.items() if name in fields}


def options(painting: Painting, recipe: type[Recipe] = Transfer) -> dict[str, Option]:
    """The options of *recipe* by name, as the settings of this studio bound them.

    Everyday ones come first.
    """
    most = {**_most(painting), "seed": MOST_SEED}
    usual = usual_fields(recipe, painting)
    table = {**options_of(recipe, most=most, usual=usual), **WISHES}
    return dict(sorted(table.items(), key=lambda item: item[1].expert))


def _most(painting: Painting) -> dict[str, int]:
    """What a person may ask for at most here, by the fields of recipes."""
    steps = dict.fromkeys(("steps", "max_steps"), painting.max_steps)
    return {"size": painting.max_size, **steps}


def wishes_in(given: Mapping[str, Any]) -> Wishes:
    """The wishes among the values of options that were *given*, by their names."""
    return Wishes(**{one.field: given[name] for name, one in WISHES.items() if name in given})


def options_in(order: Order, painting: Painting) -> str:
    """The options that ask for *order* again, such as ``strength=80 seed=7 gif``.

    Those that are usual in this studio are left out.
    """
    kind = type(order.recipe)
    usual = kind.model_validate(usual_fields(kind, painting))
    said: dict[str, str] = {}
    for option in options_of(kind).values():
        value = getattr(order.recipe, option.field)
        if value != getattr(usual, option.field) and option.field not in said:
            said |= {option.field: spelt} if (spelt := option.spell(value)) else {}
    wished = [name for name, one in WISHES.items() if getattr(order.wishes, one.field)]
    return " ".join([*said.values(), *order.recipe.lists, *wished])


def read_option(option: Option, value: str) -> Any:
    """Read what someone wrote for *option*. Raises CommandError: Unreadable has an example."""
    try:
        return option.read(value)
    except values.Reason as reason:
        raise CommandError(f"`{option.name}` {reason}.") from None
    except ValueError:
        raise Unreadable(option, value) from None


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
