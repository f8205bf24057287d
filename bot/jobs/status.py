"""The status of every open job, read from the queue once for all who ask.

A single task reads it twice a second: who runs, who is first in line, what became of those that
were either a moment ago, and one page further down the line. So it costs the same however long the
line is, and each place in it is seen in its turn. One stream is read for each running job.
Everybody else reads the statuses kept here in memory and is woken when they change.
"""

import asyncio
import logging
import math
import time
from collections.abc import AsyncIterator, Callable, Iterable

from bot.jobs.admission import Admission
from bot.jobs.backlog import Backlog, Running, Spot
from bot.jobs.queue import Queue
from bot.logs import about
from bot.model import Progress, Status
from bot.monitor import metrics

log = logging.getLogger(__name__)

REFRESH_SECONDS = 0.5
STALE_SECONDS = 10.0
SILENT_SECONDS = 60.0
"""A worker that lives reports three times in this time, and one that starts has started."""

PAGE = 50
"""Jobs: how many of the first are read each time, and how many of the rest."""


class Scan:
    """A scan of the whole backlog, page by page, again and again."""

    def __init__(self) -> None:
        self._after: Spot | None = None
        self._unseen: set[str] = set()
        self._oldest = self._oldest_seen = math.inf

    def age(self) -> float:
        """For how long the job has waited that came first, as of the last whole scan; in s."""
        return max(0.0, time.time() - self._oldest) if self._oldest < math.inf else 0.0

    async def page(
        self, backlog: Backlog, first: list[Spot]
    ) -> tuple[dict[str, int], set[str] | None]:
        """Read the next page of *backlog*, which begins with *first*.

        Returns the places of those on it and, at the end of a scan, who was not seen in it.
        """
        page, place = first, 1
        if self._after is not None:
            page = await backlog.next(PAGE, self._after)
            place = (await backlog.place(page[0].job) if page else None) or 0
        self._oldest_seen = min([self._oldest_seen, *(spot.created / 1000 for spot in page)])
        self._unseen.difference_update(spot.job for spot in page)
        self._after = page[-1] if len(page) == PAGE else None
        places = {spot.job: there for there, spot in enumerate(page, place)} if place else {}
        return places, None if self._after else self._unseen

    def restart(self, waiting: set[str]) -> None:
        """Begin a scan in which those *waiting* are to be seen."""
        self._oldest, self._oldest_seen, self._unseen = self._oldest_seen, math.inf, waiting


