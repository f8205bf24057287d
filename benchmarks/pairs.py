"""What is painted: pairs of a photograph and a style from the room's samples, resized once."""

from pathlib import Path

from torch import Tensor

from benchmarks.judge import read
from stylize.media.picture import fit, resize

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
SAMPLES = ROOT / "bot/fronts/web/static/samples"
PAIRS = ("chelsea+swirls", "astronaut+woodcut", "coffee+glass")


def pictures(pair: str, size: int) -> tuple[Tensor, Tensor]:
    """Content and style of *pair*, such as ``chelsea+swirls``: (3, h, w) uint8, *size* long."""
    content, style = (read(SAMPLES / f"{name}.jpg") for name in pair.split("+"))
    return _resized(content, size), _resized(style, size)


def _resized(pixels: Tensor, size: int) -> Tensor:
    return resize(pixels, fit(pixels.shape[2], pixels.shape[1], size)).round().byte()
