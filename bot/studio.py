"""The studio: what people can do with jobs, whichever front they come through.

Data flows one way. A front submits; the job goes into the store, the ledger and the queue, in
that order, so that whatever is killed when, a job in the ledger is one that will be painted. For
each open job one task follows the queue, shows the newest status to the front, and at the end has
the front answer, once; the ledger remembers it. A restart takes up every unanswered job.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, repeat
from typing import Any, Protocol

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import words
from bot.commands import Paint, check_pictures
from bot.config import Settings
from bot.job import UNREADABLE_ORDER, Job, Order, Outcome, Status, StoredPicture, Upload
from bot.ledger import Ledger, connect
from bot.logs import about
from bot.migrations import migrate
from bot.monitor import Health, Probe, metrics
from bot.queue import Entry, Queue, turn_of
from bot.store import CHECKPOINT, Store, StoreError, job_key
from bot.sweep import Sweep
from bot.watch import Watch

log = logging.getLogger(__name__)

FAREWELL_SECONDS = 10
PAUSE_SECONDS = 5
ENQUEUE_SECONDS = 2
RETRY_SECONDS = (1, 5, 15, 60, 300)

AWAY = (
    "I cannot take your pictures in: the studio's disk or database does not work at the moment. "
    "Please try again later, and tell the studio's owner, who finds the reason in the log."
)


class Refused(Exception):
    """The studio does not take this job; the text tells its author why and what to do."""


class Undeliverable(Exception):
    """A front can never deliver this answer, for the reason in the text."""


class Front(Protocol):
    """A chat. The studio pushes to it; it calls the studio's methods."""

    @property
    def name(self) -> str: ...

    async def show(self, job: Job, status: Status) -> None:
        """Show where a queued or running job stands; a slow front skips to the newest status."""

    async def pause(self, job: Job, status: Status) -> None:
        """Tell that the studio closes, and that the queued or running job goes on later."""

    async def delete_before(self, moment: datetime) -> None:
        """Delete what the front itself keeps from before *moment*."""

    async def answer(self, job: Job, status: Status) -> None:
        """Answer the job that ended. Called again after a crash, so idempotent under the job id.

        Raises Undeliverable when there is nobody to answer any more; after any other error the
        studio tries again.
        """


@dataclass
class _Tended:
    """A job that is not answered yet, and the task that sees it through."""

    job: Job
    task: asyncio.Task[None]
    enqueued: asyncio.Event = field(default_factory=asyncio.Event)
    ended: bool = False


