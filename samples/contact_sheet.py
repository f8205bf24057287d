"""Puts content, style and painting side by side, for the README.

``python samples/contact_sheet.py OUT.jpg CONTENT STYLE PAINTING [CONTENT STYLE PAINTING …]``:
one column per painting, with its content and its style above it.
"""

import argparse
import io
from pathlib import Path

from PIL import Image, ImageOps

WIDTH, GAP = 300, 10
ASPECT = 2 / 3
"""Height / width of each picture."""
CENTRE = (0.5, 0.15)
"""Where to crop: evenly at the sides, but mostly below, which keeps heads."""
MOST_BYTES = 290_000


def contact_sheet(columns: list[tuple[Path, ...]]) -> Image.Image:
    """One column for each tuple of files, equally many in each; paintings are at the bottom."""
    cell = (WIDTH, round(WIDTH * ASPECT))
    rows = len(columns[0])
    sheet = Image.new(
        "RGB", (len(columns) * (cell[0] + GAP) - GAP, rows * (cell[1] + GAP) - GAP), "white"
    )
    for x, column in enumerate(columns):
        for y, path in enumerate(column):
            with Image.open(path) as image:
                picture = ImageOps.fit(
                    image.convert("RGB"), cell, Image.Resampling.LANCZOS, centering=CENTRE
                )
            sheet.paste(picture, (x * (cell[0] + GAP), y * (cell[1] + GAP)))
    return sheet


def main() -> None:
    """Write the sheet as the best JPEG that stays small enough for a page."""
    parser = argparse.ArgumentParser(description="Put content, style and painting side by side.")
    parser.add_argument("output", type=Path)
    parser.add_argument("files", type=Path, nargs="+", metavar="CONTENT STYLE PAINTING")
    args = parser.parse_args()
    if len(args.files) % 3:
        parser.error("give the files in threes: content, style, painting")
    thirds = [iter(args.files)] * 3
    sheet = contact_sheet(list(zip(*thirds, strict=True)))
    for quality in range(92, 30, -4):
        buffer = io.BytesIO()
        sheet.save(buffer, "JPEG", quality=quality, optimize=True, progressive=True)
        if buffer.tell() <= MOST_BYTES:
            break
    args.output.write_bytes(buffer.getvalue())


if __name__ == "__main__":
    main()
