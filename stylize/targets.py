"""What a painting is compared with, at one scale: content features and blended style moments."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from stylize.encoders import Encoder
from stylize.guides import weights_at
from stylize.losses import (
    content_loss,
    covariance,
    mean_loss,
    moments,
    style_loss,
    total_variation,
)
from stylize.recipe import Recipe
from stylize.tiles import features_of, mean_over

Losses = dict[str, Tensor]

FAINTEST = 1e-12
"""The least that an error is divided by. No picture's features are as faint; those of a network
that sees nothing at all would be."""


@dataclass(frozen=True)
class Weights:
    """The factors of the loss: numbers, or (B,) tensors for a batch of B paintings."""

    content: float | Tensor
    """α"""
    style: float | Tensor
    """β"""
    layers: Mapping[str, float | Tensor]
    """w_l of each style layer."""
    mean: float | Tensor
    """λ, of the means beside the Gram matrices."""
    total_variation: float | Tensor
    """γ"""


@dataclass(frozen=True, eq=False)
class Targets:
    """The loss L = α·L_content + β·L_style + γ·L_tv as a function of the painting.

    Content and style are relative errors, ‖F − P‖²/‖P‖² and the sum of the style layers'
    w_l·(‖Ĝ − Â‖²/‖Â‖² + λ·‖μ − ν‖²/‖ν‖²): layers, pictures and sizes differ in the size of their
    features by orders of magnitude, their errors do not.

    Of one painting (no leading dimensions) or of a batch of them (one leading dimension B). Equal
    to itself only.
    """

    encoder: Encoder
    weights: Weights
    content: Mapping[str, Tensor]
    """P of each content layer, (…, N, H', W'); empty for a texture."""
    styles: Mapping[str, Tensor]
    """[Â ν] of each style layer, (…, N, N + 1), blended: Gram matrices, or covariances where
    *centred*, and as the last column the means."""
    content_norms: Mapping[str, Tensor]
    """(…,) by layer: the loss that features of 0 would have, ½·mean(P²)."""
    style_norms: Mapping[str, Tensor]
    """(…,) by layer: the same of styles, ¼·mean(Â²)."""
    mean_norms: Mapping[str, Tensor]
    """(…,) by layer: the same of their means, ½·mean(ν²)."""
    centred: bool
    colours: Tensor
    """(…, 3, 3), covariance of the RGB values of the style images, blended."""
    guide: Tensor | None = None
    """(…, H, W), how much each pixel of the painting counts; None where all count the same."""
    places: Mapping[str, Tensor] = field(default_factory=dict)
    """The guide at each layer, (…, H', W') of mean 1; empty where there is none."""

    @property
    def likeness(self) -> tuple[object, ...]:
        """Equal for targets that ``stack`` can join, if their paintings are of one shape."""
        layers = (tuple(sorted(layers)) for layers in (self.content, self.styles))
        kind = (self.centred, self.weights.total_variation == 0, self.guide is None)
        return (id(self.encoder), *kind, *layers)

    @property
    def layers(self) -> set[str]:
        """Every layer that is compared."""
        return self.content.keys() | self.styles.keys()

    def losses(self, pixels: Tensor) -> Losses:
        """Each term, unweighted, and their weighted ``total``, (…,), for *pixels* (…, 3, H, W)."""
        features = self.encoder(pixels, self.layers)
        seen = {layer: moments(features[layer], self.places.get(layer)) for layer in self.styles}
        content = pixels.new_zeros(pixels.shape[:-3])
        for layer, target in self.content.items():
            distance = content_loss(features[layer], target, self.places.get(layer))
            content = content + distance / self.content_norms[layer]
        return self.sum_up(content, self.style_loss(seen), self.variation(pixels))

    def style_loss(self, seen: Mapping[str, Tensor]) -> Tensor:
        """L_style, (…,), of a painting whose style layers have the moments *seen*."""
        terms = []
        for layer, target in self.styles.items():
            found = centre(seen[layer]) if self.centred else seen[layer]
            matrices = style_loss(found[..., :-1], target[..., :-1]) / self.style_norms[layer]
            means = mean_loss(found[..., -1], target[..., -1]) / self.mean_norms[layer]
            terms.append(self.weights.layers[layer] * (matrices + self.weights.mean * means))
        return torch.stack(terms).sum(0)

    def variation(self, pixels: Tensor) -> Tensor:
        """L_tv, (…,), of colours in 0..1; not computed, and 0, where γ is."""
        gamma = self.weights.total_variation
        if isinstance(gamma, Tensor) or gamma:
            return total_variation(pixels / 255, self.guide)
        return pixels.new_zeros(pixels.shape[:-3])

    def sum_up(self, content: Tensor, style: Tensor, variation: Tensor) -> Losses:
        """The terms by name, and their weighted sum."""
        weights = self.weights
        total = (
            weights.content * content + weights.style * style + weights.total_variation * variation
        )
        return {"content": content, "style": style, "total_variation": variation, "total": total}


def stack(targets: Sequence[Targets]) -> Targets:
    """The targets of a batch, for pixels (B, 3, H, W), from those of B paintings of one shape.

    Their ``likeness`` must be equal.
    """
    first = targets[0]

    def join(values: Iterable[float | Tensor | None]) -> Tensor:
        return torch.stack(
            [
                value if isinstance(value, Tensor) else first.colours.new_tensor(value)
                for value in values
            ]
        )

    def by_layer(of: Callable[[Targets], Mapping[str, float | Tensor]]) -> dict[str, Tensor]:
        return {layer: join(of(each)[layer] for each in targets) for layer in of(first)}

    return Targets(
        first.encoder,
        Weights(
            join(each.weights.content for each in targets),
            join(each.weights.style for each in targets),
            by_layer(lambda each: each.weights.layers),
            join(each.weights.mean for each in targets),
            join(each.weights.total_variation for each in targets)
            if first.weights.total_variation
            else 0.0,
        ),
        content=by_layer(lambda each: each.content),
        styles=by_layer(lambda each: each.styles),
        content_norms=by_layer(lambda each: each.content_norms),
        style_norms=by_layer(lambda each: each.style_norms),
        mean_norms=by_layer(lambda each: each.mean_norms),
        centred=first.centred,
        colours=join(each.colours for each in targets),
        guide=None if first.guide is None else join(each.guide for each in targets),
        places=by_layer(lambda each: each.places),
    )


def centre(seen: Tensor) -> Tensor:
    """*seen*, (…, N, N + 1) from ``moments``, with the covariance for its Gram matrix."""
    mean = seen[..., -1]
    return torch.cat([covariance(seen[..., :-1], mean), mean[..., None]], dim=-1)


@torch.no_grad()
def measure(
    recipe: Recipe,
    encoder: Encoder,
    content: Tensor | None,
    styles: Sequence[Tensor],
    *,
    guide: Tensor | None = None,
    style_guides: Sequence[Tensor | None] = (),
) -> Targets:
    """Look at the pictures once; they are (3, H, W) in 0..255, each of a size of its own.

    *content*, of the painting's size, is None for a texture. *guide*, (H, W), tells how much each
    pixel of the content and of the painting counts; *style_guides* tell the same of each style.
    Raises ValueError when ``recipe.blend`` names another number of styles.
    """
    wanted = {} if content is None else features_of(encoder, content, recipe.content_layers)
    blended = blended_styles(recipe, encoder, styles, style_guides)
    places = weights_at(encoder, {*wanted, *blended}, guide)
    return Targets(
        encoder,
        Weights(
            recipe.content_weight,
            recipe.style_weight,
            recipe.style_layers,
            recipe.mean_weight,
            recipe.total_variation,
        ),
        wanted,
        blended,
        content_norms={
            layer: _mean_square(target, 3, places.get(layer)) / 2
            for layer, target in wanted.items()
        },
        style_norms={
            layer: _mean_square(target[..., :-1], 2) / 4 for layer, target in blended.items()
        },
        mean_norms={
            layer: _mean_square(target[..., -1], 1) / 2 for layer, target in blended.items()
        },
        centred=recipe.statistics == "covariance",
        colours=blended_colours(recipe, styles, style_guides),
        guide=guide,
        places=places,
    )


def _mean_square(target: Tensor, dimensions: int, weights: Tensor | None = None) -> Tensor:
    """Over the last *dimensions*, in float32 at least, without a copy of *target*.

    Channel by channel: over all at once, norms add up their squares one after the other, and those
    of a large picture drown in their sum. With *weights* of places, (H', W'), a weighted mean.
    """
    over = tuple(range(-dimensions, 0))
    dtype = torch.promote_types(target.dtype, torch.float32)
    if weights is not None:
        target = target.to(dtype) * weights.sqrt()
    norms = torch.linalg.vector_norm(target, dim=over[-2:], keepdim=True, dtype=dtype)
    places = math.prod(target.shape[-dimensions:])
    square: Tensor = norms.square().sum(over) / places
    return square.clamp_min(FAINTEST)


@torch.no_grad()
def blended_styles(
    recipe: Recipe,
    encoder: Encoder,
    styles: Sequence[Tensor],
    guides: Sequence[Tensor | None] = (),
) -> dict[str, Tensor]:
    """[Â ν] = Σᵢ wᵢ·[Âᵢ νᵢ] over the style images, per style layer (Johnson's neural-style).

    Each style counts by its guide, (H, W), where it has one. A style far more contrasty than the
    others still weighs more in the sum: its Âᵢ is larger.
    """
    layers = recipe.style_layers.keys()
    blended: dict[str, Tensor] = {}
    for share, style, guide in zip(
        recipe.shares(len(styles)), styles, guides or [None] * len(styles), strict=True
    ):
        places = weights_at(encoder, layers, guide)
        seen, _ = mean_over(encoder, style, layers, moments, weights=places)
        for layer, found in seen.items():
            target = share * (centre(found) if recipe.statistics == "covariance" else found)
            blended[layer] = blended[layer] + target if layer in blended else target
    return blended


def blended_colours(
    recipe: Recipe, styles: Sequence[Tensor], guides: Sequence[Tensor | None] = ()
) -> Tensor:
    """(3, 3) covariance of the colours of *styles*, averaged like their Gram matrices.

    No term of the loss: it tells the descent which colours vary together.
    """
    return torch.stack(
        [
            share * torch.cov(style.flatten(1), aweights=None if guide is None else guide.flatten())
            for share, style, guide in zip(
                recipe.shares(len(styles)), styles, guides or [None] * len(styles), strict=True
            )
        ]
    ).sum(0)