class Observer:
    """The newest status of every job that is open, or was a moment ago."""

    def __init__(self, queue: Queue, admission: Admission, *, stalled_seconds: float) -> None:
        self._queue = queue
        self._admission = admission
        self._stalled_seconds = stalled_seconds
        self._running: list[Running] = []
        self._watched: set[str] = set()
        """The jobs that ran or were first in line, and those to be read anyway."""
        self._scan = Scan()
        self._statuses: dict[str, Status] = {}
        self._progress: dict[str, Progress] = {}
        self._reported: dict[str, float] = {}
        self._readers: dict[str, asyncio.Task[None]] = {}
        self._changed: dict[str, asyncio.Event] = {}
        self._refreshing = asyncio.Lock()
        self._begun = self._succeeded = 0
        self._refreshed = self._last_sign = time.monotonic()
        self.on_change: Callable[[str], None] = lambda job: None
        """Is called with each job whose status has changed."""
        metrics.OLDEST.set_function(self._scan.age)

    async def run(self) -> None:
        """Read the queue until cancelled; a database that is away is waited for."""
        away = False
        try:
            while True:
                try:
                    await self.refresh()
                    if away:  # no worker could report meanwhile
                        log.info("the queue can be read again")
                        self._last_sign = time.monotonic()
                        self._reported = dict.fromkeys(self._reported, self._last_sign)
                    away = False
                    await self._hand_on_stalled()
                except Exception:
                    if not away:
                        log.exception("the queue cannot be read; trying again until it can")
                    away = True
                await asyncio.sleep(REFRESH_SECONDS)
        finally:
            for reader in self._readers.values():
                reader.cancel()

    async def refresh(self, jobs: Iterable[str] = ()) -> None:
        """Read the queue now, and of *jobs* in any case; all who ask meanwhile share the next."""
        self._watched.update(jobs)
        asked = self._begun
        async with self._refreshing:
            if self._succeeded > asked:
                return
            self._begun = begun = self._begun + 1
            await self._refresh()
            self._succeeded, self._refreshed = begun, time.monotonic()

    async def _refresh(self) -> None:
        backlog, before = self._queue.backlog, set(self._watched)
        await self._admission.count()
        self._running = await backlog.running()
        first = await backlog.next(PAGE)
        places, unseen = await self._scan.page(backlog, first)
        places |= {spot.job: place for place, spot in enumerate(first, 1)}
        now = {running.job for running in self._running} | {spot.job for spot in first}
        missed = set() if unseen is None else {job for job in unseen if self._is_queued(job)}
        found = await self._queue.find((before | missed) - now)
        self._watched = self._watched - before | now
        for job, place in places.items():
            self._note_place(job, place)
        for running in self._running:
            self._note_running(running.job)
        for status in found.values():
            self.learn(status)
        if unseen is not None:
            self._scan.restart({job for job in self._statuses if self._is_queued(job)})
        if not now:
            self._last_sign = time.monotonic()

    def queue_trouble(self) -> str | None:
        """Since when the queue cannot be read, if so."""
        age = time.monotonic() - self._refreshed
        return f"the queue was last read {age:.0f} s ago" if age > STALE_SECONDS else None

    def workers_trouble(self) -> str | None:
        """For how long no worker has shown life although there are jobs, if for too long."""
        silent = time.monotonic() - self._last_sign
        if silent < SILENT_SECONDS or self.queue_trouble():
            return None
        jobs = self._admission.waiting + self._admission.running
        return f"no worker has shown life for {silent:.0f} s, and {jobs} jobs wait"

    async def status(self, job: str) -> Status | None:
        """Where *job* stands, its place in line as it is now; None when it is unknown."""
        known = self.seen(job)
        if known is not None and known.state != "queued":
            return known
        if (place := await self._queue.backlog.place(job)) is not None:
            self._note(self._queued(job, place))
            if place <= PAGE:
                self._watched.add(job)
            return self.seen(job)
        found = (await self._queue.find([job])).get(job)
        if found is None or (known is None and found.ended):
            return found  # old news need not be remembered
        self.learn(found)
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

    def learn(self, status: Status) -> None:
        """Remember what the queue knows of a job that is to be followed."""
        if status.state == "running":
            self._note_running(status.job)
        elif status.ended:
            self._end(status)
        elif not self._is_queued(status.job):
            self._note(status)

    def _is_queued(self, job: str) -> bool:
        return (status := self._statuses.get(job)) is not None and status.state == "queued"

    def _queued(self, job: str, place: int) -> Status:
        return Status(job, "queued", place, self._admission.wait(place))

    def _note_place(self, job: str, place: int) -> None:
        """Note which in line *job* is."""
        status = self._queued(job, place)
        known = self._statuses.get(job)
        if known is None or known.state != "queued" or _differ(known, status):
            self._note(status)

    def _note_running(self, job: str) -> None:
        """Note that a worker has taken *job*."""
        self._watched.add(job)
        self._note(Status(job, "running", progress=self._progress.get(job)))
        if job not in self._readers:
            self._last_sign = time.monotonic()
            with about(job):
                self._readers[job] = asyncio.create_task(self._read_progress(job))

    def _end(self, status: Status) -> None:
        self._last_sign = time.monotonic()
        if status.outcome is not None and status.outcome.files:
            self._admission.painted(status.outcome.seconds)
        self._note(status)
        self._progress.pop(status.job, None)
        self._reported.pop(status.job, None)
        if reader := self._readers.pop(status.job, None):
            reader.cancel()

    async def _read_progress(self, job: str) -> None:
        """Keep the newest report of a running job."""
        self._reported[job] = time.monotonic()
        try:
            async for progress in self._queue.progress(job):
                self._progress[job] = progress
                self._reported[job] = self._last_sign = time.monotonic()
                if (status := self._statuses.get(job)) and status.state == "running":
                    self._note(Status(job, "running", progress=progress))
            await self.refresh()  # at once: the stream ends when the job does
        except Exception:
            log.warning("its progress cannot be read", exc_info=True)
        finally:
            self._readers.pop(job, None)

    async def _hand_on_stalled(self) -> None:
        """Hand on the jobs whose worker has not been heard of for too long."""
        now = time.monotonic()
        for job in self._reported.keys() - {running.job for running in self._running}:
            self._reported[job] = now  # whoever takes it has yet to say something
        for running in self._running:
            silent = now - self._reported.get(running.job, now)
            if silent > self._stalled_seconds:
                with about(running.job):
                    log.warning("no word from its worker for %.0f s", silent)
                self._reported[running.job] = now
                await self._queue.hand_on(running)

    def _note(self, status: Status) -> None:
        known = self._statuses.get(status.job)
        if known != status and not (known is not None and known.ended):
            self._statuses[status.job] = status
            self._wake(status.job)

    def _wake(self, job: str) -> None:
        if changed := self._changed.pop(job, None):
            changed.set()
        self.on_change(job)


def _differ(told: Status, now: Status) -> bool:
    """Whether a person would call it a change: of a place far back, a tenth."""
    if told.position is None or now.position is None or (told.wait is None) != (now.wait is None):
        return True
    return abs(now.position - told.position) * 10 >= min(told.position, now.position)
