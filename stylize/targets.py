"""What a painting is compared with, at one scale: the terms of its loss."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from stylize.encoders import Encoder
from stylize.losses import Content, PixelTerm, RegionalStyle, Style, Term, TotalVariation
from stylize.recipes.style import StyleRecipe
from stylize.regions import Region, covered, joined
from stylize.stacking import likeness, stacked

Losses = dict[str, Tensor]

NAMES = ("content", "style", "total_variation")
"""Of the terms, as frames tell them: one that a recipe does without is 0."""


@dataclass(frozen=True, eq=False)
class Targets:
    """The loss L = α·L_content + β·L_style + γ·L_tv as a function of the painting.

    Content and style are relative errors: layers, pictures and sizes differ in the size of their
    features by orders of magnitude, their errors do not.

    Of one painting (no leading dimensions) or of a batch of them (one leading dimension B). Equal
    to itself only.
    """

    encoder: Encoder
    terms: Mapping[str, Term]
    """Those of features, by name."""
    pixel_terms: Mapping[str, PixelTerm]
    """Those of pixels."""
    colours: Tensor
    """(…, 3, 3), covariance of the RGB values of the style images, blended."""
    wraps: bool = False
    """Whether the painting goes on at its other side, beyond each of its sides."""

    @property
    def likeness(self) -> object:
        """Equal for targets that ``stack`` can join, if their paintings are of one shape."""
        return id(self.encoder), self.wraps, likeness((self.terms, self.pixel_terms))

    @property
    def layers(self) -> set[str]:
        """Every layer that is compared."""
        return {layer for term in self.terms.values() for layer in term.layers}

    def losses(self, pixels: Tensor) -> Losses:
        """Each term, unweighted, and their weighted ``total``, (…,), for *pixels* (…, 3, H, W)."""
        features = self.encoder(pixels, self.layers, wraps=self.wraps)
        found = {
            name: term.loss(term.gather(features, _whole)) for name, term in self.terms.items()
        }
        found |= {name: term.loss(pixels) for name, term in self.pixel_terms.items()}
        return self.sum_up(found)

    def sum_up(self, found: Mapping[str, Tensor]) -> Losses:
        """The terms *found*, each (…,), with 0 for those that are not, and their weighted sum."""
        terms: dict[str, Term | PixelTerm] = {**self.terms, **self.pixel_terms}
        nothing = torch.zeros_like(next(iter(found.values())))
        total = sum((terms[name].weight * found[name] for name in NAMES if name in found), nothing)
        return {**{name: found.get(name, nothing) for name in NAMES}, "total": total}


def _whole(values: Tensor, layer: str) -> Tensor:
    return values


def stack(targets: Sequence[Targets]) -> Targets:
    """The targets of a batch, for pixels (B, 3, H, W), from those of B paintings of one shape.

    Their ``likeness`` must be equal.
    """
    return stacked(targets, like=targets[0].colours)


@torch.no_grad()
def measure(
    recipe: StyleRecipe,
    encoder: Encoder,
    content: Tensor | None,
    styles: Sequence[Tensor],
    *,
    guide: Tensor | None = None,
    style_guides: Sequence[Tensor | None] = (),
    regions: Sequence[Region] = (),
) -> Targets:
    """Look at the pictures once; they are (3, H, W) in 0..255, each of a size of its own.

    *content*, of the painting's size, is None for a texture. *guide*, (H, W), tells how much each
    pixel of the content and of the painting counts; *style_guides* tell the same of each style.
    Where there are *regions*, each has its own shares of the styles, and what none of them covers
    has no part. Raises ValueError when ``recipe.blend`` names another number of styles.
    """
    terms: dict[str, Term] = {}
    style: Style | RegionalStyle
    if regions:
        style = RegionalStyle.of(recipe, encoder, styles, regions, guide, style_guides)
        colours = _regional_colours(styles, regions, style.shares, style_guides)
        guide = joined(guide, covered(regions))
    else:
        style = Style.of(recipe, encoder, styles, guide, style_guides)
        colours = blended_colours(styles, recipe.shares(len(styles)), style_guides)
    if content is not None:
        terms["content"] = Content.of(recipe, encoder, content, guide)
    terms["style"] = style
    pixel_terms: dict[str, PixelTerm] = {}
    if recipe.total_variation:
        variation = TotalVariation(recipe.total_variation, guide, recipe.seamless)
        pixel_terms["total_variation"] = variation
    return Targets(encoder, terms, pixel_terms, colours, recipe.seamless)


def reweighted(targets: Targets, recipe: StyleRecipe) -> Targets:
    """*targets* with the weights of *recipe*, which differs in these alone from that for which they
    were measured, with some total variation."""
    weights = {"content": recipe.content_weight, "style": recipe.style_weight}
    terms: dict[str, Any] = {**targets.terms}
    pixel_terms: dict[str, Any] = {**targets.pixel_terms}
    smoothing = pixel_terms.pop("total_variation")
    if recipe.total_variation:
        pixel_terms["total_variation"] = replace(smoothing, weight=recipe.total_variation)
    terms = {name: replace(term, weight=weights[name]) for name, term in terms.items()}
    return replace(targets, terms=terms, pixel_terms=pixel_terms)


def blended_colours(
    styles: Sequence[Tensor], shares: Sequence[float], guides: Sequence[Tensor | None] = ()
) -> Tensor:
    """(3, 3) covariance of the colours of *styles*, averaged like their Gram matrices.

    No term of the loss: it tells the descent which colours vary together.
    """
    return torch.stack(
        [
            share * torch.cov(style.flatten(1), aweights=None if guide is None else guide.flatten())
            for share, style, guide in zip(
                shares, styles, guides or [None] * len(styles), strict=True
            )
        ]
    ).sum(0)


def _regional_colours(
    styles: Sequence[Tensor],
    regions: Sequence[Region],
    areas: Sequence[float | Tensor],
    guides: Sequence[Tensor | None],
) -> Tensor:
    """The same of a painting in *regions*, which have these shares of its area."""
    return torch.stack(
        [
            area
            * blended_colours(styles, region.shares, region.seen_of(guides or [None] * len(styles)))
            for region, area in zip(regions, areas, strict=True)
        ]
    ).sum(0)
