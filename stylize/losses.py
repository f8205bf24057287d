"""The terms of the loss, as pure functions of features, Gram matrices and pixels.

All are means rather than the sums of the paper by Gatys, Ecker & Bethge (CVPR 2016);
``stylize.targets`` divides content and style by what features of 0 would have, and then the factor
cancels.

Each takes weights of places, of mean 1 over the whole picture (``stylize.guides``): the mean is
then a weighted one. Without weights every place counts the same.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx, once_differentiable


def moments(features: Tensor, weights: Tensor | None = None) -> Tensor:
    """Ĝ and μ, what a style is known by: how active channels are together, and each by itself.

    Means over places, both, so that the moments of a picture are the weighted mean of those of its
    parts, and those of two pictures compare although they differ in size.

    Args:
        features: F, (…, N, H, W), N channels; M = H·W. Halves are summed as float32.
        weights: w, (…, H, W), at least 0, of places.

    Returns: (…, N, N + 1): the Gram matrix Ĝ = F diag(w) Fᵀ / (N·M), and as its last column μ, the
    mean of each channel, F w / M. The paper's Gram matrix (eq. 3) is not divided, nor weighted.
    """
    if features.ndim < 3:
        raise ValueError(f"features must be (…, N, H, W), not {tuple(features.shape)}")
    flat = features.flatten(-2)  # (…, N, M)
    channels, places = flat.shape[-2:]
    if weights is None:
        product, total = _Moments.apply(flat)  # type: ignore[no-untyped-call]
    else:
        _same_shape(features[..., 0, :, :], weights)
        product, total = _GuidedMoments.apply(flat, weights.flatten(-2))  # type: ignore[no-untyped-call]
    return torch.cat([product / (channels * places), total / places], dim=-1)


def gram_matrix(features: Tensor) -> Tensor:
    """Ĝ alone, (…, N, N), symmetric and positive semidefinite; see ``moments``."""
    return moments(features)[..., :-1]


def covariance(gram: Tensor, mean: Tensor) -> Tensor:
    """Ĝ − μμᵀ/N: the Gram matrix that features would have without their means.

    Args:
        gram: Ĝ, (…, N, N), from ``moments``.
        mean: μ, (…, N), from ``moments``.

    Returns: (…, N, N).
    """
    return gram - mean[..., :, None] * mean[..., None, :] / mean.shape[-1]


def content_loss(features: Tensor, target: Tensor, weights: Tensor | None = None) -> Tensor:
    """½ · mean(w·(F − P)²): eq. 1 of the paper with a mean for the sum.

    Args:
        features: F, (…, N, H, W).
        target: P, of the same shape.
        weights: w, (…, H, W), at least 0, of places.

    Returns: (…,).
    """
    _same_shape(features, target)
    squares = (_precise(features) - _precise(target)).square()
    if weights is not None:
        _same_shape(features[..., 0, :, :], weights)
        squares = squares * weights[..., None, :, :]
    return squares.mean((-3, -2, -1)) / 2


def style_loss(gram: Tensor, target: Tensor) -> Tensor:
    """¼ · mean((Ĝ − Â)²): E_l, eq. 4 of the paper, times 1/N².

    Args:
        gram: Ĝ, (…, N, N), from ``moments``.
        target: Â, of the same shape.

    Returns: (…,).
    """
    _same_shape(gram, target)
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
    _same_shape(mean, target)
    return (mean - target).square().mean(-1) / 2


def total_variation(pixels: Tensor, guide: Tensor | None = None) -> Tensor:
    """Mean squared difference of neighbours, across plus down: large where a picture is noisy.

    Mahendran & Vedaldi (2015), with exponent β = 2.

    Args:
        pixels: (…, C, H, W), both sides at least 2 pixels.
        guide: (…, H, W), at least 0: two neighbours count as the product of what each does.

    Returns: (…,).
    """
    across = (pixels[..., :, 1:] - pixels[..., :, :-1]).square()
    down = (pixels[..., 1:, :] - pixels[..., :-1, :]).square()
    if guide is None:
        return across.mean((-3, -2, -1)) + down.mean((-3, -2, -1))
    beside = guide[..., :, 1:] * guide[..., :, :-1]
    below = guide[..., 1:, :] * guide[..., :-1, :]
    return _weighted_mean(across, beside) + _weighted_mean(down, below)


class _Moments(torch.autograd.Function):
    """F ↦ F Fᵀ and F 1, in float32 at least.

    The gradient of F Fᵀ is one product where autograd would make two.
    """

    @staticmethod
    def forward(ctx: FunctionCtx, flat: Tensor) -> tuple[Tensor, Tensor]:
        ctx.save_for_backward(flat)
        precise = _precise(flat)
        return precise @ precise.mT, precise.sum(-1, keepdim=True)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, by_product: Tensor, by_total: Tensor) -> Tensor:
        (flat,) = ctx.saved_tensors
        return ((by_product + by_product.mT) @ _precise(flat)).add_(by_total).to(flat.dtype)


class _GuidedMoments(torch.autograd.Function):
    """F, w ↦ F̂ F̂ᵀ and F̂ t with F̂ = F diag(t), t = √w: the guided features of Gatys et al. (2017).

    Weights are constants: no gradient is computed for them.
    """

    @staticmethod
    def forward(ctx: FunctionCtx, flat: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
        root = weights.sqrt()[..., None, :]  # (…, 1, M)
        guided = _precise(flat) * root
        ctx.save_for_backward(guided, root)
        ctx.dtype = flat.dtype  # type: ignore[attr-defined]
        return guided @ guided.mT, guided @ root.mT

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, by_product: Tensor, by_total: Tensor) -> tuple[Tensor, None]:
        guided, root = ctx.saved_tensors
        by_guided = ((by_product + by_product.mT) @ guided).add_(by_total * root)
        return by_guided.mul_(root).to(ctx.dtype), None


def _weighted_mean(values: Tensor, weights: Tensor) -> Tensor:
    """Of *values* (…, C, H, W) by *weights* (…, H, W) of places; 0 where these are all 0."""
    total = weights.sum((-2, -1)).clamp_min(torch.finfo(weights.dtype).tiny)
    return (values * weights[..., None, :, :]).sum((-3, -2, -1)) / (values.shape[-3] * total)


def _precise(values: Tensor) -> Tensor:
    """In float32 at least: sums over thousands of places overflow or drown in a half."""
    return values.to(torch.promote_types(values.dtype, torch.float32))


def _same_shape(value: Tensor, target: Tensor) -> None:
    if value.shape != target.shape:  # broadcasting would hide the mistake
        raise ValueError(f"shapes differ: {tuple(value.shape)} and {tuple(target.shape)}")
