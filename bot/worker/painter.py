"""The door between the wings: an order and its pictures in, a painting out.

Everything here is synchronous and may take minutes; the worker runs it in a thread of its own,
one event at a time, so a painting can be left between any two events.
"""

import base64
import io
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import numpy as np
import torch

from bot.config import Settings
from bot.model import Cause, Order, Progress
from stylize.batching import Batcher
from stylize.encoders import Encoder, WeightsError, choose_dtype, load_encoder
from stylize.evaluate import Look, evaluate
from stylize.frame import Canvas, Frame
from stylize.media.decode import PictureError
from stylize.media.film import Film
from stylize.media.picture import Picture, encode_png, encode_preview, encode_within
from stylize.media.sandbox import Sandbox
from stylize.paint import choose_device, is_out_of_memory, paint
from stylize.pyramid import plan
from stylize.recipes import Transfer
from stylize.recipes.base import only
from stylize.recipes.style import Pooling, StyleRecipe

log = logging.getLogger(__name__)

DEFAULT_ENCODER = Transfer().encoder
REPORT_SECONDS = 0.5
PREVIEW_SECONDS = 2.0
ORDINALS = (
    *("first", "second", "third", "fourth", "fifth"),
    *("sixth", "seventh", "eighth", "ninth", "tenth"),
)


class Refusal(Exception):
    """This order cannot be painted, for the reason that the text gives the person.

    ``cause`` tells whether the order is at fault or the studio.
    """

    def __init__(self, reason: str, cause: Cause = "refused") -> None:
        super().__init__(reason[:1].upper() + reason[1:])
        self.cause = cause


@dataclass(frozen=True)
class Checkpoint:
    """A finished scale and the film so far: ``Painter.paint`` goes on from it."""

    data: bytes


@dataclass(frozen=True)
class Painted:
    """The finished painting, encoded."""

    png: bytes
    shared: bytes | None
    """A smaller copy, where the PNG is above the chat's limit."""
    suffix: str
    """Of the smaller copy, such as ``.jpg``."""
    film: bytes | None
    notes: tuple[str, ...]
    width: int
    height: int
    gpu_bytes: int | None
    """The most memory of the GPU that was in use; None without a GPU."""


Event = Progress | Checkpoint | Painted


