"""Pictures whose sides meet, as on a torus: what leaves on the right comes in on the left.

Padding with the other side (circular padding) makes a convolution circular, so that a shift of such
a picture around itself shifts its features and changes nothing else.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

Margins = tuple[int, int]
"""Before the first and behind the last along an axis."""


def around(x: Tensor, down: Margins, across: Margins) -> Tensor:
    """*x*, (…, H, W), with margins from its other sides: (…, b + H + a, b' + W + a').

    No margin may be longer than the side that it is taken from.
    """
    padded: Tensor = _Around.apply(_Around.apply(x, -2, *down), -1, *across)  # type: ignore[no-untyped-call]
    return padded


class _Around(torch.autograd.Function):
    """Circular padding along one axis.

    Torch's own is slower, and forgets the order in memory in which convolutions are fast.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, axis: int, before: int, behind: int) -> Tensor:
        ctx.axis, ctx.before, ctx.behind, length = axis, before, behind, x.shape[axis]
        first, last = x.narrow(axis, 0, behind), x.narrow(axis, length - before, before)
        return torch.cat([last, x, first], axis)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor, None, None, None]:
        axis, before, behind = ctx.axis, ctx.before, ctx.behind
        length = slope.shape[axis] - before - behind
        inner = slope.narrow(axis, before, length).clone()
        inner.narrow(axis, length - before, before).add_(slope.narrow(axis, 0, before))
        inner.narrow(axis, 0, behind).add_(slope.narrow(axis, before + length, behind))
        return inner, None, None, None
