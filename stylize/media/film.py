"""Frames ─► the progress GIF: watch the painting appear.

Most of the change happens in the first few steps, so frames are kept along the square root of
the progress: densely at first, then ever more rarely. A GIF has one palette of 256 colours; what
makes it small is pixels that stay as they were, so a pixel is only repainted when the picture has
moved away from what is shown by more than a tolerance.
"""

import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Self

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from stylize.frame import Frame
from stylize.media.limits import SHORTEST_SIDE
from stylize.media.picture import fit, on_white, resize

Pixels = NDArray[np.uint8]
"""(H, W, 3), RGB."""

LONGEST = 320
MOST_FRAMES = 40

_PLAYS_MS = 4000
"""How long the painting takes to appear."""
_HOLDS_MS = 2000
"""How long the finished painting stays before the film starts again."""
_TRANSPARENT = 255
"""The palette index that stands for "as in the frame before"."""

_SWATCH = 80
"""Side, in pixels, of the sample of a frame that the palette is made from."""


class _Quality(NamedTuple):
    size: float
    """Of the kept frames' size."""
    frames: int
    colours: int
    tolerance: int
    """Of a colour channel, 0..255."""


_QUALITIES = (
    _Quality(1.0, MOST_FRAMES, 255, 2),
    _Quality(1.0, MOST_FRAMES, 255, 10),
    _Quality(1.0, 30, 128, 16),
    _Quality(0.8, 24, 128, 16),
    _Quality(0.6, 20, 96, 20),
    _Quality(0.4, 16, 64, 24),
    _Quality(0.3, 12, 48, 24),
    _Quality(0.2, 8, 32, 28),
    _Quality(0.15, 5, 16, 32),
    _Quality(0.1, 3, 8, 32),
)
"""From the best to the smallest; a film is encoded with the first that fits the limit."""


def encode_film(
    frames: Sequence[Pixels], max_bytes: int, plays_ms: int = _PLAYS_MS, holds_ms: int = _HOLDS_MS
) -> bytes:
    """*frames* as a looping GIF of at most *max_bytes*, in the best quality that fits.

    They play for about *plays_ms* milliseconds, and the last one stays for *holds_ms*.

    Raises ValueError where there is no frame, or not even the smallest film fits.
    """
    if not frames:
        raise ValueError("a film needs at least one frame")
    for quality in _QUALITIES:
        data = _encode(frames, quality, plays_ms, holds_ms)
        if len(data) <= max_bytes:
            return data
    raise ValueError(f"no film fits into {max_bytes} bytes")


class Film:
    """The frames of one painting that are worth showing.

    Memory is bounded: at most *most* frames are kept, none larger than *longest* pixels.
    """

    def __init__(self, longest: int = LONGEST, most: int = MOST_FRAMES) -> None:
        """*longest* is the longer side of the film in pixels, *most* the number of frames."""
        if not 2 <= most <= MOST_FRAMES:
            raise ValueError(f"a film holds 2 to {MOST_FRAMES} frames, not {most}")
        self._longest = longest
        self._most = most
        self._slot = -1
        self._frames: list[Pixels] = []

    @property
    def kept(self) -> int:
        """The number of frames kept so far."""
        return len(self._frames)

    @property
    def frames(self) -> Sequence[Pixels]:
        """Those kept so far."""
        return self._frames

    def add(self, frame: Frame) -> None:
        """Offer a frame; it is kept when it is the first in its slot of time."""
        progress = min(1.0, frame.step / frame.steps)
        slot = int((self._most - 1) * progress**0.5)
        if slot > self._slot:
            shown = on_white(frame.pixels, frame.alpha)
            if frame.seamless:  # two by two, for its sides to be seen to meet
                shown = shown.repeat(1, 2, 2)
            self._frames.append(_shrink(shown, self._longest))
            self._slot = slot  # last: whoever is interrupted may offer the frame again

    def encode(self, max_bytes: int) -> bytes:
        """The film as a looping GIF of at most *max_bytes*, in the best quality that fits.

        Raises ValueError when no frame was kept or not even the smallest film fits.
        """
        return encode_film(self._frames, max_bytes)

    def state(self) -> bytes:
        """Everything that ``restore`` needs to go on with this film in another process."""
        buffer = io.BytesIO()
        frames = {f"frame{index:03}": frame for index, frame in enumerate(self._frames)}
        settings = np.array([self._longest, self._most, self._slot])
        np.savez_compressed(buffer, settings=settings, **frames)  # type: ignore[arg-type]
        return buffer.getvalue()

    @classmethod
    def restore(cls, state: bytes) -> Self:
        """The film that returned *state*. Raises ValueError when *state* is damaged."""
        try:
            with np.load(io.BytesIO(state), allow_pickle=False) as arrays:
                longest, most, slot = (int(value) for value in arrays["settings"])
                film = cls(longest, most)
                film._slot = slot
                film._frames = [arrays[name] for name in sorted(arrays) if name != "settings"]
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise ValueError(f"not the state of a film: {error}") from error
        return film


