"""Draws the sample maps for doodles: ``python samples/draw_maps.py FOLDER``.

Those of the styles come from the same mathematics as the styles; the others are drawn freely in
the same colours, as one would with the room's brush.
"""

import argparse
from pathlib import Path

import numpy as np
from canvas import SAVED, SIDE, Field, grid, noise
from painted import LIGHTS, hilly
from PIL import Image, ImageColor, ImageDraw
from printed import mountains, sea, sky

from stylize.recipes.base import PALETTE

COLOURS = {name: np.array(ImageColor.getrgb(colour)) for name, colour in PALETTE.items()}


def blank(name: str) -> Field:
    """(SIDE, SIDE, 3) in one colour."""
    return np.tile(COLOURS[name].astype(np.float32), (SIDE, SIDE, 1))


def woodcut_map() -> Field:
    """Sun, corona, sky, three ranges of mountains, and the sea of the woodcut."""
    chance = np.random.default_rng(1889)  # as the woodcut itself is drawn
    x, y = grid()
    wobble = 0.004 * noise(chance, 8, 4)
    scene, lines, dark = sky(x, y, wobble)
    drawn = blank("light blue")
    from_sun = np.hypot(x - 0.66, y - 0.27) + wobble
    drawn[from_sun < 0.2] = COLOURS["yellow"]
    drawn[from_sun < 0.13] = COLOURS["red"]
    before = scene.copy()
    mountains(chance, x, y + wobble, scene, lines, dark)
    ranges = {(128, 150, 146): "white", (196, 128, 84): "orange", (46, 84, 96): "green"}
    for block, name in ranges.items():
        drawn[(scene != before).any(-1) & (scene == block).all(-1)] = COLOURS[name]
    before = scene.copy()
    sea(chance, x, y + wobble, scene, lines, dark)
    drawn[(scene != before).any(-1)] = COLOURS["blue"]
    return drawn


def swirls_map() -> Field:
    """Night, lights, what glows around them, and the hills of the night swirls."""
    x, y = grid()
    drawn = blank("blue")
    for reach, name in ((0.195, "orange"), (0.105, "yellow")):
        for px, py, size, _ in LIGHTS:
            drawn[np.hypot(x - px, y - py) < reach * size] = COLOURS[name]
    drawn[hilly(x, y)] = COLOURS["green"]
    return drawn


def island_map() -> Field:
    """For the woodcut: the sun rises beside a mountain on an island."""
    x, y = grid()
    drawn = blank("light blue")
    from_sun = np.hypot(x - 0.24, y - 0.34)
    drawn[from_sun < 0.27] = COLOURS["yellow"]
    drawn[from_sun < 0.17] = COLOURS["red"]
    ridge = 0.014 * np.sin(x * 70) + 0.02 * np.sin(x * 31)
    slopes = 0.2 + 1.15 * np.abs(x - 0.66) ** 1.15 + ridge
    drawn[y > slopes] = COLOURS["orange"]
    drawn[(y > slopes) & (y < 0.33 + 0.03 * np.sin(x * 60))] = COLOURS["white"]
    drawn[y > 0.6 - 0.09 * np.sin(x * 5 + 3.4) + 0.01 * np.sin(x * 43)] = COLOURS["green"]
    drawn[y > 0.72 + 0.05 * np.cos(x * 6) + 0.006 * np.sin(x * 50)] = COLOURS["blue"]
    return drawn


def moon_map() -> Field:
    """For the night swirls: a crescent moon and two stars over hills, and a tall tree."""
    x, y = grid()
    drawn = blank("blue")
    for px, py, radius in ((0.3, 0.3, 0.25), (0.8, 0.16, 0.09), (0.6, 0.5, 0.08)):
        distance = np.hypot(x - px, y - py)
        drawn[distance < radius] = COLOURS["orange"]
        cut = np.hypot(x - px - 0.09, y - py + 0.03) < 0.14 if px == 0.3 else distance < 0
        drawn[(distance < 0.7 * radius) & ~cut] = COLOURS["yellow"]
    drawn[y > 0.78 + 0.07 * np.sin(x * 6 + 1)] = COLOURS["green"]
    canvas = Image.fromarray(drawn.astype(np.uint8))
    tree = [
        (0.8, 0.38),
        (0.85, 0.55),
        (0.9, 0.72),
        (0.9, 0.9),
        (0.7, 0.9),
        (0.7, 0.72),
        (0.75, 0.55),
    ]
    corners = [(across * SIDE, down * SIDE) for across, down in tree]
    ImageDraw.Draw(canvas).polygon(corners, tuple(COLOURS["green"].tolist()))
    return np.asarray(canvas, np.float32)


MAPS = {
    "woodcut-map": woodcut_map,
    "swirls-map": swirls_map,
    "island-map": island_map,
    "moon-map": moon_map,
}


def main() -> None:
    """Draw them all, as small as flat colours allow."""
    parser = argparse.ArgumentParser(description="Draw the sample maps.")
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    for name, draw in MAPS.items():
        image = Image.fromarray(draw().astype(np.uint8)).resize(
            (SAVED, SAVED), Image.Resampling.NEAREST
        )
        image.quantize(len(PALETTE)).save(folder / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
