"""Admission: so many places for one person, so many in all, fair turns, and the wait.

Whoever asks is counted in the queue, by an index, together with the jobs on their way into it.
However many ask at once, each place is given once: they are heard one after another.
"""

import asyncio
from collections import deque
from dataclasses import dataclass
from itertools import islice

from bot import texts
from bot.config import Settings
from bot.jobs.backlog import Census
from bot.jobs.queue import Queue
from bot.monitor import metrics

REMEMBERED = 20
"""Paintings from which the wait is guessed."""

ASKED_AFTER = 1000
"""Jobs on their way that one count asks after; no more than this arrive between two."""


class Refused(Exception):
    """The studio does not take this job; the text tells its author why and what to do."""

    def __init__(self, text: str, reason: str = "fault") -> None:
        """*reason* is the word under which refusals are counted."""
        super().__init__(text)
        self.reason = reason


@dataclass(frozen=True)
class _Arrival:
    """A job that the queue did not know yet when it was last counted."""

    person: str
    turn: int


class Admission:
    """Knows how many jobs *queue* has, and those on their way into it."""

    def __init__(self, settings: Settings, queue: Queue) -> None:
        self._settings = settings
        self._queue = queue
        self._arriving: dict[str, _Arrival] = {}
        self._desk = asyncio.Lock()
        self._census = Census()
        self._durations: deque[float] = deque(maxlen=REMEMBERED)
        metrics.JOBS.labels("queued").set_function(lambda: self.waiting)
        metrics.JOBS.labels("running").set_function(lambda: self.running)

    def __contains__(self, job: str) -> bool:
        """Whether *job* is on its way into the queue."""
        return job in self._arriving

    @property
    def waiting(self) -> int:
        """How many jobs wait, with those on their way; not less than there are."""
        return self._census.waiting + len(self._arriving)

    @property
    def running(self) -> int:
        """How many jobs ran when they were last counted."""
        return self._census.running

    async def admit(self, job: str, person: str) -> None:
        """Give *job* a place; raises Refused when there is none, for this person or for all."""
        async with self._desk:
            theirs, turn = await self._standing(person)
            if job in self._arriving:
                return
            limits = self._settings.limits
            if theirs >= limits.waiting_per_person:
                raise Refused(
                    f"You have {theirs} jobs waiting, which is the most for one person. Wait for "
                    "one to be painted, or cancel with "
                    f"`{self._settings.commands.prefix}cancel`.",
                    "person",
                )
            if self.waiting >= limits.waiting:
                wait = self.wait(1)
                when = (
                    f" Try again in about {texts.duration(wait)}." if wait else " Try again later."
                )
                raise Refused(f"The studio is full: {self.waiting} jobs are waiting.{when}", "full")
            self._arriving[job] = _Arrival(person, turn)

    async def turn(self, job: str, person: str) -> int:
        """The turn of *job*; one without a place gets one, without asking whether there is room."""
        async with self._desk:
            if job not in self._arriving:
                _, turn = await self._standing(person)
                self._arriving[job] = _Arrival(person, turn)
            return self._arriving[job].turn

    def leave(self, job: str) -> None:
        """Forget *job*: it does not come."""
        self._arriving.pop(job, None)

    async def count(self) -> None:
        """Count the queue anew. Those on their way who are in it have arrived."""
        self._census = await self._queue.line.census([*islice(self._arriving, ASKED_AFTER)])
        for job in self._census.known:
            self.leave(job)

    def painted(self, seconds: float) -> None:
        """Note how long a painting took."""
        self._durations.append(seconds)

    def wait(self, position: int) -> float | None:
        """Seconds until the job in *position* starts, judged by the latest paintings."""
        if not self._durations:
            return None
        return sum(self._durations) / len(self._durations) * position / max(1, self.running)

    async def _standing(self, person: str) -> tuple[int, int]:
        """How many jobs of *person* wait, and the turn of the next one."""
        arriving = dict(self._arriving)  # a count may let some of them in meanwhile
        theirs = {job: one.turn for job, one in arriving.items() if one.person == person}
        known = await self._queue.line.standing(person, besides=theirs)
        last = max([known.last, *theirs.values()])
        turns = [one.turn for one in arriving.values()]
        now = min(turns if known.now is None else [known.now, *turns], default=1)
        return known.waiting + len(theirs), turn_of(now, last)


def turn_of(now: int, last: int) -> int:
    """The turn of a person's next job: start-time fair queueing.

    *now* is the first turn of all that wait or run, *last* the last turn of this person's, or 0.
    Each person's jobs take consecutive turns, and who has none joins in the turn now being
    painted, so however many jobs one person has waiting, another person's next job waits for at
    most one of them (Goyal, Vin & Cheng 1996, with all jobs of length 1).
    """
    return max(now, last + 1)
