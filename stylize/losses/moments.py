"""What a style is known by: Gram matrices, means and covariances of features."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx, once_differentiable

from stylize.losses.term import precise, same_shape


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
        same_shape(features[..., 0, :, :], weights)
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


def centre(seen: Tensor) -> Tensor:
    """*seen*, (…, N, N + 1) from ``moments``, with the covariance for its Gram matrix."""
    mean = seen[..., -1]
    return torch.cat([covariance(seen[..., :-1], mean), mean[..., None]], dim=-1)


class _Moments(torch.autograd.Function):
    """F ↦ F Fᵀ and F 1, in float32 at least.

    The gradient of F Fᵀ is one product where autograd would make two.
    """

    @staticmethod
    def forward(ctx: FunctionCtx, flat: Tensor) -> tuple[Tensor, Tensor]:
        ctx.save_for_backward(flat)
        exact = precise(flat)
        return exact @ exact.mT, exact.sum(-1, keepdim=True)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, by_product: Tensor, by_total: Tensor) -> Tensor:
        (flat,) = ctx.saved_tensors
        return ((by_product + by_product.mT) @ precise(flat)).add_(by_total).to(flat.dtype)


class _GuidedMoments(torch.autograd.Function):
    """F, w ↦ F̂ F̂ᵀ and F̂ t with F̂ = F diag(t), t = √w: the guided features of Gatys et al. (2017).

    Weights are constants: no gradient is computed for them.
    """

    @staticmethod
    def forward(ctx: FunctionCtx, flat: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
        root = weights.sqrt()[..., None, :]  # (…, 1, M)
        guided = precise(flat) * root
        ctx.save_for_backward(guided, root)
        ctx.dtype = flat.dtype  # type: ignore[attr-defined]
        return guided @ guided.mT, guided @ root.mT

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, by_product: Tensor, by_total: Tensor) -> tuple[Tensor, None]:
        guided, root = ctx.saved_tensors
        by_guided = ((by_product + by_product.mT) @ guided).add_(by_total * root)
        return by_guided.mul_(root).to(ctx.dtype), None
