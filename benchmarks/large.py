"""Time and memory of painting large: ``python -m benchmarks.large``, each size in a process.

A picture longer than one tile is seen tile by tile. Then memory should hold one tile, whatever
the size, but for the optimiser's few copies of the picture; and time should grow with the pixels.
"""

import argparse
import resource
import subprocess
import sys
import time

import torch

from benchmarks.pairs import pictures
from benchmarks.report import machine
from stylize.descent import minimise
from stylize.encoders import choose_dtype, load_encoder
from stylize.evaluate import evaluate
from stylize.recipe import Recipe
from stylize.targets import Losses, measure

SIZES = (512, 1024, 2048, 4096)


def paint(size: int, steps: int, device: torch.device) -> str:
    """Measure the targets and take *steps* steps at *size*; a row of the table."""
    encoder = load_encoder("vgg19", dtype=choose_dtype(device)).to(device)
    content, style = (pixels.float().to(device) for pixels in pictures("coffee+swirls", size))
    targets = measure(Recipe(), encoder, content, [style])
    began, looks = time.perf_counter(), 0

    def look(pixels: torch.Tensor) -> tuple[Losses, torch.Tensor]:
        nonlocal looks
        looks += 1
        return evaluate(targets, pixels)

    for point in minimise(look, content, steps, "lbfgs", targets.colours):
        total = point.total
    seconds = (time.perf_counter() - began) / looks
    megapixels = content[0].numel() / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # kilobytes, on Linux
    if device.type == "cuda":
        peak = torch.cuda.max_memory_allocated(device) / 1e9
    height, width = content.shape[1:]
    return (
        f"| {width}×{height} | {megapixels:.2f} | {looks} | {seconds:.1f} "
        f"| {seconds / megapixels:.1f} | {peak:.1f} | {total:.3g} |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Time and memory of painting large.")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--steps", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    args = parser.parse_args()
    if len(args.sizes) == 1:
        print(paint(args.sizes[0], args.steps, torch.device(args.device)))
        return
    print(f"# large\n\n{machine()}\n")
    print("| pixels | megapixels | evaluations | s each | s per megapixel | peak GB | loss |")
    print("|---|---|---|---|---|---|---|", flush=True)
    for size in args.sizes:
        command = [sys.executable, "-m", "benchmarks.large", "--sizes", str(size)]
        command += ["--steps", str(args.steps), "--device", args.device]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
