"""What a worker does with one job: fetch its pictures, paint, report, keep the painting."""

import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from typing import Any, TypeVar

from dbos import DBOS
from dbos import error as dbos_error
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from bot.config import Settings
from bot.jobs.queue import STREAM
from bot.jobs.store import CHECKPOINT, Store, StoreError, job_key
from bot.model import File, Order, Outcome, Progress
from bot.worker.painter import Event, Painted, Painter, Refusal, Saved
from stylize.tasks.base import Made

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 5.0
"""A report comes at least so often, also while one step takes long."""

HANGING_SECONDS = 1800.0
"""No step takes so long. A painter's thread that hangs cannot be ended, its process can."""

STORE_SECONDS = 600.0
"""For so long a store that fails is waited for: a painting is worth it."""

GONE = "The pictures of this job are gone. Please send them again."
STORE_FAILS = (
    "The studio cannot keep pictures at the moment, so this painting is lost. "
    "Please try again later, and tell the studio's owner, who finds the reason in the log."
)

T = TypeVar("T")


class Forgotten(dbos_error.DBOSWorkflowCancelledError):
    """The job was deleted while it was being painted; to DBOS it is like one that was cancelled."""


class Worker:
    """Paints jobs of the queue, as many at once as the settings say."""

    def __init__(self, settings: Settings) -> None:
        self._store = Store(settings.store_url)
        self._painter = Painter(settings)
        self.device = self._painter.device
        self._threads = ThreadPoolExecutor(settings.workers.together, thread_name_prefix="painter")

    async def paint(self, job: str, order: Order) -> Outcome:
        """Paint a job's order, from its last checkpoint if it has one, and keep the result."""
        started = time.monotonic()
        last = Progress(step=0, steps=1, scale=0, scales=1)
        try:
            pictures = await self._fetch(order, last)
            checkpoint = await self._checkpoint(job)
            log.info("painting%s", " on from a checkpoint" if checkpoint else "")
            events = self._painter.paint(order, pictures, checkpoint)
            async for event in self._events(events, last):
                if isinstance(event, Progress):
                    last = event.repeated()
                    await self._report(event)
                elif isinstance(event, Saved):
                    await self._save(job, event, last)
                else:
                    return await self._keep(job, event, last, time.monotonic() - started)
        except StoreError as error:
            log.error("the store has failed for too long: %s", error)
            return Outcome(error=STORE_FAILS, cause="broken")
        except Refusal as refusal:
            log.info("refused: %s", refusal)
            return Outcome(error=str(refusal), cause=refusal.cause)
        except Forgotten:
            with suppress(StoreError):  # then it is a stray, for retention
                await self._store.delete_job(job)
            raise
        raise RuntimeError("the painter ended without a painting")

    async def _fetch(self, order: Order, last: Progress) -> list[bytes]:
        try:
            return [
                await self._patiently(self._store.get, picture.key, last=last)
                for picture in order.pictures
            ]
        except FileNotFoundError as error:
            raise Refusal(GONE, "broken") from error

    async def _report(self, progress: Progress) -> None:
        """Tell how far the job is.

        Raises DBOS's error when the job is not this worker's any more. So a worker that was given
        up for lost, and comes back, stops here and writes nothing over its successor's pictures.
        Raises Forgotten when there is no such job any more.
        """
        try:
            await DBOS.write_stream_async(STREAM, progress.model_dump(mode="json"))
        except IntegrityError as error:  # a report refers to its job
            raise Forgotten("The job was deleted while it was being painted.") from error
        except SQLAlchemyError as error:  # such as a full disk: the painting need not suffer
            log.warning("cannot report: %s", str(error).splitlines()[0])  # no previews in the log

    async def _checkpoint(self, job: str) -> bytes | None:
        try:
            return await self._store.get(job_key(job, CHECKPOINT))
        except (FileNotFoundError, StoreError):
            return None

    async def _save(self, job: str, checkpoint: Saved, last: Progress) -> None:
        await self._report(last)
        try:
            await self._store.put(job_key(job, CHECKPOINT), checkpoint.data)
        except StoreError as error:
            log.warning("painting on without a checkpoint: %s", error)

    async def _patiently(
        self, work: Callable[..., Awaitable[T]], *arguments: Any, last: Progress
    ) -> T:
        """Do *work* with the store, and again while that fails; *last* is repeated meanwhile."""
        deadline = time.monotonic() + STORE_SECONDS
        while True:
            try:
                return await work(*arguments)
            except StoreError as error:
                if time.monotonic() > deadline:
                    raise
                log.warning("the store fails, trying again: %s", error)
            await self._report(last)
            await asyncio.sleep(HEARTBEAT_SECONDS)

    async def _events(self, events: Iterator[Event], last: Progress) -> AsyncIterator[Event]:
        """Take *events* in a painter's thread; between two of them the job can be cancelled.

        While one is long in coming, the *last* progress is repeated as a sign of life.
        """
        try:
            while True:
                step = partial(copy_context().run, next, events, None)
                running = self._threads.submit(step)
                coming = asyncio.wrap_future(running)
                begun = time.monotonic()
                while not (await asyncio.wait({coming}, timeout=HEARTBEAT_SECONDS))[0]:
                    if time.monotonic() - begun > HANGING_SECONDS:
                        log.critical("the painter hangs; ending its process")
                        os._exit(1)
                    yield last
                event = coming.result()
                if event is None:
                    return
                if isinstance(event, Progress):
                    last = event.repeated()
                yield event
        finally:
            # A generator can be closed only once no thread is inside it.
            running.add_done_callback(lambda _: events.close())  # type: ignore[attr-defined]

    async def _keep(self, job: str, painted: Painted, last: Progress, seconds: float) -> Outcome:
        async def keep(made: Made) -> File:
            await self._report(last)
            key = job_key(job, f"{made.role}{made.suffix}")
            await self._patiently(self._store.put, key, made.data, last=last)
            return File.at(made.role, key, made.alt, seamless=made.seamless)

        files = tuple([await keep(made) for made in painted.files])
        await self._report(last)  # whoever forgot the job meanwhile deleted what was there then
        log.info("painted in %.1f s", seconds)
        return Outcome(
            files=files,
            notes=painted.notes,
            width=painted.width,
            height=painted.height,
            seconds=seconds,
            gpu_bytes=painted.gpu_bytes,
        )
