"""The waiting room: so many places for one person, so many in all, and fair turns.

Nothing is awaited or read here. However many people ask at once, each place is given once, and to
refuse costs next to nothing.
"""

from bot import words
from bot.config import Settings
from bot.queue import Entry, turn_of
from bot.watch import Watch


class Refused(Exception):
    """The studio does not take this job; the text tells its author why and what to do."""

    def __init__(self, text: str, reason: str = "fault") -> None:
        """*reason* is the word under which refusals are counted."""
        super().__init__(text)
        self.reason = reason


class WaitingRoom:
    """Knows the jobs that are in the queue, by *watch*, and those on their way into it."""

    def __init__(self, settings: Settings, watch: Watch) -> None:
        self._settings = settings
        self._watch = watch
        self._arriving: dict[str, Entry] = {}

    def __contains__(self, job: str) -> bool:
        """Whether *job* is on its way into the queue."""
        return job in self._arriving

    def admit(self, job: str, person: str) -> None:
        """Give *job* a place; raises Refused when there is none, for this person or for all."""
        limits = self._settings.limits
        waiting = [entry for entry in self._open() if entry.state == "queued"]
        theirs = sum(entry.person == person for entry in waiting)
        if theirs >= limits.waiting_per_person:
            raise Refused(
                f"You have {theirs} jobs waiting, which is the most for one person. Wait for one "
                f"to be painted, or cancel with `{self._settings.discord.prefix}cancel`.",
                "person",
            )
        if len(waiting) >= limits.waiting:
            wait = self._watch.wait(1)
            when = f" Try again in about {words.duration(wait)}." if wait else " Try again later."
            raise Refused(f"The studio is full: {len(waiting)} jobs are waiting.{when}", "full")
        self.place(job, person)

    def place(self, job: str, person: str) -> None:
        """Give *job* the next turn of *person*, without asking whether there is room."""
        self._arriving[job] = Entry(job, person, "queued", turn_of(person, self._open()))

    def turn(self, job: str) -> int:
        """The turn of a job that has a place."""
        return self._arriving[job].turn

    def leave(self, job: str) -> None:
        """Forget *job*: the queue knows it now, or nobody needs to."""
        self._arriving.pop(job, None)

    def _open(self) -> list[Entry]:
        seen = self._watch.active
        known = {entry.job for entry in seen}
        return [*seen, *(entry for entry in self._arriving.values() if entry.job not in known)]
