"""The process beside a GPU: takes jobs, one at a time or more, paints, reports, keeps the results.

Started as ``python -m bot.worker``, by ``stylenet worker`` or, with ``--child``, by
``stylenet run``: then its settings come as one line on standard input, the end of standard input
means that the parent is gone, and signs of life go to standard output.
"""

import argparse
import asyncio
import ctypes
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from dbos import DBOS, DBOSPortableJSONSerializer, error
from filelock import FileLock, Timeout
from sqlalchemy.exc import SQLAlchemyError

from bot import words
from bot.config import ConfigError, Settings, load
from bot.job import Order, Outcome, Progress, read_order
from bot.logs import about, log_to_stderr
from bot.painting import Checkpoint, Event, Painted, Painter, Refusal
from bot.queue import STREAM, VERSION, WORKFLOW, hand_back, prepare
from bot.store import CHECKPOINT, Store, StoreError, job_key

log = logging.getLogger("bot.worker")  # also when run as __main__

MOST_ATTEMPTS = 5
"""A job that ends its worker so often is given up."""

NICENESS = 10
"""Beside a chat process the painter yields: the chat answers at once, the painting can wait."""

LOCK_SECONDS = 5.0

HEARTBEAT_SECONDS = 5.0
"""A report comes at least so often, also while one step takes long."""

HANGING_SECONDS = 1800.0
"""No step takes so long. A painter's thread that hangs cannot be ended, its process can."""

STORE_SECONDS = 600.0
"""For so long a store that fails is waited for: a painting is worth it."""

PR_SET_PDEATHSIG = 1
"""Of ``linux/prctl.h``: which signal the kernel sends when the parent ends."""

PULSE_SECONDS = 1.0
LEAVING_SECONDS = 5.0

GONE = "The pictures of this job are gone. Please send them again."
STORE_FAILS = (
    "The studio cannot keep pictures at the moment, so this painting is lost. "
    "Please try again later, and tell the studio's owner, who finds the reason in the log."
)

T = TypeVar("T")


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
        last = Progress(step=0, steps=order.recipe.steps, scale=0, scales=1)
        try:
            pictures = [
                await self._patiently(self._store.get, picture.key, last=last)
                for picture in order.pictures
            ]
            checkpoint = await self._checkpoint(job)
            log.info("painting%s", " on from a checkpoint" if checkpoint else "")
            events = self._painter.paint(order, pictures, checkpoint)
            async for event in self._events(events, last):
                if isinstance(event, Progress):
                    last = event
                    await self._report(event)
                elif isinstance(event, Checkpoint):
                    await self._save(job, event, last)
                else:
                    return await self._keep(job, event, last, time.monotonic() - started)
        except FileNotFoundError:
            return Outcome(error=GONE)
        except StoreError as error:
            log.error("the store has failed for too long: %s", error)
            return Outcome(error=STORE_FAILS)
        except Refusal as refusal:
            log.info("refused: %s", refusal)
            return Outcome(error=str(refusal))
        raise RuntimeError("the painter ended without a painting")

    async def _report(self, progress: Progress) -> None:
        """Tell how far the job is.

        Raises DBOS's error when the job is not this worker's any more. So a worker that was given
        up for lost, and comes back, stops here and writes nothing over its successor's pictures.
        """
        try:
            await DBOS.write_stream_async(STREAM, progress.model_dump(mode="json"))
        except SQLAlchemyError as error:  # such as a full disk: the painting need not suffer
            log.warning("cannot report: %s", error)

    async def _checkpoint(self, job: str) -> bytes | None:
        try:
            return await self._store.get(job_key(job, CHECKPOINT))
        except (FileNotFoundError, StoreError):
            return None

    async def _save(self, job: str, checkpoint: Checkpoint, last: Progress) -> None:
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
                    last = event.model_copy(update={"preview": None})
                yield event
        finally:
            # A generator can be closed only once no thread is inside it.
            running.add_done_callback(lambda _: events.close())  # type: ignore[attr-defined]

    async def _keep(self, job: str, painted: Painted, last: Progress, seconds: float) -> Outcome:
        async def keep(name: str, data: bytes) -> str:
            await self._report(last)
            key = job_key(job, name)
            await self._patiently(self._store.put, key, data, last=last)
            return key

        result = shared = await keep("result.png", painted.png)
        if painted.shared is not None:
            shared = await keep(f"shared{painted.suffix}", painted.shared)
        film = await keep("film.gif", painted.film) if painted.film is not None else None
        log.info("painted in %.1f s", seconds)
        return Outcome(
            result=result,
            shared=shared,
            film=film,
            notes=painted.notes,
            width=painted.width,
            height=painted.height,
            seconds=seconds,
            gpu_bytes=painted.gpu_bytes,
        )


