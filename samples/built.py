"""Styles put together from pieces: panes of glass and little stones."""

import numpy as np
from canvas import SIDE, Colour, Field, grid, lit, nearest, noise, to_colour
from PIL import Image, ImageDraw

PANES: list[Colour] = [
    (250, 206, 84),
    (206, 28, 44),
    (30, 70, 190),
    (242, 140, 36),
    (18, 44, 128),
    (20, 138, 96),
    (196, 24, 60),
    (84, 36, 150),
    (36, 134, 206),
]
RINGS = (
    # radius, panes
    (0.0, 1),
    (0.07, 8),
    (0.125, 24),
    (0.175, 16),
    (0.245, 16),
    (0.295, 48),
    (0.345, 24),
    (0.42, 36),
    (0.47, 72),
    (0.53, 36),
    (0.61, 48),
    (0.7, 48),
)
LEADED = (0.103, 0.146, 0.275, 0.316, 0.45, 0.49)
"""Radii of the circles of lead."""

IVORY: Colour = (238, 226, 200)
FANS: list[list[Colour]] = [
    [IVORY, (236, 188, 84), (190, 84, 48), (120, 36, 34), IVORY, (24, 52, 84)],
    [IVORY, (120, 190, 186), (34, 128, 142), (18, 72, 112), IVORY, (22, 34, 62)],
    [(250, 214, 120), (226, 150, 60), IVORY, (62, 118, 96), (26, 74, 70), (22, 34, 62)],
    [(206, 216, 214), (92, 132, 184), (42, 70, 148), IVORY, (176, 60, 52), (70, 22, 34)],
]
"""Colours of the fish scales, from the middle outwards."""


def glass(chance: np.random.Generator) -> Field:
    """A rose window: jewel-coloured panes, lead between them, light from behind."""
    points, hues = [], []
    for ring, (radius, panes) in enumerate(RINGS):
        for pane in range(panes):
            angle = 2 * np.pi * (pane + 0.5 * (ring % 2)) / panes
            centre = np.array((np.cos(angle), np.sin(angle))) * radius + 0.5
            points.append(centre + chance.normal(0, 0.004, 2))
            hues.append(PANES[(ring + pane % 2 * 3) % len(PANES)])
    x, y = grid()
    index, first, second = nearest(
        np.array(points, np.float32),
        x + 0.005 * noise(chance, 6, 2),
        y + 0.005 * noise(chance, 6, 2),
    )
    tones = np.array(hues) * chance.normal(1, 0.18, (len(hues), 1))
    tones += chance.normal(0, 10, (len(hues), 3))
    light = 1.12 - 5.5 * first**1.25 + 0.13 * noise(chance, 10, 5) + 0.05 * noise(chance, 90, 2)
    light *= 1.12 - 0.45 * np.hypot(x - 0.42, y - 0.36)
    glow = 60 * np.exp(-((first / 0.014) ** 2))
    colours = tones[index] * light[..., None] + glow[..., None]
    border = second - first
    for radius in LEADED:
        border = np.minimum(border, np.abs(np.hypot(x - 0.5, y - 0.5) - radius) * 1.4)
    lead = np.clip((0.008 - border) / 0.002, 0, 1)[..., None]
    solder = 34 + 40 * np.clip(1 - border / 0.004, 0, 1) + 6 * noise(chance, 120, 2)
    return colours * (1 - lead) + solder[..., None] * np.array((0.9, 0.95, 1.05)) * lead


def mosaic(chance: np.random.Generator) -> Field:
    """Roman fish scales: fans of little stones in sea colours, gold and terracotta."""
    grout = (86, 78, 70)
    image = Image.new("RGB", (SIDE, SIDE), grout)
    height = Image.new("F", (SIDE, SIDE), 0)
    pen, chisel = ImageDraw.Draw(image), ImageDraw.Draw(height)
    radius = 150
    for row in range(-1, 2 * SIDE // radius + 3):
        for column in range(-1, SIDE // (2 * radius) + 2):
            centre = np.array(((2 * column + row % 2) * radius, row * radius / 2))
            circle = (*(centre - radius), *(centre + radius))
            pen.ellipse(circle, grout)
            chisel.ellipse(circle, 0.0)
            _fan(chance, pen, chisel, centre, radius, FANS[(column * 2 + row * 3) % len(FANS)])
    rough = noise(chance, 150, 2)
    weathered = 1 + 0.06 * rough + 0.05 * noise(chance, 5, 3)
    colours = np.asarray(image, np.float32) * weathered[..., None]
    return lit(colours, np.asarray(height) + 0.15 * rough, 0.28)


def _fan(
    chance: np.random.Generator,
    pen: ImageDraw.ImageDraw,
    chisel: ImageDraw.ImageDraw,
    centre: Field,
    radius: float,
    bands: list[Colour],
    stone: float = 12.4,
) -> None:
    """Rings of *stone*-sized squares around *centre*, each a little askew."""
    rings = int(radius / stone)
    for ring in range(rings):
        band = np.array(bands[ring * len(bands) // rings])
        distance = (ring + 0.5) * stone
        stones = max(1, round(2 * np.pi * distance / stone))
        for k in range(stones):
            angle = 2 * np.pi * (k + 0.5 * (ring % 2)) / stones + chance.normal(0, 0.012)
            middle = centre + distance * np.array((np.cos(angle), np.sin(angle)))
            turns = angle + chance.normal(0, 0.1) + np.pi / 4 + np.arange(4) * np.pi / 2
            reach = stone * 0.61 * chance.uniform(0.88, 1.06, (4, 1))
            corners = middle + reach * np.stack([np.cos(turns), np.sin(turns)], -1)
            shade = band * chance.uniform(0.78, 1.16) + chance.normal(0, 9, 3)
            pen.polygon([tuple(corner) for corner in corners], to_colour(shade))
            chisel.polygon([tuple(corner) for corner in corners], float(chance.uniform(2, 3)))
