"""Time and memory of painting large: ``python -m benchmarks.large``, each size in a process.

A picture longer than one tile is seen tile by tile. Then memory should hold one tile, whatever
the size, but for the optimiser's few copies of the picture; and time should grow with the pixels.

A whole painting, from the coarsest scale to the finest, but of two steps at each: by then L-BFGS
has made all its room. What is timed are the evaluations at the finest.
"""

import argparse
import resource
import subprocess
import sys
import time

import torch
from torch import Tensor

from benchmarks.pairs import pictures
from benchmarks.report import machine
from stylize.encoders import choose_dtype, load_encoder
from stylize.evaluate import evaluate
from stylize.media.picture import Picture
from stylize.paint import paint
from stylize.pyramid import plan
from stylize.recipes import Transfer
from stylize.recipes.style import MOST_STEPS
from stylize.targets import Losses, Targets

SIZES = (512, 1024, 2048, 4096)
PAIR = "coffee+swirls"


class Stopwatch:
    """``evaluate`` that knows how long it took at the size seen last, the finest so far."""

    def __init__(self) -> None:
        self.shape: tuple[int, ...] = ()
        self.seconds: list[float] = []

    def __call__(self, targets: Targets, pixels: Tensor) -> tuple[Losses, Tensor]:
        if tuple(pixels.shape) != self.shape:
            self.shape, self.seconds = tuple(pixels.shape), []
        began = time.perf_counter()
        losses, gradient = evaluate(targets, pixels)
        if pixels.is_cuda:
            torch.cuda.synchronize(pixels.device)
        self.seconds.append(time.perf_counter() - began)
        return losses, gradient


def measure(size: int, device: torch.device) -> str:
    """Paint two steps at each scale up to *size*; a row of the table."""
    encoder = load_encoder("vgg19", dtype=choose_dtype(device)).to(device)
    content, style = (Picture(pixels) for pixels in pictures(PAIR, size))
    recipe = Transfer(size=size, steps=2 * len(plan(size, MOST_STEPS)))
    stopwatch = Stopwatch()
    for _ in paint(recipe, content, [style], encoder=encoder, device=device, evaluator=stopwatch):
        pass
    each = sum(stopwatch.seconds) / len(stopwatch.seconds)
    _, height, width = stopwatch.shape
    megapixels = height * width / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9  # it is in KiB, on Linux
    if device.type == "cuda":
        peak = torch.cuda.max_memory_allocated(device) / 1e9
    return (
        f"| {width}×{height} | {megapixels:.2f} | {len(stopwatch.seconds)} | {each:.1f} "
        f"| {each / megapixels:.1f} | {peak:.1f} |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Time and memory of painting large.")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--device", default="cpu")
    args = parser.parse_args()
    if len(args.sizes) == 1:
        print(measure(args.sizes[0], torch.device(args.device)))
        return
    print(f"# large\n\n{machine()}\n")
    print("| pixels | megapixels | evaluations | s each | s per megapixel | peak GB |")
    print("|---|---|---|---|---|---|", flush=True)
    for size in args.sizes:
        command = [sys.executable, "-m", "benchmarks.large", "--sizes", str(size)]
        subprocess.run([*command, "--device", args.device], check=True)


if __name__ == "__main__":
    main()