def declare(worker: Worker) -> None:
    """Tell DBOS how a job of the queue is painted."""

    @DBOS.step(name="paint", preemptible=True)
    async def paint_order(order: dict[str, Any]) -> dict[str, Any]:
        job = DBOS.workflow_id
        if job is None:
            raise RuntimeError("a step runs inside a workflow")
        with about(job):
            try:
                read = read_order(job, order)
            except ValueError as trouble:
                log.error("the order cannot be read: %s", trouble)
                outcome = Outcome(error=words.UNREADABLE)
            else:
                outcome = await worker.paint(job, read)
        return outcome.model_dump(mode="json")

    @DBOS.workflow(name=WORKFLOW, max_recovery_attempts=MOST_ATTEMPTS)
    async def paint_job(order: dict[str, Any]) -> dict[str, Any]:
        return await paint_order(order)


def _unless_cancelled(record: logging.LogRecord) -> bool:
    """Drop what DBOS reports as trouble when a person cancels their job, or a stop does."""
    raised = record.exc_info[1] if record.exc_info else None
    cancelled = isinstance(
        raised, error.DBOSWorkflowCancelledError | error.DBOSAwaitedWorkflowCancelledError
    )
    return not cancelled and not record.getMessage().startswith("Asyncio task cancelled")


def serve(settings: Settings, slot: int, stop: threading.Event) -> None:
    """Work as this machine's worker number *slot* until *stop* is set.

    A running job may end within the grace time; otherwise it is handed back, and the next worker
    goes on with it from its last checkpoint. The lock keeps two processes from being the same
    worker, so that one may take up at once what its predecessor left when it was killed.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.data / f"worker-{slot}.lock", timeout=LOCK_SECONDS)
    while not stop.is_set():
        try:
            with lock:
                _work(settings, slot, stop)
                return
        except Timeout:
            log.warning("another process is worker %d here; waiting for it to end", slot)


def _work(settings: Settings, slot: int, stop: threading.Event) -> None:
    name = f"{socket.gethostname()}-{slot}"
    prepare(settings.database_url, settings.workers.together)
    worker = Worker(settings)
    DBOS(
        config={
            "name": "stylenet",
            "system_database_url": settings.database_url,
            "application_version": VERSION,
            "executor_id": name,
            "serializer": DBOSPortableJSONSerializer(),
            "log_level": "WARNING",
        }
    )
    declare(worker)
    logging.getLogger("dbos").addFilter(_unless_cancelled)
    if stop.is_set():
        return
    DBOS.launch()
    log.info("worker %d is ready on %s", slot, worker.device)
    stop.wait()
    grace = settings.workers.grace_seconds
    _leave_after(grace + LEAVING_SECONDS)
    DBOS.destroy(workflow_completion_timeout_sec=int(grace))
    for job in hand_back(settings.database_url, name):
        with about(job):
            log.info("handed back")


def _leave_after(seconds: float) -> None:
    """End this process then, whatever holds it up: its jobs are safe in the queue."""
    timer = threading.Timer(seconds, os._exit, [0])
    timer.daemon = True
    timer.start()


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="stylenet worker", description=__doc__)
    parser.add_argument("--config", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--slot", type=int, default=0, help="number of this worker on its machine")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    stop = threading.Event()

    def leave(*_: object) -> None:
        if stop.is_set() and not options.child:  # asked twice; a child's parent decides
            os._exit(1)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)
    if options.child:
        settings = Settings.model_validate_json(sys.stdin.readline())
        _wake_when_orphaned()
        threading.Thread(target=_outlive_nobody, args=(stop,), daemon=True).start()
        threading.Thread(target=_show_life, daemon=True).start()
        os.nice(NICENESS)
    else:
        try:
            settings = load(options.config, **({"data": options.data} if options.data else {}))
        except ConfigError as error:
            print(f"stylenet: {error}", file=sys.stderr)
            sys.exit(2)
    log_to_stderr(settings, f"worker {options.slot}")
    try:
        serve(settings, options.slot, stop)
    except (OSError, SQLAlchemyError, StoreError) as error:
        log.error("cannot work: %s", str(error).splitlines()[0])
        os._exit(1)
    logging.shutdown()
    os._exit(0)  # a step in the painter's thread would hold the process up; its job is safe


def _wake_when_orphaned() -> None:
    """A stopped worker keeps its slot, and once its parent is gone nobody is there to end it.

    So Linux lets it go on at that moment; it then finds its standard input closed, and leaves.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGCONT))


def _outlive_nobody(stop: threading.Event) -> None:
    sys.stdin.read()
    stop.set()


def _show_life() -> None:
    """Let the parent know, by a byte on standard output, that this process is not stopped."""
    with suppress(BrokenPipeError):
        while os.write(1, b"."):
            time.sleep(PULSE_SECONDS)


if __name__ == "__main__":
    main()
