"""Admission: so many places for one person, so many in all, fair turns, and the wait.

Turns are shared by work, not by jobs: self-clocked fair queueing (Golestani 1994), whose packet
lengths are the costs of recipes.

Whoever asks is counted in the queue, by an index, together with the jobs on their way into it.
However many ask at once, each place is given once: they are admitted one after another.
"""

import asyncio
import math
from collections import deque
from dataclasses import dataclass
from itertools import islice

from bot import texts
from bot.config import Settings
from bot.jobs.backlog import Counts
from bot.jobs.queue import Queue
from bot.monitor import metrics

REMEMBERED = 20
"""Paintings from which the wait is guessed."""

ASKED_AFTER = 1000
"""Pending jobs that one count asks after; no more than this are admitted between two."""

LAST_TURN = 2**31 - 1
"""The lowest priority that DBOS knows."""

MOST_UNITS = 1_000_000
"""Of one job: whatever a package's work says, thousands of them fit below the last turn."""


class Refused(Exception):
    """The studio does not take this job; the text tells its author why and what to do."""

    def __init__(self, text: str, reason: str = "fault") -> None:
        """*reason* is the word under which refusals are counted."""
        super().__init__(text)
        self.reason = reason


@dataclass(frozen=True)
class _Pending:
    """A job that the queue did not know yet when it was last counted."""

    person: str
    turn: int


class Admission:
    """Knows how many jobs *queue* has, and those on their way into it."""

    def __init__(self, settings: Settings, queue: Queue) -> None:
        self._settings = settings
        self._queue = queue
        self._pending: dict[str, _Pending] = {}
        self._lock = asyncio.Lock()
        self._counts = Counts()
        self._durations: deque[float] = deque(maxlen=REMEMBERED)
        metrics.JOBS.labels("queued").set_function(lambda: self.waiting)
        metrics.JOBS.labels("running").set_function(lambda: self.running)

    def __contains__(self, job: str) -> bool:
        """Whether *job* is on its way into the queue."""
        return job in self._pending

    @property
    def waiting(self) -> int:
        """How many jobs wait, with those on their way; not less than there are."""
        return self._counts.waiting + len(self._pending)

    @property
    def running(self) -> int:
        """How many jobs ran when they were last counted."""
        return self._counts.running

    async def admit(self, job: str, person: str, cost: float) -> None:
        """Give *job* a place; raises Refused when there is none, for this person or for all.

        *cost* is that of its recipe, in megapixel-evaluations.
        """
        async with self._lock:
            theirs, turn = await self._standing(person, cost)
            if job in self._pending:
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
            self._pending[job] = _Pending(person, turn)

    async def turn(self, job: str, person: str, cost: float) -> int:
        """The turn of *job*; one without a place gets one, without asking whether there is room."""
        async with self._lock:
            if job not in self._pending:
                _, turn = await self._standing(person, cost)
                self._pending[job] = _Pending(person, turn)
            return self._pending[job].turn

    def leave(self, job: str) -> None:
        """Forget *job*: it does not come."""
        self._pending.pop(job, None)

    async def count(self) -> None:
        """Count the queue anew. Those who are in it by now are not pending any more."""
        self._counts = await self._queue.backlog.counts([*islice(self._pending, ASKED_AFTER)])
        for job in self._counts.known:
            self.leave(job)

    def painted(self, seconds: float) -> None:
        """Note how long a painting took."""
        self._durations.append(seconds)

    def wait(self, position: int) -> float | None:
        """Seconds until the job in *position* starts, judged by the latest paintings."""
        if not self._durations:
            return None
        return sum(self._durations) / len(self._durations) * position / max(1, self.running)

    async def _standing(self, person: str, cost: float) -> tuple[int, int]:
        """How many jobs of *person* wait, and the turn of the next one, which is to *cost* so much.

        While nothing is painted, the first in line counts as being painted.
        """
        pending = dict(self._pending)  # a count may let some of them in meanwhile
        theirs = {job: one.turn for job, one in pending.items() if one.person == person}
        known = await self._queue.backlog.standing(person, besides=theirs)
        last = max([known.last, *theirs.values()])
        line = [one.turn for one in pending.values()]
        line += [] if known.next is None else [known.next]
        now = min(line, default=1) if known.now is None else known.now
        return known.waiting + len(theirs), turn_of(now, last, units(cost))


def units(cost: float) -> int:
    """The length of a job in turns: its *cost* in megapixel-evaluations, in whole ones, at least 1.

    >>> units(12.3), units(0.2), units(float("nan"))
    (13, 1, 1)
    """
    return math.ceil(min(max(1, cost), MOST_UNITS))


def turn_of(now: int, last: int, length: int) -> int:
    """The turn of a person's next job, its finish tag (Golestani 1994).

    *now* is the turn in service, *last* the last turn of this person's, or 0. Each person's turns
    are as far apart as their jobs are long, and who has none joins at the turn in service, just
    before those who would end with them. So whatever another person has waiting, at most one job of
    theirs and, beyond it, less work than one's own goes first.
    """
    return min(max(now - 1, last) + length, LAST_TURN)
