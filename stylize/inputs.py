"""The pictures of one painting, as they are seen at each scale."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from stylize.colours import grey, is_grey, recolour
from stylize.descent import BRIGHTEST, DARKEST
from stylize.guides import guide_of
from stylize.media.picture import Picture, alpha_at, fit, resize
from stylize.preconditioner import Preconditioner
from stylize.pyramid import Scale
from stylize.recipes.style import LONGEST_STYLE, StyleRecipe

NOISE = 10.0
"""Standard deviation, in 0..255, of the noise to start from; of stronger noise, grain stays."""


@dataclass(frozen=True)
class Compared:
    """What a painting is compared with at one scale, each picture (3, h, w) of its own size."""

    content: Tensor | None
    """Of the painting's size; None for a texture."""
    styles: Sequence[Tensor]
    guide: Tensor | None
    """(h, w), how much each pixel of the content, and of the painting, counts; None: all the same.
    What is invisible has no part."""
    style_guides: Sequence[Tensor | None]
    """The same of each style image."""


@dataclass(frozen=True)
class Inputs:
    """Every picture from its original pixels, whatever was seen of it at another scale."""

    recipe: StyleRecipe
    content: Picture | None
    """None for a texture."""
    styles: Sequence[Picture]
    init: Picture | None
    """What the painting begins as, where the recipe's ``init`` is ``picture``."""
    device: torch.device

    @cached_property
    def in_grey(self) -> bool:
        """Whether luminance alone is painted, as a grey picture.

        So it is where hues are the content's, and where the pictures whose colours the painting
        takes are grey: a network that was trained on colours makes up its own.
        """
        models = self.styles if self.recipe.colours == "style" else [self.content]
        return self.recipe.colours == "luminance" or all(
            model is not None and is_grey(model.pixels) for model in models
        )

    def shape(self, scale: Scale) -> tuple[int, int]:
        """(h, w) of the painting at *scale*."""
        if self.content is None:
            return scale.size, scale.size
        return _fitted(self.content, scale.size)

    def alpha(self, scale: Scale) -> Tensor | None:
        """The painting's alpha at *scale*, (h, w) in 0..255, where the content is transparent."""
        return None if self.content is None else alpha_at(self.content, self.shape(scale))

    def hues(self, scale: Scale) -> Tensor | None:
        """The content (3, h, w) at *scale* where a painting in grey takes its hues from it."""
        return self._content_at(scale) if self.recipe.colours == "luminance" else None

    def compared(self, scale: Scale) -> Compared:
        """Content and styles as they are compared with at *scale*.

        A style image is as long as the painting, times ``style_scale``, whatever its own
        proportions: then a brush stroke takes up as much of the one as of the other. It is never
        longer than both the painting and ``LONGEST_STYLE``.
        """
        size = min(max(scale.size, LONGEST_STYLE), round(scale.size * self.recipe.style_scale))
        shapes = [_fitted(style, size) for style in self.styles]
        sized = list(zip(self.styles, shapes, strict=True))
        content = self._content_at(scale)
        guide = guide_of(self.alpha(scale), self.device)
        styles = [resize(style.pixels, shape).to(self.device) for style, shape in sized]
        style_guides = [guide_of(alpha_at(style, shape), self.device) for style, shape in sized]
        if self.in_grey:
            content = None if content is None else grey(content)
            styles = [grey(style) for style in styles]
        if content is not None and self.recipe.colours != "style":
            styles = [
                recolour(style, content, style_guide, guide)
                for style, style_guide in zip(styles, style_guides, strict=True)
            ]
        return Compared(content, styles, guide, style_guides)

    def worked_on(self, pixels: Tensor, scale: Scale) -> Tensor:
        """*pixels*, (3, H, W), as work at *scale* begins with them: (3, h, w), grey if that is all.

        They may be the painting at a coarser scale. Nothing else is carried over, which is what
        makes a ``Canvas`` enough to resume.
        """
        pixels = resize(pixels, self.shape(scale)).to(self.device)
        return grey(pixels) if self.in_grey else pixels

    def beginning(self, scale: Scale, compared: Compared) -> Tensor:
        """(3, h, w) that a whole painting begins as at *scale*, where it is *compared* so.

        The content has the colours of the styles from the start: they are what the first steps
        would change. ``docs/method.md`` has the steps that this saves.
        """
        if self.init is not None:
            return self.worked_on(self.init.pixels, scale)
        if compared.content is None or self.recipe.init == "noise":
            return self.worked_on(noise(self.shape(scale), self.recipe.seed), scale)
        shares = self.recipe.shares(len(self.styles))
        recoloured = [
            share * recolour(compared.content, style, compared.guide, style_guide)
            for share, style, style_guide in zip(
                shares, compared.styles, compared.style_guides, strict=True
            )
        ]
        return torch.stack(recoloured).sum(0)

    def _content_at(self, scale: Scale) -> Tensor | None:
        if self.content is None:
            return None
        return resize(self.content.pixels, self.shape(scale)).to(self.device)


def _fitted(picture: Picture, size: int) -> tuple[int, int]:
    height, width = picture.pixels.shape[1:]
    return fit(width, height, size)


def noise(shape: tuple[int, int], seed: int) -> Tensor:
    """(3, h, w) noise around mid-grey with a spectrum of 1/f, as photographs have it.

    Of white noise, which the paper begins with, the grain is the last thing to go: the network
    hardly sees it. Drawn on the CPU, whose generator gives the same numbers beside every device.
    """
    white = torch.randn(3, *shape, generator=torch.Generator().manual_seed(seed))
    preconditioner = Preconditioner(shape, torch.eye(3))
    pink = preconditioner.scale(preconditioner.scale(white))
    return (127.5 + NOISE * pink / pink.std()).clamp(DARKEST, BRIGHTEST)
