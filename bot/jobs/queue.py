"""The durable queue: jobs wait, run and end in the database, through DBOS.

The chat process only ever asks (``Queue``, on a DBOS client that executes nothing); the worker
declares the other side with the names below. DBOS's tables are the truth about a job's state.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Sequence
from functools import cached_property
from pathlib import Path

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions, WorkflowStatus
from pydantic import ValidationError
from sqlalchemy.exc import DatabaseError, OperationalError

from bot.jobs.backlog import Backlog, Running
from bot.model import Job, Outcome, Progress, State, Status

log = logging.getLogger(__name__)

QUEUE = "paintings"
WORKFLOW = "paint"
STREAM = "progress"
POLL_SECONDS = 0.1
"""How often a worker looks for a job, and a reader for progress."""

CONNECTIONS = 20
ASKED_AT_ONCE = 500

VERSION = "4"
"""Of what bot and worker say to each other. Workers take only jobs of their own version; when to
change it is told in docs/upgrades.md."""

GAVE_UP = (
    "Painting this stopped the painter several times, so I gave up. "
    "Try a smaller `size`, or another picture."
)
BROKEN = "Something went wrong while painting; it is in the studio's log. Please try again."

_STATES: dict[str, State] = {
    "ENQUEUED": "queued",
    "DELAYED": "queued",
    "PENDING": "running",
    "SUCCESS": "done",
    "ERROR": "failed",
    "MAX_RECOVERY_ATTEMPTS_EXCEEDED": "failed",
    "CANCELLED": "cancelled",
}


class DamagedDatabase(Exception):
    """The database file cannot be read; the text says which, and what to do."""


class Queue:
    """The chat process's side of the queue."""

    def __init__(self, url: str, together: int = 1) -> None:
        self._url = url
        self._together = together
        self._client: DBOSClient | None = None

    async def open(self) -> None:
        """Create or upgrade the queue, then connect to it."""
        await asyncio.to_thread(prepare, self._url, self._together)
        self._client = await asyncio.to_thread(connect, self._url)
        await asyncio.to_thread(self.backlog.index)
        await self._withdraw_other_versions()

    @property
    def client(self) -> DBOSClient:
        if self._client is None:
            raise RuntimeError("open() the queue first")
        return self._client

    @cached_property
    def backlog(self) -> Backlog:
        """Questions about those who wait, and those who are painted."""
        database = self.client._sys_db
        return Backlog(database.engine, database.tables.workflow_status)

    async def enqueue(self, job: Job, turn: int) -> None:
        """Let *job* wait for its turn; a job that the queue already has is left as it is.

        Waiting jobs run in the order of their turns, equal turns in order of arrival.
        """
        options: EnqueueOptions = {
            "queue_name": QUEUE,
            "workflow_name": WORKFLOW,
            "workflow_id": job.id,
            "app_version": VERSION,
            "authenticated_user": job.person,
            "priority": turn,
        }
        await self.client.enqueue_async(options, job.order.model_dump(mode="json"))

    async def find(self, jobs: Iterable[str]) -> dict[str, Status]:
        """What the queue knows of *jobs*, with the outcome of those that ended."""
        ids, found = list(jobs), {}
        for start in range(0, len(ids), ASKED_AT_ONCE):
            some = ids[start : start + ASKED_AT_ONCE]
            for workflow in await self.client.list_workflows_async(
                workflow_ids=some, load_input=False
            ):
                found[workflow.workflow_id] = _status(workflow)
        return found

    async def progress(self, job: str) -> AsyncIterator[Progress]:
        """The worker's reports about a job, from the first one, until it ends."""
        stream = self.client.read_stream_async(job, STREAM, polling_interval_sec=POLL_SECONDS)
        async for value in stream:
            try:
                yield Progress.model_validate(value)
            except ValidationError:
                log.warning("a report that cannot be read was skipped")

    async def cancel(self, jobs: Sequence[str]) -> None:
        """Cancel what waits or runs of *jobs*; what has ended stays as it is."""
        if jobs:
            await self.client.cancel_workflows_async(list(jobs))

    async def hand_on(self, lost: Running) -> None:
        """Give a job whose worker is lost to another worker.

        As DBOS itself does when a worker comes back, and unlike its ``resume_workflow``, this
        leaves the count of attempts: a job that every worker hangs on is given up at last.
        """
        recover = self.client._sys_db.reenqueue_for_recovery
        await asyncio.to_thread(recover, lost.job, [lost.worker], QUEUE)

    async def drop_progress(self, job: str) -> None:
        """Delete the reports about a job that has ended: their previews are most of a database."""
        database = self.client._sys_db
        reports = database.tables.streams

        def drop() -> None:
            with database.engine.begin() as connection:
                connection.execute(sa.delete(reports).where(reports.c.workflow_uuid == job))

        await asyncio.to_thread(drop)

    async def delete(self, jobs: Sequence[str]) -> None:
        """Delete all that the queue knows of *jobs*."""
        if jobs:
            await self.client.delete_workflows_async(list(jobs))

    async def _withdraw_other_versions(self) -> None:
        """Delete the jobs that wait for workers of another version, which may never come.

        Nothing is lost: the ledger knows them, and they are enqueued again as this version does.
        """
        await self.delete(await self.backlog.of_others_than(VERSION))

    async def close(self) -> None:
        if self._client is not None:
            await asyncio.to_thread(self._client.destroy)
            self._client = None


