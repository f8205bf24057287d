"""Paints the pictures of the gallery and of help: ``python -m samples.gallery [NAME …]``.

Each is asked for as a person would ask, and painted by the code that serves them. Without names
all are painted; the page, ``docs/gallery.md``, is written anew each time.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps

from bot.commands.grammar import parse
from bot.commands.options import wishes_in
from bot.commands.paint import Paint
from bot.config import Settings
from bot.model import Order, StoredPicture
from bot.worker.painter import Painted, Painter

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "bot/fronts/web/static/samples"
EXAMPLES = ROOT / "bot/commands/examples"
PAGE = ROOT / "docs/gallery.md"

CELL, GAP = (300, 200), 10
"""(width, height) of a picture in columns, and what is between two pictures, in pixels."""
HEIGHT = 430
"""Of what came of a work, beside the pictures that it came of, in pixels."""
QUALITY = 82
"""Of the JPEG, of 100."""


@dataclass(frozen=True)
class Shown:
    """A picture of the gallery."""

    name: str
    """Of its file; that of a command makes it the command's picture in help."""
    says: str
    """What is to be seen, in a sentence."""
    jobs: tuple[tuple[str, ...], ...]
    """What is written, and the names of the samples that come with it, for each job. Several jobs
    become columns, one job its pictures beside what came of them."""
    files: tuple[str, ...] = ("result",)
    """What is shown of the job, by the roles of its files; of a film its last frame."""
    height: int = HEIGHT
    """Of what came of a work, in pixels: sheets are to be read."""
    alone: bool = False
    """Whether it is shown without the pictures that it came of, as a study is, which has them."""


GALLERY = (
    Shown(
        "help",
        "Photographs, styles, and what the usual options make of them.",
        (
            ("!stylenet", "chelsea", "marbling"),
            ("!stylenet", "astronaut", "glass"),
            ("!stylenet", "rocket", "woodcut"),
            ("!stylenet", "coffee", "dots"),
            ("!stylenet", "chelsea", "swirls"),
        ),
    ),
    Shown(
        "blend",
        "A photograph in two styles at once, two parts to one.",
        (("!blend 2 1", "astronaut", "swirls", "mosaic"),),
    ),
    Shown(
        "doodle",
        "A style, its map, one's own map, and that map painted region by region.",
        (("!doodle", "woodcut", "woodcut-map", "island-map"),),
    ),
    Shown(
        "texture",
        "A style, and what becomes of it: a texture whose sides meet, here two by two.",
        (("!texture gif", "swirls"),),
        ("film",),
    ),
    Shown(
        "dream",
        "What networks see in pictures: eyes and snouts, creatures, patterns, and villages.",
        (
            ("!dream", "chelsea"),
            ("!dream layer=relu5_1", "astronaut"),
            ("!dream layer=relu3_3", "rocket"),
            ("!dream encoder=lite", "coffee"),
        ),
    ),
    Shown(
        "dream-guided",
        "A dream of what is in another picture.",
        (("!dream", "chelsea", "coffee"),),
    ),
    Shown(
        "dream-fall",
        "A dream, and the last frame of the film that falls into it.",
        (("!dream layer=relu5_1 zoom=24", "astronaut"),),
        ("result", "film"),
    ),
    Shown(
        "sweep",
        "What strength and the size of strokes do, side by side.",
        (("!sweep strength=20,50,80 style_scale=0.5,1,2", "chelsea", "swirls"),),
        height=620,
    ),
    Shown(
        "study",
        "One photograph in each of six styles, below the style that it is painted in.",
        (
            (
                "!study size=192 steps=50",
                "coffee",
                "swirls",
                "dots",
                "woodcut",
                "glass",
                "marbling",
                "mosaic",
            ),
        ),
        height=800,
        alone=True,
    ),
    Shown(
        "stylenet-subject",
        "What the picture is of is found and painted; the rest stays the photograph.",
        (("!stylenet on=subject show=map", "chelsea", "mosaic"),),
        files=("map", "result"),
    ),
    Shown(
        "stylenet-background",
        "All but the subject, painted.",
        (("!stylenet on=background", "astronaut", "swirls"),),
    ),
    Shown(
        "blend-parts",
        "Subject and background, each in a style of its own.",
        (("!blend on=subject,background", "coffee", "glass", "woodcut"),),
    ),
    Shown(
        "layers",
        "What each layer keeps: a photograph out of one layer alone, and a style out of one more "
        "each time.",
        (("!layers", "chelsea", "swirls"),),
    ),
    Shown(
        "compare",
        "One painting with the content and with the style in favour, over the loss of each.",
        (("!compare size=256 steps=60", "astronaut", "mosaic"),),
        files=("film",),
    ),
    Shown(
        "stylenet-plot",
        "A painting, and each term of its loss over the steps.",
        (("!stylenet plot", "rocket", "woodcut"),),
        files=("result", "plot"),
    ),
)


