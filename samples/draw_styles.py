"""Draws the sample styles of the local room: ``python samples/draw_styles.py FOLDER [NAME …]``.

No package ships paintings whose licence is clear, so these are drawn here, by a page of
mathematics each and always the same. A style image must be rich at every scale, from the stroke
to the composition: the Gram matrices of shallow and of deep layers both learn from it.
"""

import argparse
from pathlib import Path

import numpy as np
from built import glass, mosaic
from canvas import save
from painted import dots, swirls
from printed import marbling, woodcut

STYLES = {
    "swirls": swirls,
    "woodcut": woodcut,
    "glass": glass,
    "dots": dots,
    "marbling": marbling,
    "mosaic": mosaic,
}


def main() -> None:
    """Draw the named styles, or all."""
    parser = argparse.ArgumentParser(description="Draw the sample styles.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(STYLES)}")
    args = parser.parse_args()
    for name in args.names or STYLES:
        save(STYLES[name](np.random.default_rng(1889)), args.folder / f"{name}.jpg")


if __name__ == "__main__":
    main()
