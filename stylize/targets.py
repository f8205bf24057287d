"""What a painting is compared with, at one scale: content features and blended Gram matrices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from stylize.encoders import Encoder
from stylize.losses import content_loss, gram_matrix, style_loss, total_variation
from stylize.recipe import Recipe


@dataclass(frozen=True)
class Targets:
    """The loss L = α·L_content + β·L_style + γ·L_tv as a function of the painting."""

    recipe: Recipe
    encoder: Encoder
    content: Mapping[str, Tensor]
    """P of each content layer, (N, H', W'); empty for a texture."""
    grams: Mapping[str, Tensor]
    """Â of each style layer, (N, N), blended."""
    colours: Tensor
    """(3, 3), covariance of the RGB values of the style images, blended."""

    def losses(self, pixels: Tensor) -> dict[str, Tensor]:
        """Each term, unweighted, and their weighted sum ``total``, for *pixels* (3, H, W)."""
        features = self.encoder(pixels, self.content.keys() | self.grams.keys())
        content = style = variation = pixels.new_zeros(())
        for layer, target in self.content.items():
            content = content + content_loss(features[layer], target)
        for layer, target in self.grams.items():
            weight = self.recipe.style_layers[layer]
            style = style + weight * style_loss(gram_matrix(features[layer]), target)
        if self.recipe.total_variation:
            variation = total_variation(pixels)
        total = (
            self.recipe.content_weight * content
            + self.recipe.style_weight * style
            + self.recipe.total_variation * variation
        )
        return {"content": content, "style": style, "total_variation": variation, "total": total}


@torch.no_grad()
def measure(
    recipe: Recipe, encoder: Encoder, content: Tensor | None, styles: Sequence[Tensor]
) -> Targets:
    """Look at the pictures once; they are (3, H, W) in 0..255, each of a size of its own.

    *content*, of the painting's size, is None for a texture. Raises ValueError when
    ``recipe.blend`` names another number of styles.
    """
    return Targets(
        recipe,
        encoder,
        content={} if content is None else encoder(content, recipe.content_layers),
        grams=blended_grams(recipe, encoder, styles),
        colours=blended_colours(recipe, styles),
    )


@torch.no_grad()
def blended_grams(recipe: Recipe, encoder: Encoder, styles: Sequence[Tensor]) -> dict[str, Tensor]:
    """Â = Σᵢ wᵢ·Âᵢ over the style images, per style layer (Johnson's neural-style).

    A style far more contrasty than the others still weighs more in the sum: its Âᵢ is larger.
    """
    blended: dict[str, Tensor] = {}
    for share, style in zip(recipe.shares(len(styles)), styles, strict=True):
        for layer, features in encoder(style, recipe.style_layers.keys()).items():
            gram = share * gram_matrix(features)
            blended[layer] = blended[layer] + gram if layer in blended else gram
    return blended


def blended_colours(recipe: Recipe, styles: Sequence[Tensor]) -> Tensor:
    """(3, 3) covariance of the colours of *styles*, averaged like their Gram matrices.

    No term of the loss: it tells the descent which colours vary together.
    """
    shares = recipe.shares(len(styles))
    return torch.stack(
        [share * torch.cov(style.flatten(1)) for share, style in zip(shares, styles, strict=True)]
    ).sum(0)
