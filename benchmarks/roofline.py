"""How close one evaluation of the loss comes to what this machine can multiply.

``python -m benchmarks.roofline`` sets the floating-point operations of one evaluation, counted
from VGG-19's layer table, against its time, and both against rates that the same run measures
in the same precision: of a large matrix product, and of the network's convolutions alone.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from statistics import median

import torch
from torch.nn import functional

from benchmarks.report import machine, table
from stylize.encoders import Encoder, load_encoder
from stylize.encoders.vgg19 import CONVOLUTIONS
from stylize.evaluate import evaluate
from stylize.recipes import Transfer
from stylize.recipes.layers import STYLE_LAYERS
from stylize.targets import measure

LAST = "conv5_1"
"""The deepest convolution that the loss needs."""
ASPECT = 2 / 3
PRODUCT = 2048
"""Rows and columns of the matrices whose product gives the machine's rate."""

Shape = tuple[int, int, int, int]
"""Output channels, input channels, height, width of a convolution."""


def convolutions(height: int, width: int) -> Iterator[tuple[str, Shape]]:
    """What is convolved for a picture of this size, shallow to deep."""
    for name, (out, channels) in CONVOLUTIONS.items():
        if name.endswith("_1") and name != "conv1_1":
            height, width = height // 2, width // 2  # a pooling
        yield name, (out, channels, height, width)
        if name == LAST:
            return


def operations(height: int, width: int) -> tuple[float, float]:
    """Multiplications and additions of one evaluation: (in convolutions, in Gram matrices).

    Forward and backward cost the same: of a convolution only the gradient by its input is needed,
    for its weights are constants, and the gradient of F Fᵀ is one more product of that size.
    """
    convolved = gram = 0.0
    for name, (out, channels, rows, columns) in convolutions(height, width):
        convolved += 2 * (2 * 9 * out * channels * rows * columns)
        if name.replace("conv", "relu") in STYLE_LAYERS["vgg19"]:
            gram += 2 * (2 * out**2 * rows * columns)
    return convolved, gram


def seconds(work: Callable[[], object], repeats: int) -> float:
    """Median time of *work*, after one run to warm up."""
    times = []
    for _ in range(repeats + 1):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return median(times[1:])


def evaluation(encoder: Encoder, height: int, width: int) -> Callable[[], object]:
    """The painter's own loss of a transfer and its gradient."""
    generator = torch.Generator().manual_seed(0)
    painting, content, style = 255 * torch.rand(3, 3, height, width, generator=generator)
    targets = measure(Transfer(), encoder, content, [style])
    return lambda: evaluate(targets, painting)


def convolution(shape: Shape, dtype: torch.dtype) -> Callable[[], object]:
    """One convolution, and the gradient by its input."""
    out, channels, rows, columns = shape
    kernel, x, pull = (
        torch.randn(sizes).to(dtype, memory_format=torch.channels_last)
        for sizes in [(out, channels, 3, 3), (1, channels, rows, columns), (1, out, rows, columns)]
    )
    x.requires_grad_()
    return lambda: torch.autograd.grad(functional.conv2d(x, kernel, padding=1), x, pull)


def product_rate(dtype: torch.dtype, repeats: int) -> float:
    """Operations per second of a large matrix product."""
    a, b = (torch.randn(PRODUCT, PRODUCT).to(dtype) for _ in range(2))
    return 2 * PRODUCT**3 / seconds(lambda: a @ b, repeats)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--size", type=int, nargs="+", default=[256, 512], metavar="PX")
    parser.add_argument("--repeats", type=int, default=7, metavar="N")
    args = parser.parse_args()
    origin, rows = machine(), []
    for dtype in (torch.float32, torch.bfloat16):
        encoder, product = load_encoder("vgg19", dtype=dtype), product_rate(dtype, args.repeats)
        for size in args.size:
            height, width = round(size * ASPECT), size
            convolved, gram = operations(height, width)
            alone = sum(
                seconds(convolution(shape, dtype), args.repeats)
                for _, shape in convolutions(height, width)
            )
            taken = seconds(evaluation(encoder, height, width), args.repeats)
            rate = (convolved + gram) / taken
            rows.append(
                [
                    f"{str(dtype).removeprefix('torch.')}, {width}×{height}",
                    f"{convolved / 1e9:.1f} + {gram / 1e9:.1f}",
                    f"{taken:.3f} s",
                    f"{rate / 1e9:.0f}",
                    f"{convolved / alone / 1e9:.0f}",
                    f"{rate * alone / convolved:.0%}",
                    f"{product / 1e9:.0f}",
                    f"{rate / product:.0%}",
                ]
            )
    header = ["one evaluation", "GFLOP: convolutions + Gram", "time", "GFLOP/s"]
    header += ["convolutions alone", "share", "matrix product", "share"]
    print(origin, table(header, rows), sep="\n\n")


if __name__ == "__main__":
    main()
