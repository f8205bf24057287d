"""VGG-19 (Simonyan & Zisserman, 2015), the network of Gatys, Ecker & Bethge: convolutions only."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from stylize.encoders.receptive_field import ReceptiveField
from stylize.recipes.layers import LAYERS
from stylize.recipes.style import Pooling
from stylize.wrapping import around

BLOCKS = ((64, 2), (128, 2), (256, 4), (512, 4), (512, 4))
"""(output channels, convolutions) of each block; a 2×2 pooling stands between two blocks."""


def _convolutions() -> dict[str, tuple[int, int]]:
    channels, table = 3, {}
    for block, (out, depth) in enumerate(BLOCKS, start=1):
        for index in range(1, depth + 1):
            table[f"conv{block}_{index}"] = (out, channels)
            channels = out
    return table


CONVOLUTIONS = _convolutions()
"""(output channels, input channels) of every 3×3 convolution by name, shallow to deep."""

AVERAGE_GAIN = 1.4
"""What average-pooled features are multiplied by. The network was trained with max pooling, and
the mean of four values is less than their maximum: unscaled, a photograph's features at relu5_1
fade to a fifth beside the biases, which do not. With 1.4 every layer keeps its
root mean square to within a third, measured over photographs and drawings."""


@dataclass(frozen=True)
class Weights:
    """The parameters of a VGG-19 that takes RGB in 0..255 minus ``mean``."""

    kernels: Mapping[str, Tensor]
    """(out, in, 3, 3) float32 for each name in ``CONVOLUTIONS``."""
    biases: Mapping[str, Tensor]
    """(out,) float32 likewise."""
    mean: Tensor
    """(3,) float32, RGB: the colour that the network sees as zero, also beyond the border."""


class VGG19(nn.Module):
    """The convolutions of VGG-19, tapped before (``conv1_1``) or after (``relu1_1``) a ReLU.

    Gatys et al. replace max pooling by average pooling for "slightly more appealing" results;
    ``pooling`` offers both. The weights are constants: no gradient is computed for them.

    Convolutions are computed in *dtype*, and features come in it.
    """

    layers = LAYERS["vgg19"]

    def __init__(
        self, weights: Weights, pooling: Pooling = "max", dtype: torch.dtype = torch.float32
    ) -> None:
        super().__init__()
        self.pooling = pooling
        # The mean is subtracted here rather than folded into a bias of conv1_1: the zeros that
        # every convolution pads with must stand for the mean colour, as they did in training.
        self.register_buffer("mean", weights.mean.view(3, 1, 1))
        for name in CONVOLUTIONS:
            # Channels last is the order in which convolutions are fastest, on CPUs and GPUs.
            kernel = weights.kernels[name].to(dtype, memory_format=torch.channels_last)
            self.register_buffer(f"{name}_kernel", kernel)
            self.register_buffer(f"{name}_bias", weights.biases[name].to(dtype))

    @staticmethod
    def receptive_field(layer: str) -> ReceptiveField:
        """How coarse *layer* is and how far it sees, in pixels."""
        stride, margin, blocks = 1, 0, int(layer[4])
        for block, (_, depth) in enumerate(BLOCKS[:blocks], start=1):
            convolutions = int(layer.partition("_")[2]) if block == blocks else depth
            margin += stride * convolutions
            if block < blocks:
                stride *= 2  # a pooling sees only what is its own
        return ReceptiveField(stride, margin)

    def forward(
        self, pixels: Tensor, layers: Collection[str], *, wraps: bool = False
    ) -> dict[str, Tensor]:
        """Features of *pixels*, (…, 3, H, W) RGB in 0..255, at each of *layers*.

        Returns (…, N, H', W') per layer, where N is its number of channels and H', W' halve,
        rounded down, from block to block. Nothing deeper than the deepest layer is computed.
        Convolutions see the mean colour beyond the sides, or where it *wraps* the other side.

        Raises KeyError for a layer that is not in ``VGG19.layers``.
        """
        wanted = set(layers)
        if unknown := wanted.difference(self.layers):
            raise KeyError(*sorted(unknown))
        found: dict[str, Tensor] = {}
        x = (pixels - self.get_buffer("mean")).reshape(-1, *pixels.shape[-3:])
        x = x.to(self.get_buffer("conv1_1_kernel").dtype, memory_format=torch.channels_last)
        for conv in CONVOLUTIONS:
            if len(found) == len(wanted):
                break
            if conv.endswith("_1") and conv != "conv1_1":
                x = self._pool(x)
            kernel, bias = self.get_buffer(f"{conv}_kernel"), self.get_buffer(f"{conv}_bias")
            if wraps:
                x = functional.conv2d(around(x, (1, 1), (1, 1)), kernel, bias)
            else:
                x = functional.conv2d(x, kernel, bias, padding=1)
            relu = conv.replace("conv", "relu")
            if conv in wanted:
                found[conv] = x
                x = functional.relu(x)
            else:
                x = functional.relu_(x)
            if relu in wanted:
                found[relu] = x
        leading = pixels.shape[:-3]
        return {layer: x.reshape(*leading, *x.shape[1:]) for layer, x in found.items()}

    def _pool(self, x: Tensor) -> Tensor:
        if self.pooling == "max":
            return functional.max_pool2d(x, 2)
        return functional.avg_pool2d(x, 2) * AVERAGE_GAIN
