"""The content term: features where they are, compared with the content image's."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from stylize.encoders import Encoder
from stylize.guides import weights_at
from stylize.losses.term import Features, Part, mean_square, precise, same_shape, weights_of
from stylize.recipes.style import StyleRecipe
from stylize.tiles import features_of


@dataclass(frozen=True, eq=False)
class Content:
    """The sum over the content layers of ‖F − P‖²/‖P‖²."""

    weight: float | Tensor
    """α"""
    wanted: Features
    """P of each content layer, (…, N, H', W')."""
    norms: Mapping[str, Tensor]
    """(…,) by layer: the loss that features of 0 would have, ½·mean(P²)."""
    places: Features
    """The painting's guide at each layer, (…, H', W') of mean 1; empty where there is none."""

    @classmethod
    def of(
        cls, recipe: StyleRecipe, encoder: Encoder, content: Tensor, guide: Tensor | None = None
    ) -> Self:
        """Look at *content*, (3, H, W) in 0..255, once."""
        wanted = features_of(encoder, content, recipe.content_layers)
        places = weights_at(encoder, wanted, guide)
        norms = {
            layer: mean_square(target, 3, places.get(layer)) / 2 for layer, target in wanted.items()
        }
        return cls(recipe.content_weight, wanted, norms, places)

    @property
    def layers(self) -> Collection[str]:
        return self.wanted.keys()

    def gather(self, features: Features, part: Part) -> Mapping[str, Tensor]:
        return {
            layer: content_loss(
                features[layer], part(target, layer), weights_of(self.places, layer, part)
            )
            for layer, target in self.wanted.items()
        }

    def loss(self, gathered: Mapping[str, Tensor]) -> Tensor:
        errors = [error / self.norms[layer] for layer, error in gathered.items()]
        return torch.stack(errors).sum(0)


def content_loss(features: Tensor, target: Tensor, weights: Tensor | None = None) -> Tensor:
    """½ · mean(w·(F − P)²): eq. 1 of the paper with a mean for the sum.

    Args:
        features: F, (…, N, H, W).
        target: P, of the same shape.
        weights: w, (…, H, W), at least 0, of places.

    Returns: (…,).
    """
    same_shape(features, target)
    squares = (precise(features) - precise(target)).square()
    if weights is not None:
        same_shape(features[..., 0, :, :], weights)
        squares = squares * weights[..., None, :, :]
    return squares.mean((-3, -2, -1)) / 2
