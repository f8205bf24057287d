"""What a painting is worth, measured on the 8-bit picture that is delivered.

``python -m benchmarks.judge PAINTING CONTENT STYLE``, all three files at their final size.

- *Delivered loss*: the objective of neural-style-pt without its total variation,
  5 · MSE(relu4_2) + 100 · Σ_l MSE(G_l), by VGG-19 in float32, whatever the painter computed in.
- *Style distance*: Gram matrices compared by a network that was not optimised. A painter that
  merely fools VGG-19 gains nothing here.
- *Content distance*: how far the same network's features have moved from the content's.
- *Similarity*: SSIM of luminance with the content.
"""

import argparse
from collections.abc import Collection, Mapping
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from stylize.colours import grey
from stylize.encoders import Encoder, load_encoder
from stylize.losses import gram_matrix
from stylize.media.picture import decode

CONTENT_LAYER = "relu4_2"
GRAM_LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
LITE_LAYERS = ("stem", "b0_dw", "b1_exp", "b2_exp", "b3_exp", "b4_exp", "b5_exp", "b8_exp")
LITE_CONTENT = "b6_exp"
CONTENT_WEIGHT, STYLE_WEIGHT = 5.0, 100.0
"""Of each mean of squares, as in neural-style-pt; ``_ours.matched`` maps them to ours."""

WINDOW, SIGMA = 11, 1.5
"""Of SSIM's Gaussian, in pixels."""
K1, K2, RANGE = 0.01, 0.03, 255.0


class DeliveredLoss:
    """The objective for one *content* and one *style*, (3, H, W) in 0..255 each.

    *encoder* is VGG-19 with max pooling in float32.
    """

    def __init__(self, content: Tensor, style: Tensor, encoder: Encoder) -> None:
        self._encoder = encoder
        self._content = _look(encoder, content, [CONTENT_LAYER])[CONTENT_LAYER]
        self._grams = _grams(encoder, style, GRAM_LAYERS)

    def __call__(self, painting: Tensor) -> float:
        """The loss of *painting*, (3, H, W) in 0..255, of the content's size."""
        seen = _look(self._encoder, painting, [CONTENT_LAYER, *GRAM_LAYERS])
        content = functional.mse_loss(seen[CONTENT_LAYER], self._content)
        style = sum(
            functional.mse_loss(gram_matrix(seen[layer]), gram)
            for layer, gram in self._grams.items()
        )
        return float(CONTENT_WEIGHT * content + STYLE_WEIGHT * style)


def style_distance(
    painting: Tensor,
    style: Tensor,
    encoder: Encoder,
    layers: Collection[str] = LITE_LAYERS,
) -> float:
    """Mean over *layers* of ‖G(painting) − G(style)‖² / ‖G(style)‖²: 0 for the style itself.

    Pictures are (3, H, W) in 0..255; *encoder* should be another than the one painted with.
    """
    ours, theirs = (_grams(encoder, pixels, layers) for pixels in (painting, style))
    distances = [
        (ours[layer] - theirs[layer]).square().sum() / theirs[layer].square().sum()
        for layer in layers
    ]
    return float(torch.stack(distances).mean())


def content_distance(
    painting: Tensor, content: Tensor, encoder: Encoder, layer: str = LITE_CONTENT
) -> float:
    """‖F(painting) − F(content)‖² / ‖F(content)‖² at *layer*: 0 for the content itself.

    Pictures are (3, H, W) in 0..255; *encoder* should be another than the one painted with.
    """
    ours, theirs = (_look(encoder, pixels, [layer])[layer] for pixels in (painting, content))
    return float((ours - theirs).square().sum() / theirs.square().sum())


def similarity(painting: Tensor, content: Tensor) -> float:
    """Mean SSIM of luminance of two (3, H, W) pictures in 0..255: 1 when they are equal.

    Z. Wang, A. C. Bovik, H. R. Sheikh & E. P. Simoncelli, *Image Quality Assessment* (2004), with
    their Gaussian window and constants, over the places where the window lies inside.
    """
    # Variances of nearly equal numbers need the precision of float64.
    x, y = (grey(pixels.double())[0] for pixels in (painting, content))
    products = torch.stack([x, y, x * x, y * y, x * y])[:, None]
    mean_x, mean_y, mean_xx, mean_yy, mean_xy = functional.conv2d(products, _window())
    var_x, var_y = mean_xx - mean_x**2, mean_yy - mean_y**2
    covariance = mean_xy - mean_x * mean_y
    c1, c2 = (K1 * RANGE) ** 2, (K2 * RANGE) ** 2
    luminance = (2 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1)
    structure = (2 * covariance + c2) / (var_x + var_y + c2)
    return float((luminance * structure).mean())


def read(path: Path) -> Tensor:
    """The picture in *path*: (3, H, W) uint8."""
    return decode(path.read_bytes(), path.name).pixels


def _window() -> Tensor:
    """(1, 1, 11, 11) float64, of sum 1."""
    offsets = torch.arange(WINDOW, dtype=torch.float64) - WINDOW // 2
    line = torch.exp(-(offsets**2) / (2 * SIGMA**2))
    return (line[:, None] * line / line.sum() ** 2)[None, None]


@torch.no_grad()
def _look(encoder: Encoder, pixels: Tensor, layers: Collection[str]) -> Mapping[str, Tensor]:
    return encoder(pixels.float(), layers)


def _grams(encoder: Encoder, pixels: Tensor, layers: Collection[str]) -> Mapping[str, Tensor]:
    seen = _look(encoder, pixels, layers)
    return {layer: gram_matrix(seen[layer]) for layer in layers}


def main() -> None:
    """Print the measures of one painting."""
    parser = argparse.ArgumentParser(description="Measure a painting as it is delivered.")
    for name in ("painting", "content", "style"):
        parser.add_argument(name, type=Path, metavar=name.upper())
    args = parser.parse_args()
    painting, content, style = (read(path) for path in (args.painting, args.content, args.style))
    if painting.shape != content.shape:
        parser.error("the painting and the content differ in size: give the content as painted")
    delivered_loss = DeliveredLoss(content, style, load_encoder("vgg19"))
    judge = load_encoder("lite")
    print(f"delivered loss    {delivered_loss(painting):.4g}")
    print(f"style distance    {style_distance(painting, style, judge):.4f}")
    print(f"content distance  {content_distance(painting, content, judge):.3f}")
    print(f"similarity        {similarity(painting, content):.4f}")


if __name__ == "__main__":
    main()
