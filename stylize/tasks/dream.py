"""Dreams: octave by octave, and then perhaps frame by frame of a fall into the dream."""

import io
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from stylize.colours import even, grey, is_grey, recolour
from stylize.dream import Ascent, Attraction, Channel, Guided, activation, closer, seen_of
from stylize.encoders import Encoder
from stylize.frame import Frame
from stylize.guides import guide_of
from stylize.media.film import encode_film
from stylize.media.picture import Picture, alpha_at, encode_as, fit, on_white, resize, visible_part
from stylize.paint import repeatable
from stylize.pyramid import Scale
from stylize.recipes import Dream
from stylize.recipes.base import only
from stylize.recipes.dream import ZOOM_STEPS
from stylize.tasks.base import (
    Checkpoint,
    DamagedCheckpoint,
    Made,
    Resources,
    Result,
    State,
    pixels_in,
)

GUIDE = 384
"""Pixels: the longer side at which a guide is seen, or that of the dream if it is smaller."""
ZOOM = 1.04
"""How much closer each frame of a fall is than the one before."""
FRAME_MS, HOLD_MS = 80, 1000
"""How long a frame of a fall is shown, and the last one."""


@dataclass(frozen=True)
class Reached:
    """How far a dream has come: ``_Dreamer`` goes on from it."""

    scale: int
    """The last that is finished; while falling, the last octave."""
    pixels: Tensor
    dream: Tensor | None = None
    """While falling: what the fall began with."""
    frames: tuple[bytes, ...] = ()
    """Of the fall so far, as JPEGs."""

    def state(self) -> State:
        state: dict[str, NDArray[np.generic]] = {
            "scale": np.array(self.scale),
            "pixels": self.pixels.cpu().numpy(),
        }
        if self.dream is not None:
            state["dream"] = self.dream.numpy()
        for index, frame in enumerate(self.frames):
            state[f"frame{index:03}"] = np.frombuffer(frame, np.uint8)
        return state

    @classmethod
    def of(cls, state: State, recipe: Dream) -> "Reached":
        """Raises DamagedCheckpoint."""
        scale = int(state["scale"]) if "scale" in state else -1
        if scale not in range(len(recipe.octave_scales)):
            raise DamagedCheckpoint(f"there is no octave {scale}")
        frames = tuple(state[name].tobytes() for name in sorted(state) if name.startswith("frame"))
        dream = pixels_in(state, "dream") if "dream" in state else None
        if (dream is None) != (not frames) or len(frames) > recipe.zoom + 1:
            raise DamagedCheckpoint("its frames are not those of this fall")
        return cls(scale, pixels_in(state, "pixels"), dream, frames)


class DreamTask:
    """Each octave but the last, and each frame of a fall, is a checkpoint."""

    recipe = Dream

    def run(
        self,
        recipe: Dream,
        inputs: Mapping[str, Sequence[Picture]],
        resources: Resources,
        resume: State | None = None,
    ) -> Iterator[Frame | Checkpoint | Result]:
        """As of ``Task``."""
        reached = None if resume is None else Reached.of(resume, recipe)
        content, guide = only(inputs["content"]), only(inputs["guide"])
        if content is None:
            raise ValueError("a dream needs a picture to dream into: give one.")
        recipe.check(1 if guide is None else 2)
        repeatable()
        return _Dreamer(recipe, content, guide, resources).events(reached)


TASK = DreamTask()


