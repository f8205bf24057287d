"""One pair of eyes on the queue, however many people look at their jobs.

A single task looks twice a second: who runs, who is first in line, what became of those that were
either a moment ago, and one page further down the line. So a look costs the same however long the
line is, and each place in it is seen in its turn. One stream is read for each running job.
Everybody else reads the statuses kept here in memory and is woken when they change.
"""

import asyncio
import logging
import math
import time
from collections.abc import AsyncIterator, Callable, Iterable

from bot.jobs.admission import Admission
from bot.jobs.backlog import Line, Running, Spot
from bot.jobs.queue import Entry, Queue
from bot.logs import about
from bot.model import Progress, Status
from bot.monitor import metrics

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
BLIND_SECONDS = 10.0
UNATTENDED_SECONDS = 60.0
"""A worker that lives reports three times in this time, and one that starts has started."""

PAGE = 50
"""Jobs: how far down the line each look sees, and how much of the rest."""


class Round:
    """A walk down the line, page by page, again and again."""

    def __init__(self) -> None:
        self._after: Spot | None = None
        self._unmet: set[str] = set()
        self._oldest = self._met = math.inf

    def age(self) -> float:
        """For how long the job has waited that came first, as of the last whole round; in s."""
        return max(0.0, time.time() - self._oldest) if self._oldest < math.inf else 0.0

    async def go_on(self, line: Line, first: list[Spot]) -> tuple[dict[str, int], set[str] | None]:
        """See the next page of *line*, which begins with *first*.

        Returns the places of those on it and, at the end of a round, who was not met in it.
        """
        page, place = first, 1
        if self._after is not None:
            page = await line.next(PAGE, self._after)
            place = (await line.place(page[0].job) if page else None) or 0
        self._met = min([self._met, *(spot.created / 1000 for spot in page)])
        self._unmet.difference_update(spot.job for spot in page)
        self._after = page[-1] if len(page) == PAGE else None
        places = {spot.job: there for there, spot in enumerate(page, place)} if place else {}
        return places, None if self._after else self._unmet

    def begin(self, waiting: set[str]) -> None:
        """Begin a round in which those *waiting* are to be met."""
        self._oldest, self._met, self._unmet = self._met, math.inf, waiting


