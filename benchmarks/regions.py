"""Whether two styles in two parts bleed into one another: ``python -m benchmarks.regions``.

Each pair of styles is painted into subject and background of one photograph at once, and each part
alone. Told is the style distance inside each part, by the light network, which was not optimised:
to its own style, and to the other one.
"""

import torch
from torch import Tensor

from benchmarks.pairs import RESULTS, SAMPLES
from benchmarks.report import machine, table
from stylize.encoders import Encoder, choose_dtype, load_encoder
from stylize.media.picture import Picture, decode, resize
from stylize.paint import paint
from stylize.parts import map_in, regions_of
from stylize.recipes import Transfer
from stylize.regions import Region
from stylize.targets import measure

SIZE, STEPS = 256, 100
TRIES = (("coffee", "glass", "woodcut"), ("astronaut", "woodcut", "swirls"))
"""A photograph, the style of its subject, and that of its background, each."""
JUDGE = Transfer(encoder="lite", mean_weight=0, total_variation=0)
PARTS = ("subject", "background")


def main() -> None:
    """Paint, and print and keep the table."""
    device = torch.device("cpu")
    painter = load_encoder("vgg19", dtype=choose_dtype(device))
    rows = []
    for names in TRIES:
        rows += _tried(names, painter, load_encoder("lite"))
        print(rows[-2:], flush=True)
    header = ("photograph", "part", "style", "both at once", "alone", "to the other style, both")
    told = f"{table(header, rows)}\n\n{SIZE} pixels, {STEPS} steps; {machine()}\n"
    (RESULTS / "regions.md").write_text(told)


def _tried(names: tuple[str, str, str], painter: Encoder, judge: Encoder) -> list[list[str]]:
    content, *styles = (_sample(name) for name in names)
    found = map_in([Transfer(on="subject")], content, None)
    regions = regions_of(Transfer(on="subject,background"), found, len(styles))
    both = _painted(content, styles, regions, painter)
    rows = []
    for index, part in enumerate(PARTS):
        alone = _painted(content, [styles[index]], [_with(regions[index], (1.0,))], painter)
        own, other = (
            [
                _distance(picture, style, regions[index], judge)
                for style in (styles[index], styles[1 - index])
            ]
            for picture in (both, alone)
        )
        told = [own[0], other[0], own[1]]
        rows.append([names[0], part, names[1 + index], *(f"{value:.4f}" for value in told)])
    return rows


def _painted(
    content: Picture, styles: list[Picture], regions: list[Region], encoder: Encoder
) -> Tensor:
    recipe = Transfer(size=SIZE, steps=STEPS)
    *_, last = paint(recipe, content, styles, regions=regions, encoder=encoder)
    return last.pixels.round()


def _distance(painting: Tensor, style: Picture, region: Region, judge: Encoder) -> float:
    """Of Gram matrices inside *region*, relative to those of *style*."""
    seen = [resize(style.pixels, (SIZE, SIZE))]
    shape = (painting.shape[1], painting.shape[2])
    inside = _with(region.at(shape, painting.device), (1.0,))
    targets = measure(JUDGE, judge, None, seen, regions=[inside])
    return float(targets.losses(painting)["style"])


def _with(region: Region, shares: tuple[float, ...]) -> Region:
    return Region(region.guide, shares)


def _sample(name: str) -> Picture:
    return decode((SAMPLES / f"{name}.jpg").read_bytes())


if __name__ == "__main__":
    main()
