"""Image quilting: a picture laid out of pieces of another, region by region.

A. A. Efros & W. T. Freeman, *Image Quilting for Texture Synthesis and Transfer* (SIGGRAPH 2001):
pieces are laid row by row, each chosen among those that agree best with what lies there already.
Here a piece must also come from the right region; where the best one does not all do so, what is
wrong of it is left out and laid in smaller pieces.

What comes of it are places and not pixels, so that the same layout serves at every size.
"""

import torch
from torch import Tensor
from torch.nn import functional

PIECES = (24, 12, 6, 3, 1)
"""Their sides, in places of the layout."""
LAID = 96
"""The longer side of a layout, in places: pieces have much in view, and it takes two seconds."""
TOLERANCE = 0.1
"""By how much worse than the best a piece may agree and still be drawn by lot (the paper's)."""
WRONG = 3 * 100.0**2
"""What a place of the wrong region costs a piece: as much as being off by 100 levels."""
AGAIN = 3 * 20.0**2
"""What a place costs each time that it was laid before: repeats show."""
AGAIN_SHUFFLED = 3 * 60.0**2
"""The same where pieces are shuffled: then all of the picture has a part."""

NEIGHBOURS = ((0, 1), (1, 0), (0, -1), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1))
"""(y, x) of the places around one, the nearest first."""


