"""The process beside a GPU: takes jobs, one at a time or more, paints, reports, keeps the results.

Started as ``python -m bot.worker``, by ``stylenet worker`` or, with ``--child``, by
``stylenet run``: then its settings come as one line on standard input, and the end of standard
input means that the parent is gone.
"""

import argparse
import asyncio
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from dbos import DBOS, DBOSPortableJSONSerializer, error
from filelock import FileLock, Timeout

from bot.config import ConfigError, Settings, load
from bot.job import Order, Outcome, Progress
from bot.logs import log_to_stderr
from bot.painting import Checkpoint, Event, Painted, Painter, Refusal
from bot.queue import STREAM, VERSION, WORKFLOW, prepare
from bot.store import CHECKPOINT, Store, job_key

log = logging.getLogger("bot.worker")  # also when run as __main__

MOST_ATTEMPTS = 5
"""A job that ends its worker so often is given up."""

NICENESS = 10
"""Beside a chat process the painter yields: the chat answers at once, the painting can wait."""

LOCK_SECONDS = 5.0

HEARTBEAT_SECONDS = 20.0
"""A report comes at least so often, also while one step takes long."""


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
        try:
            pictures = [await self._store.get(picture.key) for picture in order.pictures]
            checkpoint = await self._checkpoint(job)
        except FileNotFoundError:
            return Outcome(error="The pictures of this job are gone. Please send them again.")
        log.info("job %s: painting%s", job, " on from a checkpoint" if checkpoint else "")
        try:
            start = Progress(step=0, steps=order.recipe.steps, scale=0, scales=1)
            events = self._painter.paint(order, pictures, checkpoint)
            async for event in self._events(events, start):
                if isinstance(event, Progress):
                    await DBOS.write_stream_async(STREAM, event.model_dump(mode="json"))
                elif isinstance(event, Checkpoint):
                    await self._store.put(job_key(job, CHECKPOINT), event.data)
                else:
                    return await self._keep(job, event, time.monotonic() - started)
        except Refusal as refusal:
            log.info("job %s: refused: %s", job, refusal)
            return Outcome(error=str(refusal))
        raise RuntimeError("the painter ended without a painting")

    async def _checkpoint(self, job: str) -> bytes | None:
        try:
            return await self._store.get(job_key(job, CHECKPOINT))
        except FileNotFoundError:
            return None

    async def _events(self, events: Iterator[Event], last: Progress) -> AsyncIterator[Event]:
        """Take *events* in a painter's thread; between two of them the job can be cancelled.

        While one is long in coming, the *last* progress is repeated as a sign of life.
        """
        try:
            while True:
                running = self._threads.submit(next, events, None)
                coming = asyncio.wrap_future(running)
                while not (await asyncio.wait({coming}, timeout=HEARTBEAT_SECONDS))[0]:
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

    async def _keep(self, job: str, painted: Painted, seconds: float) -> Outcome:
        result = shared = job_key(job, "result.png")
        await self._store.put(result, painted.png)
        if painted.shared is not None:
            shared = job_key(job, f"shared{painted.suffix}")
            await self._store.put(shared, painted.shared)
        film = None
        if painted.film is not None:
            film = job_key(job, "film.gif")
            await self._store.put(film, painted.film)
        log.info("job %s: painted in %.1f s", job, seconds)
        return Outcome(
            result=result,
            shared=shared,
            film=film,
            notes=painted.notes,
            width=painted.width,
            height=painted.height,
            seconds=seconds,
        )


def declare(worker: Worker) -> None:
    """Tell DBOS how a job of the queue is painted."""

    @DBOS.step(name="paint", preemptible=True)
    async def paint_order(order: dict[str, Any]) -> dict[str, Any]:
        job = DBOS.workflow_id
        if job is None:
            raise RuntimeError("a step runs inside a workflow")
        outcome = await worker.paint(job, Order.model_validate(order))
        return outcome.model_dump(mode="json")

    @DBOS.workflow(name=WORKFLOW, max_recovery_attempts=MOST_ATTEMPTS)
    async def paint_job(order: dict[str, Any]) -> dict[str, Any]:
        return await paint_order(order)


def _unless_cancelled(record: logging.LogRecord) -> bool:
    """Drop what DBOS reports as an error when a person cancels their job."""
    raised = record.exc_info[1] if record.exc_info else None
    return not isinstance(
        raised, error.DBOSWorkflowCancelledError | error.DBOSAwaitedWorkflowCancelledError
    )


def serve(settings: Settings, slot: int, stop: threading.Event) -> None:
    """Work as this machine's worker number *slot* until *stop* is set.

    A running job may end within the grace time; otherwise it stays in the queue as this worker's,
    and the next process in the same slot goes on with it from its last checkpoint. The lock keeps
    two processes from being the same worker.
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
    prepare(settings.database_url, settings.workers.together)
    worker = Worker(settings)
    DBOS(
        config={
            "name": "stylenet",
            "system_database_url": settings.database_url,
            "application_version": VERSION,
            "executor_id": f"{socket.gethostname()}-{slot}",
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
    DBOS.destroy(workflow_completion_timeout_sec=int(settings.workers.grace_seconds))


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="stylenet worker", description=__doc__)
    parser.add_argument("--config", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--slot", type=int, default=0, help="number of this worker on its machine")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if options.child:
        settings = Settings.model_validate_json(sys.stdin.readline())
        threading.Thread(target=_outlive_nobody, args=(stop,), daemon=True).start()
        os.nice(NICENESS)
    else:
        try:
            settings = load(options.config, **({"data": options.data} if options.data else {}))
        except ConfigError as error:
            print(f"stylenet: {error}", file=sys.stderr)
            sys.exit(2)
    log_to_stderr(settings.log_level)
    serve(settings, options.slot, stop)
    logging.shutdown()
    os._exit(0)  # a step in the painter's thread would hold the process up; its job is safe


def _outlive_nobody(stop: threading.Event) -> None:
    sys.stdin.read()
    stop.set()


if __name__ == "__main__":
    main()
