"""Maps for tests: drawn as people draw them, and spoiled as files spoil them."""

import io
from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image, ImageDraw

from stylize.media.picture import Picture

SKY, LAND, SUN, ROCK, ROAD = (
    (47, 111, 208),
    (63, 155, 75),
    (244, 224, 77),
    (122, 63, 176),
    (209, 59, 59),
)
COLOURS = (SKY, LAND, SUN, ROCK, ROAD)


def landscape(size: int = 300, colours: Sequence[tuple[int, int, int]] = COLOURS) -> Image.Image:
    """Sky, land, a sun, a rock and a road, with the soft edges of a drawing program."""
    sky, land, sun, rock, road = colours
    side = 4 * size
    image = Image.new("RGB", (side, side), sky)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, side * 0.6, side, side), land)
    draw.ellipse((side * 0.6, side * 0.1, side * 0.85, side * 0.35), sun)
    draw.polygon([(0, side * 0.6), (side * 0.3, side * 0.25), (side * 0.55, side * 0.6)], rock)
    draw.line((0, side, side * 0.5, side * 0.75, side, side * 0.9), road, side // 20)
    return image.resize((size, size), Image.Resampling.LANCZOS)


def jpeg(image: Image.Image, quality: int) -> Image.Image:
    """*image* after it was saved with chroma subsampled."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality, subsampling=2)
    return Image.open(io.BytesIO(buffer.getvalue()))


def encoded(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def picture(image: Image.Image) -> Picture:
    pixels = torch.from_numpy(np.array(image.convert("RGB"))).permute(2, 0, 1).contiguous()
    alpha = torch.from_numpy(np.array(image.getchannel("A"))) if image.mode == "RGBA" else None
    return Picture(pixels, alpha)
