"""What every recipe has: the name of its task, and the pictures that belong to it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict

from stylize.pyramid import Scale

if TYPE_CHECKING:
    from stylize.recipes.option import Option

T = TypeVar("T")

USUAL_COST = 12.0
"""Megapixel-evaluations: 100 steps at 256 and 512 pixels, see ``StyleRecipe.cost``."""


PALETTE: Mapping[str, str] = {
    "light blue": "#8ccdf2",
    "blue": "#2350a8",
    "green": "#3c9a48",
    "yellow": "#f8dc50",
    "orange": "#ee8a2e",
    "red": "#cb3630",
    "white": "#f8f5ee",
    "black": "#24201f",
}
"""Colours that are easily told apart, by what they are called, as CSS writes them."""


@dataclass(frozen=True)
class Drawing:
    """How a picture is drawn by whoever has none."""

    over: str = ""
    """The role of the picture that shows through; without one it is a blank canvas."""
    colours: Mapping[str, str] = field(default_factory=lambda: PALETTE)
    """As in ``PALETTE``; the first one is the ground."""


@dataclass(frozen=True)
class Input:
    """Pictures of one role: ``least`` to ``most`` of them."""

    role: str
    """What they are for, such as ``content``, ``style`` or ``start``."""
    about: str
    """The same in a few words, for forms."""
    least: int = 1
    most: int = 1
    when: tuple[str, Any] | None = None
    """The field and its value with which they belong to the recipe; None: always."""
    weights: str = ""
    """The field with a number for each of these pictures, where it has any."""
    label: str = ""
    """What a form calls one of them, where that is not ``a`` and the role."""
    called: str = ""
    """In a sentence, where it is not just the role."""
    drawn: Drawing | None = None
    """How it is drawn in a room that has a brush; None: it is a picture that one has."""


def roles_of(inputs: Sequence[Input], count: int) -> list[str]:
    """What each of *count* pictures is for, in their order: what is over is of several."""
    spare = max(0, count - sum(one.least for one in inputs))
    roles = []
    for one in inputs:
        roles += [one.role] * (one.least + (spare if one.most > one.least else 0))
    return roles[:count]


class Recipe(BaseModel):
    """Everything but the pictures that decides what comes of a job, as plain validated data.

    A subclass names its ``task``; that is how recipes are told apart as JSON. The chat process
    imports recipes, too, so they stay free of torch. Pictures are told apart by their order, which
    is that of the inputs; at most one of these is of several.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    about: ClassVar[str] = ""
    """What it makes, in a few words, such as ``paint a content image in the style of others``."""
    inputs: ClassVar[tuple[Input, ...]] = ()
    noun: ClassVar[str] = "picture"
    """What comes of it, as in ``here is your picture``."""
    film_size: ClassVar[int] = 320
    """The longer side of a film of its making, in pixels."""
    subject: ClassVar[str] = ""
    """The role of the picture that the result is, changed: pages show the one over the other."""
    lacks: ClassVar[str] = ""
    """Why options of other tasks mean nothing to this one, as the beginning of a sentence."""
    own: ClassVar[frozenset[str]] = frozenset()
    """Fields whose default suits this work, whatever a studio usually paints."""
    task: str

    @classmethod
    def taken(cls, option: "Option") -> "Option":
        """An *option* of this recipe as it takes it: such as several values in place of one."""
        return option

    @property
    def cost(self) -> float:
        """The whole job's work in megapixel-evaluations: Σ evaluations · pixels / 10⁶.

        Turns in the queue are shared by it. Where a work does not say: a usual painting's.
        """
        return USUAL_COST

    @property
    def scales(self) -> Sequence[Scale]:
        """At which sizes it is worked on, one after the other, for how many steps at most.

        Empty where a step always costs the same.
        """
        return ()

    def cost_with(self, pictures: int) -> float:
        """``cost`` where so many pictures are given, for works that have more to do with more."""
        return self.cost

    @property
    def lists(self) -> tuple[str, ...]:
        """Options that are given as lists, as they are written."""
        return ()

    @property
    def wanted(self) -> tuple[Input, ...]:
        """The inputs that belong to this recipe as it is."""
        return tuple(
            one
            for one in self.inputs
            if one.when is None or getattr(self, one.when[0]) == one.when[1]
        )

    def check(self, count: int) -> None:
        """Raise ValueError, saying what to give, unless *count* pictures suit this recipe."""
        roles = self.roles(count)
        for one in self.wanted:
            found = roles.count(one.role)
            if found < one.least:
                images = "image" if one.least == 1 else "images"
                raise ValueError(f"give {one.least} {one.role} {images}, not {found}")
            if found > one.most:
                raise ValueError(f"{found} {one.role} images are too many: give up to {one.most}")
            weights = len(getattr(self, one.weights)) if one.weights else 0
            if weights and weights != found:
                raise ValueError(f"give one weight per {one.role} image: {found}, not {weights}")

    def roles(self, count: int) -> list[str]:
        """What each of *count* pictures is for, in their order."""
        return roles_of(self.wanted, count)

    def told(self, names: Sequence[str]) -> str:
        """What it makes of pictures with these *names*, for those who cannot see it."""
        return f"A {self.noun} of {' and '.join(names)}"

    def cells(self, pictures: int) -> tuple[str, ...]:
        """What the cells of the sheet are called that this recipe makes of so many *pictures*;
        none where it makes no sheet."""
        return ()

    def in_full(
        self, cell: str, pictures: Sequence[T], usual: Mapping[str, Any]
    ) -> tuple["Recipe", list[T]]:
        """What paints a *cell* of the sheet that this recipe makes, and those of *pictures* that
        belong to it. *usual* are fields that a sheet has small. Raises ValueError."""
        raise ValueError(f"this {self.noun} has no cells: those of a sweep or a study have names")

    def named(self, names: Sequence[str]) -> Mapping[str, str]:
        """The *names* of the pictures of each role, as one says them; empty where there is none."""
        said = {role: " and ".join(found) for role, found in self.assign(names).items()}
        return defaultdict(str, said)

    def assign(self, pictures: Sequence[T]) -> Mapping[str, list[T]]:
        """Each of *pictures*, or of what stands for them, under its role."""
        by_role: defaultdict[str, list[T]] = defaultdict(list)
        for role, picture in zip(self.roles(len(pictures)), pictures, strict=False):
            by_role[role].append(picture)
        return by_role


def only(found: Sequence[T]) -> T | None:
    """The one that was *found* under a role, if there was one."""
    return found[0] if found else None
