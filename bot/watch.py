"""One pair of eyes on the queue, however many people look at their jobs.

A single task reads the list of active jobs twice a second and one stream for each running job.
Everybody else reads the statuses kept here in memory and is woken when they change.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator

from bot.job import Progress, Status
from bot.logs import about
from bot.monitor import metrics
from bot.queue import Entry, Queue

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
BLIND_SECONDS = 10.0
UNATTENDED_SECONDS = 60.0
"""A worker that lives reports three times in this time, and one that starts has started."""

REMEMBERED = 20
"""Paintings from which the wait is guessed."""


class Watch:
    """The newest status of every job that is open, or was a moment ago."""

    def __init__(self, queue: Queue, *, stalled_seconds: float) -> None:
        self._queue = queue
        self._stalled_seconds = stalled_seconds
        self._active: list[Entry] = []
        self._places: dict[str, int] = {}
        self._statuses: dict[str, Status] = {}
        self._progress: dict[str, Progress] = {}
        self._heard: dict[str, float] = {}
        self._readers: dict[str, asyncio.Task[None]] = {}
        self._durations: deque[float] = deque(maxlen=REMEMBERED)
        self._changed: dict[str, asyncio.Event] = {}
        self._looking = asyncio.Lock()
        self._begun = self._succeeded = 0
        self._looked = self._life = time.monotonic()

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

    async def refresh(self) -> None:
        """Look at the queue now; all who ask during one look share the next."""
        asked = self._begun
        async with self._looking:
            if self._succeeded > asked:
                return
            self._begun = begun = self._begun + 1
            await self._look()
            self._succeeded, self._looked = begun, time.monotonic()

    async def _look(self) -> None:
        before = {entry.job for entry in self._active}
        self._active = await self._queue.active()
        waiting = (entry.job for entry in self._active if entry.state == "queued")
        self._places = {job: place for place, job in enumerate(waiting, 1)}
        for entry in self._active:
            self._note(self._status_of(entry))
            if entry.state == "running" and entry.job not in self._readers:
                self._life = time.monotonic()
                with about(entry.job):
                    self._readers[entry.job] = asyncio.create_task(self._read(entry.job))
        now = {entry.job for entry in self._active}
        followed = {job for job, status in self._statuses.items() if not status.ended}
        for entry in (await self._queue.find((before | followed) - now)).values():
            self._end(entry)
        if not self._active:
            self._life = time.monotonic()
        metrics.looked(self._active)

    @property
    def active(self) -> list[Entry]:
        """The jobs that ran or waited at the last look, in the order of their painting."""
        return self._active

    def blind(self) -> str | None:
        """Since when the queue cannot be read, if so."""
        age = time.monotonic() - self._looked
        return f"the queue was last read {age:.0f} s ago" if age > BLIND_SECONDS else None

    def unattended(self) -> str | None:
        """For how long no worker has shown life although there are jobs, if for too long."""
        silent = time.monotonic() - self._life
        if silent < UNATTENDED_SECONDS or self.blind():
            return None
        return f"no worker has shown life for {silent:.0f} s, and {len(self._active)} jobs wait"

    async def status(self, job: str) -> Status | None:
        """Where *job* stands, from memory or from the queue; None when it is unknown."""
        if job not in self._statuses:
            entry = (await self._queue.find([job])).get(job)
            if entry is None:
                return None
            status = self._status_of(entry)
            if status.ended:  # old news need not be remembered
                return status
            self._note(status)
        return self._statuses[job]

    async def follow(self, job: str) -> AsyncIterator[Status]:
        """Each newer status of *job*, ending with the one that has ended."""
        shown: Status | None = None
        while True:
            status = await self.status(job)
            if status is None and shown is not None:
                return  # deleted meanwhile
            if status is not None and status != shown:
                yield status
                shown = status
                if status.ended:
                    return
            else:
                await self._changed.setdefault(job, asyncio.Event()).wait()

    def wait(self, position: int) -> float | None:
        """Seconds until the job in *position* starts, judged by the latest paintings."""
        if not self._durations:
            return None
        running = max(1, sum(entry.state == "running" for entry in self._active))
        return sum(self._durations) / len(self._durations) * position / running

    def drop(self, job: str) -> None:
        """Forget a job that was answered or deleted."""
        self._statuses.pop(job, None)
        self._wake(job)

    def _status_of(self, entry: Entry) -> Status:
        position = wait = None
        if entry.state == "queued":
            position = self._places.get(entry.job, len(self._places) + 1)
            wait = self.wait(position)
        progress = self._progress.get(entry.job) if entry.state == "running" else None
        waited = None if entry.state in ("queued", "running") else entry.waited
        return Status(entry.job, entry.state, position, wait, progress, entry.outcome, waited)

    def _end(self, entry: Entry) -> None:
        self._life = time.monotonic()
        if entry.outcome is not None and entry.outcome.result is not None:
            self._durations.append(entry.outcome.seconds)
        self._note(self._status_of(entry))
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
        for entry in self._active:
            silent = now - self._heard.get(entry.job, now)
            if entry.state != "running":  # whoever takes it has yet to say something
                self._heard[entry.job] = now
            elif silent > self._stalled_seconds:
                with about(entry.job):
                    log.warning("no word from its worker for %.0f s", silent)
                self._heard[entry.job] = now
                await self._queue.hand_on(entry)

    def _note(self, status: Status) -> None:
        if self._statuses.get(status.job) != status:
            self._statuses[status.job] = status
            self._wake(status.job)

    def _wake(self, job: str) -> None:
        if changed := self._changed.pop(job, None):
            changed.set()
