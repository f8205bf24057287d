"""What the styles have in common: noise, light, colour ramps, and saving.

Fields are float32 arrays (H, W) on a canvas of SIDE × SIDE, drawn at twice the size at which they
are saved, so that edges come out smooth.
"""

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 1024
SAVED = 512

Field = NDArray[np.float32]
Colour = tuple[int, int, int]


def grid() -> tuple[Field, Field]:
    """x and y of every pixel, 0..1."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) / SIDE
    return x, y


def noise(chance: np.random.Generator, cells: int, octaves: int = 4) -> Field:
    """Smooth clouds of mean 0 and deviation 1; the largest are SIDE / *cells* pixels wide."""
    total = np.zeros((SIDE, SIDE), np.float32)
    for octave in range(octaves):
        knots = chance.standard_normal((min(SIDE, cells << octave),) * 2).astype(np.float32)
        layer = Image.fromarray(knots).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
        total += np.asarray(layer) / 2**octave
    return (total - total.mean()) / total.std()


def ramp(values: Field, colours: list[Colour]) -> Field:
    """(H, W, 3): *values*, clipped to 0..1, along evenly spaced *colours*."""
    at = np.linspace(0, 1, len(colours))
    channels = [np.interp(values, at, [c[i] for c in colours]) for i in range(3)]
    return np.stack(channels, -1).astype(np.float32)


def lit(colours: Field, height: Field, strength: float) -> Field:
    """*colours* (H, W, 3) as a relief of *height*, in light from the upper left."""
    down, right = np.gradient(height)
    return colours * (1 + strength * np.tanh(right + down))[..., None]


def nearest(points: Field, x: Field, y: Field) -> tuple[NDArray[np.intp], Field, Field]:
    """Voronoi cells of *points* (n, 2): index of the nearest one, distance to it and the next."""
    index = np.zeros(x.shape, np.intp)
    first = np.full(x.shape, np.inf, np.float32)
    second = first.copy()
    for number, (px, py) in enumerate(points):
        distance = np.hypot(x - px, y - py)
        nearer = distance < first
        second = np.where(nearer, first, np.minimum(second, distance))
        first = np.where(nearer, distance, first)
        index[nearer] = number
    return index, first, second


def to_colour(values: Field) -> Colour:
    """The three *values*, whatever they are, as a colour that Pillow accepts."""
    red, green, blue = np.clip(values, 0, 255).astype(int).tolist()
    return red, green, blue


def save(colours: Field, path: Path, most_bytes: int = 118_000) -> None:
    """Save (SIDE, SIDE, 3) in 0..255 at half the size, as good a JPEG as *most_bytes* allow."""
    image = Image.fromarray(np.clip(np.rint(colours), 0, 255).astype(np.uint8))
    image = image.resize((SAVED, SAVED), Image.Resampling.LANCZOS)
    for quality in range(95, 40, -3):
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality, optimize=True, progressive=True)
        if buffer.tell() <= most_bytes:
            break
    path.write_bytes(buffer.getvalue())