class Studio:
    """Use ``async with Studio(settings) as studio``, enlist the fronts, then ``resume``."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.engine: AsyncEngine = connect(settings.database_url)
        self._ledger = Ledger(self.engine)
        self._store = Store(settings.store_url)
        self._queue = Queue(settings.database_url, settings.workers.together)
        self._watch = Watch(self._queue, stalled_seconds=settings.workers.stalled_seconds)
        self._probe = Probe(self._store.probe, "the store cannot be written")
        self.health = Health()
        self.health.add("database", self._watch.blind)
        self.health.add("store", self._probe.trouble)
        self.health.add("workers", self._watch.unattended)
        self._fronts: dict[str, Front] = {}
        self._arriving: dict[str, Entry] = {}  # until the watch has seen them in the queue
        self._tasks: set[asyncio.Task[None]] = set()
        self._tended: dict[str, _Tended] = {}

    async def __aenter__(self) -> "Studio":
        await self._queue.open()
        await migrate(self.engine)
        await self._watch.refresh()
        self._spawn(self._watch.run(), "watch the queue")
        self._spawn(self._probe.run(), "probe the store")
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._queue.close()
        await self.engine.dispose()

    def enlist(self, front: Front) -> None:
        """Let *front* hear of the jobs that come through it."""
        self._fronts[front.name] = front

    async def resume(self) -> None:
        """Take up what an earlier run left unanswered; call once, when all fronts are enlisted."""
        for job in await self._ledger.unanswered():
            if job.front in self._fronts:
                self._tend(job)
            else:
                with about(job.id):
                    log.info("waits for the %s front, which is off", job.front)
        sweep = Sweep(
            self._ledger,
            self._store,
            keep=timedelta(days=self.settings.limits.keep_days),
            delete_job=self._delete,
            delete_before=[front.delete_before for front in self._fronts.values()],
        )
        self._spawn(sweep.run(), "sweep")

    async def pause(self) -> None:
        """Tell all whose jobs are open that they go on later; call before the fronts close.

        Nothing is shown after that. An answer that is on its way may still arrive.
        """
        tended = list(self._tended.values())
        farewells = [self._farewell(one) for one in tended if not one.ended]
        answers = [one.task for one in tended if one.ended]
        with suppress(TimeoutError):
            async with asyncio.timeout(PAUSE_SECONDS):
                await asyncio.gather(*farewells, *answers, return_exceptions=True)

    async def _farewell(self, tended: _Tended) -> None:
        """Show that a job pauses, as the last thing that is shown of it."""
        tended.task.cancel()
        await asyncio.wait([tended.task])
        with about(tended.job.id):
            try:
                status = await self._watch.status(tended.job.id)
                job = await self._ledger.get(tended.job.id)
                if job is not None and status is not None and not status.ended:
                    await self._fronts[job.front].pause(job, status)
            except Exception:
                log.warning("cannot tell that it pauses", exc_info=True)

    async def submit(
        self,
        *,
        id: str,
        front: str,
        person: str,
        address: dict[str, Any],
        paint: Paint,
        uploads: Sequence[Upload],
    ) -> Status:
        """Take a job, durably, and say where it stands.

        The same *id* again changes nothing. Raises CommandError when the pictures do not suit the
        command and Refused when the studio is full, a picture is too large, or what the job must
        be kept in does not work.
        """
        with about(id):
            try:
                known = await self.status(id)
                if known is not None:
                    return known
                check_pictures(paint, len(uploads))
                self._check_sizes(uploads)
                self._admit(id, person)
                await self._take(id, front, person, address, paint, uploads)
            except (StoreError, SQLAlchemyError) as error:
                log.error("cannot be taken: %s", error)
                self._spawn(self._settle(id), f"settle {id}")
                raise _refusal("fault", AWAY) from error
            return await self._standing_of(id)

    async def status(self, job: str) -> Status | None:
        """Where a job stands, or None when there is no such job."""
        return await self._watch.status(job)

    def follow(self, job: str) -> AsyncIterator[Status]:
        """Each newer status of a job, to its end; whoever is slow gets only the newest."""
        return self._watch.follow(job)

    async def cancel(self, job: str, person: str) -> bool:
        """Cancel a job of *person*; False when it is not theirs or has ended."""
        found = await self._ledger.get(job)
        status = await self.status(job)
        if found is None or found.person != person or status is None or status.ended:
            return False
        await self._queue.cancel([job])
        await self._watch.refresh()
        return True

    async def cancel_all(self, person: str) -> int:
        """Cancel the jobs of *person* that wait or run; returns how many."""
        open_jobs = [entry.job for entry in await self._queue.active() if entry.person == person]
        await self._queue.cancel(open_jobs)
        await self._watch.refresh()
        return len(open_jobs)

    async def forget(self, person: str) -> int:
        """Cancel and delete all jobs of *person*, with their pictures; returns how many."""
        theirs = await self._ledger.of(person)
        await self.cancel_all(person)
        open_ones = [self._tended[job.id].task for job in theirs if job.id in self._tended]
        if open_ones:  # let the fronts tidy up what they show of these jobs
            await asyncio.wait(open_ones, timeout=FAREWELL_SECONDS)
        for job in theirs:
            await self._delete(job.id)
        return len(theirs)

    async def read(self, key: str) -> bytes:
        """A picture by its key. Raises FileNotFoundError when it is gone, or never was."""
        return await self._store.get(key)

    async def readdress(self, job: str, address: dict[str, Any]) -> None:
        """Note, durably, where the answer of a job now belongs."""
        await self._ledger.readdress(job, address)
        if tended := self._tended.get(job):
            tended.job = tended.job.model_copy(update={"address": address})

    async def _take(
        self,
        id: str,
        front: str,
        person: str,
        address: dict[str, Any],
        paint: Paint,
        uploads: Sequence[Upload],
    ) -> None:
        """Write a job down: first its pictures, then the job itself."""
        try:
            pictures = [await self._keep(id, n, upload) for n, upload in enumerate(uploads, 1)]
            order = Order(recipe=paint.recipe, pictures=tuple(pictures), film=paint.film)
            job = Job(id=id, front=front, person=person, address=address, order=order)
            if await self._ledger.add(job):
                self._tend(job)
        finally:
            if id not in self._tended:
                self._arriving.pop(id, None)

    async def _settle(self, job_id: str) -> None:
        """Leave no job half taken: what is in the ledger is painted, what is not leaves no trace.

        Whether a job is in the ledger cannot be told when the connection broke while it was added.
        """

        async def settle() -> None:
            job = await self._ledger.get(job_id)
            if job is None and job_id not in self._arriving:
                await self._store.delete_job(job_id)
            elif job is not None:
                self._tend(job)

        await self._until_done(settle, "cannot be settled yet")

    async def _standing_of(self, job: str) -> Status:
        """Where a job stands that has just been taken; that it is taken cannot fail any more."""
        with suppress(TimeoutError):
            async with asyncio.timeout(ENQUEUE_SECONDS):
                if tended := self._tended.get(job):
                    await tended.enqueued.wait()
        try:
            return await self._watch.status(job) or Status(job, "queued")
        except Exception:
            log.warning("cannot tell its place in the queue", exc_info=True)
            return Status(job, "queued")

    def _check_sizes(self, uploads: Sequence[Upload]) -> None:
        cap = self.settings.limits.picture_bytes
        for upload in uploads:
            if upload.size > cap:
                raise _refusal(
                    "size",
                    f"{upload.name} has {upload.size / 1e6:.1f} MB; I take pictures of up to "
                    f"{cap / 1e6:.0f} MB. Send a smaller one: I paint at most "
                    f"{self.settings.painting.max_size} pixels anyway.",
                )

    def _admit(self, id: str, person: str) -> None:
        """Give a job a place, or raise Refused when there is none, for this person or for all.

        Nothing is awaited or read here: however many ask at once, each place is given once, and
        to refuse costs next to nothing.
        """
        limits = self.settings.limits
        waiting = [entry for entry in self._open() if entry.state == "queued"]
        theirs = sum(entry.person == person for entry in waiting)
        if theirs >= limits.waiting_per_person:
            raise _refusal(
                "person",
                f"You have {theirs} jobs waiting, which is the most for one person. Wait for one "
                f"to be painted, or cancel with `{self.settings.discord.prefix}cancel`.",
            )
        if len(waiting) >= limits.waiting:
            wait = self._watch.wait(1)
            when = f" Try again in about {words.duration(wait)}." if wait else " Try again later."
            raise _refusal("full", f"The studio is full: {len(waiting)} jobs are waiting.{when}")
        self._give_place(id, person)

    def _give_place(self, id: str, person: str) -> None:
        self._arriving[id] = Entry(id, person, "queued", turn_of(person, self._open()))

    def _open(self) -> list[Entry]:
        """The jobs that run or wait, and those that are on their way into the queue."""
        seen = self._watch.active
        known = {entry.job for entry in seen}
        return [*seen, *(entry for entry in self._arriving.values() if entry.job not in known)]

    async def _keep(self, job: str, number: int, upload: Upload) -> StoredPicture:
        data = await upload.read()
        self._check_sizes([Upload(upload.name, len(data), upload.read)])  # sizes can be untrue
        key = job_key(job, f"picture-{number}")
        await self._store.put(key, data)
        return StoredPicture(key=key, name=upload.name[:100])

    def _tend(self, job: Job) -> None:
        """See to a job of the ledger, once: from here on there is no way back."""
        if job.id in self._tended:
            return
        if job.id not in self._arriving:
            self._give_place(job.id, job.person)
        with about(job.id):
            task = self._spawn(self._see_through(job), f"see {job.id} through")
        self._tended[job.id] = _Tended(job, task)
        task.add_done_callback(lambda _: self._arriving.pop(job.id, None))
        task.add_done_callback(lambda _: self._tended.pop(job.id, None))

    async def _see_through(self, job: Job) -> None:
        """Put a job into the queue, show it on its way and have it answered."""
        if job.order is UNREADABLE_ORDER:
            await self._until_done(lambda: self._give_up(job), "cannot be given up yet")
            return
        await self._until_done(lambda: self._enqueue(job), "cannot be enqueued yet")
        self._arriving.pop(job.id, None)
        self._tended[job.id].enqueued.set()
        await self._until_done(lambda: self._accompany(job), "cannot be answered yet")

    async def _enqueue(self, job: Job) -> None:
        """Put a job into the queue, where an earlier run may have put it already."""
        await self._queue.enqueue(job, self._arriving[job.id].turn)
        await self._watch.refresh()

    async def _give_up(self, job: Job) -> None:
        """Answer a job whose order cannot be read; what the queue has of it is not painted."""
        await self._queue.cancel([job.id])
        failed = Status(job.id, "failed", outcome=Outcome(error=words.UNREADABLE))
        await self._answer(self._fronts[job.front], job.id, failed)

    async def _accompany(self, job: Job) -> None:
        front = self._fronts[job.front]
        if await self._ledger.get(job.id) is None:  # its owner had it forgotten
            return
        async for status in self._watch.follow(job.id):
            if status.ended:
                self._tended[job.id].ended = True
                await self._answer(front, job.id, status)
            else:
                try:
                    await front.show(self._tended[job.id].job, status)
                except Exception:
                    log.warning("cannot show its progress", exc_info=True)

    async def _answer(self, front: Front, job_id: str, status: Status) -> None:
        job = await self._ledger.get(job_id)
        if job is None:
            return
        result = "delivered"
        try:
            await front.answer(job, status)
        except Undeliverable as error:
            result = "undeliverable"
            log.warning("nobody to answer: %s", error)
        except Exception:
            metrics.ANSWERS.labels(job.front, "retried").inc()
            raise
        with suppress(StoreError):  # then it goes when the job does
            await self._store.delete(job_key(job.id, CHECKPOINT))
        await self._ledger.answer(job.id)
        metrics.answered(job, status, result)
        self._watch.drop(job.id)
        log.info("%s, answered", status.state)

    async def _until_done(self, work: Callable[[], Awaitable[None]], trouble: str) -> None:
        """Do *work* again and again until nothing is in its way, less often each time."""
        for pause in chain(RETRY_SECONDS, repeat(RETRY_SECONDS[-1])):
            try:
                await work()
                return
            except Exception:
                log.warning(trouble, exc_info=True)
                await asyncio.sleep(pause)

    async def _delete(self, job: str) -> None:
        await self._store.delete_job(job)
        await self._queue.delete([job])
        await self._ledger.delete(job)
        self._watch.drop(job)

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("%s failed", task.get_name(), exc_info=task.exception())


def _refusal(reason: str, text: str) -> Refused:
    metrics.REFUSALS.labels(reason).inc()
    return Refused(text)
