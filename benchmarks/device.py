"""The painter on one device: is it right, how soon is a painting done, how many at once?

``python -m benchmarks.device --device cuda`` is meant for a GPU; any device will do.
"""

import argparse
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import torch
from torch import Tensor

from benchmarks._ours import matched
from benchmarks.judge import DeliveredLoss
from benchmarks.pairs import RESULTS, pictures
from benchmarks.report import machine, table
from stylize.encoders import Encoder, fastest_dtype, load_encoder
from stylize.evaluate import evaluate
from stylize.paint import paint
from stylize.picture import Picture
from stylize.recipe import Recipe
from stylize.targets import measure
from stylize.together import Together

PAIR = "chelsea+swirls"


def errors(device: torch.device, size: int) -> Iterator[list[str]]:
    """Loss and gradient in each precision, against float64 on the CPU."""
    content, style = pictures(PAIR, size)

    def seen(dtype: torch.dtype, place: torch.device) -> tuple[Tensor, Tensor]:
        precise = torch.promote_types(dtype, torch.float32)
        # Kernels too are to be float64, not only float32 ones converted.
        encoder = load_encoder("vgg19", dtype=dtype).to(place)
        x, a = (pixels.to(place, precise) for pixels in (content, style))
        terms, gradient = evaluate(measure(Recipe(), encoder, x, [a]), x.flip(-1))
        return terms["total"].double().cpu(), gradient.double().cpu()

    loss, gradient = seen(torch.float64, torch.device("cpu"))
    for dtype in (torch.float32, torch.bfloat16):
        other_loss, other = seen(dtype, device)
        off = float((other_loss - loss).abs() / loss)
        turned = float((other - gradient).norm() / gradient.norm())
        yield [str(dtype).removeprefix("torch."), f"{off:.1e}", f"{turned:.1e}"]


def soon(encoder: Encoder, device: torch.device, size: int) -> Iterator[list[str]]:
    """A cold and a warm painting: how long it takes, and until it is as good as the peers' best."""
    content, style = pictures(PAIR, size)
    recipe = matched(Picture(content), Picture(style), encoder, device)
    loss = DeliveredLoss(content, style, load_encoder("vgg19"))
    goal = peers_best(size)
    for temperature in ("first", "second", "third"):
        began = time.perf_counter()
        frames = paint(recipe, Picture(content), [Picture(style)], encoder=encoder, device=device)
        found = [(time.perf_counter() - began, frame.pixels) for frame in frames]
        finest = [(seconds, pixels) for seconds, pixels in found if pixels.shape == content.shape]
        good = next((s for s, pixels in finest if loss(pixels.round().byte()) <= goal), None)
        last = f"{loss(found[-1][1].round().byte()):.3g}"
        yield [
            temperature,
            f"{found[-1][0]:.2f} s",
            last,
            "never" if good is None else f"{good:.2f} s",
            f"{goal:.3g}",
        ]


def peers_best(size: int) -> float:
    """The lowest loss that any peer delivered, from ``results/peers-SIZE.json``; 0 without one."""
    path = RESULTS / f"peers-{size}.json"
    if not path.exists():
        return 0.0
    results: list[dict[str, Any]] = json.loads(path.read_text())["results"]
    peers = [r for r in results if r["pair"] == PAIR and r["painter"] != "stylenet"]
    return float(min(loss for result in peers for _, loss in result["curve"]))


def many(encoder: Encoder, device: torch.device, count: int, size: int) -> list[str]:
    """*count* paintings one after another, and all of them together."""
    content, style = (Picture(pixels) for pixels in pictures(PAIR, size))
    recipe = Recipe(size=size)

    def alone(_: int) -> None:
        for _frame in paint(recipe, content, [style], encoder=encoder, device=device):
            pass

    with closing(Together()) as together:

        def in_company(_: int) -> None:
            with together.seat():
                for _frame in paint(
                    recipe, content, [style], encoder=encoder, device=device, look=together
                ):
                    pass

        alone(0)  # the first of its shape on a GPU chooses its kernels
        began = time.perf_counter()
        for index in range(count):
            alone(index)
        one_by_one = time.perf_counter() - began
        with ThreadPoolExecutor(count) as threads:
            began = time.perf_counter()
            list(threads.map(in_company, range(count)))
            at_once = time.perf_counter() - began
    ratio = f"{one_by_one / at_once:.2f}×"
    return [str(count), f"{size}", f"{one_by_one:.1f} s", f"{at_once:.1f} s", ratio]


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description="The painter on one device.")
    parser.add_argument("--device", default="cuda", type=torch.device)
    parser.add_argument("--size", type=int, default=512, metavar="PX", help="of one painting")
    parser.add_argument("--many", type=int, default=16, help="paintings at once")
    parser.add_argument("--many-size", type=int, default=256, metavar="PX", help="their size")
    args = parser.parse_args()
    on_gpu = args.device.type == "cuda"
    name = f" {torch.cuda.get_device_name(args.device)}." if on_gpu else ""
    print(f"# device\n\n{machine()}{name}\n")
    header = ["precision", "relative error of the loss", "of the gradient"]
    print(table(header, list(errors(args.device, 128))), "\n")
    encoder = load_encoder("vgg19", dtype=fastest_dtype(args.device)).to(args.device)
    header = ["painting", "all its steps", "loss", "as good as the peers' best after", "which is"]
    print(table(header, list(soon(encoder, args.device, args.size))), "\n")
    header = ["paintings", "px", "one after another", "together", "faster"]
    print(table(header, [many(encoder, args.device, args.many, args.many_size)]))


if __name__ == "__main__":
    main()
