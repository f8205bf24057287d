"""The loss of a painting and its gradient: at one look, or tile by tile where it is large."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from stylize.losses import content_loss, moments
from stylize.targets import Losses, Targets
from stylize.tiles import SIDE, cut, look, mean_over, places, weights_of

Evaluate = Callable[[Tensor], tuple[Mapping[str, Tensor], Tensor]]
"""Pixels (…, 3, H, W) ─► scalar terms (…,) by name, among them ``total``, and its gradient."""
Look = Callable[[Targets, Tensor], tuple[Losses, Tensor]]
"""Targets and pixels ─► the same: ``evaluate``, or one that stands in for it."""


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
    memory of one tile, for the price of one more look without a gradient.
    """
    if max(pixels.shape[-2:]) <= side:
        return differentiate(targets.losses, pixels)
    return _tile_by_tile(targets, pixels.detach(), side)


def _tile_by_tile(targets: Targets, pixels: Tensor, side: int) -> tuple[Losses, Tensor]:
    """A first pass adds up the moments of the whole; a second follows their gradient down.

    The style loss depends on each tile through the moments alone, so that its gradient in a tile
    is that of ⟨pull, moments of the tile⟩, where pull is the gradient by the moments of the whole.
    """
    encoder, weights = targets.encoder, targets.weights
    whole, counts = mean_over(
        encoder, pixels, targets.styles.keys(), moments, side, weights=targets.places
    )
    style, pulls = _pull(targets, whole)
    variation, gradient = _vary(targets, pixels)
    content = torch.zeros_like(style)
    for tile in cut(pixels.shape[-2:], encoder, targets.layers, side):
        leaf = tile.window(pixels).clone().requires_grad_()
        seen = look(encoder, tile, leaf, targets.layers)
        effect = leaf.new_zeros(())
        for layer, pull in pulls.items():
            share = places(seen[layer]) / counts[layer]
            guided = moments(seen[layer], weights_of(tile, encoder, layer, targets.places))
            effect = effect + share * (pull * guided).sum()
        for layer, target in targets.content.items():
            part = tile.part(target, encoder.grain(layer).stride)
            share = places(part) / places(target)
            weights_here = weights_of(tile, encoder, layer, targets.places)
            distance = share * content_loss(seen[layer], part, weights_here)
            distance = distance / targets.content_norms[layer]
            content += distance.detach()
            effect = effect + (weights.content * distance).sum()
        tile.window(gradient).add_(*torch.autograd.grad(effect, leaf))
    return targets.sum_up(content, style, variation), gradient


def _pull(targets: Targets, seen: Mapping[str, Tensor]) -> tuple[Tensor, Mapping[str, Tensor]]:
    """The style loss of a whole with the moments *seen*, and the gradient of β times it by each."""
    leaves = {layer: moment.requires_grad_() for layer, moment in seen.items()}
    style = targets.style_loss(leaves)
    pulls = torch.autograd.grad((targets.weights.style * style).sum(), list(leaves.values()))
    return style.detach(), dict(zip(leaves, pulls, strict=True))


def _vary(targets: Targets, pixels: Tensor) -> tuple[Tensor, Tensor]:
    """The total variation of *pixels*, and the gradient of γ times it."""
    leaf = pixels.clone().requires_grad_()
    variation = targets.variation(leaf)
    if not variation.requires_grad:
        return variation, torch.zeros_like(pixels)
    (gradient,) = torch.autograd.grad((targets.weights.total_variation * variation).sum(), leaf)
    return variation.detach(), gradient
