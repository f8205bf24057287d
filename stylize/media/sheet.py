"""Contact sheets: pictures in rows and columns, with what they differ in written beside them."""

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from stylize.media.picture import on_white, resize
from stylize.recipes.cells import cell_name

PAPER, EMPTY, INK, PALE = 255, 236, 30, 80
"""Greys, in 0..255: of the paper, of a cell without a picture, of labels, and of cells' names."""
GAP = 10
"""Pixels between two cells, and around all."""
LARGEST_LABEL, SMALLEST_LABEL = 64, 11
"""Pixels. In between labels grow with the sheet, which chats show in one width: a phone's, too."""
PER_SHEET = 28
"""The cells of a row are as wide as so many labels are high."""


class Sheet:
    """A labelled grid that fills cell by cell: labels are drawn once, a picture where it belongs.

    A picture of other proportions than its cell is fitted into it.
    """

    pixels: Tensor
    """(3, H, W) uint8."""

    def __init__(
        self,
        cell: tuple[int, int],
        rows: Sequence[str],
        columns: Sequence[str],
        names: Sequence[str | None] | None = None,
    ) -> None:
        """*cell* is the (h, w) of each; *rows* and *columns* are labels, which may be empty.

        *names* stand below the cells, counted along the rows: A1, B1 … where they are not given.
        Where one of them is None there is no cell.
        """
        count = len(rows) * len(columns)
        if names is None:
            names = [cell_name(index, len(columns)) for index in range(count)]
        self._cell, self._columns = cell, len(columns)
        height, width = cell
        across = len(columns) * (width + GAP)
        font = _fitting(columns, width, across)
        small = _fitting([name for name in names if name], width, across)
        rows = [row.replace("=", "\n= ") for row in rows]
        along = [names[n : n + len(columns)] for n in range(0, count, len(columns))]
        self._lines = [_height(small) if any(row) else 0 for row in along]
        self._left = GAP + (_widest(font, rows) + GAP if any(rows) else 0)
        self._top = GAP + (_height(font) if any(columns) else 0)
        right, bottom = self._corner(count - 1)
        self._corners = [self._corner(index) for index in range(count)]
        size = (right + width + GAP, bottom + height + self._lines[-1] + GAP)
        image = Image.new("L", size, PAPER)
        draw = ImageDraw.Draw(image)
        for label, (x, _) in zip(columns, self._corners, strict=False):
            draw.text((x + width / 2, self._top - 0.4 * font.size), label, INK, font, "ms")
        for label, (_, y) in zip(rows, self._corners[:: len(columns)], strict=True):
            draw.text((self._left - GAP, y + height / 2), label, INK, font, "rm", align="right")
        for name, (x, y) in zip(names, self._corners, strict=True):
            if name is None:
                continue
            draw.rectangle((x, y, x + width - 1, y + height - 1), EMPTY)
            below = y + height + _height(small) - 0.3 * small.size
            draw.text((x + width / 2, below), name, PALE, small, "ms")
        grey = torch.from_numpy(np.array(image))
        self.pixels = grey.expand(3, -1, -1).clone()

    def place(self, index: int, picture: Tensor, alpha: Tensor | None = None) -> None:
        """Show *picture*, (3, h, w) in 0..255, in the cell *index*, counted along the rows.

        Where *alpha*, (h', w'), lets the paper show, it does.
        """
        (x, y), (height, width) = self._corners[index], self._cell
        shown = on_white(picture, alpha)
        h, w = _contained(shown.shape[-2:], self._cell)
        top, left = y + (height - h) // 2, x + (width - w) // 2
        self.pixels[:, y : y + height, x : x + width] = PAPER
        fitted = resize(shown, (h, w)).round().to(torch.uint8)
        self.pixels[:, top : top + h, left : left + w] = fitted

    def _corner(self, index: int) -> tuple[int, int]:
        """(x, y) of the upper left of a cell."""
        row, column = divmod(index, self._columns)
        height, width = self._cell
        x = self._left + column * (width + GAP)
        return x, self._top + row * (height + GAP) + sum(self._lines[:row])


def sheet(
    cells: Sequence[Tensor | None],
    rows: Sequence[str],
    columns: Sequence[str],
    names: Sequence[str | None] | None = None,
) -> Tensor:
    """A labelled sheet, (3, H, W) uint8, of *cells*, (3, h, w) in 0..255, along the rows.

    A cell is as high as the highest and as wide as the widest; one that is None stays empty. For
    *rows*, *columns* and *names* see ``Sheet``. Raises ValueError when all cells are None, or there
    are more or fewer than *rows* and *columns* have.
    """
    shapes = [cell.shape[-2:] for cell in cells if cell is not None]
    if not shapes or len(cells) != len(rows) * len(columns):
        raise ValueError(f"{len(cells)} cells are no sheet of {len(rows)} × {len(columns)}")
    size = (max(height for height, _ in shapes), max(width for _, width in shapes))
    drawn = Sheet(size, rows, columns, names)
    for index, cell in enumerate(cells):
        if cell is not None:
            drawn.place(index, cell)
    return drawn.pixels


def _contained(shape: Sequence[int], room: tuple[int, int]) -> tuple[int, int]:
    """(h, w) of the largest picture of the proportions of *shape* in *room*, both (h, w)."""
    scale = min(room[0] / shape[0], room[1] / shape[1])
    return max(1, round(shape[0] * scale)), max(1, round(shape[1] * scale))


def _fitting(labels: Sequence[str], room: int, sheet: int) -> ImageFont.FreeTypeFont:
    """The font for a *sheet* so wide, or as large as *labels* may be in so much *room*."""
    size = min(LARGEST_LABEL, sheet // PER_SHEET)
    while size > SMALLEST_LABEL and _widest(_font(size), labels) > room:
        size -= 1
    return _font(max(size, SMALLEST_LABEL))


def _font(size: float) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise RuntimeError("Pillow was built without FreeType: labels have no font")
    return font


def _widest(font: ImageFont.FreeTypeFont, labels: Sequence[str]) -> int:
    lines = [line for label in labels for line in label.split("\n")]
    return max((round(font.getlength(line)) for line in lines), default=0)


def _height(font: ImageFont.FreeTypeFont) -> int:
    """Of a line with room around it."""
    return round(1.5 * font.size)
