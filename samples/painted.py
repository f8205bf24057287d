"""Styles made with a brush: strokes that follow a flow, and dots."""

import numpy as np
from canvas import SIDE, Field, grid, lit, noise, ramp, to_colour
from numpy.typing import NDArray
from PIL import Image, ImageDraw

LIGHTS = (
    # x, y, size, spin
    (0.17, 0.17, 1.25, 1.0),
    (0.74, 0.13, 0.8, 0.8),
    (0.48, 0.42, 1.05, -1.2),
    (0.89, 0.47, 0.65, 0.9),
    (0.11, 0.6, 0.6, -0.9),
    (0.44, 0.1, 0.42, 0.7),
    (0.72, 0.66, 0.45, -0.8),
)


def swirls(chance: np.random.Generator) -> Field:
    """Thick oil strokes that circle glowing lights in a blue night."""
    x, y = grid()
    along, down, glow = np.full_like(x, 0.35), 0.3 * noise(chance, 2, 1), np.zeros_like(x)
    for px, py, size, spin in LIGHTS:
        dx, dy = x - px, y - py
        distance = np.hypot(dx, dy)
        pull = np.exp(-distance / (0.13 * size)) * 30 * spin / size
        along, down = along - pull * dy, down + pull * dx
        rings = 0.75 + 0.25 * np.cos(distance * 150 / size)
        glow = np.maximum(glow, np.exp(-((distance / (0.134 * size)) ** 2)) * rings)
    night = ramp(
        0.42 + 0.2 * noise(chance, 5, 3) + 0.2 * (y - 0.4),
        [(8, 16, 52), (18, 44, 120), (38, 92, 176), (104, 164, 204), (188, 216, 208)],
    )
    gold = ramp(glow, [(38, 92, 176), (150, 186, 140), (244, 204, 70), (252, 240, 170)])
    scene = np.where(glow[..., None] > 0.12, gold, night)
    hills = hilly(x, y)
    scene[hills] = ramp(
        0.5 + 0.25 * noise(chance, 8, 3),
        [(6, 18, 30), (16, 56, 54), (64, 96, 44), (168, 132, 40)],
    )[hills]
    along[hills], down[hills] = 1.0, (0.5 * np.cos(x * 11))[hills]
    return _oil(chance, scene, np.arctan2(down, along))


def hilly(x: Field, y: Field) -> NDArray[np.bool_]:
    """Where the hills are, below the sky."""
    land: NDArray[np.bool_] = y > 0.8 + 0.06 * np.sin(x * 7) + 0.03 * np.sin(x * 17 + 1)
    return land


def _oil(chance: np.random.Generator, scene: Field, direction: Field) -> Field:
    """Paint *scene* (H, W, 3) in bristly strokes along *direction*, broad ones first."""
    paint = Image.fromarray((scene * 0.6).astype(np.uint8))
    thickness = Image.new("F", (SIDE, SIDE), 0)
    brush, ridge = ImageDraw.Draw(paint), ImageDraw.Draw(thickness)
    for width, length, count in ((22, 9, 2600), (13, 8, 7000), (8, 6, 9000)):
        for _ in range(count):
            at = chance.uniform(0, SIDE - 1, 2)
            colour = scene[int(at[1]), int(at[0])] + chance.normal(0, 16) + chance.normal(0, 9, 3)
            path = [at]
            for _ in range(length):
                column, row = np.clip(path[-1], 0, SIDE - 1).astype(int)
                angle = direction[row, column]
                path.append(path[-1] + 0.7 * width * np.array((np.cos(angle), np.sin(angle))))
            across = width * np.array((-np.sin(angle), np.cos(angle)))
            for offset in np.linspace(-0.5, 0.5, max(4, width // 3)):
                bristle = [tuple(point + offset * across) for point in path]
                brush.line(bristle, to_colour(colour + chance.normal(0, 9)), width // 3 + 1)
                ridge.line(bristle, float(chance.uniform(1, 2) - 2 * offset**2), width // 3)
    return lit(np.asarray(paint, np.float32), np.asarray(thickness) * 0.9, 0.22)


def dots(chance: np.random.Generator) -> Field:
    """A river bank on a summer afternoon, in dots of unmixed colour."""
    scene = _river_bank(chance)
    image = Image.new("RGB", (SIDE, SIDE), (236, 222, 196))
    pen = ImageDraw.Draw(image)
    for pitch, radius in ((15, 10.5), (11, 7), (9, 4.4)):
        steps = np.arange(0, SIDE + pitch, pitch)
        spots = np.stack(np.meshgrid(steps, steps), -1).reshape(-1, 2)
        spots = spots + chance.normal(0, pitch * 0.3, spots.shape)
        for px, py in chance.permutation(spots):
            column, row = np.clip((px, py), 0, SIDE - 1).astype(int)
            colour = scene[row, column]
            if chance.random() < 0.16:  # the complement beside a colour makes it shine
                colour = 0.35 * colour + 0.65 * (245 - colour[[1, 2, 0]] * 0.75)
            shade = colour * chance.uniform(0.82, 1.2) + chance.normal(0, 17, 3)
            r = radius * chance.uniform(0.65, 1.15)
            pen.ellipse((px - r, py - r * 0.9, px + r, py + r * 0.9), to_colour(shade))
    relief = np.asarray(image.convert("L"), np.float32) / 40 + noise(chance, 180, 2) * 0.3
    return lit(np.asarray(image, np.float32), relief, 0.1)


def _river_bank(chance: np.random.Generator) -> Field:
    x, y = grid()
    clouds = noise(chance, 4, 4)
    scene = ramp(
        y * 2.1 + 0.08 * clouds, [(98, 150, 214), (160, 196, 226), (250, 222, 178), (250, 196, 150)]
    )
    hill = y > 0.4 + 0.05 * np.sin(x * 5 + 1) + 0.012 * clouds
    scene[hill] = ramp(0.5 + 0.3 * clouds, [(74, 96, 150), (110, 140, 150), (150, 170, 130)])[hill]
    water = y > 0.5
    gleam = 0.5 + 0.45 * np.sin(y * 90 + 3 * clouds) * np.cos(x * 6 + clouds)
    blues = ramp(gleam, [(36, 84, 150), (70, 136, 176), (176, 206, 200), (252, 224, 160)])
    scene[water] = blues[water]
    bank = y > 0.98 - 0.42 * np.clip(1.15 - x, 0, 1) ** 1.6 + 0.02 * clouds
    grass = 0.5 + 0.3 * noise(chance, 9, 3)
    greens = ramp(grass, [(34, 84, 58), (92, 142, 54), (190, 196, 70), (244, 222, 110)])
    scene[bank] = greens[bank]
    for px, py, size in ((0.16, 0.3, 0.17), (0.36, 0.4, 0.1), (0.88, 0.36, 0.12)):
        stem = np.abs(x - px - 0.01 * np.sin(y * 30)) < size * 0.09
        scene[stem & (y > py) & (y < py + size * 2.3)] = (94, 50, 76)
        crown = np.hypot((x - px) * 1.1, y - py) < size * (1 + 0.16 * noise(chance, 14, 2))
        sunny = 0.5 - (x - px + y - py) / size * 0.4 + 0.22 * noise(chance, 24, 2)
        leaves = ramp(sunny, [(22, 44, 92), (26, 92, 72), (110, 156, 52), (240, 212, 84)])
        scene[crown] = leaves[crown]
    return scene
