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
from bot.queue import Entry, Queue

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
REMEMBERED = 20
"""Paintings from which the wait is guessed."""


class Watch:
    """The newest status of every job that is open, or was a moment ago."""

    def __init__(self, queue: Queue, *, stalled_seconds: float) -> None:
        self._queue = queue
        self._stalled_seconds = stalled_seconds
        self._active: list[Entry] = []
        self._statuses: dict[str, Status] = {}
        self._progress: dict[str, Progress] = {}
        self._heard: dict[str, float] = {}
        self._readers: dict[str, asyncio.Task[None]] = {}
        self._durations: deque[float] = deque(maxlen=REMEMBERED)
        self._changed = asyncio.Event()
        self._looking = asyncio.Lock()

    async def run(self) -> None:
        """Look at the queue until cancelled; a database that is away is waited for."""
        try:
            while True:
                try:
                    await self.refresh()
                    await self._rescue_stalled()
                except Exception:
                    log.warning("cannot look at the queue; trying again", exc_info=True)
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            for reader in self._readers.values():
                reader.cancel()

    async def refresh(self) -> None:
        """Look at the queue now."""
        async with self._looking:
            before = {entry.job for entry in self._active}
            self._active = await self._queue.active()
            now = {entry.job for entry in self._active}
            for entry in self._active:
                self._note(self._status_of(entry))
                if entry.state == "running" and entry.job not in self._readers:
                    self._readers[entry.job] = asyncio.create_task(self._read(entry.job))
            followed = {job for job, status in self._statuses.items() if not status.ended}
            for entry in (await self._queue.find((before | followed) - now)).values():
                self._end(entry)

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
            changed = self._changed
            status = await self.status(job)
            if status is None and shown is not None:
                return  # deleted meanwhile
            if status is not None and status != shown:
                yield status
                shown = status
                if status.ended:
                    return
            else:
                await changed.wait()

    def wait(self, position: int) -> float | None:
        """Seconds until the job in *position* starts, judged by the latest paintings."""
        if not self._durations:
            return None
        running = max(1, sum(entry.state == "running" for entry in self._active))
        return sum(self._durations) / len(self._durations) * position / running

    def drop(self, job: str) -> None:
        """Forget a job that was answered or deleted."""
        self._statuses.pop(job, None)
        self._wake()

    def _status_of(self, entry: Entry) -> Status:
        position = wait = None
        if entry.state == "queued":
            waiting = [other.job for other in self._active if other.state == "queued"]
            position = waiting.index(entry.job) + 1 if entry.job in waiting else len(waiting) + 1
            wait = self.wait(position)
        progress = self._progress.get(entry.job) if entry.state == "running" else None
        return Status(entry.job, entry.state, position, wait, progress, entry.outcome)

    def _end(self, entry: Entry) -> None:
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
                self._heard[job] = time.monotonic()
                if (status := self._statuses.get(job)) and status.state == "running":
                    self._note(Status(job, "running", progress=progress))
            await self.refresh()  # the stream ends when the job does: no need to wait for a look
        except Exception:
            log.warning("job %s: its progress cannot be read", job, exc_info=True)
        finally:
            self._readers.pop(job, None)

    async def _rescue_stalled(self) -> None:
        """Hand on the jobs whose worker has not been heard of for too long."""
        for entry in self._active:
            silent = time.monotonic() - self._heard.get(entry.job, time.monotonic())
            if entry.state == "running" and silent > self._stalled_seconds:
                log.warning("job %s: no word from its worker for %.0f s", entry.job, silent)
                self._heard[entry.job] = time.monotonic()
                await self._queue.resume(entry.job)

    def _note(self, status: Status) -> None:
        if self._statuses.get(status.job) != status:
            self._statuses[status.job] = status
            self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
