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
    if weights is not None:
        return regional_moments(features, weights[..., None, :, :]).squeeze(-3)
    flat = _flat(features)
    product, total = _Moments.apply(flat)  # type: ignore[no-untyped-call]
    return _means(product, total, *flat.shape[-2:])


def regional_moments(features: Tensor, weights: Tensor) -> Tensor:
    """``moments`` by each of R *weights*, (…, R, H, W): (…, R, N, N + 1).

    Places of weight 0 cost nothing: R regions that share a picture cost about as much as one that
    is all of it.
    """
    flat = _flat(features)
    same_shape(features[..., 0, :, :], weights[..., 0, :, :])
    product, total = _GuidedMoments.apply(flat, weights.flatten(-2))  # type: ignore[no-untyped-call]
    return _means(product, total, *flat.shape[-2:])


def _flat(features: Tensor) -> Tensor:
    """(…, N, M)"""
    if features.ndim < 3:
        raise ValueError(f"features must be (…, N, H, W), not {tuple(features.shape)}")
    return features.flatten(-2)


def _means(product: Tensor, total: Tensor, channels: int, places: int) -> Tensor:
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

    For each of R weights w, (…, R, M), and by the columns alone in which they are above 0. Weights
    are constants: no gradient is computed for them.
    """

    @staticmethod
    def forward(ctx: Any, flat: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
        ctx.shape, ctx.dtype = flat.mT.shape, flat.dtype
        rows = flat.mT.reshape(-1, *ctx.shape[-2:])  # (B, M, N), as features lie in memory
        ctx.seen = [
            (picture, *_guided(rows[picture], weight))
            for picture, of_picture in enumerate(weights.view(len(rows), -1, weights.shape[-1]))
            for weight in of_picture
        ]
        product = torch.stack([guided.mT @ guided for *_, guided, _ in ctx.seen])
        total = torch.stack([guided.mT @ root for *_, guided, root in ctx.seen])
        shape = weights.shape[:-1]
        return product.view(*shape, *product.shape[1:]), total.view(*shape, *total.shape[1:])

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, by_product: Tensor, by_total: Tensor) -> tuple[Tensor, None]:
        gradient = by_product.new_zeros(ctx.shape).view(-1, *ctx.shape[-2:])
        pulls = zip(by_product.flatten(0, -3), by_total.flatten(0, -3), strict=True)
        for (picture, where, guided, root), (product, total) in zip(ctx.seen, pulls, strict=True):
            by_guided = (guided @ (product + product.mT)).addcmul_(root, total.mT)
            gradient[picture].index_add_(0, where, by_guided.mul_(root))
        return gradient.view(ctx.shape).mT.to(ctx.dtype), None


def _guided(rows: Tensor, weight: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Of *rows*, (M, N), the m that count by *weight*, (M,): which, F̂ᵀ (m, N), and t (m, 1)."""
    where = weight.nonzero()[:, 0]
    root = weight[where].sqrt()[:, None]
    return where, precise(rows[where]) * root, root
