"""Texture synthesis."""

from collections.abc import Sequence

import torch
from torch import Tensor

from stylize.frame import Canvas
from stylize.media.continuation import VISIBLE
from stylize.media.picture import Picture, alpha_at, fit, resize, visible_part
from stylize.quilting import LAID, follow, lay_out
from stylize.recipes import Texture
from stylize.tasks.base import Resources, Result
from stylize.tasks.painting import Events, Inputs, PaintingTask, painted

CELLS = 6
"""Along a side, of which each shows pieces of one style: as large as these, without overlap."""


def _events(
    recipe: Texture,
    inputs: Inputs,
    resources: Resources,
    canvas: Canvas | None,
) -> Events:
    styles = inputs["style"]
    start = Picture(patched(recipe, styles)) if recipe.init == "patches" else None
    frame = yield from painted(recipe, None, styles, start, (), resources, canvas)
    yield Result(frame)


def patched(recipe: Texture, styles: Sequence[Picture]) -> Tensor:
    """(3, h, w) uint8: pieces of *styles*, shuffled, of each as much as its share of the blend."""
    side = recipe.side(recipe.size)
    shares = recipe.shares(len(styles))
    cells = dealt(shares, recipe.seed)
    row = torch.arange(side) * CELLS // side
    shown = cells[row[:, None], row]
    laid = torch.zeros(3, side, side, dtype=torch.uint8)
    for number in torch.unique(cells).tolist():
        pieces = _pieces(recipe, visible_part(styles[number]), side)
        laid = torch.where(shown == number, pieces, laid)
    return laid


def dealt(shares: Sequence[float], seed: int) -> Tensor:
    """(CELLS, CELLS) int64: which style each cell shows, each as often as its share says."""
    count = CELLS**2
    ends = (torch.tensor(shares).cumsum(0) * count).round()
    ends[-1] = count
    cards = torch.randperm(count, generator=torch.Generator().manual_seed(seed))
    return torch.bucketize(cards.float(), ends, right=True).view(CELLS, CELLS)


def _pieces(recipe: Texture, style: Picture, side: int) -> Tensor:
    """(3, side, side) uint8: pieces of what is visible of *style*, in the size of its strokes."""
    height, width = style.pixels.shape[1:]
    longer = recipe.style_size(side)
    coarse = fit(width, height, max(1, round(LAID * longer / side)))
    hidden = torch.zeros(coarse, dtype=torch.long)
    alpha = alpha_at(style, coarse)
    if alpha is not None:
        hidden = (alpha < min(VISIBLE, float(alpha.max()))).long()
    everywhere = torch.zeros(LAID, LAID, dtype=torch.long)
    layout = lay_out(
        resize(style.pixels, coarse),
        hidden,
        everywhere,
        recipe.seed,
        shuffled=True,
        wraps=recipe.seamless,
    )
    seen = resize(style.pixels, fit(width, height, longer))
    fine = torch.zeros(side, side, dtype=torch.long)
    return follow(layout, everywhere, fine, seen, coarse).round().to(torch.uint8)


TASK = PaintingTask(Texture, _events)