def painted(written: str, names: Sequence[str], painter: Painter) -> Painted:
    """What comes of the message *written* with the samples *names*."""
    settings = Settings()
    given = parse(written, settings)
    if given is None or not isinstance(given.command, Paint):
        raise ValueError(f"{written} asks for nothing")
    wanted = [f"jobs/gallery/picture-{number}" for number in range(1, len(names) + 1)]
    order = Order(
        recipe=given.command.read(given, settings),
        pictures=tuple(map(_stored, wanted, names)),
        wishes=wishes_in(given.options),
    )
    *_, last = painter.paint(order, [sample(name) for name in names])
    if not isinstance(last, Painted):
        raise TypeError(f"{written} ended without a painting")
    return last


def sample(name: str) -> bytes:
    """The bytes of the room's sample *name*."""
    return next(SAMPLES.glob(f"{name}.*")).read_bytes()


def columns(jobs: Sequence[Sequence[bytes]]) -> Image.Image:
    """A column for each job: the pictures that belong to it, and below them what came of them."""
    width, height = (side + GAP for side in CELL)
    rows = max(map(len, jobs))
    picture = Image.new("RGB", (len(jobs) * width - GAP, rows * height - GAP), "white")
    for x, job in enumerate(jobs):
        for y, data in enumerate(job):
            # Of a tall picture the upper part, where faces are.
            cell = ImageOps.fit(_open(data), CELL, Image.Resampling.LANCZOS, centering=(0.5, 0.0))
            picture.paste(cell, (x * width, y * height))
    return picture


def beside(given: Sequence[bytes], made: Sequence[bytes], height: int = HEIGHT) -> Image.Image:
    """The pictures *given*, one below the other, and right of them those *made*, so high."""
    each = (height - GAP * (len(given) - 1)) // max(1, len(given))
    left = [ImageOps.contain(_open(data), (HEIGHT, min(each, HEIGHT // 2))) for data in given]
    right = [_high(_open(data), height) for data in made]
    column = max((image.width for image in left), default=-GAP)
    width = column + sum(GAP + image.width for image in right)
    picture = Image.new("RGB", (width, height), "white")
    top = (height - sum(image.height for image in left) - GAP * (len(left) - 1)) // 2
    for image in left:
        picture.paste(image, (column - image.width, top))
        top += image.height + GAP
    x = column
    for image in right:
        picture.paste(image, (x + GAP, 0))
        x += GAP + image.width
    return picture


def page() -> str:
    """The text of ``docs/gallery.md``."""
    parts = [
        "# Gallery",
        "What each command makes, as it is asked for. Every picture here was painted by "
        "`python -m samples.gallery`, out of the room's samples.",
    ]
    for shown in GALLERY:
        written = ", ".join(dict.fromkeys(f"`{job[0]}`" for job in shown.jobs))
        picture = f"../bot/commands/examples/{shown.name}.jpg"
        parts += [f"## {written}", shown.says, f"![{shown.says}]({picture})"]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    """Paint the pictures that are asked for, about a minute each, and write the page."""
    wanted = sys.argv[1:] or [shown.name for shown in GALLERY]
    painter = Painter(Settings())
    for shown in GALLERY:
        if shown.name in wanted:
            picture = _picture(shown, painter)
            picture.save(EXAMPLES / f"{shown.name}.jpg", quality=QUALITY, optimize=True)
    PAGE.write_text(page())


def _picture(shown: Shown, painter: Painter) -> Image.Image:
    jobs = []
    for written, *names in shown.jobs:
        came = painted(written, names, painter)
        made = [data for role in shown.files if (data := came.file(role))]
        given = [] if shown.alone else [sample(name) for name in names]
        jobs.append((given, made))
    if len(jobs) == 1:
        return beside(*jobs[0], shown.height)
    return columns([[*given, *made] for given, made in jobs])


def _stored(key: str, name: str) -> StoredPicture:
    return StoredPicture(key=key, name=f"{name}.jpg")


def _open(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.seek(getattr(image, "n_frames", 1) - 1)
    return image.convert("RGB")


def _high(image: Image.Image, height: int) -> Image.Image:
    return image.resize(
        (round(image.width * height / image.height), height), Image.Resampling.LANCZOS
    )


if __name__ == "__main__":
    main()
