"""Guides: how much each place of a picture counts, resized to each layer of an encoder.

Guided Gram matrices: L. A. Gatys, A. S. Ecker, M. Bethge, A. Hertzmann & E. Shechtman, *Controlling
Perceptual Factors in Neural Style Transfer* (CVPR 2017, arXiv 1611.07865), section 4. There the
features of a layer are multiplied by a guidance channel T with ΣT² = 1. A guide here is T² of a
picture's pixels, in 0..1, and what it becomes at a layer has the mean 1, so that a guide that is
the same all over changes nothing.

An alpha channel is such a guide: what is invisible takes no part.
"""

from collections.abc import Collection, Mapping
from math import ceil

import torch
from torch import Tensor
from torch.nn import functional

from stylize.encoders import Encoder


def guide_of(alpha: Tensor | None, device: torch.device) -> Tensor | None:
    """The guide (H, W) in 0..1 by which what *alpha*, (H, W) in 0..255, shows counts.

    None where all pixels count the same: where there is no alpha, or nothing visible is left of it.
    """
    if alpha is None or not alpha.any():
        return None
    return alpha.to(device).float() / 255


def weights_at(
    encoder: Encoder, layers: Collection[str], guide: Tensor | None
) -> dict[str, Tensor]:
    """*guide*, (H, W), at each of *layers*: weights of places, (H', W'), of mean 1.

    A feature counts as much as the pixels that it belongs to do in the mean. Without a guide there
    are no weights: every place counts the same.
    """
    if guide is None:
        return {}
    return {
        layer: normalised(_pool(guide, encoder.receptive_field(layer).stride)) for layer in layers
    }


def seeing_inside(
    encoder: Encoder,
    layers: Collection[str],
    picture: Tensor,
    weights: Mapping[str, Tensor],
) -> dict[str, Tensor]:
    """*weights*, (H', W') of mean 1, where a layer sees nothing beyond the sides of *picture*, and
    elsewhere 0.

    It is (3, H, W); without weights all its places count the same. At each side a quarter is left
    out at most, however far a layer sees, and nothing where nothing would be left.
    """
    found = {}
    for layer in layers:
        field = encoder.receptive_field(layer)
        inner = picture.new_zeros([length // field.stride for length in picture.shape[1:]])
        down, across = (
            slice(edge, length - edge)
            for length in inner.shape
            for edge in [min(ceil(field.margin / field.stride), length // 4)]
        )
        inner[down, across] = 1
        known = weights.get(layer, torch.ones_like(inner))
        inside = known * inner.to(known)
        found[layer] = normalised(inside if inside.any() else known)
    return found


def normalised(weights: Tensor) -> Tensor:
    """*weights* (H, W), at least 0, scaled to a mean of 1; all 1 where there is none above 0."""
    mean = weights.mean()
    return weights / mean if mean > 0 else torch.ones_like(weights)


def _pool(guide: Tensor, stride: int) -> Tensor:
    """(H // stride, W // stride) means of *guide*, as encoders halve what they see."""
    return functional.avg_pool2d(guide[None, None], stride)[0, 0] if stride > 1 else guide
