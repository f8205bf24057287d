"""The sheet in README and in the chats' help: ``python -m benchmarks.examples`` paints it anew.

Columns of a photograph, a style and what the default preset makes of them.
"""

import torch
from PIL import Image, ImageOps

from benchmarks.judge import read
from benchmarks.pairs import SAMPLES
from bot.fronts import EXAMPLES
from stylize.encoders import choose_dtype, load_encoder
from stylize.paint import paint
from stylize.picture import Picture
from stylize.recipe import Recipe

SHOWN = (
    "chelsea+marbling",
    "astronaut+glass",
    "rocket+woodcut",
    "coffee+dots",
    "chelsea+swirls",
)
CELL, GAP = (300, 200), 10
"""(width, height) of a picture, and what is between two, in pixels."""


def cell(picture: Picture) -> Image.Image:
    """As much of *picture* as a cell shows; of a tall one the upper part, where faces are."""
    pixels = picture.pixels.permute(1, 2, 0).numpy()
    return ImageOps.fit(
        Image.fromarray(pixels), CELL, Image.Resampling.LANCZOS, centering=(0.5, 0.0)
    )


def main() -> None:
    """Paint every pair, about a minute each, and replace the sheet."""
    encoder = load_encoder("vgg19", dtype=choose_dtype(torch.device("cpu")))
    width, height = (side + GAP for side in CELL)
    sheet = Image.new("RGB", (len(SHOWN) * width - GAP, 3 * height - GAP), "white")
    for column, pair in enumerate(SHOWN):
        content, style = (Picture(read(SAMPLES / f"{name}.jpg")) for name in pair.split("+"))
        *_, last = paint(Recipe(), content, [style], encoder=encoder)
        painting = Picture(last.pixels.round().byte())
        for row, picture in enumerate((content, style, painting)):
            sheet.paste(cell(picture), (column * width, row * height))
    sheet.save(EXAMPLES, quality=82, optimize=True)


if __name__ == "__main__":
    main()
