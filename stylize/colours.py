"""Whose colours a painting has: the colours of pictures as statistics, and brightness alone.

After L. A. Gatys, M. Bethge, A. Hertzmann & E. Shechtman, *Preserving Color in Neural Artistic
Style Transfer* (arXiv 1606.05897, 2016). Pictures are (3, H, W), RGB in 0..255.
"""

import torch
from torch import Tensor

LUMA = (0.299, 0.587, 0.114)
"""How much R, G and B add to luminance, the Y of YIQ (NTSC; ITU-R BT.601)."""

UNSEEN = 2
"""Levels of 0..255 by which the channels of a grey may differ, as colour profiles round them."""

FAINTEST = 1.0
"""Variance, in 0..255 squared. A colour that varies less in a picture is rounding and JPEG noise:
to stretch that to another picture's variance would show nothing but the noise."""


def mean_and_covariance(pixels: Tensor, guide: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """μ, (3, 1), and Σ, (3, 3), of the colours of *pixels*, in float64.

    With a *guide*, (H, W), at least 0 and somewhere above, each pixel counts as much as it says.
    """
    colours = pixels.flatten(1).double()
    if guide is None:
        return colours.mean(1, keepdim=True), torch.cov(colours, correction=0)
    weights = guide.flatten().double()
    mean = (colours @ weights / weights.sum())[:, None]
    return mean, torch.cov(colours, correction=0, aweights=weights)


def recolour(
    pixels: Tensor,
    model: Tensor,
    guide: Tensor | None = None,
    model_guide: Tensor | None = None,
) -> Tensor:
    """*pixels* with the mean and the covariance of the colours of *model*, float32 in 0..255.

    Of each picture those count that its guide lets count.

    The linear map x ↦ A·(x − μ) + μ_model with A = Σ_model^½ · Σ^-½, symmetric roots (the paper's
    first approach). Both statistics are met, up to what clamping to 0..255 takes, wherever *pixels*
    vary by more than ``FAINTEST``; one colour all over becomes the mean colour of *model*. Of two
    grey pictures it matches mean and standard deviation of the luminance, as the paper's second
    approach does.
    """
    mean, covariance = mean_and_covariance(pixels, guide)
    model_mean, model_covariance = mean_and_covariance(model, model_guide)
    matrix = _power(model_covariance, 0.5) @ _power(covariance, -0.5, FAINTEST)
    colours = pixels.flatten(1).float()
    matrix, mean, model_mean = (part.to(colours) for part in (matrix, mean, model_mean))
    recoloured: Tensor = matrix @ (colours - mean) + model_mean
    return recoloured.view(pixels.shape).clamp(0, 255)


def is_grey(pixels: Tensor) -> bool:
    """Whether *pixels*, (3, H, W) uint8, are a grey picture, but for what rounding may do."""
    return bool((pixels.amax(0) - pixels.amin(0)).max() <= UNSEEN)


def grey(pixels: Tensor) -> Tensor:
    """The luminance of *pixels*, in each of three channels."""
    weights = torch.tensor(LUMA, dtype=pixels.dtype, device=pixels.device)
    return torch.einsum("c,chw->hw", weights, pixels).expand_as(pixels)


def even(pixels: Tensor) -> Tensor:
    """The mean of the three channels in each of them: the grey picture nearest to *pixels*.

    A symmetric projection, so that a gradient takes the same way back.
    """
    return pixels.mean(0, keepdim=True).expand_as(pixels)


def tint(brightness: Tensor, content: Tensor) -> Tensor:
    """The grey picture *brightness* in the hues of *content*, of the same size; in 0..255.

    Y comes from the one and I and Q come from the other, which is to add to R, G and B of *content*
    the same difference in luminance. Where 0..255 has no such colour, it gets as much of the
    chroma as there is room for: brightness is what was painted, and hue is kept.
    """
    chroma = content - grey(content)
    room = torch.where(chroma > 0, 255 - brightness, brightness)
    share = (room / chroma.abs().clamp_min(1e-6)).amin(0).clamp(0, 1)
    return (brightness + share * chroma).clamp(0, 255)


def _power(covariance: Tensor, exponent: float, least: float = 0.0) -> Tensor:
    """A symmetric matrix to a power; eigenvalues below *least* count as *least*."""
    values, vectors = torch.linalg.eigh(covariance.cpu())
    power: Tensor = vectors @ torch.diag(values.clamp_min(least).pow(exponent)) @ vectors.T
    return power
