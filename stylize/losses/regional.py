"""The style term of a painting in regions: each is compared with a style of its own."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from stylize.encoders import Encoder
from stylize.losses.moments import regional_moments
from stylize.losses.style import Style, blended_styles
from stylize.losses.term import FAINTEST, Features, Part
from stylize.recipes.style import StyleRecipe
from stylize.regions import Region, weights_within


@dataclass(frozen=True, eq=False)
class RegionalStyle:
    """The sum over regions r of s_r·(the style term within r), s_r its share of their area.

    Style then pulls at each pixel as strongly as if its region were painted alone.
    """

    weight: float | Tensor
    """β"""
    styles: tuple[Style, ...]
    """Of each region, with its guide at each layer."""
    shares: tuple[float | Tensor, ...]
    """s_r of each region: they sum to 1."""

    @classmethod
    def of(
        cls,
        recipe: StyleRecipe,
        encoder: Encoder,
        styles: Sequence[Tensor],
        regions: Sequence[Region],
        guide: Tensor | None = None,
        style_guides: Sequence[Tensor | None] = (),
    ) -> Self:
        """Look at *styles*, (3, H, W) in 0..255 each, once for each region that has a share of it.

        *guide* and *style_guides*, (H, W), tell how much each pixel of the painting and of the
        styles counts in all regions.
        """
        layers, alphas = recipe.style_layers.keys(), style_guides or [None] * len(styles)
        terms = []
        for region in regions:
            guides = zip(region.guides_in(len(styles)), alphas, strict=True)
            seen = [weights_within(encoder, layers, inside, alpha) for inside, alpha in guides]
            wanted = blended_styles(recipe, encoder, styles, region.shares, seen)
            places = weights_within(encoder, layers, region.guide, guide)
            terms.append(Style.towards(recipe, wanted, places))
        visible = 1.0 if guide is None else guide
        areas = torch.stack([(region.guide * visible).mean() for region in regions])
        areas = areas.clamp_min(FAINTEST)
        return cls(recipe.style_weight, tuple(terms), tuple((areas / areas.sum()).tolist()))

    @property
    def layers(self) -> Collection[str]:
        return self.styles[0].layers

    def gather(self, features: Features, part: Part) -> Mapping[str, Tensor]:
        """The moments of each region, (…, R, N, N + 1), by layer."""
        return {
            layer: regional_moments(
                features[layer],
                torch.stack([part(style.places[layer], layer) for style in self.styles], -3),
            )
            for layer in self.layers
        }

    def loss(self, gathered: Mapping[str, Tensor]) -> Tensor:
        terms = [
            share * style.loss({layer: seen[..., region, :, :] for layer, seen in gathered.items()})
            for region, (style, share) in enumerate(zip(self.styles, self.shares, strict=True))
        ]
        return torch.stack(terms).sum(0)
