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
from benchmarks.painters import OURS
from benchmarks.pairs import RESULTS, pictures
from benchmarks.report import machine, table
from stylize.batching import Batcher
from stylize.encoders import Encoder, choose_dtype, load_encoder
from stylize.evaluate import evaluate
from stylize.media.picture import Picture
from stylize.paint import paint
from stylize.recipes import Transfer
from stylize.recipes.style import StyleRecipe
from stylize.targets import measure

PAIR = "chelsea+swirls"


def errors(device: torch.device, size: int) -> Iterator[list[str]]:
    """Loss and gradient in each precision, against float64 on the CPU."""
    content, style = pictures(PAIR, size)

    def seen(dtype: torch.dtype, place: torch.device) -> tuple[Tensor, Tensor]:
        encoder = load_encoder("vgg19", dtype=dtype).to(place)
        precise = torch.promote_types(dtype, torch.float32)
        x, a = (pixels.to(place, precise) for pixels in (content, style))
        terms, gradient = evaluate(measure(Transfer(), encoder, x, [a]), x.flip(-1))
        return terms["total"].double().cpu(), gradient.double().cpu()

    loss, gradient = seen(torch.float64, torch.device("cpu"))
    for name, dtype, rounded in (
        ("float32", torch.float32, False),
        ("float32, TF32 allowed", torch.float32, True),
        ("bfloat16", torch.bfloat16, True),
    ):
        with torch.backends.cudnn.flags(enabled=True, allow_tf32=rounded):
            other_loss, other = seen(dtype, device)
        off = float((other_loss - loss).abs() / loss)
        turned = float((other - gradient).norm() / gradient.norm())
        yield [name, f"{off:.1e}", f"{turned:.1e}"]


def soon(encoder: Encoder, device: torch.device, size: int) -> Iterator[list[str]]:
    """Three paintings: how long each takes, and until it is as good as the peers' best."""
    content, style = pictures(PAIR, size)
    recipe = matched(Picture(content), Picture(style), encoder, device)
    loss = DeliveredLoss(content, style, load_encoder("vgg19"))
    goal = peers_best(size)
    for number in ("1", "2", "3"):
        began = time.perf_counter()
        frames = paint(recipe, Picture(content), [Picture(style)], encoder=encoder, device=device)
        found = [(time.perf_counter() - began, frame.pixels) for frame in frames]
        good = None
        if goal is not None:
            finest = ((s, pixels) for s, pixels in found if pixels.shape == content.shape)
            good = next((s for s, pixels in finest if loss(pixels.round().byte()) <= goal), None)
        yield [
            number,
            f"{found[-1][0]:.2f} s",
            f"{loss(found[-1][1].round().byte()):.3g}",
            "–" if good is None else f"{good:.2f} s",
            "–" if goal is None else f"{goal:.3g}",
        ]


def peers_best(size: int) -> float | None:
    """The lowest loss that any peer delivered, from ``results/peers-SIZE.json`` if it is there."""
    path = RESULTS / f"peers-{size}.json"
    if not path.exists():
        return None
    results: list[dict[str, Any]] = json.loads(path.read_text())["results"]
    peers = [r for r in results if r["pair"] == PAIR and r["painter"] != OURS.name]
    return min((float(loss) for result in peers for _, loss in result["curve"]), default=None)


def many(encoder: Encoder, device: torch.device, count: int, size: int) -> list[str]:
    """*count* paintings one after another, and all of them together."""
    content, style = (Picture(pixels) for pixels in pictures(PAIR, size))

    def alone(recipe: StyleRecipe) -> None:
        for _frame in paint(recipe, content, [style], encoder=encoder, device=device):
            pass

    with closing(Batcher()) as together, ThreadPoolExecutor(count) as threads:

        def in_company(recipe: StyleRecipe) -> None:
            with together.join():
                for _frame in paint(
                    recipe, content, [style], encoder=encoder, device=device, evaluator=together
                ):
                    pass

        few, whole = [[Transfer(size=size, steps=steps)] * count for steps in (3, 100)]
        alone(few[0])  # a GPU chooses its kernels at the first of each shape
        list(threads.map(in_company, few))
        began = time.perf_counter()
        for recipe in whole:
            alone(recipe)
        one_by_one = time.perf_counter() - began
        began = time.perf_counter()
        list(threads.map(in_company, whole))
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
    encoder = load_encoder("vgg19", dtype=choose_dtype(args.device)).to(args.device)
    header = ["painting", "all its steps", "loss", "as good as the peers' best after", "which is"]
    print(table(header, list(soon(encoder, args.device, args.size))), "\n")
    header = ["paintings", "px", "one after another", "together", "faster"]
    print(table(header, [many(encoder, args.device, args.many, args.many_size)]))


if __name__ == "__main__":
    main()
