"""Works that paint several small pictures on one labelled sheet."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

from pydantic import Field

from stylize.pyramid import Scale
from stylize.recipes.base import Recipe
from stylize.recipes.style import LARGEST, SMALLEST, Size
from stylize.recipes.transfer import ContentRecipe, Transfer

T = TypeVar("T")

MOST_CELLS = 25
MOST_COLUMNS = 5
"""Of cells that stand in one order only: more of them go on in the next row."""


@dataclass(frozen=True)
class Cell:
    """One painting of a sheet."""

    recipe: Transfer
    name: str
    """Such as ``B2``."""
    place: int
    """On the sheet, counted along its rows."""
    styles: tuple[int, ...]
    """Which of the style images belong to it."""
    own: Mapping[str, Any]
    """The fields by which it differs from other cells."""


@dataclass(frozen=True)
class Grid:
    """What stands where on a sheet."""

    rows: tuple[str, ...]
    """Labels, as the columns'."""
    columns: tuple[str, ...]
    names: tuple[str | None, ...]
    """What stands below each place, along the rows; None where no picture belongs."""
    cells: tuple[Cell, ...]
    styles: Mapping[int, int] = field(default_factory=dict)
    """Which style images are shown, by their places."""


class SheetRecipe(ContentRecipe):
    """Paintings of one content image, side by side; in all of them the options are the same that no
    cell has as its own."""

    noun: ClassVar[str] = "sheet"
    film_size: ClassVar[int] = 640
    own: ClassVar[frozenset[str]] = frozenset({"size"})
    size: Size = Field(default=192, ge=SMALLEST, le=LARGEST)
    """The longer side of each painting on the sheet, in pixels."""

    @property
    def cost(self) -> float:
        """As of ``Recipe``: that of all cells, of as few styles as it takes."""
        return self.cost_with(sum(one.least for one in self.wanted))

    @property
    def scales(self) -> Sequence[Scale]:
        """As of ``Recipe``: cell by cell, whatever the scales of each."""
        return ()

    def cost_with(self, pictures: int) -> float:
        """As of ``Recipe``."""
        grid = self.grid(self.roles(pictures).count("style"))
        return sum(cell.recipe.cost for cell in grid.cells)

    @abstractmethod
    def grid(self, styles: int) -> Grid:
        """The sheet of so many style images."""

    def cells(self, pictures: int) -> tuple[str, ...]:
        """As of ``Recipe``."""
        grid = self.grid(self.roles(pictures).count("style"))
        return tuple(cell.name for cell in grid.cells)

    def told(self, names: Sequence[str]) -> str:
        """As of ``Recipe``: what differs from cell to cell, and what is the same."""
        differing = f", {' and '.join(self.lists)}" if self.lists else ""
        return (
            f"A sheet of {len(self.cells(len(names)))} pictures{differing}: {super().told(names)}"
        )

    def in_full(
        self, cell: str, pictures: Sequence[T], usual: Mapping[str, Any]
    ) -> tuple[Recipe, list[T]]:
        """As of ``Recipe``."""
        by_role = self.assign(pictures)
        grid = self.grid(len(by_role["style"]))
        found = next((one for one in grid.cells if one.name == cell.strip().upper()), None)
        if found is None:
            first, last = grid.cells[0].name, grid.cells[-1].name
            raise ValueError(f"there is no cell {cell}: the sheet has {first} to {last}")
        recipe = Transfer.model_validate({**usual, **self._chosen, **found.own})
        wanted = {**by_role, "style": [by_role["style"][n] for n in found.styles]}
        return recipe, [picture for one in recipe.wanted for picture in wanted[one.role]]

    def cell(self, own: Mapping[str, Any]) -> Transfer:
        """The recipe of a cell that has the fields *own* for itself. Raises ValueError."""
        here = {"size": self.size, "steps": self.steps}
        return Transfer.model_validate({**self._chosen, **here, **own})

    @property
    def _chosen(self) -> dict[str, Any]:
        """The fields that are not as they are by themselves, nor small for the sheet's sake."""
        usual = Transfer()
        fields = {name: getattr(self, name) for name in Transfer.model_fields}
        return {
            name: value
            for name, value in fields.items()
            if name not in ("task", "size", "steps") and value != getattr(usual, name)
        }
