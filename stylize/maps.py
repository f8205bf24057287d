"""Colour maps: which colours a map is painted in, and which regions of two maps are alike.

A map says by flat colours what lies where. Its colours are found by k-means in CIE L*a*b*
(S. P. Lloyd, *Least squares quantization in PCM*, 1982), seeded by the most frequent colours, so
that their number is found and nothing is left to chance. Only places whose neighbours have the same
colour are looked at: JPEG noise, soft edges and what resizing mixes are none. Such places then
belong to the region nearest to them in the picture, not in colour.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from stylize.media.picture import Picture, fit, on_white, resize

SIZE = 512
"""The longer side, in pixels, at which maps are looked at, unless they are smaller."""
FLAT = 10.0
"""ΔE across 3 × 3 pixels below which a place is flat; JPEG noise beside an edge is above."""
APART = 15.0
"""ΔE from which two colours are two: JPEG and colour profiles shift one by less."""
FEWEST = 0.003
"""The share of a map's flat places that a colour has at least."""
EVEN = 2.5
"""The mean ΔE of flat places from their colour. Maps, as bad JPEGs, too, have at most 1.4;
photographs and smooth ramps have 3.4 and more."""
MOST = 8
"""Colours of a map."""

Colour = tuple[int, int, int]

NAMES: Mapping[str, Colour] = {
    "white": (255, 255, 255), "black": (0, 0, 0), "grey": (128, 128, 128),
    "light grey": (200, 200, 200), "dark grey": (70, 70, 70),
    "red": (220, 40, 40), "dark red": (130, 20, 25), "pink": (245, 150, 180),
    "orange": (240, 140, 40), "brown": (130, 80, 40), "yellow": (250, 225, 70),
    "green": (50, 160, 70), "light green": (150, 225, 130), "dark green": (20, 85, 40),
    "turquoise": (50, 190, 190), "light blue": (140, 205, 245), "blue": (40, 85, 190),
    "dark blue": (20, 35, 100), "violet": (125, 60, 170), "magenta": (215, 50, 190),
}  # fmt: skip
"""Typical colours, sRGB, by what people call them."""


@dataclass(frozen=True)
class Match:
    """A colour of one's own map, and that of the style's map that it is painted like."""

    own: Colour
    style: Colour
    region: int
    """The number of that colour's region."""
    exact: bool
    """Whether they are the same colour; else this one is only the nearest."""


@dataclass(frozen=True)
class Maps:
    """The regions of two maps; a region is known by its number among the style map's colours."""

    matches: tuple[Match, ...]
    """One for each colour of one's own map, in their order by area, the largest first."""
    colours: Tensor
    """(h, w) int64: which of these colours each place of one's own map has."""
    own: Tensor
    """(h, w) int64: the region of each place of one's own map."""
    style: Tensor
    """(H, W) int64: the region of each place of the style's map."""


def read_maps(style_map: Picture, own_map: Picture) -> Maps:
    """Find the colours of both maps, and match them.

    Raises ValueError, in words for whoever gave them, for a map of one colour, of more than eight,
    or in which there are no clear colours.
    """
    maps = [_small(one) for one in (style_map, own_map)]
    seen = [_lab(one) for one in maps]
    flat = [_is_flat(one) for one in seen]
    colours = _clear_colours([one[:, where] for one, where in zip(seen, flat, strict=True)])
    areas = [
        _check(one, where, colours, name)
        for one, where, name in zip(seen, flat, ("the style's map", "your map"), strict=True)
    ]
    style_colours, own_colours = ((area > 0).nonzero()[:, 0] for area in areas)
    style, own = (
        _regions(one, where, colours[found])
        for one, where, found in zip(seen, flat, (style_colours, own_colours), strict=True)
    )
    partners = torch.cdist(colours[own_colours], colours[style_colours]).argmin(1)
    shown = [
        [_mean_colour(one, place == n) for n in range(int(place.max()) + 1)]
        for one, place in zip(maps, (style, own), strict=True)
    ]
    by_area = torch.bincount(own.flatten()).argsort(descending=True, stable=True)
    matches = [
        Match(
            shown[1][n], shown[0][partner], partner, bool(own_colours[n] == style_colours[partner])
        )
        for n, partner in zip(by_area.tolist(), partners[by_area].tolist(), strict=True)
    ]
    return Maps(tuple(matches), by_area.argsort()[own], partners[own], style)


def name_of(colour: Colour) -> str:
    """What people call *colour*, in a word or two."""
    known = torch.tensor(list(NAMES.values()))
    distance = torch.linalg.vector_norm(
        _lab(known.T[:, None]) - _lab(torch.tensor([colour]).T[:, None]), dim=0
    )
    return list(NAMES)[int(distance.argmin())]


def masks(regions: Tensor, numbers: Sequence[int], shape: tuple[int, int]) -> Tensor:
    """(N, h, w) in 0..1: how much of each pixel of a picture of this *shape* each region has.

    Where *numbers* are all regions that there are, these sum to 1.
    """
    planes = torch.stack([regions == number for number in numbers]).float()
    return functional.interpolate(
        planes[None], shape, mode="bilinear", antialias=True, align_corners=False
    )[0]


