"""What paintings have in common that differ in the weights of their loss's terms alone.

They see the same pictures, so these are measured once. And for their first steps they are much
alike: so these are taken once, and all go on from there. ``docs/method.md`` tells what that wins.
"""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from stylize.paint import Measure
from stylize.pyramid import plan
from stylize.recipes import Transfer
from stylize.recipes.sheet import Cell
from stylize.recipes.style import StyleRecipe
from stylize.targets import Targets, measure, reweighted

SHARE = 0.4
"""Of the steps of a painting, that are taken together."""
FEWEST = 5
"""Steps that are worth it."""
WEIGHTS = {"content_weight": 1.0, "style_weight": 1.0, "total_variation": 1.0}


@dataclass(frozen=True)
class Pass:
    """A painting, or the part of it that others have in common with it or go on with."""

    recipe: Transfer
    styles: tuple[int, ...]
    """Which of the style images belong to it."""
    places: tuple[int, ...]
    """Where on the sheet it is shown."""
    measured: Measure
    expected_steps: int
    begins: bool = False
    """Whether those that come next go on with it."""
    goes_on: bool = False


class Measured:
    """Measures as ``measure`` does, but what paintings have in common only once."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, Targets] = {}

    def __call__(
        self, recipe: StyleRecipe, encoder: Any, content: Any, styles: Any, **guides: Any
    ) -> Targets:
        """As of ``measure``; recipes differ in weights alone, and pictures at most in size."""
        if content.shape not in self._kept:
            weighted = recipe.model_copy(update=WEIGHTS)
            self._kept[content.shape] = measure(weighted, encoder, content, styles, **guides)
        return reweighted(self._kept[content.shape], recipe)


def passes_of(cells: Sequence[Cell]) -> list[Pass]:
    """What is to be painted for *cells*, in this order."""
    return [one for group in _groups(cells) for one in _passes(group)]


def _groups(cells: Sequence[Cell]) -> list[list[Cell]]:
    """*cells* whose recipes differ in weights alone stand together."""
    found: dict[Hashable, list[Cell]] = {}
    for cell in cells:
        alike = cell.recipe.model_copy(update=WEIGHTS).model_dump_json()
        found.setdefault((alike, cell.styles), []).append(cell)
    return list(found.values())


def _passes(group: Sequence[Cell]) -> Iterator[Pass]:
    measured = Measured() if len(group) > 1 else measure
    middle = group[(len(group) - 1) // 2]
    begun = _in_common(middle.recipe) if len(group) > 1 else 0
    if begun:
        recipe = middle.recipe.model_copy(update={"steps": begun})
        places = tuple(cell.place for cell in group)
        yield Pass(recipe, middle.styles, places, measured, begun, begins=True)
    for cell in group:
        recipe = _rest(cell.recipe, begun) if begun else cell.recipe
        left = cell.recipe.expected_steps - begun
        yield Pass(recipe, cell.styles, (cell.place,), measured, left, goes_on=begun > 0)


def _in_common(recipe: Transfer) -> int:
    """How many steps paintings like *recipe* take together; where there are coarser scales, none:
    those are cheap."""
    steps = round(SHARE * recipe.expected_steps)
    coarse = len(plan(recipe.size, recipe.most_steps)) > 1
    return 0 if steps < FEWEST or coarse else steps


def _rest(recipe: Transfer, begun: int) -> Transfer:
    """A painting that goes on from a picture after so many steps."""
    steps = recipe.steps if recipe.steps == "auto" else recipe.steps - begun
    rest = {"steps": steps, "max_steps": max(1, recipe.max_steps - begun), "init": "picture"}
    return recipe.model_copy(update=rest)
