"""The door between the wings: an order and its pictures in, what came of it out.

Everything here is synchronous and may take minutes; the worker runs it in a thread of its own,
one event at a time, so a work can be left between any two events.
"""

import base64
import logging
import re
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import torch

from bot.config import Settings
from bot.model import Cause, Curve, Order, Progress
from bot.texts import sentence
from bot.worker.explicit import Check
from bot.worker.record import Record, as_video
from stylize.batching import Batcher
from stylize.encoders import Encoder, WeightsError, choose_dtype, load_encoder
from stylize.frame import Frame
from stylize.media.curve import LossCurve
from stylize.media.decode import PictureError
from stylize.media.film import Film
from stylize.media.picture import Picture, encode_png, encode_preview, encode_within
from stylize.media.sandbox import Sandbox
from stylize.paint import choose_device, is_out_of_memory
from stylize.recipes import Transfer
from stylize.recipes.style import Pooling
from stylize.tasks import tasks
from stylize.tasks.base import Checkpoint, DamagedCheckpoint, Made, Resources, Result

log = logging.getLogger(__name__)

DEFAULT_ENCODER = Transfer().encoder
REPORT_SECONDS = 0.5
PREVIEW_SECONDS = 2.0
CURVE_POINTS = 60
"""Of the loss so far, in a report with a preview."""
PLACES = (
    *("first", "second", "third", "fourth", "fifth"),
    *("sixth", "seventh", "eighth", "ninth", "tenth"),
)

UNUSABLE = (
    "This studio cannot paint: its weights cannot be used. Please tell its owner, whom "
    "`stylenet check` tells more."
)
EXPLICIT = (
    "This looks explicit to me, and what is explicit I do not post in public. Where the chat has "
    "direct messages, ask in one; or ask with other pictures."
)

NAME = re.compile(r"[a-z]+\.[a-z0-9]+")
"""Of a file that came of a work, in the store."""


class Refusal(Exception):
    """This order cannot be painted, for the reason that the text gives the person.

    ``cause`` tells whether the order is at fault or the studio.
    """

    def __init__(self, reason: str, cause: Cause = "refused") -> None:
        super().__init__(reason[:1].upper() + reason[1:])
        self.cause = cause


@dataclass(frozen=True)
class Saved:
    """A checkpoint, and the record so far: ``Painter.paint`` goes on from it."""

    data: bytes


@dataclass(frozen=True)
class Painted:
    """What came of an order, encoded."""

    files: tuple[Made, ...]
    notes: tuple[str, ...] = ()
    width: int = 0
    height: int = 0
    gpu_bytes: int | None = None
    """The most memory of the GPU that was in use; None without a GPU."""

    def file(self, role: str) -> bytes | None:
        """The file under *role*, if there is one."""
        return next((made.data for made in self.files if made.role == role), None)


Event = Progress | Saved | Painted


