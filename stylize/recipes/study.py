"""Style studies: one picture in each of several styles."""

from dataclasses import replace
from math import ceil
from typing import ClassVar, Literal, Self

from pydantic import model_validator

from stylize.recipes.base import Input
from stylize.recipes.cells import cell_name
from stylize.recipes.sheet import Cell, Grid, SheetRecipe
from stylize.recipes.transfer import ContentRecipe

WIDEST = 4
"""Styles beside each other."""


class Study(SheetRecipe):
    """A sheet with the content image in each of the styles, each painting below its style."""

    about: ClassVar[str] = "paint a sheet with one picture in each of several styles"
    lacks: ClassVar[str] = "A study has each style for itself"
    task: Literal["study"] = "study"
    inputs: ClassVar[tuple[Input, ...]] = tuple(
        replace(one, least=2, weights="") if one.role == "style" else one
        for one in ContentRecipe.inputs
    )
    blend: tuple[()] = ()

    @model_validator(mode="after")
    def _one_part(self) -> Self:
        if len(self.parts) > 1:
            raise ValueError("a study has each style in a painting of its own: name one part")
        return self

    def grid(self, styles: int) -> Grid:
        """As of ``SheetRecipe``: a row of styles, then one of paintings, and so on."""
        height = ceil(styles / WIDEST)
        width = ceil(styles / height)
        names: list[str | None] = [None] * (2 * height * width)
        cells, shown = [], {}
        for style in range(styles):
            row, column = divmod(style, width)
            above = 2 * row * width + column
            below, name = above + width, cell_name(style, width)
            names[above], names[below], shown[above] = "", name, style
            cells.append(Cell(self.cell({}), name, below, (style,), {}))
        labels = ("style", "painting") * height
        return Grid(labels, ("",) * width, tuple(names), tuple(cells), shown)