@torch.no_grad()
def lay_out(
    pixels: Tensor,
    source: Tensor,
    target: Tensor,
    seed: int,
    *,
    shuffled: bool = False,
    wraps: bool = False,
) -> Tensor:
    """Where in *pixels* each place of a layout comes from: (2, h, w) int64, y and x.

    Args:
        pixels: (3, H, W) in 0..255, the picture whose pieces are laid.
        source: (H, W), its regions.
        target: (h, w), the regions of the layout, of which *source* has some of each.
        seed: of the lots that are drawn.
        shuffled: whether no piece goes on where another ends, so that no larger part is copied.
        wraps: whether the layout goes on at its other side, beyond each of its sides.

    Raises ValueError for a region of which *source* has nothing.
    """
    for region in torch.unique(target).tolist():
        if not (source == region).any():
            raise ValueError(f"there is nothing of region {region} to lay pieces of.")
    quilt = _Quilt(pixels, source, target, seed, shuffled, wraps)
    longest = max(1, min(source.shape) // (2 if shuffled else 1))  # one can shuffle no whole
    for side in PIECES:
        side = min(side, longest)
        step = max(1, side * 2 // 3)  # pieces overlap by a third
        for region in torch.unique(target).tolist():
            for y in range(0, target.shape[0], step):
                for x in range(0, target.shape[1], step):
                    quilt.lay(region, y, x, side)
    return quilt.layout


class _Quilt:
    """A layout that grows piece by piece."""

    def __init__(
        self,
        pixels: Tensor,
        source: Tensor,
        target: Tensor,
        seed: int,
        shuffled: bool,
        wraps: bool,
    ) -> None:
        self.pixels, self.source, self.target = pixels, source, target
        self.shuffled, self.wraps = shuffled, wraps
        self.layout = torch.full((2, *target.shape), -1)
        self.used = torch.zeros(source.shape)
        self.chance = torch.Generator().manual_seed(seed)

    def lay(self, region: int, top: int, left: int, side: int) -> None:
        """Lay a piece into a window of the layout, if something of *region* is missing there."""
        down, across = (
            self._along(start, side, length)
            for start, length in zip((top, left), self.target.shape, strict=True)
        )
        window = self.layout[:, down[:, None], across]
        inside = self.target[down[:, None], across] == region
        missing = inside & (window[0] < 0)
        if not missing.any():
            return
        y, x = self._choose(region, window, missing)
        height, width = missing.shape
        piece = torch.stack(
            torch.meshgrid(torch.arange(y, y + height), torch.arange(x, x + width), indexing="ij")
        )
        known = inside & ~missing
        error = (self._colours(piece) - self._colours(window)).square().sum(0) * known
        behind = _behind(error)
        if self.wraps:  # the last pieces meet the first ones
            behind &= _behind(error.flip(0, 1)).flip(0, 1)
        fits = (missing | (known & behind)) & (self.source[piece[0], piece[1]] == region)
        window[:, fits] = piece[:, fits]
        self.layout[:, down[:, None], across] = window
        self.used[y : y + height, x : x + width] += fits

    def _along(self, start: int, side: int, length: int) -> Tensor:
        """The places of a window along an axis."""
        places = torch.arange(start, start + side)
        return places % length if self.wraps else places[places < length]

    def _choose(self, region: int, window: Tensor, missing: Tensor) -> tuple[int, int]:
        """(y, x) of the piece for a *window*, drawn among those that fit best."""
        known = window[0] >= 0
        there = self._colours(window) * known
        wrong = (self.source != region).float()
        again = AGAIN_SHUFFLED if self.shuffled else AGAIN
        # The sum of squares (a − b)², as a² − 2ab + b²: at all places by one convolution.
        looked_at = torch.cat(
            [
                WRONG * wrong[None] + again * self.used,
                self.pixels.square().sum(0)[None],
                self.pixels,
            ]
        )
        by = torch.cat([missing.float()[None], known.float()[None], -2 * there])
        cost = functional.conv2d(looked_at[None], by[None])[0, 0] + there.square().sum()
        if self.shuffled and not (goes_on := _going_on(window, cost.shape)).all():
            cost[goes_on] = torch.inf
        good = (cost <= cost.min().clamp_min(0) * (1 + TOLERANCE) + 1).flatten().nonzero()[:, 0]
        drawn = int(good[torch.randint(len(good), (1,), generator=self.chance)])
        return divmod(drawn, cost.shape[1])

    def _colours(self, places: Tensor) -> Tensor:
        """(3, h, w) at *places*, (2, h, w); any where there is none."""
        return self.pixels[:, places[0].clamp_min(0), places[1].clamp_min(0)]


def _going_on(window: Tensor, shape: torch.Size) -> Tensor:
    """Which pieces, of those that begin at each place of *shape*, show about what would follow on
    something that lies in the *window*: their halves have it in common."""
    y, x = (window[0] >= 0).nonzero().T
    top, left = window[0, y, x] - y, window[1, y, x] - x
    there = (top >= 0) & (left >= 0) & (top < shape[0]) & (left < shape[1])
    found = torch.zeros(shape)
    found[top[there], left[there]] = 1
    near = min(window.shape[1:]) // 2
    return functional.max_pool2d(found[None], 2 * near + 1, 1, near)[0] > 0


def _behind(error: Tensor) -> Tensor:
    """(h, w) bool: what of a piece lies behind its left and upper boundaries, by its *error*."""
    height, width = error.shape
    overlap = max(1, height // 3), max(1, width // 3)
    return boundary(error[:, : overlap[1]], width) & boundary(error[: overlap[0]].T, height).T


def boundary(error: Tensor, width: int) -> Tensor:
    """(h, width) bool: what lies right of the path down through *error*, (h, w), that costs least.

    The minimum error boundary cut of the paper, by dynamic programming.
    """
    height, overlap = error.shape
    total = error.clone()
    for row in range(1, height):
        above = functional.pad(total[row - 1][None, None], (1, 1), value=torch.inf)
        total[row] += -functional.max_pool1d(-above, 3, 1)[0, 0]
    behind = torch.ones(height, width, dtype=torch.bool)
    at = int(total[-1].argmin())
    for row in reversed(range(height)):
        behind[row, : at + 1] = False
        if row:
            near = range(max(0, at - 1), min(overlap, at + 2))
            at = min(near, key=lambda column: float(total[row - 1, column]))
    return behind


def follow(
    layout: Tensor, coarse: Tensor, target: Tensor, pixels: Tensor, laid: tuple[int, int]
) -> Tensor:
    """The picture (3, h, w) that *layout* makes of *pixels*, (3, H, W).

    Args:
        layout: (2, h', w') from ``lay_out``, which may be coarser than the picture.
        coarse: (h', w'), the regions by which it was laid out.
        target: (h, w), the regions of the picture, whose borders are finer than the layout's.
        pixels: what the pieces are taken from, at any size.
        laid: (H', W') of what ``lay_out`` took them from.
    """
    height, width = layout.shape[1:]
    y, x = torch.meshgrid(
        *(
            (torch.arange(n) + 0.5) * of / n
            for n, of in zip(target.shape, (height, width), strict=True)
        ),
        indexing="ij",
    )
    row, column = y.long(), x.long()
    places, found = (
        layout[:, row, column] + torch.stack([y % 1, x % 1]),
        coarse[row, column] == target,
    )
    for (
        down,
        across,
    ) in NEIGHBOURS:  # a pixel beside a border goes on with a piece of its own region
        near = (row + down).clamp(0, height - 1), (column + across).clamp(0, width - 1)
        takes = ~found & (coarse[near] == target)
        beyond = layout[:, *near] + torch.stack([y - near[0], x - near[1]])
        places, found = torch.where(takes, beyond, places), found | takes
    scale = torch.tensor([n / of for n, of in zip(pixels.shape[1:], laid, strict=True)])
    top, left = (places * scale[:, None, None]).long()
    return pixels[:, top.clamp(0, pixels.shape[1] - 1), left.clamp(0, pixels.shape[2] - 1)]