class Painter:
    """Paints orders on one device, with encoders loaded once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.device = choose_device(settings.workers.device)
        self._dtype = choose_dtype(self.device, settings.workers.precision)
        self._encoders: dict[tuple[str, Pooling], Encoder] = {}
        self._loading = threading.Lock()
        limits = settings.limits
        self._sandbox = Sandbox(max_bytes=limits.picture_bytes, max_pixels=limits.picture_pixels)
        self._look: Look = evaluate
        self._seat: Callable[[], AbstractContextManager[None]] = nullcontext
        if settings.workers.together > 1:
            together = Batcher()
            self._look, self._seat = together, together.seat

    def paint(
        self, order: Order, pictures: Sequence[bytes], checkpoint: bytes | None = None
    ) -> Iterator[Event]:
        """Paint *order* with the bytes of its *pictures*; the last event is the painting.

        Raises Refusal when a picture or the recipe cannot be used.
        """
        recipe = order.recipe
        if not isinstance(recipe, StyleRecipe):
            raise Refusal(f"This painter does not know how to make a {recipe.task}.", "broken")
        if self.device.type == "cuda":
            torch.cuda.reset_peak_memory_stats()
        decoded = self._decode(order, pictures)
        canvas, film = _restore(checkpoint, recipe)
        report = _Reporter()
        frame: Frame | None = None
        try:
            for frame in self._frames(recipe, decoded, canvas):
                if order.film:
                    film.add(frame)
                if progress := report(frame):
                    yield progress
                if frame.ends_scale and frame.scale < frame.scales - 1:
                    yield Checkpoint(_save(frame, film))
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            raise Refusal(
                f"A painting of {recipe.size} pixels does not fit this painter's memory. "
                "Try a smaller `size`."
            ) from None
        except (ValueError, FloatingPointError) as error:
            if frame is not None:  # not about the order: the painter itself failed
                raise
            raise Refusal(str(error)) from None
        if frame is None:
            raise RuntimeError("the painter ended without a frame")
        yield self._encode(frame, film if order.film else None, order, decoded)

    def _frames(
        self, recipe: StyleRecipe, pictures: Sequence[Picture], canvas: Canvas | None
    ) -> Iterator[Frame]:
        """Every frame after *canvas*."""
        by_role = recipe.assign(pictures)
        encoder = self._encoder(recipe.encoder, recipe.pooling)
        with self._seat():
            yield from paint(
                recipe,
                only(by_role["content"]),
                by_role["style"],
                init=only(by_role["start"]),
                encoder=encoder,
                device=self.device,
                resume=canvas,
                look=self._look,
            )

    def _decode(self, order: Order, pictures: Sequence[bytes]) -> list[Picture]:
        decoded = []
        for number, (stored, data) in enumerate(zip(order.pictures, pictures, strict=True)):
            name = f"the {ORDINALS[number]} picture ({stored.name})"
            try:
                decoded.append(Picture.of(self._sandbox.decode(data, name)))
            except PictureError as error:
                raise Refusal(str(error)) from None
        return decoded

    def _encoder(self, name: str, pooling: Pooling) -> Encoder:
        key = (
            name,
            pooling if name == DEFAULT_ENCODER else Transfer().pooling,
        )  # lite does not pool
        with self._loading:
            if key not in self._encoders:
                self._encoders[key] = self._load(*key)
            return self._encoders[key]

    def _load(self, name: str, pooling: Pooling) -> Encoder:
        weights = self._settings.painting.encoder_weights
        try:
            return load_encoder(name, weights=weights, pooling=pooling, dtype=self._dtype)
        except WeightsError as error:
            log.error("cannot paint: %s", error)
            if name != DEFAULT_ENCODER:
                raise Refusal(
                    f"This studio does not have the encoder `{name}`. Try again without `encoder`."
                ) from error
            raise Refusal(
                "This studio cannot paint: its weights cannot be used. Please tell its owner, "
                "whom `stylenet check` tells more.",
                "broken",
            ) from error

    def _encode(
        self, frame: Frame, film: Film | None, order: Order, decoded: list[Picture]
    ) -> Painted:
        limit = self._settings.limits.upload_bytes
        png = encode_png(frame.pixels, frame.alpha)
        shared, suffix = (
            encode_within(frame.pixels, frame.alpha, limit) if len(png) > limit else (None, "")
        )
        height, width = frame.pixels.shape[-2:]
        return Painted(
            png=png,
            shared=shared,
            suffix=suffix,
            film=film.encode(limit) if film else None,
            notes=(*order.notes, *(picture.note for picture in decoded if picture.note)),
            width=width,
            height=height,
            gpu_bytes=torch.cuda.max_memory_allocated() if self.device.type == "cuda" else None,
        )


class _Reporter:
    """Turns frames into reports, not more often than anybody can look."""

    def __init__(self) -> None:
        self._reported = self._previewed = self._scale_start = 0.0
        self._scale, self._first_step = -1, 0

    def __call__(self, frame: Frame) -> Progress | None:
        now = time.monotonic()
        if frame.scale != self._scale:
            self._scale, self._scale_start, self._first_step = frame.scale, now, frame.step
        if now - self._reported < REPORT_SECONDS and frame.step < frame.steps:
            return None
        self._reported = now
        preview = None
        if now - self._previewed >= PREVIEW_SECONDS:
            self._previewed = now
            preview = base64.b64encode(encode_preview(frame.pixels, frame.alpha)).decode("ascii")
        return Progress(
            step=frame.step,
            steps=frame.steps,
            scale=frame.scale,
            scales=frame.scales,
            loss=frame.losses["total"],
            preview=preview,
            seconds_left=self._seconds_left(frame, now),
        )

    def _seconds_left(self, frame: Frame, now: float) -> float | None:
        """A guess, made only on the last scale: the steps before it are much cheaper."""
        done = frame.step - self._first_step
        if frame.scale < frame.scales - 1 or done == 0:
            return None
        return (now - self._scale_start) / done * (frame.steps - frame.step)


def _save(frame: Frame, film: Film) -> bytes:
    buffer = io.BytesIO()
    np.savez(
        buffer,
        scale=np.int64(frame.scale),
        pixels=frame.pixels.numpy(),
        film=np.frombuffer(film.state(), dtype=np.uint8),
    )
    return buffer.getvalue()


def _restore(checkpoint: bytes | None, recipe: StyleRecipe) -> tuple[Canvas | None, Film]:
    """Where to go on from: a checkpoint that is damaged costs time, not the painting."""
    if checkpoint is not None:
        try:
            with np.load(io.BytesIO(checkpoint), allow_pickle=False) as saved:
                return _canvas(saved, recipe), Film.restore(saved["film"].tobytes())
        except Exception as error:  # the bytes can be anything, and so can what they raise
            log.warning("a checkpoint is damaged, so the painting starts anew: %s", error)
    return None, Film()


def _canvas(saved: Mapping[str, np.ndarray], recipe: StyleRecipe) -> Canvas:
    """The finished scale of a checkpoint. Raises ValueError when *recipe* can have none such."""
    scale, pixels = int(saved["scale"]), saved["pixels"]
    if scale not in range(len(plan(recipe.size, recipe.steps))):
        raise ValueError(f"there is no scale {scale}")
    if pixels.dtype != np.float32 or pixels.ndim != 3 or len(pixels) != 3:
        raise ValueError(f"{pixels.dtype} of shape {pixels.shape} is no picture")
    if not np.isfinite(pixels).all():
        raise ValueError("its pixels are no numbers")
    return Canvas(scale, torch.from_numpy(pixels))
