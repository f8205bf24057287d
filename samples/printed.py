"""Styles made with ink: floated on water, and cut into wood."""

import numpy as np
from canvas import SIDE, Colour, Field, grid, noise, ramp
from PIL import Image

INKS: list[Colour] = [
    (246, 236, 214),
    (17, 40, 74),
    (178, 34, 44),
    (232, 170, 60),
    (22, 110, 120),
    (246, 236, 214),
    (92, 24, 60),
    (214, 96, 60),
    (12, 24, 44),
    (120, 176, 168),
]
WHIRLS = (
    # x, y, twist in radians
    (0.27, 0.3, 5.5),
    (0.74, 0.62, -6.0),
    (0.2, 0.82, 4.5),
    (0.8, 0.16, -4.0),
    (0.5, 0.95, 3.5),
)


def marbling(chance: np.random.Generator) -> Field:
    """Ink dropped on water and combed: every pixel is traced back to the drop that it was.

    The motions are those of A. Jaffer's mathematical marbling, undone from the last to the first.
    """
    x, y = (axis + 0.004 * noise(chance, 6, 3) for axis in grid())
    for px, py, twist in WHIRLS:
        dx, dy = x - px, y - py
        turn = twist * np.exp(-np.hypot(dx, dy) / 0.055)
        x = px + dx * np.cos(turn) - dy * np.sin(turn)
        y = py + dx * np.sin(turn) + dy * np.cos(turn)
    y = y + 0.06 * np.abs((x * 15) % 2 - 1) ** 0.7  # combed down with narrow teeth
    x = x + 0.09 * np.sin(y * 7 * np.pi)  # and to and fro with wide ones
    colours, vein = _dropped(chance, x, y)
    bled = colours * (1 - 0.3 * np.exp(-vein / 0.0015))[..., None]
    grain = 1 + 0.03 * noise(chance, 200, 3) + 0.05 * noise(chance, 6, 4)
    return bled * grain[..., None]


def _dropped(chance: np.random.Generator, x: Field, y: Field) -> tuple[Field, Field]:
    """Colours (H, W, 3) at x, y, and the distance to the nearest edge of a drop.

    A drop of radius r at c pushes what was at p to c + (p − c)·√(1 + r²/|p − c|²); going back,
    whatever is inside the circle is the drop itself. Below all drops lie broad bands of ink.
    """
    colours = np.zeros((*x.shape, 3), np.float32)
    free, vein = np.ones(x.shape, bool), np.ones(x.shape, np.float32)
    drop = 0
    while drop < 340:
        px, py = chance.uniform(-0.15, 1.15, 2)
        for _ in range(chance.integers(1, 6)):  # one drop into another makes rings
            radius = chance.uniform(0.018, 0.055)
            dx, dy = x - px, y - py
            squared = dx**2 + dy**2
            inside = free & (squared < radius**2)
            edge = np.abs(np.sqrt(squared) - radius)
            vein = np.where(free, np.minimum(vein, edge), vein)
            colours[inside] = INKS[drop % len(INKS)]
            free &= ~inside
            back = np.sqrt(np.maximum(1 - radius**2 / np.maximum(squared, 1e-9), 0))
            x, y = np.where(free, px + dx * back, x), np.where(free, py + dy * back, y)
            drop += 1
    bands = (x + 0.35 * y) * 11
    colours[free] = np.array(INKS)[np.floor(bands).astype(int) % len(INKS)][free]
    edge = np.abs(bands - np.rint(bands)) / 11
    return colours, np.where(free, np.minimum(vein, edge), vein)


