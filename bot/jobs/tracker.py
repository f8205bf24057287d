"""Tracks each job of the ledger: into the queue, past its progress, to its answer.

Each newer status of an open job is shown to its front, and at the end the front answers, once; the
ledger remembers it. A job that waits rests: it is a name here, and a task only when there is news.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from bot import texts
from bot.fronts.base import Front, Undeliverable
from bot.jobs.admission import Admission
from bot.jobs.background import Tasks, until_done
from bot.jobs.ledger import Ledger
from bot.jobs.queue import Queue
from bot.jobs.status import Observer
from bot.jobs.store import CHECKPOINT, Store, StoreError, job_key
from bot.logs import about
from bot.model import UNREADABLE_ORDER, Job, Outcome, Status
from bot.monitor import metrics

log = logging.getLogger(__name__)

PAUSE_SECONDS = 5
SHOW_AGAIN_SECONDS = 1.0
ENQUEUE_SECONDS = 2


@dataclass(slots=True)
class _Tracked:
    """A job that is not answered yet."""

    job: Job | None
    """Known while something is done about it."""
    enqueued: asyncio.Event | None
    """None once it is."""
    task: asyncio.Task[None] | None = None
    """What is done about it; None while it rests."""
    shown: bool = False
    """Whether its person has seen anything of it since the start of this run."""
    ended: bool = False


@dataclass
class Tracker:
    """The open jobs, and the fronts that show and answer them."""

    store: Store
    ledger: Ledger
    queue: Queue
    observer: Observer
    admission: Admission
    tasks: Tasks
    fronts: dict[str, Front] = field(default_factory=dict)
    _open: dict[str, _Tracked] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.observer.on_change = self._wake

    def __contains__(self, job: str) -> bool:
        return job in self._open

    async def resume(self, jobs: Sequence[Job]) -> None:
        """See to *jobs* that an earlier run left, which may have put them into the queue."""
        known = await self.queue.find([job.id for job in jobs])
        for status in known.values():
            self.observer.learn(status)
        for job in jobs:
            if job.front not in self.fronts:
                with about(job.id):
                    log.info("waits for the %s front, which is off", job.front)
            elif job.id not in known or job.order is UNREADABLE_ORDER:
                self.begin(job)
            else:
                self._open[job.id] = _Tracked(None, None)
                if known[job.id].state != "queued":  # whose place will be news
                    self._wake(job.id)

    def begin(self, job: Job) -> None:
        """See to a job of the ledger: from here on there is no way back."""
        self._open[job.id] = _Tracked(job, asyncio.Event())
        self._start(job.id, self._open[job.id])

    def _wake(self, job: str) -> None:
        """The status of *job* has changed: wake it, if it rests here."""
        tracked = self._open.get(job)
        if tracked is not None and tracked.task is None:
            self._start(job, tracked)

    def _start(self, job: str, tracked: _Tracked) -> None:
        def close(task: asyncio.Task[None]) -> None:
            if tracked.task is task:  # else it rests
                self.admission.leave(job)
                self._open.pop(job, None)

        with about(job):
            tracked.task = self.tasks.spawn(self._track(job, tracked), f"track {job}")
        tracked.task.add_done_callback(close)

    async def status_of(self, job: str) -> Status:
        """Where a job stands that has just been taken; that it is taken cannot fail any more."""
        with suppress(TimeoutError):
            async with asyncio.timeout(ENQUEUE_SECONDS):
                if (tracked := self._open.get(job)) and tracked.enqueued:
                    await tracked.enqueued.wait()
        try:
            return await self.observer.status(job) or Status(job, "queued")
        except Exception:
            log.warning("cannot tell its place in the queue", exc_info=True)
            return Status(job, "queued")

    async def readdress(self, job: str, address: dict[str, Any]) -> None:
        """Note, durably, where the answer of a job now belongs."""
        await self.ledger.readdress(job, address)
        if (tracked := self._open.get(job)) and tracked.job:
            tracked.job = tracked.job.model_copy(update={"address": address})

    async def pause(self) -> None:
        """Tell all whose jobs are open that they go on later.

        Nothing is shown after that. An answer that is on its way may still arrive.
        """
        tracked = list(self._open.items())
        farewells = [self._pause(job, one) for job, one in tracked if not one.ended]
        answers = [one.task for _, one in tracked if one.ended and one.task]
        with suppress(TimeoutError):
            async with asyncio.timeout(PAUSE_SECONDS):
                await asyncio.gather(*farewells, *answers, return_exceptions=True)

    async def _pause(self, id: str, tracked: _Tracked) -> None:
        """Show that a job pauses, as the last thing that is shown of it."""
        self._open.pop(id, None)
        if tracked.task:
            tracked.task.cancel()
            await asyncio.wait([tracked.task])
        with about(id):
            try:
                status = await self.observer.newest(id)
                job = await self.ledger.get(id)
                if job is not None and status is not None and not status.ended:
                    await self.fronts[job.front].pause(job, status)
            except Exception:
                log.warning("cannot tell that it pauses", exc_info=True)

    async def _track(self, id: str, tracked: _Tracked) -> None:
        """Put a job into the queue, show it on its way and have it answered."""
        if (job := tracked.job) and job.order is UNREADABLE_ORDER:
            await until_done(lambda: self._refuse_unreadable(job), "cannot be given up yet")
            return
        if job and tracked.enqueued:
            await until_done(lambda: self._enqueue(job, tracked), "cannot be enqueued yet")
            tracked.enqueued.set()
            tracked.enqueued = None
        await until_done(lambda: self._follow(id, tracked), "cannot be answered yet")

    async def _enqueue(self, job: Job, tracked: _Tracked) -> None:
        """Put a job into the queue, where an earlier run may have put it already."""
        cost = job.order.recipe.cost_with(len(job.order.pictures))
        turn = await self.admission.turn(job.id, job.person, cost)
        await self.queue.enqueue(job, turn)
        tracked.job = await self.ledger.get(job.id)
        if tracked.job is None:  # its owner had it forgotten meanwhile
            await self.queue.delete([job.id])
            self.observer.drop(job.id)

    async def _refuse_unreadable(self, job: Job) -> None:
        """Answer a job whose order cannot be read; what the queue has of it is not painted."""
        await self.queue.cancel([job.id])
        outcome = Outcome(error=texts.UNREADABLE, cause="broken")
        await self._answer(job.id, Status(job.id, "failed", outcome=outcome))

    async def _follow(self, id: str, tracked: _Tracked) -> None:
        """Show each newer status of a job and have it answered, or rest when it waits."""
        tracked.job = tracked.job or await self.ledger.get(id)
        if tracked.job is None:
            return
        front = self.fronts[tracked.job.front]
        async for status in self.observer.follow(id):
            if status.ended:
                tracked.ended = True
                await self._answer(id, status)
                return
            await self._show(front, id, tracked, status)
            if status.state == "queued" and status == self.observer.seen(id):
                tracked.job = tracked.task = None
                return

    async def _show(self, front: Front, id: str, tracked: _Tracked, status: Status) -> None:
        """Show where a job stands, then rest as long as edits are to be apart.

        A person who has seen nothing yet is not left waiting for the next news: that is tried again
        until they have, or the job has ended.
        """
        while tracked.job:
            try:
                await front.show(tracked.job, status)
                tracked.shown = True
            except Undeliverable:
                tracked.shown = True
            except Exception:
                log.warning("cannot show its progress", exc_info=True)
            pace = front.pace if tracked.shown else max(front.pace, SHOW_AGAIN_SECONDS)
            if (pace and await self._ends_within(id, pace)) or tracked.shown:
                return
            status = self.observer.seen(id) or status

    async def _ends_within(self, id: str, seconds: float) -> bool:
        """Whether a job ends within *seconds*, which else pass."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                async for _ in self.observer.follow(id):
                    pass
            return True
        return False

    async def _answer(self, id: str, status: Status) -> None:
        job = await self.ledger.get(id)
        if job is None:
            return
        result = "delivered"
        try:
            await self.fronts[job.front].answer(job, status)
        except Undeliverable as error:
            result = "undeliverable"
            log.warning("nobody to answer: %s", error)
        except Exception:
            metrics.ANSWERS.labels(job.front, "retried").inc()
            raise
        with suppress(StoreError):  # then it goes when the job does
            await self.store.delete(job_key(job.id, CHECKPOINT))
        with suppress(SQLAlchemyError):  # they, too
            await self.queue.drop_progress(job.id)
        await self.ledger.answer(job.id)
        metrics.answered(job, status, result)
        self.observer.drop(job.id)
        log.info("%s, answered", status.state)