def _small(picture: Picture) -> Tensor:
    """(3, h, w) in 0..255, on white, at the size at which maps are looked at."""
    pixels = on_white(picture.pixels, picture.alpha)
    height, width = pixels.shape[1:]
    return resize(pixels, fit(width, height, min(SIZE, max(height, width))))


def _lab(pixels: Tensor) -> Tensor:
    """(3, h, w) of sRGB in 0..255 as L*, a*, b* (CIE 1976, D65), where a distance is ΔE."""
    value = pixels.double() / 255
    linear = torch.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    to_xyz = linear.new_tensor(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
         [0.0193339, 0.1191920, 0.9503041]]
    )  # fmt: skip
    xyz = torch.einsum("ij,jhw->ihw", to_xyz / to_xyz.sum(1, keepdim=True), linear)
    x, y, z = torch.where(xyz > (6 / 29) ** 3, xyz ** (1 / 3), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)]).float()


def _is_flat(lab: Tensor) -> Tensor:
    """(h, w) bool: where the eight neighbours have about the same colour."""
    highest = functional.max_pool2d(lab, 3, 1, 1)
    lowest = -functional.max_pool2d(-lab, 3, 1, 1)
    return (highest - lowest).square().sum(0) < FLAT**2


def _clear_colours(seen: Sequence[Tensor]) -> Tensor:
    """(K, 3) L*a*b*: the colours of two or more maps, whose flat places are (3, n) each.

    Each map counts the same, however large it is.
    """
    places = torch.cat(list(seen), 1).T
    weights = torch.cat([torch.full((one.shape[1],), 1 / max(1, one.shape[1])) for one in seen])
    bins = (places / 4).round().long() @ torch.tensor([10**6, 10**3, 1])  # one number for each
    _, inverse = torch.unique(bins, return_inverse=True)
    share, centre = _means(places, weights, inverse)
    left, seeds = share.clone(), []
    while left.numel() and left.max() > FEWEST / 10:
        seeds.append(centre[left.argmax()])
        left[torch.linalg.vector_norm(centre - seeds[-1], dim=1) < APART] = 0
    colours = torch.stack(seeds) if seeds else places[:0]
    for _ in range(10 if seeds else 0):  # Lloyd's steps; what has become too rare is dropped
        nearest = torch.cdist(centre, colours).argmin(1)
        found, moved = _means(centre, share, nearest)
        colours = moved[found > FEWEST]
    return colours


def _means(points: Tensor, weights: Tensor, groups: Tensor) -> tuple[Tensor, Tensor]:
    """The weight (G,) of each group of *points*, (n, 3), and their weighted mean, (G, 3)."""
    count = int(groups.max()) + 1 if groups.numel() else 0
    total = torch.zeros(count).index_add_(0, groups, weights)
    sums = torch.zeros(count, 3).index_add_(0, groups, points * weights[:, None])
    return total, sums / total.clamp_min(1e-12)[:, None]


def _check(lab: Tensor, flat: Tensor, colours: Tensor, name: str) -> Tensor:
    """How many flat places of a map have each of *colours*, (K,), 0 for those that are too few.

    Raises ValueError where it is no map.
    """
    distance, nearest = torch.cdist(lab[:, flat].T, colours).min(1) if len(colours) else (lab, lab)
    if not len(colours) or not flat.any() or distance.mean() > EVEN:
        raise ValueError(
            f"{name} looks like a photograph: paint it in up to {MOST} flat colours, one for each "
            "kind of area."
        )
    areas = torch.bincount(nearest, minlength=len(colours))
    areas[areas < FEWEST * int(flat.sum())] = 0
    found = int((areas > 0).sum())
    if found > MOST:
        raise ValueError(f"{name} has {found} clear colours: use up to {MOST}.")
    if found == 1:
        raise ValueError(f"{name} has only one colour: give each kind of area a colour of its own.")
    return areas


def _regions(lab: Tensor, flat: Tensor, colours: Tensor) -> Tensor:
    """(h, w) int64: the nearest of *colours*, and of what is not flat that of flat neighbours."""
    height, width = flat.shape
    nearest = torch.cdist(lab.flatten(1).T, colours).argmin(1).view(height, width)
    known = functional.one_hot(nearest, len(colours)).permute(2, 0, 1).float() * flat
    while not (told := known.sum(0) > 0).all():
        near = functional.avg_pool2d(known, 3, 1, 1, divisor_override=1)
        known = torch.where(told, known, near / near.sum(0).clamp_min(1))
    return known.argmax(0)


def _mean_colour(pixels: Tensor, where: Tensor) -> Colour:
    """The colour of the places *where* it is, as three whole numbers."""
    red, green, blue = pixels[:, where].median(1).values.round().int().tolist()
    return red, green, blue
