"""A worker's side of the queue: which process is which worker, and what it does with a job."""

import hashlib
import logging
import os
import socket
import threading
from pathlib import Path
from typing import Any

from dbos import DBOS, DBOSPortableJSONSerializer, error
from filelock import FileLock, Timeout

from bot import texts
from bot.config import Settings
from bot.jobs.queue import VERSION, WORKFLOW, hand_back, prepare
from bot.logs import about
from bot.model import Outcome, read_order
from bot.worker.worker import Worker

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 5
"""A job that ends its worker so often is given up."""

LOCK_SECONDS = 5.0
LEAVING_SECONDS = 5.0


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


def worker_name(data: Path, slot: int) -> str:
    """What the queue calls worker *slot* of the folder *data*, whose lock lets it be but one."""
    folder = hashlib.blake2s(str(data.resolve()).encode(), digest_size=4).hexdigest()
    return f"{socket.gethostname()}-{slot}-{folder}"


def _work(settings: Settings, slot: int, stop: threading.Event) -> None:
    name = worker_name(settings.data, slot)
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
                outcome = Outcome(error=texts.UNREADABLE, cause="broken")
            else:
                outcome = await worker.paint(job, read)
        return outcome.model_dump(mode="json")

    @DBOS.workflow(name=WORKFLOW, max_recovery_attempts=MOST_ATTEMPTS)
    async def paint_job(order: dict[str, Any]) -> dict[str, Any]:
        return await paint_order(order)


def _unless_cancelled(record: logging.LogRecord) -> bool:
    """Drop what DBOS reports as trouble when a person cancels or forgets a job, or a stop does."""
    raised = record.exc_info[1] if record.exc_info else None
    cancelled = isinstance(
        raised,
        error.DBOSWorkflowCancelledError
        | error.DBOSAwaitedWorkflowCancelledError
        | error.DBOSNonExistentWorkflowError,
    )
    return not cancelled and "cancelled" not in record.getMessage()
