"""What L-BFGS remembers, kept in the two matrices that make it few and large operations."""

import torch
from torch import Tensor

PAIRS = 20
"""The most pairs that are remembered; more gained nothing."""
MOST_BYTES, FEWEST = 1_000_000_000, 3
"""What the memory of a large picture may take, and how many pairs it keeps even so."""


class History:
    """The inverse Hessian H as the last steps s and gradient changes y know it.

    Nocedal & Wright, *Numerical Optimization* (2006), algorithm 7.4. All its vectors are sums of
    the remembered ones and of the gradient, so its two loops run over their factors, a few numbers
    on the CPU, once all inner products are known (Chen, Wang & Zhou, *Large-scale L-BFGS using
    MapReduce*, 2014): two passes over the memory, where the loops as written take four.
    """

    def __init__(self, like: Tensor) -> None:
        """Empty, for vectors of the shape, dtype and device of *like*."""
        affordable = MOST_BYTES // (2 * like.numel() * like.element_size())
        self._size = max(FEWEST, min(PAIRS, affordable))
        self._basis = like.new_zeros(2 * self._size, like.numel())  # rows: every s, then every y
        self._products = torch.zeros(2 * self._size, 2 * self._size, dtype=torch.float64)
        self._order: list[int] = []  # rows of the steps, the oldest first

    @property
    def empty(self) -> bool:
        return not self._order

    def learn(self, step: Tensor, change: Tensor) -> None:
        """Remember a pair, unless the curvature along it is not positive: H must stay so."""
        step, change = step.flatten(), change.flatten()
        curvature, size = torch.stack([step @ change, change @ change]).tolist()
        if not curvature > 1e-10 * size:  # so that nothing that is not a number is learned
            return
        full = len(self._order) == self._size
        row = self._order.pop(0) if full else len(self._order)
        self._order.append(row)
        for at, vector in ((row, step), (self._size + row, change)):
            self._basis[at] = vector
        products = torch.stack([self._basis @ step, self._basis @ change]).to(self._products)
        for at, product in zip((row, self._size + row), products, strict=True):
            self._products[at] = self._products[:, at] = product

    def forget(self) -> None:
        """Be empty again."""
        self._order.clear()
        self._basis.zero_()
        self._products.zero_()

    def precondition(self, gradient: Tensor) -> Tensor:
        """H·*gradient*, of its shape."""
        if self.empty:
            return gradient
        flat = gradient.flatten()
        own, factors = self._factors((self._basis @ flat).to(self._products))
        return (own * flat + factors.to(flat) @ self._basis).view_as(gradient)

    def _factors(self, slopes: Tensor) -> tuple[float, Tensor]:
        """H·g as a sum: the factor of g itself, and (2·size,) those of the rows.

        *slopes* are the inner products of g with every row.
        """
        products, own, factors = self._products, 1.0, torch.zeros_like(slopes)
        weights = {}
        for step in reversed(self._order):
            change = step + self._size
            along = own * slopes[step] + products[step] @ factors
            weights[step] = along / products[step, change]
            factors[change] -= weights[step]
        newest = self._order[-1], self._order[-1] + self._size
        curvature = float(products[newest] / products[newest[1], newest[1]])
        own, factors = own * curvature, factors * curvature
        for step in self._order:
            change = step + self._size
            along = own * slopes[change] + products[change] @ factors
            factors[step] += weights[step] - along / products[step, change]
        return own, factors