def prepare(url: str, together: int = 1) -> None:
    """Create or upgrade the queue and its tables in the database at *url*.

    Each worker takes up to *together* jobs at once.

    SQLite's write-ahead log is a property of the file: it is set here once, so that bot and
    workers read while another of them writes.
    """
    if url.startswith("sqlite"):
        engine = sa.create_engine(url)
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        engine.dispose()
    DBOS.migrate(url)
    client = connect(url)
    try:
        client.register_queue(QUEUE, worker_concurrency=together, polling_interval_sec=POLL_SECONDS)
    finally:
        client.destroy()


def check_file(url: str) -> None:
    """Raise DamagedDatabase when *url* is a SQLite file that is no sound database."""
    file = sa.make_url(url).database
    if not url.startswith("sqlite") or not file or not Path(file).exists():
        return
    engine = sa.create_engine(url)
    try:
        with engine.connect() as connection:
            found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    except OperationalError:  # locked or out of reach: not damaged
        return
    except DatabaseError as error:
        found = error.orig
    finally:
        engine.dispose()
    if found != "ok":
        raise DamagedDatabase(
            f"the database {file} is damaged ({found}). I have changed nothing. Put a backup in "
            "its place, or move it away, with its -wal and -shm files, to begin with an empty one"
        )


def hand_back(url: str, worker: str) -> list[str]:
    """Let what *worker* leaves unfinished wait again, for whichever is free first; returns it.

    The attempts are counted anew: to stop and start again is no fault of the job. Unlike DBOS's
    ``resume_workflows``, this leaves what another worker has taken, or a person has cancelled.
    """
    client = connect(url)
    try:
        database = client._sys_db
        jobs = database.tables.workflow_status
        left = (
            sa.update(jobs)
            .where(
                jobs.c.queue_name == QUEUE,
                jobs.c.executor_id == worker,
                jobs.c.status == "PENDING",
            )
            .values(
                status="ENQUEUED", recovery_attempts=0, owner_xid=None, started_at_epoch_ms=None
            )
            .returning(jobs.c.workflow_uuid)
        )
        with database.engine.begin() as connection:
            return list(connection.scalars(left))
    finally:
        client.destroy()


def connect(url: str) -> DBOSClient:
    return DBOSClient(
        system_database_url=url,
        serializer=DBOSPortableJSONSerializer(),
        system_database_pool_size=CONNECTIONS,
        retry_connection_errors=False,  # whoever asks is told at once, and decides
    )


def _status(workflow: WorkflowStatus) -> Status:
    outcome = _outcome(workflow)
    refused = outcome is not None and outcome.error is not None
    created, taken = workflow.created_at or 0, workflow.dequeued_at
    return Status(
        job=workflow.workflow_id,
        state="failed" if refused else _STATES[workflow.status],
        outcome=outcome,
        waited=max(0.0, (taken - created) / 1000) if taken else None,
    )


def _outcome(workflow: WorkflowStatus) -> Outcome | None:
    if workflow.status == "SUCCESS" and workflow.output is not None:
        try:
            return Outcome.model_validate(workflow.output)
        except ValidationError:
            log.error("job %s: its outcome cannot be read", workflow.workflow_id)
            return Outcome(error=BROKEN, cause="broken")
    if workflow.status == "ERROR":
        return Outcome(error=BROKEN, cause="broken")
    if workflow.status == "MAX_RECOVERY_ATTEMPTS_EXCEEDED":
        return Outcome(error=GAVE_UP, cause="gave_up")
    return None
