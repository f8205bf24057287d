"""The loss of a painting and its gradient: whole, or tile by tile where it is large."""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from stylize.losses import PixelTerm
from stylize.targets import Losses, Targets
from stylize.tiles import SIDE, Part, Tile, core_features, cut, places

Evaluate = Callable[[Tensor], tuple[Mapping[str, Tensor], Tensor]]
"""Pixels (…, 3, H, W) ─► scalar terms (…,) by name, among them ``total``, and its gradient."""
Evaluator = Callable[[Targets, Tensor], tuple[Losses, Tensor]]
"""Targets and pixels ─► the same: ``evaluate``, or one that stands in for it."""

Key = tuple[str, str]
"""A term and a layer."""


def differentiate(
    loss: Callable[[Tensor], Mapping[str, Tensor]], pixels: Tensor
) -> tuple[Losses, Tensor]:
    """The terms of *loss* at *pixels* and the gradient of its ``total``."""
    leaf = pixels.detach().requires_grad_()
    terms = loss(leaf)
    (gradient,) = torch.autograd.grad(terms["total"].sum(), leaf)
    return {name: term.detach() for name, term in terms.items()}, gradient


def evaluate(targets: Targets, pixels: Tensor, side: int = SIDE) -> tuple[Losses, Tensor]:
    """The terms (…,) of the loss at *pixels* (…, 3, H, W), and the gradient of ``total``.

    A picture longer than *side* is seen tile by tile: the same numbers, but for rounding, in the
    memory of one tile, for the price of one more pass without a gradient.
    """
    if max(pixels.shape[-2:]) <= side:
        return differentiate(targets.losses, pixels)
    return _tile_by_tile(targets, pixels.detach(), side)


def _tile_by_tile(targets: Targets, pixels: Tensor, side: int) -> tuple[Losses, Tensor]:
    """A first pass gathers what the terms need of the whole; a second follows their gradient down.

    A term depends on each tile through what it gathers alone, so that its gradient in a tile is
    that of ⟨pull, gathered of the tile⟩, where pull is the gradient by what is gathered of the
    whole.
    """
    encoder, layers = targets.encoder, targets.layers
    tiles = cut(pixels.shape[-2:], encoder, layers, side, wraps=targets.wraps)
    with torch.no_grad():
        whole, counts = _gather(targets, pixels, tiles)
    found, pulls = _pull(targets, whole)
    gradient = torch.zeros_like(pixels)
    for name, compared in targets.pixel_terms.items():
        found[name], slope = _differentiate_pixels(compared, pixels)
        gradient += slope
    for tile in tiles:
        leaf = tile.window(pixels).requires_grad_()
        seen = core_features(encoder, tile, leaf, layers)
        effect = leaf.new_zeros(())
        for name, term in targets.terms.items():
            for layer, gathered in term.gather(seen, Part(tile, encoder)).items():
                share = places(seen[layer]) / counts[layer]
                effect = effect + share * (pulls[name, layer] * gathered).sum()
        (slope,) = torch.autograd.grad(effect, leaf)
        tile.add(slope, gradient)
    return targets.sum_up(found), gradient


def _gather(
    targets: Targets, pixels: Tensor, tiles: Sequence[Tile]
) -> tuple[dict[Key, Tensor], dict[str, int]]:
    """What each term gathers of the whole at each layer, and how many places that has."""
    sums: dict[Key, Tensor] = {}
    counts: dict[str, int] = {}
    for tile in tiles:
        seen = core_features(targets.encoder, tile, tile.window(pixels), targets.layers)
        for layer, features in seen.items():
            counts[layer] = counts.get(layer, 0) + places(features)
        for name, term in targets.terms.items():
            for layer, gathered in term.gather(seen, Part(tile, targets.encoder)).items():
                share = places(seen[layer]) * gathered
                sums[name, layer] = sums.get((name, layer), 0) + share
    return {key: total / counts[key[1]] for key, total in sums.items()}, counts


def _pull(
    targets: Targets, whole: Mapping[Key, Tensor]
) -> tuple[dict[str, Tensor], Mapping[Key, Tensor]]:
    """Each term of a whole of which this was gathered, and the gradient of their sum by that."""
    leaves = {key: gathered.requires_grad_() for key, gathered in whole.items()}
    found = {
        name: term.loss({layer: leaves[name, layer] for layer in term.layers})
        for name, term in targets.terms.items()
    }
    weighted = [targets.terms[name].weight * term for name, term in found.items()]
    pulls = torch.autograd.grad(torch.stack(weighted).sum(), list(leaves.values()))
    detached = {name: term.detach() for name, term in found.items()}
    return detached, dict(zip(leaves, pulls, strict=True))


def _differentiate_pixels(term: PixelTerm, pixels: Tensor) -> tuple[Tensor, Tensor]:
    """A term at *pixels*, unweighted, and the gradient of it, weighted."""
    leaf = pixels.clone().requires_grad_()
    found = term.loss(leaf)
    (gradient,) = torch.autograd.grad((term.weight * found).sum(), leaf)
    return found.detach(), gradient
