"""What a text asks for, to its recipe and the pictures that it wants."""

from dataclasses import dataclass, field

from bot.commands.grammar import parse
from bot.commands.options import wishes_in
from bot.commands.paint import Paint
from bot.commands.pictures import Wanted
from bot.config import Settings
from bot.model import Wishes
from stylize.recipes import Recipe

SETTINGS = Settings()


@dataclass(frozen=True)
class Asked:
    """A command; ``recipe`` and ``wanted`` belong to one that paints."""

    name: str
    wishes: Wishes = field(default_factory=Wishes)
    notes: tuple[str, ...] = ()
    recipe: Recipe | None = None
    wanted: Wanted | None = None


def read(text: str, *, mentioned: bool = False, settings: Settings = SETTINGS) -> Asked | None:
    """As it is in ``Command.run``, without the pictures. Raises CommandError."""
    given = parse(text, settings, mentioned=mentioned)
    if given is None:
        return None
    if not isinstance(given.command, Paint):
        return Asked(given.command.name)
    recipe = given.command.read(given, settings)
    wanted = given.command.wanted(recipe, given, settings)
    wishes = wishes_in(given.options)
    return Asked(given.command.name, wishes, given.notes, recipe, wanted)


def paint(text: str, *, mentioned: bool = False) -> Asked:
    """The painting that is asked for."""
    asked = read(text, mentioned=mentioned)
    assert asked is not None
    assert asked.recipe is not None
    return asked
