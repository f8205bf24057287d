"""The style term: Gram matrices, or covariances, and means, compared with the styles'."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from stylize.encoders import Encoder
from stylize.guides import seeing_inside, weights_at
from stylize.losses.moments import centre, moments
from stylize.losses.term import Features, Part, mean_square, same_shape, weights_of
from stylize.recipes.style import StyleRecipe
from stylize.tiles import mean_over


@dataclass(frozen=True, eq=False)
class Style:
    """The sum over the style layers of w_l·(‖Ĝ − Â‖²/‖Â‖² + λ·‖μ − ν‖²/‖ν‖²)."""

    weight: float | Tensor
    """β"""
    layer_weights: Mapping[str, float | Tensor]
    """w_l of each style layer."""
    mean_weight: float | Tensor
    """λ, of the means beside the Gram matrices."""
    wanted: Mapping[str, Tensor]
    """[Â ν] of each style layer, (…, N, N + 1), blended: Gram matrices, or covariances where
    *centred*, and as the last column the means."""
    norms: Mapping[str, Tensor]
    """(…,) by layer: the loss that features of 0 would have, ¼·mean(Â²)."""
    mean_norms: Mapping[str, Tensor]
    """(…,) by layer: the same of the means, ½·mean(ν²)."""
    places: Features
    """The painting's guide at each layer, (…, H', W') of mean 1; empty where there is none."""
    centred: bool

    @classmethod
    def of(
        cls,
        recipe: StyleRecipe,
        encoder: Encoder,
        styles: Sequence[Tensor],
        guide: Tensor | None = None,
        style_guides: Sequence[Tensor | None] = (),
    ) -> Self:
        """Look at *styles*, (3, H, W) in 0..255 each, once."""
        layers = recipe.style_layers.keys()
        seen = [weights_at(encoder, layers, one) for one in style_guides]
        if recipe.seamless:  # its statistics know no side, and so neither may the styles'
            places = seen or [{} for _ in styles]
            seen = [
                seeing_inside(encoder, layers, style, known)
                for style, known in zip(styles, places, strict=True)
            ]
        wanted = blended_styles(recipe, encoder, styles, recipe.shares(len(styles)), seen)
        return cls.towards(recipe, wanted, weights_at(encoder, layers, guide))

    @classmethod
    def towards(cls, recipe: StyleRecipe, wanted: Mapping[str, Tensor], places: Features) -> Self:
        """The term of which *wanted* and *places* are as below."""
        return cls(
            recipe.style_weight,
            recipe.style_layers,
            recipe.mean_weight,
            wanted,
            norms={layer: mean_square(a[..., :-1], 2) / 4 for layer, a in wanted.items()},
            mean_norms={layer: mean_square(a[..., -1], 1) / 2 for layer, a in wanted.items()},
            places=places,
            centred=recipe.statistics == "covariance",
        )

    @property
    def layers(self) -> Collection[str]:
        return self.wanted.keys()

    def gather(self, features: Features, part: Part) -> Mapping[str, Tensor]:
        return {
            layer: moments(features[layer], weights_of(self.places, layer, part))
            for layer in self.wanted
        }

    def loss(self, gathered: Mapping[str, Tensor]) -> Tensor:
        terms = []
        for layer, target in self.wanted.items():
            found = centre(gathered[layer]) if self.centred else gathered[layer]
            matrices = style_loss(found[..., :-1], target[..., :-1]) / self.norms[layer]
            means = mean_loss(found[..., -1], target[..., -1]) / self.mean_norms[layer]
            terms.append(self.layer_weights[layer] * (matrices + self.mean_weight * means))
        return torch.stack(terms).sum(0)


def style_loss(gram: Tensor, target: Tensor) -> Tensor:
    """¼ · mean((Ĝ − Â)²): E_l, eq. 4 of the paper, times 1/N².

    Args:
        gram: Ĝ, (…, N, N), from ``moments``.
        target: Â, of the same shape.

    Returns: (…,).
    """
    same_shape(gram, target)
    return (gram - target).square().mean((-2, -1)) / 4


def mean_loss(mean: Tensor, target: Tensor) -> Tensor:
    """½ · mean((μ − ν)²), as batch normalisation's statistics are matched.

    Y. Li, N. Wang, J. Liu & X. Hou, *Demystifying Neural Style Transfer* (IJCAI 2017), without its
    deviations, which the Gram matrix knows.

    Args:
        mean: μ, (…, N), from ``moments``.
        target: ν, of the same shape.

    Returns: (…,).
    """
    same_shape(mean, target)
    return (mean - target).square().mean(-1) / 2


@torch.no_grad()
def blended_styles(
    recipe: StyleRecipe,
    encoder: Encoder,
    styles: Sequence[Tensor],
    shares: Sequence[float],
    places: Sequence[Features] = (),
) -> dict[str, Tensor]:
    """[Â ν] = Σᵢ wᵢ·[Âᵢ νᵢ] over the style images, per style layer (Johnson's neural-style).

    *shares* are wᵢ; an image without one is not looked at. *places* are the weights of each image's
    places, (H', W') by layer. A style far more contrasty than the others still weighs more in the
    sum: its Âᵢ is larger.
    """
    layers = recipe.style_layers.keys()
    blended: dict[str, Tensor] = {}
    for share, style, weights in zip(shares, styles, places or [{}] * len(styles), strict=True):
        if not share:
            continue
        seen, _ = mean_over(encoder, style, layers, moments, weights=weights)
        for layer, found in seen.items():
            target = share * (centre(found) if recipe.statistics == "covariance" else found)
            blended[layer] = blended[layer] + target if layer in blended else target
    return blended
