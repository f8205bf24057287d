"""The preconditioner of the descent: pictures as coefficients of about equal importance."""

from collections.abc import Sequence

import torch
from torch import Tensor

TRUST = 0.6
"""How much of it follows the expected colours, 0 to 1."""


class Preconditioner:
    """Pictures x = S·u as coefficients u, where S scales by 1/√f and mixes the colours.

    Natural pictures have a spectrum of about 1/f, f the spatial frequency. Descent over Fourier
    coefficients scaled by 1/√f and over decorrelated colours (Olah, Mordvintsev & Schubert,
    *Feature Visualization*, 2017) settles areas of colour at once that a plain gradient, mostly
    high frequencies in all colours, would reach last; ``docs/method.md`` has the measurements.

    S is symmetric and positive definite, so the gradient by u is S times the one by x.
    """

    def __init__(self, shape: Sequence[int], colours: Tensor) -> None:
        """For pictures of *shape* (H, W) whose colours are expected to vary as *colours* (3, 3).

        Where *colours* knows of one colour only, the others keep a share, or they would never be
        painted.
        """
        height, width = shape
        down = torch.fft.fftfreq(height, device=colours.device)[:, None]
        across = torch.fft.rfftfreq(width, device=colours.device)
        frequency = torch.hypot(down, across).clamp_min(1 / max(height, width))
        self._gains = frequency.rsqrt()
        unit = colours / (colours.trace() / 3).clamp_min(torch.finfo().tiny)
        mixed = TRUST * unit + (1 - TRUST) * torch.eye(3, device=colours.device)
        variances, axes = torch.linalg.eigh(mixed)
        self._axes, self._deviations = axes, variances.sqrt()

    def scale(self, coefficients: Tensor) -> Tensor:
        """S·u, (3, H, W)."""
        return self._apply(coefficients, self._gains, self._deviations)

    def unscale(self, pixels: Tensor) -> Tensor:
        """S⁻¹·x, (3, H, W)."""
        return self._apply(pixels, 1 / self._gains, 1 / self._deviations)

    def _apply(self, picture: Tensor, gains: Tensor, deviations: Tensor) -> Tensor:
        mix = (self._axes * deviations) @ self._axes.T
        mixed = torch.einsum("ij,jhw->ihw", mix, picture)
        for channel in mixed:  # one at a time, for a third of the memory
            spectrum = torch.fft.rfft2(channel).mul_(gains)
            torch.fft.irfft2(spectrum, s=channel.shape, out=channel)
        return mixed
