"""The sheet in README and in the chats' help: ``python -m benchmarks.examples`` paints it anew.

Columns of a photograph, a style and what the default preset makes of them.
"""

from io import BytesIO

import torch
from PIL import Image, ImageOps

from benchmarks.pairs import SAMPLES
from bot.commands.help import EXAMPLES
from stylize.encoders import choose_dtype, load_encoder
from stylize.media.picture import decode, encode_png
from stylize.paint import paint
from stylize.recipes import Transfer

SHOWN = (
    "chelsea+marbling",
    "astronaut+glass",
    "rocket+woodcut",
    "coffee+dots",
    "chelsea+swirls",
)
CELL, GAP = (300, 200), 10
"""(width, height) of a picture, and what is between two, in pixels."""


def cell(picture: bytes) -> Image.Image:
    """As much of *picture* as a cell shows; of a tall one the upper part, where faces are."""
    image = Image.open(BytesIO(picture))
    return ImageOps.fit(image, CELL, Image.Resampling.LANCZOS, centering=(0.5, 0.0))


def main() -> None:
    """Paint every pair, about a minute each, and replace the sheet."""
    encoder = load_encoder("vgg19", dtype=choose_dtype(torch.device("cpu")))
    width, height = (side + GAP for side in CELL)
    sheet = Image.new("RGB", (len(SHOWN) * width - GAP, 3 * height - GAP), "white")
    for column, pair in enumerate(SHOWN):
        content, style = (SAMPLES.joinpath(f"{name}.jpg").read_bytes() for name in pair.split("+"))
        *_, last = paint(Transfer(), decode(content), [decode(style)], encoder=encoder)
        for row, picture in enumerate((content, style, encode_png(last.pixels))):
            sheet.paste(cell(picture), (column * width, row * height))
    sheet.save(EXAMPLES, quality=82, optimize=True)


if __name__ == "__main__":
    main()