def _shrink(pixels: Tensor, longest: int) -> Pixels:
    """(3, H, W) in 0..255, scaled down where it is larger than *longest*."""
    height, width = pixels.shape[-2:]
    shape = fit(width, height, longest) if max(height, width) > longest else (height, width)
    small = resize(pixels, shape).round().to(torch.uint8)
    return np.ascontiguousarray(small.permute(1, 2, 0).cpu().numpy())


def _encode(frames: Sequence[Pixels], quality: _Quality, plays_ms: int, holds_ms: int) -> bytes:
    height, width, _ = frames[-1].shape
    shape = fit(width, height, max(SHORTEST_SIDE, round(quality.size * max(height, width))))
    most = quality.frames * max(MOST_FRAMES, len(frames)) // MOST_FRAMES
    images = [_scale(frame, shape) for frame in _thin_out(frames, most)]
    palette = _shared_palette(images, quality.colours)
    shown = [_indexed(indices, palette) for indices in _repaint(images, palette, quality.tolerance)]
    duration = max(50, min(200, plays_ms // len(shown))) // 10 * 10  # GIF counts hundredths
    buffer = io.BytesIO()
    shown[0].save(
        buffer,
        "GIF",
        save_all=True,
        append_images=shown[1:],
        duration=[*[duration] * (len(shown) - 1), holds_ms],
        loop=0,
        palette=shown[0].getpalette(),
        transparency=_TRANSPARENT,
        optimize=True,  # unchanged pixels become transparent
    )
    return buffer.getvalue()


def _thin_out(frames: Sequence[Pixels], most: int) -> Sequence[Pixels]:
    """At most *most* frames, evenly chosen; the first and the last are always among them."""
    if len(frames) <= most:
        return frames
    return [frames[round(index)] for index in np.linspace(0, len(frames) - 1, most)]


def _scale(frame: Pixels, shape: tuple[int, int]) -> Image.Image:
    """*shape* is (h, w)."""
    image = Image.fromarray(frame)
    size = (shape[1], shape[0])
    return image if image.size == size else image.resize(size, Image.Resampling.BICUBIC)


def _shared_palette(images: Sequence[Image.Image], colours: int) -> Image.Image:
    """A P image whose palette suits all *images*; like them, its sample is dense at first."""
    count = len(images)
    sample = [images[index] for index in (0, count // 8, count // 4, count // 2, count - 1)]
    sheet = Image.new("RGB", (_SWATCH, _SWATCH * len(sample)))
    for row, image in enumerate(sample):
        # Picking pixels instead of averaging them keeps the strong colours.
        swatch = image.resize((_SWATCH, _SWATCH), Image.Resampling.NEAREST)
        sheet.paste(swatch, (0, row * _SWATCH))
    return sheet.quantize(colours, Image.Quantize.MEDIANCUT, kmeans=1, dither=Image.Dither.NONE)


def _repaint(
    images: Sequence[Image.Image], palette: Image.Image, tolerance: int
) -> Iterator[Pixels]:
    """Palette indices (H, W) of each frame; a pixel keeps its index while that is near enough."""
    colours = np.array(palette.getpalette(), np.int16).reshape(-1, 3)
    shown: Pixels | None = None
    for image in images:
        nearest = np.asarray(image.quantize(palette=palette, dither=Image.Dither.NONE))
        if shown is None:
            shown = nearest
        else:
            wanted = np.asarray(image, np.int16)
            stale = np.abs(wanted - colours[shown]).max(-1)
            fresh = np.abs(wanted - colours[nearest]).max(-1)
            shown = np.where(stale > fresh + tolerance, nearest, shown)
        yield shown


def _indexed(indices: Pixels, palette: Image.Image) -> Image.Image:
    image = Image.fromarray(indices, "P")
    image.putpalette(palette.getpalette() or [])
    return image
