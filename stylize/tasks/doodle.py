"""Doodles: one's own map, painted region by region like the regions of a style."""

import torch
from torch import Tensor

from stylize.frame import Canvas
from stylize.maps import Maps, masks, name_of, read_maps
from stylize.media.picture import Picture, encode_png, fit, resize
from stylize.media.sheet import sheet
from stylize.quilting import LAID, follow, lay_out
from stylize.recipes import Doodle
from stylize.recipes.base import only
from stylize.regions import Region
from stylize.tasks.base import Made, Resources, Result
from stylize.tasks.painting import Events, Inputs, PaintingTask, painted

SHOWN = 120
"""The longer side, in pixels, of a map where it is shown what matched what."""
PALE, PAPER = 0.12, 225
"""How much is left there of what does not belong to a region, and on which grey."""


def _events(
    recipe: Doodle,
    inputs: Inputs,
    resources: Resources,
    canvas: Canvas | None,
) -> Events:
    [style], [style_map], [own_map] = (inputs[role] for role in ("style", "style_map", "map"))
    maps, content, start = read_maps(style_map, own_map), only(inputs["content"]), None
    if recipe.init == "patches" and content is None:
        start = Picture(patched(recipe, style.pixels, maps))
    regions = _regions(maps)
    frame = yield from painted(recipe, content, [style], start, regions, resources, canvas)
    yield Result(frame, (_matches(style, maps),), _notes(maps))


def _regions(maps: Maps) -> list[Region]:
    """Each region of one's own map, with that of the style that it is painted like."""
    return [
        Region((maps.own == number).float(), (1.0,), [(maps.style == number).float()])
        for number in torch.unique(maps.own).tolist()
    ]


def patched(recipe: Doodle, style: Tensor, maps: Maps) -> Tensor:
    """(3, h, w) uint8: pieces of *style*, (3, H, W), laid out as the regions of *maps* are."""
    own_shape = _fitted(maps.own, LAID)
    style_shape = _fitted(style, round(LAID * recipe.style_scale))
    coarse = _at(maps.own, own_shape)
    source = _at(maps.style, style_shape)
    layout = lay_out(resize(style, style_shape), source, coarse, recipe.seed)
    fine = _at(maps.own, _fitted(maps.own, recipe.size))
    seen = resize(style, _fitted(style, recipe.style_size(recipe.size)))
    laid = follow(layout, coarse, fine, seen, style_shape)
    return laid.round().to(torch.uint8)


def _at(regions: Tensor, shape: tuple[int, int]) -> Tensor:
    """*regions*, (H, W), at another size (h, w), without losing any that there is."""
    numbers = torch.unique(regions).tolist()
    shares = masks(regions, numbers, shape)
    found = torch.tensor(numbers)[shares.argmax(0)]
    for number, share in zip(numbers, shares, strict=True):
        if not (found == number).any():
            found.view(-1)[share.argmax()] = number
    return found


def _fitted(picture: Tensor, size: int) -> tuple[int, int]:
    return fit(picture.shape[-1], picture.shape[-2], size)


def _notes(maps: Maps) -> tuple[str, ...]:
    return tuple(
        f"The {name_of(match.own)} of your map is not in the style's map: I took the nearest, "
        f"{name_of(match.style)}."
        for match in maps.matches
        if not match.exact
    )


def _matches(style: Picture, maps: Maps) -> Made:
    """A sheet of what matched what: each colour of one's own map above its part of the style."""
    own_shape, style_shape = _fitted(maps.own, SHOWN), _fitted(style.pixels, SHOWN)
    small = resize(style.pixels, style_shape)
    own_parts, style_parts, names = [], [], []
    for number, match in enumerate(maps.matches):
        colour = torch.tensor(match.own).float()[:, None, None].expand(3, *own_shape)
        own_parts.append(_alone(colour, masks(maps.colours, [number], own_shape)))
        style_parts.append(_alone(small, masks(maps.style, [match.region], style_shape)))
        arrow = "" if match.exact else f" → {name_of(match.style)}"
        names.append(f"{name_of(match.own)}{arrow}")
    pixels = sheet(
        [*own_parts, *style_parts], ["your map", "the style"], names, [""] * 2 * len(names)
    )
    said = ", ".join(
        name_of(match.own) + ("" if match.exact else f" like {name_of(match.style)}")
        for match in maps.matches
    )
    return Made("matches", encode_png(pixels), ".png", f"Which regions matched: {said}")


def _alone(pixels: Tensor, mask: Tensor) -> Tensor:
    """*pixels*, (3, h, w), pale outside of *mask*, (1, h, w)."""
    return pixels * mask + (PAPER - PALE * (255 - pixels)) * (1 - mask)


TASK = PaintingTask(Doodle, _events)