def woodcut(chance: np.random.Generator) -> Field:
    """A sun over mountains and sea, cut in lines that swell where it is dark."""
    x, y = grid()
    wobble = 0.004 * noise(chance, 8, 4)
    colours, lines, dark = sky(x, y, wobble)
    mountains(chance, x, y + wobble, colours, lines, dark)
    sea(chance, x, y + wobble, colours, lines, dark)
    cut = np.abs((lines + 0.12 * noise(chance, 40, 3)) % 1 - 0.5) * 2
    worn = np.clip(1.1 + 0.12 * noise(chance, 160, 2), 0, 1)
    inked = (np.clip((dark - cut) * 9 + 0.5, 0, 1) * worn)[..., None]
    fibres = Image.fromarray(chance.standard_normal((SIDE, 24)).astype(np.float32))
    streaks = np.asarray(fibres.resize((SIDE, SIDE), Image.Resampling.BICUBIC))
    pressed = colours * (1 + 0.045 * streaks + 0.02 * noise(chance, 250, 2))[..., None]
    return pressed * (1 - inked) + np.array((24, 22, 30)) * inked


def sky(x: Field, y: Field, wobble: Field) -> tuple[Field, Field, Field]:
    """Colours, the phase of the cut lines, and how much of a line is ink (0..1)."""
    from_sun = np.hypot(x - 0.66, y - 0.27) + wobble
    colours = ramp(
        from_sun * 1.5, [(246, 206, 130), (238, 190, 140), (120, 158, 168), (52, 92, 124)]
    )
    lines = from_sun * 62
    dark = np.clip(0.15 + 0.75 * from_sun, 0, 0.8)
    corona = from_sun < 0.2
    lines[corona] = (np.arctan2(y - 0.27, x - 0.66) * 46 / (2 * np.pi))[corona]
    dark[corona] = 0.42
    sun = from_sun < 0.13
    colours[sun], lines[sun], dark[sun] = (206, 52, 38), (y * 60)[sun], 0.1
    return colours, lines, dark


def mountains(
    chance: np.random.Generator, x: Field, y: Field, colours: Field, lines: Field, dark: Field
) -> None:
    at = np.linspace(0, 1, SIDE)
    for layer, block in enumerate([(128, 150, 146), (196, 128, 84), (46, 84, 96)]):
        ridge = np.full(SIDE, 0.47 + 0.115 * layer)
        for octave in range(6):
            height = (0.1 - 0.012 * layer) / 1.8**octave
            phase = at * np.pi * (1.3 + 0.4 * layer) * 1.9**octave + chance.uniform(0, 6)
            ridge -= height * np.abs(np.sin(phase))
        below = (y - ridge).astype(np.float32)
        # Faces run down aslant from the ridge, as its slope was where they began.
        origin = x - 0.55 * below + 0.03 * noise(chance, 10, 3)
        slope = np.interp(origin, at, np.gradient(ridge) * SIDE).astype(np.float32)
        shade = 0.42 + 0.42 * np.tanh(-slope * 2.2) + 0.9 * below + 0.12 * noise(chance, 12, 3)
        rock = below > 0
        colours[rock] = block
        lines[rock] = (below * 30 + x * 17 + 0.6 * noise(chance, 7, 3))[rock]
        dark[rock] = np.clip(shade, 0.06, 0.94)[rock]
        dark[rock & (below < 0.006)] = 1


def sea(
    chance: np.random.Generator, x: Field, y: Field, colours: Field, lines: Field, dark: Field
) -> None:
    swell = 0.012 * np.sin(x * 38 + 5 * np.sin(y * 14)) + 0.02 * np.sin(x * 9 + y * 21)
    depth = (y - 0.76 + swell) / 0.24
    drift = noise(chance, 3, 3)
    sea = y > 0.76 + 0.01 * np.sin(x * 23)
    colours[sea] = ramp(depth, [(72, 128, 138), (22, 62, 100), (14, 34, 66)])[sea]
    lines[sea] = (np.sqrt(np.clip(depth + 0.3, 0.02, 2)) * 27)[sea]
    dark[sea] = np.clip(0.45 + 0.5 * np.sin(x * 30 + depth * 17 + drift), 0.05, 0.85)[sea]
    foam = sea & (np.sin(x * 38 + depth * 40 + 2 * drift) > 0.93)
    colours[foam], dark[foam] = (240, 224, 190), 0.02
