"""The studio: what people can do with jobs, whichever front they come through.

Data flows one way. A job is submitted into the store and the ledger; from there it is tracked: into
the queue, past its progress, to its answer. Whatever is killed when, a job in the ledger is one
that will be painted. A restart takes up every unanswered job.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.config import Settings
from bot.fronts.base import Front
from bot.jobs.admission import Admission, Refused
from bot.jobs.background import Tasks
from bot.jobs.ledger import Ledger, connect
from bot.jobs.migrations import migrate
from bot.jobs.queue import Queue, check_file
from bot.jobs.retention import Retention
from bot.jobs.status import Observer
from bot.jobs.store import Store
from bot.jobs.submit import Submission
from bot.jobs.tracker import Tracker
from bot.logs import about
from bot.model import Job, Request, Status
from bot.monitor import Health, Probe, metrics

__all__ = ["Refused", "Studio"]

log = logging.getLogger(__name__)

TIDY_SECONDS = 10
TIDY_LOOKS = 100


class Studio:
    """Use ``async with Studio(settings) as studio``, enlist the fronts, then ``resume``."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.engine: AsyncEngine = connect(settings.database_url)
        tasks = self._tasks = Tasks()
        ledger = self._ledger = Ledger(self.engine)
        store = self._store = Store(settings.store_url)
        queue = self._queue = Queue(settings.database_url, settings.workers.together)
        admission = Admission(settings, queue)
        stalled = settings.workers.stalled_seconds
        observer = self._observer = Observer(queue, admission, stalled_seconds=stalled)
        tracker = self._tracker = Tracker(store, ledger, queue, observer, admission, tasks)
        self._submission = Submission(settings, store, ledger, observer, admission, tracker, tasks)
        self._probes = {
            "database": Probe(ledger.probe, "the database cannot be written"),
            "store": Probe(store.probe, "the store cannot be written"),
        }
        self.health = Health()
        for part, probe in self._probes.items():
            self.health.add(part, probe.trouble)
        self.health.add("queue", self._observer.queue_trouble)
        self.health.add("workers", self._observer.workers_trouble)

    async def __aenter__(self) -> "Studio":
        await asyncio.to_thread(check_file, self.settings.database_url)
        await migrate(self.engine)  # first, since it refuses the database of a newer version
        await self._queue.open()
        await self._observer.refresh()
        self._tasks.spawn(self._observer.run(), "observe the queue")
        for part, probe in self._probes.items():
            self._tasks.spawn(probe.run(), f"probe the {part}")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._tasks.cancel()
        await self._queue.close()
        await self.engine.dispose()

    def enlist(self, front: Front) -> None:
        """Let *front* be told of the jobs that come through it, and be asked how it is."""
        self._tracker.fronts[front.name] = front
        self.health.add(front.name, front.trouble, vital=False)

    async def resume(self) -> None:
        """Take up what an earlier run left unanswered; call once, when all fronts are enlisted."""
        fronts = self._tracker.fronts
        async for jobs in self._ledger.owed():
            await self._tracker.resume(jobs)
        retention = Retention(
            self._ledger,
            self._store,
            keep=timedelta(days=self.settings.limits.keep_days),
            delete_job=self._delete,
            delete_before=[front.delete_before for front in fronts.values()],
        )
        self._tasks.spawn(retention.run(), "retention")

    async def pause(self) -> None:
        """Tell all whose jobs are open that they go on later; call before the fronts close."""
        await self._tracker.pause()

    async def submit(self, request: Request) -> Status:
        """Take a job, durably, and say where it stands.

        Raises Refused when the studio is full, a picture is too large, or what the job must be
        kept in does not work, and whatever reading the uploads does.
        """
        with about(request.id):
            try:
                await self._submission.take(request)
            except Refused as refusal:
                metrics.REFUSALS.labels(refusal.reason).inc()
                raise
            return await self._tracker.status_of(request.id)

    async def status(self, job: str) -> Status | None:
        """Where a job stands, or None when there is no such job."""
        return await self._observer.status(job)

    async def job(self, job: str) -> Job | None:
        """A job as it was asked for, or None when there is no such job, or it is forgotten."""
        return await self._ledger.get(job)

    async def jobs_of(self, person: str) -> list[Job]:
        """All jobs of *person*, oldest first."""
        return await self._ledger.of(person)

    def follow(self, job: str) -> AsyncIterator[Status]:
        """Each newer status of a job, to its end; whoever is slow gets only the newest."""
        return self._observer.follow(job)

    async def cancel(self, job: str, person: str) -> bool:
        """Cancel a job of *person*; False when it is not theirs or has ended."""
        found = await self._ledger.get(job)
        status = await self.status(job)
        if found is None or found.person != person or status is None or status.ended:
            return False
        await self._queue.cancel([job])
        await self._observer.refresh([job])
        return True

    async def cancel_all(self, person: str) -> int:
        """Cancel the jobs of *person* that wait or run; returns how many."""
        open_jobs = await self._queue.backlog.of(person)
        await self._queue.cancel(open_jobs)
        await self._observer.refresh(open_jobs)
        return len(open_jobs)

    async def forget(self, person: str) -> int:
        """Cancel and delete all jobs of *person*, with their pictures; returns how many."""
        theirs = await self._ledger.of(person)
        await self.cancel_all(person)
        await self._tidied(person)
        for job in theirs:
            await self._delete(job.id)
        for front in self._tracker.fronts.values():
            await front.forget(person)
        return len(theirs)

    async def unsay(self, front: str, person: str) -> int:
        """Have *front* delete what the bot posted in answer to *person*; see ``Front.unsay``."""
        return await self._tracker.fronts[front].unsay(person)

    async def read(self, key: str) -> bytes:
        """A picture by its key. Raises FileNotFoundError when it is gone, or never was."""
        return await self._store.get(key)

    async def asked(self, person: str, since: datetime) -> int:
        """How many jobs *person* has asked for since that moment, but for those forgotten."""
        return await self._ledger.asked(person, since)

    async def recall(self, name: str) -> str | None:
        """What was kept under *name* by ``remember``."""
        return await self._ledger.recall(name)

    async def remember(self, name: str, value: str) -> None:
        """Keep *value* under *name*, durably: how far a front has read, for example."""
        await self._ledger.remember(name, value)

    async def readdress(self, job: str, address: dict[str, Any]) -> None:
        """Note, durably, where the answer of a job now belongs."""
        await self._tracker.readdress(job, address)

    async def _tidied(self, person: str) -> None:
        """Wait a little until the fronts, maybe in another process, are done with their jobs."""
        for _ in range(TIDY_LOOKS):
            if not await self._ledger.owes(person):
                return
            await asyncio.sleep(TIDY_SECONDS / TIDY_LOOKS)

    async def _delete(self, job: str) -> None:
        # The queue first: a worker that is still painting sees by it that it is to keep nothing.
        await self._queue.delete([job])
        await self._store.delete_job(job)
        await self._ledger.delete(job)
        self._observer.drop(job)
