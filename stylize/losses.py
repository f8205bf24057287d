"""The terms of the loss, as pure functions of features, Gram matrices and pixels.

All are means rather than the sums of the paper by Gatys, Ecker & Bethge (CVPR 2016);
``stylize.targets`` divides them by what features of 0 would have, and then the factor cancels.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx, once_differentiable


def gram_matrix(features: Tensor) -> Tensor:
    """Ĝ = F Fᵀ / (N·M): how strongly each pair of channels is active at the same places.

    The paper's eq. 3 leaves out the division. With it, the Gram matrices of a style image and of a
    painting compare although the two differ in size.

    Args:
        features: (…, N, H, W), N channels; M = H·W. Halves are multiplied as float32.

    Returns: (…, N, N), symmetric and positive semidefinite.
    """
    if features.ndim < 3:
        raise ValueError(f"features must be (…, N, H, W), not {tuple(features.shape)}")
    flat = features.flatten(-2)  # (…, N, M)
    product: Tensor = _WithItself.apply(flat)  # type: ignore[no-untyped-call]
    return product / (flat.shape[-2] * flat.shape[-1])


def covariance(gram: Tensor, mean: Tensor) -> Tensor:
    """Ĝ − μμᵀ/N: the Gram matrix that features would have without their means.

    Args:
        gram: Ĝ, (…, N, N), from ``gram_matrix``.
        mean: μ, (…, N), of each channel over all places.

    Returns: (…, N, N).
    """
    return gram - mean[..., :, None] * mean[..., None, :] / mean.shape[-1]


def content_loss(features: Tensor, target: Tensor) -> Tensor:
    """½ · mean((F − P)²): eq. 1 of the paper with a mean for the sum.

    Args:
        features: F, (…, N, H, W).
        target: P, of the same shape.

    Returns: (…,).
    """
    _same_shape(features, target)
    return (_precise(features) - _precise(target)).square().mean((-3, -2, -1)) / 2


def style_loss(gram: Tensor, target: Tensor) -> Tensor:
    """¼ · mean((Ĝ − Â)²): E_l, eq. 4 of the paper, times 1/N².

    Args:
        gram: Ĝ, (…, N, N), from ``gram_matrix``.
        target: Â, of the same shape.

    Returns: (…,).
    """
    _same_shape(gram, target)
    return (gram - target).square().mean((-2, -1)) / 4


def total_variation(pixels: Tensor) -> Tensor:
    """Mean squared difference of neighbours, across plus down: large where a picture is noisy.

    Mahendran & Vedaldi (2015), with exponent β = 2.

    Args:
        pixels: (…, C, H, W), both sides at least 2 pixels.

    Returns: (…,).
    """
    across = pixels[..., :, 1:] - pixels[..., :, :-1]
    down = pixels[..., 1:, :] - pixels[..., :-1, :]
    return across.square().mean((-3, -2, -1)) + down.square().mean((-3, -2, -1))


class _WithItself(torch.autograd.Function):
    """F ↦ F Fᵀ in float32 at least. Its gradient is one product where autograd would make two."""

    @staticmethod
    def forward(ctx: FunctionCtx, flat: Tensor) -> Tensor:
        ctx.save_for_backward(flat)
        precise = _precise(flat)
        return precise @ precise.mT

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        (flat,) = ctx.saved_tensors
        return ((gradient + gradient.mT) @ _precise(flat)).to(flat.dtype)


def _precise(values: Tensor) -> Tensor:
    """In float32 at least: sums over thousands of places overflow or drown in a half."""
    return values.to(torch.promote_types(values.dtype, torch.float32))


def _same_shape(value: Tensor, target: Tensor) -> None:
    if value.shape != target.shape:  # broadcasting would hide the mistake
        raise ValueError(f"shapes differ: {tuple(value.shape)} and {tuple(target.shape)}")