@dataclass(frozen=True)
class _Dreamer:
    """Everything that stays the same from the first step to the last."""

    recipe: Dream
    content: Picture
    guide: Picture | None
    resources: Resources

    def events(self, reached: Reached | None) -> Iterator[Frame | Checkpoint | Result]:
        """What happens after *reached*, to the result."""
        octaves, fall = self.recipe.octave_scales, self.recipe.fall
        for scale in octaves[0 if reached is None else reached.scale + 1 :]:
            pixels = self._beginning(scale, None if reached is None else reached.pixels)
            pixels = yield from self._climb(scale, pixels, scale.steps)
            reached = Reached(scale.index, pixels)
            if fall or scale is not octaves[-1]:
                yield self._checkpoint(reached)
        if reached is None:
            raise RuntimeError("a dream has an octave at least")
        if fall:
            reached = yield from self._fall(fall, reached)
        yield self._result(reached)

    def _checkpoint(self, reached: Reached) -> Checkpoint:
        dreamt = reached.scale == self.recipe.octave_scales[-1].index
        return Checkpoint(reached.state(), partial(self._result, reached) if dreamt else None)

    def _result(self, reached: Reached) -> Result:
        """The dream that is *reached*, and the film of the fall into it as far as it is."""
        last = self.recipe.octave_scales[-1]
        dream = reached.pixels if reached.dream is None else reached.dream
        files = (_film(reached.frames, self.resources.upload_bytes),) if reached.frames else ()
        return Result(self._frame(last, last.steps, dream), files)

    def _beginning(self, scale: Scale, before: Tensor | None) -> Tensor:
        """What *scale* begins with where the octave before ended with the pixels *before*.

        That, enlarged, and the detail of the content that it was too small for.
        """
        content = self._content_at(scale)
        if before is None:
            return content
        shape = _shape(content)
        coarse = resize(
            self._content_at(self.recipe.octave_scales[scale.index - 1]), _shape(before)
        )
        enlarged = resize(before.to(content.device), shape)
        return (enlarged + content - resize(coarse, shape)).clamp(0, 255)

    def _fall(self, fall: Scale, reached: Reached) -> Generator[Frame | Checkpoint, None, Reached]:
        """Fall into the dream: a little closer each frame, and dreaming on. Returns the end."""
        dream = reached.pixels if reached.dream is None else reached.dream
        if reached.frames:
            pixels = reached.pixels.to(self.resources.device)
        else:
            shown = on_white(dream, self._alpha_at(self.recipe.octave_scales[-1]))
            pixels = resize(shown, self._shape_at(fall)).to(self.resources.device)
            reached = Reached(reached.scale, pixels, dream, (_jpeg(pixels),))
        for number in range(len(reached.frames), self.recipe.zoom + 1):
            first = (number - 1) * ZOOM_STEPS
            seen = closer(pixels, ZOOM)
            pixels = yield from self._climb(fall, seen, ZOOM_STEPS, first)
            pixels = recolour(pixels, seen)  # or contrast grows frame by frame
            reached = Reached(reached.scale, pixels, dream, (*reached.frames, _jpeg(pixels)))
            yield self._checkpoint(reached)
        return reached

    def _climb(
        self, scale: Scale, pixels: Tensor, steps: int, first: int = 0
    ) -> Generator[Frame, None, Tensor]:
        """*steps* steps from *pixels*, of which *first* of *scale* have been taken before."""
        guide = None if scale is self.recipe.fall else self._guide_at(scale)
        for step in range(first + 1, first + steps + 1):
            height, width = _shape(pixels)
            down, across = self._shifts[scale.first + step - 1]
            shift = (down % height, across % width)
            value, pixels = self._ascent.climbed(pixels, shift, self.recipe.rate, guide)
            if self._in_grey:
                pixels = even(pixels)
            yield self._frame(scale, step, pixels, {"total": -value / (height * width)})
        return pixels

    def _frame(
        self, scale: Scale, step: int, pixels: Tensor, losses: Mapping[str, float] | None = None
    ) -> Frame:
        alpha = None if scale is self.recipe.fall else self._alpha_at(scale)
        last = self.recipe.scales[-1]
        return Frame(
            step=scale.first + step,
            steps=last.first + last.steps,
            scale=scale.index,
            scales=len(self.recipe.scales),
            losses=losses or {},
            pixels=pixels.cpu(),
            ends_scale=step == scale.steps,
            alpha=None if alpha is None else alpha.round().to(torch.uint8),
        )

    @cached_property
    def _ascent(self) -> Ascent:
        recipe = self.recipe
        encoder = self.resources.encoder(recipe.encoder, "max").to(self.resources.device)
        return Ascent(encoder, recipe.layer, self._attraction(encoder))

    def _attraction(self, encoder: Encoder) -> Attraction:
        if self.guide is not None:
            guide = visible_part(self.guide)
            shape = _fitted(guide, min(GUIDE, self.recipe.size))
            pixels = resize(guide.pixels, shape).to(self.resources.device)
            counts = guide_of(alpha_at(guide, shape), self.resources.device)
            return Guided(seen_of(encoder, self.recipe.layer, pixels, counts))
        return activation if self.recipe.channel is None else Channel(self.recipe.channel)

    @cached_property
    def _shifts(self) -> list[tuple[int, int]]:
        """Where the picture is cut, by step: drawn at once, so that a resumed dream has them."""
        last = self.recipe.scales[-1]
        chance = torch.Generator().manual_seed(self.recipe.seed)
        drawn = torch.randint(2**31, (last.first + last.steps, 2), generator=chance)
        return [(int(down), int(across)) for down, across in drawn]

    @cached_property
    def _in_grey(self) -> bool:
        """Whether all pictures are grey: a network that was trained on colours makes up its own."""
        pictures = [self.content] if self.guide is None else [self.content, self.guide]
        return all(is_grey(picture.pixels) for picture in pictures)

    def _content_at(self, scale: Scale) -> Tensor:
        pixels = resize(self.content.pixels, self._shape_at(scale)).to(self.resources.device)
        return grey(pixels) if self._in_grey else pixels

    def _alpha_at(self, scale: Scale) -> Tensor | None:
        return alpha_at(self.content, self._shape_at(scale))

    def _guide_at(self, scale: Scale) -> Tensor | None:
        """(h, w) of maximum 1: how much each pixel counts, where not all do the same."""
        counts = guide_of(self._alpha_at(scale), self.resources.device)
        return None if counts is None else counts / counts.max()

    def _shape_at(self, scale: Scale) -> tuple[int, int]:
        return _fitted(self.content, scale.size)


def _shape(pixels: Tensor) -> tuple[int, int]:
    return pixels.shape[-2], pixels.shape[-1]


def _fitted(picture: Picture, size: int) -> tuple[int, int]:
    """(h, w) of *picture*, scaled so that its longer side is *size*."""
    height, width = picture.pixels.shape[-2:]
    return fit(width, height, size)


def _film(frames: Sequence[bytes], most: int) -> Made:
    """The film of a fall, whose *frames* are JPEGs, in *most* bytes."""
    pixels = [np.array(Image.open(io.BytesIO(frame))) for frame in frames]
    film = encode_film(pixels, most, FRAME_MS * len(frames), HOLD_MS)
    return Made("film", film, ".gif", "A fall into the dream, ever closer")


def _jpeg(pixels: Tensor) -> bytes:
    return encode_as(pixels, None, ".jpg")