class Painter:
    """Does the works of orders on one device, with encoders loaded once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._tasks = tasks()
        self.device = choose_device(settings.workers.device)
        self._dtype = choose_dtype(self.device, settings.workers.precision)
        self._encoders: dict[tuple[str, Pooling], Encoder] = {}
        self._loading = threading.Lock()
        limits = settings.limits
        self._sandbox = Sandbox(max_bytes=limits.picture_bytes, max_pixels=limits.picture_pixels)
        self._check = Check(limits.explicit)
        self._resources = Resources(self.device, self._encoder, limits.upload_bytes)
        if settings.workers.together > 1:
            self._resources = replace(self._resources, evaluator=Batcher().join)

    def paint(
        self, order: Order, pictures: Sequence[bytes], checkpoint: bytes | None = None
    ) -> Iterator[Event]:
        """Do the work of *order* with the bytes of its *pictures*; the last event is what it made.

        Raises Refusal when a picture or the recipe cannot be used.
        """
        if self.device.type == "cuda":
            torch.cuda.reset_peak_memory_stats()
        decoded = self._decode(order, pictures)
        if order.public and any(self._check.finds(picture.pixels) for picture in decoded):
            raise Refusal(EXPLICIT)
        events, record = self._begin(order, decoded, checkpoint)
        report, begun, result = _Reporter(record.curve), False, None
        try:
            for event in events:
                begun = True
                match event:
                    case Frame():
                        record.add(event)
                        if progress := report(event):
                            yield progress
                    case Checkpoint():
                        yield Saved(record.save(event))
                    case Result():
                        result = event
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            size = getattr(order.recipe, "size", None)
            what = f"At {size} pixels this" if size else "This"
            raise Refusal(
                f"{what} does not fit this painter's memory. Try a smaller `size`."
            ) from None
        except WeightsError as error:
            log.error("cannot paint: %s", error)
            raise Refusal(UNUSABLE, "broken") from None
        except (ValueError, FloatingPointError) as error:
            if begun:  # not about the order: the painter itself failed
                raise
            raise Refusal(str(error)) from None
        if result is None:
            raise RuntimeError("the painter ended without a result")
        if order.public and result.frame is not None and self._check.finds(result.frame.pixels):
            raise Refusal(EXPLICIT)
        yield self._encode(result, record, order, decoded)

    def _begin(
        self, order: Order, decoded: Sequence[Picture], checkpoint: bytes | None
    ) -> tuple[Iterator[Frame | Checkpoint | Result], Record]:
        """The events of the work, and its record: a damaged checkpoint costs time, not the work."""
        recipe = order.recipe
        task = self._tasks.get(type(recipe))
        if task is None:
            raise Refusal(f"This painter cannot do a {recipe.task}.", "broken")
        inputs = recipe.assign(decoded)
        resources = replace(self._resources, upload_bytes=self._limit(order))
        record = Record(order.wishes, Film(recipe.film_size))
        if checkpoint is None:
            return task.run(recipe, inputs, resources), record
        try:
            state, kept = Record.restore(checkpoint, order.wishes)
            return task.run(recipe, inputs, resources, state), kept
        except DamagedCheckpoint as error:
            log.warning("a checkpoint is damaged, so the painting starts anew: %s", error)
            return task.run(recipe, inputs, resources), record

    def _limit(self, order: Order) -> int:
        """What the chat of *order* takes of one file, in bytes."""
        most = self._settings.limits.upload_bytes
        return min(most, order.upload_bytes or most)

    def _decode(self, order: Order, pictures: Sequence[bytes]) -> list[Picture]:
        decoded = []
        for number, (stored, data) in enumerate(zip(order.pictures, pictures, strict=True)):
            known = number < len(PLACES)
            which = f"the {PLACES[number]} picture" if known else f"picture {number + 1}"
            try:
                decoded.append(Picture.of(self._sandbox.decode(data, f"{which} ({stored.name})")))
            except PictureError as error:
                raise Refusal(sentence(str(error))) from None
        return decoded

    def _encoder(self, name: str, pooling: Pooling) -> Encoder:
        key = (
            name,
            pooling if name == DEFAULT_ENCODER else Transfer().pooling,
        )  # the others have one way to pool
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
            raise Refusal(UNUSABLE, "broken") from error

    def _encode(
        self, result: Result, record: Record, order: Order, decoded: list[Picture]
    ) -> Painted:
        limit = self._limit(order)
        files, width, height = list(result.files), 0, 0
        if result.frame is not None:
            pixels, alpha = result.frame.pixels, result.frame.alpha
            height, width = pixels.shape[-2:]
            png = encode_png(pixels, alpha)
            made = Made("result", png, ".png", seamless=result.frame.seamless)
            files.insert(0, made)
            if len(png) > limit:
                copy, suffix = encode_within(pixels, alpha, limit)
                files.append(Made("copy", copy, suffix))
        files += record.files(limit, files)
        if order.wishes.video:
            files = [as_video(made, limit) for made in files]
        _check(files)
        return Painted(
            files=tuple(files),
            notes=(
                *order.notes,
                *record.notes,
                *(picture.note for picture in decoded if picture.note),
                *result.notes,
            ),
            width=width,
            height=height,
            gpu_bytes=torch.cuda.max_memory_allocated() if self.device.type == "cuda" else None,
        )


class _Reporter:
    """Turns frames into reports, not more often than anybody can look."""

    def __init__(self, curve: LossCurve) -> None:
        self._curve = curve
        self._reported = self._previewed = self._scale_start = 0.0
        self._scale, self._first_step = -1, 0

    def __call__(self, frame: Frame) -> Progress | None:
        now = time.monotonic()
        if frame.scale != self._scale:
            self._scale, self._scale_start, self._first_step = frame.scale, now, frame.step
        if now - self._reported < REPORT_SECONDS and frame.step < frame.steps:
            return None
        self._reported = now
        preview = curve = None
        if now - self._previewed >= PREVIEW_SECONDS:
            self._previewed = now
            preview = base64.b64encode(encode_preview(frame.pixels, frame.alpha)).decode("ascii")
            curve = _curve(self._curve)
        return Progress(
            step=frame.step,
            steps=frame.steps,
            scale=frame.scale,
            scales=frame.scales,
            loss=frame.losses.get("total"),
            preview=preview,
            curve=curve,
            seconds_left=self._seconds_left(frame, now),
            guessed=frame.guessed,
        )

    def _seconds_left(self, frame: Frame, now: float) -> float | None:
        """A guess, made only on the last scale: the steps before it are much cheaper."""
        done = frame.step - self._first_step
        if frame.scale < frame.scales - 1 or done == 0:
            return None
        return (now - self._scale_start) / done * (frame.steps - frame.step)


def _curve(curve: LossCurve) -> Curve:
    """*curve* as it is reported: thinned, and with as many digits as one sees."""
    thin = curve.thinned(CURVE_POINTS)
    return Curve(
        steps=tuple(thin.steps),
        terms={
            name: tuple(float(f"{value:.3g}") for value in values)
            for name, values in thin.terms.items()
        },
        scales=tuple(mark.step for mark in thin.marks),
    )


def _check(files: Sequence[Made]) -> None:
    """Raise RuntimeError unless one of *files* is the result, and each has a name of its own."""
    roles = {made.role for made in files}
    names = [f"{made.role}{made.suffix}" for made in files]
    if "result" not in roles or len(roles) < len(files) or not all(map(NAME.fullmatch, names)):
        raise RuntimeError(f"a work needs a result and roles of its own, not {', '.join(names)}")