class Observer:
    """The newest status of every job that is open, or was a moment ago."""

    def __init__(self, queue: Queue, admission: Admission, *, stalled_seconds: float) -> None:
        self._queue = queue
        self._admission = admission
        self._stalled_seconds = stalled_seconds
        self._running: list[Running] = []
        self._near: set[str] = set()
        """The jobs that ran or were first in line, and those to be looked at anyway."""
        self._round = Round()
        self._statuses: dict[str, Status] = {}
        self._progress: dict[str, Progress] = {}
        self._heard: dict[str, float] = {}
        self._readers: dict[str, asyncio.Task[None]] = {}
        self._changed: dict[str, asyncio.Event] = {}
        self._looking = asyncio.Lock()
        self._begun = self._succeeded = 0
        self._looked = self._life = time.monotonic()
        self.hear: Callable[[str], None] = lambda job: None
        """Is told of each job of which there is news."""
        metrics.OLDEST.set_function(self._round.age)

    async def run(self) -> None:
        """Look at the queue until cancelled; a database that is away is waited for."""
        blind = False
        try:
            while True:
                try:
                    await self.refresh()
                    if blind:  # no worker could report meanwhile
                        log.info("the queue can be seen again")
                        self._life = time.monotonic()
                        self._heard = dict.fromkeys(self._heard, self._life)
                    blind = False
                    await self._rescue_stalled()
                except Exception:
                    if not blind:
                        log.exception("cannot look at the queue; trying again until I can")
                    blind = True
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            for reader in self._readers.values():
                reader.cancel()

    async def refresh(self, jobs: Iterable[str] = ()) -> None:
        """Look at the queue now, also at *jobs*; all who ask during one look share the next."""
        self._near.update(jobs)
        asked = self._begun
        async with self._looking:
            if self._succeeded > asked:
                return
            self._begun = begun = self._begun + 1
            await self._look()
            self._succeeded, self._looked = begun, time.monotonic()

    async def _look(self) -> None:
        line, before = self._queue.line, set(self._near)
        await self._admission.count()
        self._running = await line.running()
        first = await line.next(PAGE)
        places, unmet = await self._round.go_on(line, first)
        places |= {spot.job: place for place, spot in enumerate(first, 1)}
        now = {running.job for running in self._running} | {spot.job for spot in first}
        missed = set() if unmet is None else {job for job in unmet if self._waits(job)}
        found = await self._queue.find((before | missed) - now)
        self._near = self._near - before | now
        for job, place in places.items():
            self._place(job, place)
        for running in self._running:
            self._paints(running.job)
        for entry in found.values():
            self._learn(entry)
        if unmet is not None:
            self._round.begin({job for job in self._statuses if self._waits(job)})
        if not now:
            self._life = time.monotonic()

    def blind(self) -> str | None:
        """Since when the queue cannot be read, if so."""
        age = time.monotonic() - self._looked
        return f"the queue was last read {age:.0f} s ago" if age > BLIND_SECONDS else None

    def unattended(self) -> str | None:
        """For how long no worker has shown life although there are jobs, if for too long."""
        silent = time.monotonic() - self._life
        if silent < UNATTENDED_SECONDS or self.blind():
            return None
        jobs = self._admission.waiting + self._admission.running
        return f"no worker has shown life for {silent:.0f} s, and {jobs} jobs wait"

    async def status(self, job: str) -> Status | None:
        """Where *job* stands, its place in line as it is now; None when it is unknown."""
        known = self.seen(job)
        if known is not None and known.state != "queued":
            return known
        if (place := await self._queue.line.place(job)) is not None:
            self._note(self._queued(job, place))
            if place <= PAGE:
                self._near.add(job)
            return self.seen(job)
        entry = (await self._queue.find([job])).get(job)
        if entry is None or (known is None and entry.state not in ("queued", "running")):
            return _ended(entry) if entry else None  # old news need not be remembered
        self._learn(entry)
        return self.seen(job)

    def seen(self, job: str) -> Status | None:
        """What was last seen of *job*, if it is remembered."""
        return self._statuses.get(job)

    async def newest(self, job: str) -> Status | None:
        """What was last seen of *job*, or what there is to see; None when it is unknown."""
        return self.seen(job) or await self.status(job)

    async def follow(self, job: str) -> AsyncIterator[Status]:
        """Each newer status of *job*, ending with the one that has ended.

        Of a place far back in line only what a person would call a change.
        """
        shown: Status | None = None
        while True:
            status = await self.newest(job)
            if status is None and shown is not None:
                return  # deleted meanwhile
            if status is not None and status != shown:
                yield status
                shown = status
                if status.ended:
                    return
            else:
                await self._changed.setdefault(job, asyncio.Event()).wait()

    def drop(self, job: str) -> None:
        """Forget a job that was answered or deleted."""
        self._statuses.pop(job, None)
        self._wake(job)

    def learn(self, entries: Iterable[Entry]) -> None:
        """Remember what the queue knows of jobs that are to be followed."""
        for entry in entries:
            self._learn(entry)

    def _waits(self, job: str) -> bool:
        return (status := self._statuses.get(job)) is not None and status.state == "queued"

    def _queued(self, job: str, place: int) -> Status:
        return Status(job, "queued", place, self._admission.wait(place))

    def _place(self, job: str, place: int) -> None:
        """Note which in line *job* is."""
        status = self._queued(job, place)
        known = self._statuses.get(job)
        if known is None or known.state != "queued" or _differ(known, status):
            self._note(status)

    def _paints(self, job: str) -> None:
        """Note that a worker has taken *job*."""
        self._near.add(job)
        self._note(Status(job, "running", progress=self._progress.get(job)))
        if job not in self._readers:
            self._life = time.monotonic()
            with about(job):
                self._readers[job] = asyncio.create_task(self._read(job))

    def _learn(self, entry: Entry) -> None:
        if entry.state == "running":
            self._paints(entry.job)
        elif entry.state == "queued":
            if not self._waits(entry.job):
                self._note(Status(entry.job, "queued"))
        else:
            self._end(entry)

    def _end(self, entry: Entry) -> None:
        self._life = time.monotonic()
        if entry.outcome is not None and entry.outcome.files:
            self._admission.painted(entry.outcome.seconds)
        self._note(_ended(entry))
        self._progress.pop(entry.job, None)
        self._heard.pop(entry.job, None)
        if reader := self._readers.pop(entry.job, None):
            reader.cancel()

    async def _read(self, job: str) -> None:
        """Keep the newest report of a running job."""
        self._heard[job] = time.monotonic()
        try:
            async for progress in self._queue.progress(job):
                self._progress[job] = progress
                self._heard[job] = self._life = time.monotonic()
                if (status := self._statuses.get(job)) and status.state == "running":
                    self._note(Status(job, "running", progress=progress))
            await self.refresh()  # the stream ends when the job does: no need to wait for a look
        except Exception:
            log.warning("its progress cannot be read", exc_info=True)
        finally:
            self._readers.pop(job, None)

    async def _rescue_stalled(self) -> None:
        """Hand on the jobs whose worker has not been heard of for too long."""
        now = time.monotonic()
        for job in self._heard.keys() - {running.job for running in self._running}:
            self._heard[job] = now  # whoever takes it has yet to say something
        for running in self._running:
            silent = now - self._heard.get(running.job, now)
            if silent > self._stalled_seconds:
                with about(running.job):
                    log.warning("no word from its worker for %.0f s", silent)
                self._heard[running.job] = now
                await self._queue.hand_on(running)

    def _note(self, status: Status) -> None:
        known = self._statuses.get(status.job)
        if known != status and not (known is not None and known.ended):
            self._statuses[status.job] = status
            self._wake(status.job)

    def _wake(self, job: str) -> None:
        if changed := self._changed.pop(job, None):
            changed.set()
        self.hear(job)


def _ended(entry: Entry) -> Status:
    return Status(entry.job, entry.state, outcome=entry.outcome, waited=entry.waited)


def _differ(told: Status, now: Status) -> bool:
    """Whether a person would call it a change: of a place far back, a tenth."""
    if told.position is None or now.position is None or (told.wait is None) != (now.wait is None):
        return True
    return abs(now.position - told.position) * 10 >= min(told.position, now.position)
