"""The pictures of one painting, as they are seen at each scale."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from stylize.colours import even, grey, is_grey, recolour, tint
from stylize.compositing import composite, staying
from stylize.descent import BRIGHTEST, DARKEST
from stylize.guides import guide_of
from stylize.media.picture import Picture, alpha_at, fit, resize, resize_around
from stylize.preconditioner import Preconditioner
from stylize.pyramid import Scale
from stylize.recipes.style import StyleRecipe
from stylize.regions import Region, covered, home_of, joined

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
    regions: Sequence[Region] = ()
    """Of guides in the sizes of painting and styles; empty where one style is everywhere."""

    def surround(self, pixels: Tensor) -> Tensor:
        """*pixels*, (3, h, w), with the content where there is no region."""
        inside = covered(self.regions)
        if self.content is None or inside is None:
            return pixels
        return composite(pixels, self.content, inside)


@dataclass(frozen=True)
class Finish:
    """From a picture that is worked on to what is shown, and gone on from, at one scale."""

    in_grey: bool
    hues: Tensor | None
    """(3, h, w), what a painting in grey takes its hues from, if it does."""
    around: Tensor | None
    """(3, h, w), what stays where nothing is painted, if there is such a place."""
    inside: Tensor | None
    """(h, w) in 0..1, how much of each place is painted; None: all of it."""
    alpha: Tensor | None
    """(h, w) in 0..255, the painting's."""

    def __call__(self, pixels: Tensor) -> Tensor:
        if self.in_grey:
            pixels = even(pixels)
        if self.hues is not None:
            pixels = tint(pixels, self.hues)
        if self.around is None or self.inside is None:
            return pixels
        return composite(pixels, self.around, self.inside)


@dataclass(frozen=True)
class Inputs:
    """Every picture from its original pixels, whatever was seen of it at another scale."""

    recipe: StyleRecipe
    content: Picture | None
    """None for a texture."""
    styles: Sequence[Picture]
    init: Picture | None
    """What the painting begins as, where the recipe's ``init`` is ``picture`` or ``patches``."""
    device: torch.device
    regions: Sequence[Region] = ()
    """Of guides in any size, in the proportions of painting and styles."""

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
        if self.content is not None:
            return _fitted(self.content.pixels, scale.size)
        if self.regions:
            return _fitted(self.regions[0].guide, scale.size)
        side = self.recipe.side(scale.size)
        return side, side

    def alpha(self, scale: Scale) -> Tensor | None:
        """The painting's alpha at *scale*, (h, w) in 0..255, where the content is transparent."""
        return None if self.content is None else alpha_at(self.content, self.shape(scale))

    def finish(self, scale: Scale) -> Finish:
        """What makes a painting of a picture that is worked on at *scale*."""
        content, shape = self._content_at(scale), self.shape(scale)
        inside = covered([region.at(shape, self.device) for region in self.regions])
        return Finish(
            self.in_grey,
            hues=content if self.recipe.colours == "luminance" else None,
            around=None if content is None or inside is None else staying(content, inside),
            inside=inside,
            alpha=self.alpha(scale),
        )

    def compared(self, scale: Scale) -> Compared:
        """Content and styles as they are compared with at *scale*.

        A style image is as long as the painting, times ``style_scale``, whatever its own
        proportions: then a brush stroke takes up as much of the one as of the other.
        """
        size = self.recipe.style_size(max(self.shape(scale)))
        shapes = [_fitted(style.pixels, size) for style in self.styles]
        sized = list(zip(self.styles, shapes, strict=True))
        content = self._content_at(scale)
        guide = guide_of(self.alpha(scale), self.device)
        styles = [resize(style.pixels, shape).to(self.device) for style, shape in sized]
        style_guides = [guide_of(alpha_at(style, shape), self.device) for style, shape in sized]
        regions = [
            region.at(self.shape(scale), self.device).of_styles(shapes, self.device)
            for region in self.regions
        ]
        if self.in_grey:
            content = None if content is None else grey(content)
            styles = [grey(style) for style in styles]
        if content is not None and self.recipe.colours != "style":
            styles = [
                recolour(style, content, style_guide, joined(guide, home_of(index, regions)))
                for index, (style, style_guide) in enumerate(zip(styles, style_guides, strict=True))
            ]
        return Compared(content, styles, guide, style_guides, regions)

    def worked_on(self, pixels: Tensor, scale: Scale) -> Tensor:
        """*pixels*, (3, H, W), as work at *scale* begins with them: (3, h, w), grey if that is all.

        They may be the painting at a coarser scale. Nothing else is carried over, which is what
        makes a ``Canvas`` enough to resume.
        """
        pixels = self.resized(pixels, self.shape(scale)).to(self.device)
        return grey(pixels) if self.in_grey else pixels

    def resized(self, pixels: Tensor, shape: tuple[int, int]) -> Tensor:
        """*pixels*, (3, H, W) of the painting at any scale, in another: (3, h, w)."""
        return resize_around(pixels, shape) if self.recipe.seamless else resize(pixels, shape)

    def beginning(self, scale: Scale, compared: Compared) -> Tensor:
        """(3, h, w) that a whole painting begins as at *scale*, where it is *compared* so.

        The content has the colours of the styles from the start: they are what the first steps
        would change. ``docs/method.md`` has the steps that this saves.
        """
        content = compared.content
        if self.init is not None:
            begun = self.worked_on(self.init.pixels, scale)
        elif content is None or self.recipe.init == "noise":
            begun = self.worked_on(noise(self.shape(scale), self.recipe.seed), scale)
        elif compared.regions:
            begun = _recoloured_by_region(content, compared)
        else:
            shares = self.recipe.shares(len(self.styles))
            begun = _recoloured(
                content, compared.styles, shares, compared.guide, compared.style_guides
            )
        return compared.surround(begun)

    def _content_at(self, scale: Scale) -> Tensor | None:
        if self.content is None:
            return None
        return resize(self.content.pixels, self.shape(scale)).to(self.device)


def _recoloured(
    content: Tensor,
    styles: Sequence[Tensor],
    shares: Sequence[float],
    guide: Tensor | None,
    style_guides: Sequence[Tensor | None],
) -> Tensor:
    """*content* in the colours of *styles* as far as they have *shares*; guides as of colours."""
    recoloured = [
        share * recolour(content, style, guide, style_guide)
        for share, style, style_guide in zip(shares, styles, style_guides, strict=True)
        if share
    ]
    return torch.stack(recoloured).sum(0)


def _recoloured_by_region(content: Tensor, compared: Compared) -> Tensor:
    """*content*, each region in the colours of its styles."""
    begun = content
    for region in compared.regions:
        guide = joined(region.guide, compared.guide)
        seen = region.seen_of(compared.style_guides)
        within = _recoloured(content, compared.styles, region.shares, guide, seen)
        begun = begun + region.guide * (within - content)
    return begun.clamp(DARKEST, BRIGHTEST)


def _fitted(picture: Tensor, size: int) -> tuple[int, int]:
    """(h, w) of *picture*, (…, H, W), scaled so that its longer side is *size*."""
    height, width = picture.shape[-2:]
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
