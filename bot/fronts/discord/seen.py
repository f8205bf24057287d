"""What this run of the bot was told of late, and what Discord does not let it show."""

from cachetools import FIFOCache

REMEMBERED = 10_000
MOST_PUT_OFF = 20
"""How often Discord may put off the progress of a job; with the usual pace that takes a minute."""


class SeenEvents:
    """Messages and commands by their ids, and the bot's own messages by their nonces.

    Discord may tell the same thing twice.
    """

    def __init__(self) -> None:
        self._events: FIFOCache[int | str, None] = FIFOCache(REMEMBERED)

    def __contains__(self, event: int | str) -> bool:
        return event in self._events

    def add(self, event: int | str) -> bool:
        """Note *event*; False when it was seen before."""
        if event in self._events:
            return False
        self._events[event] = None
        return True


class Blocklist:
    """What Discord has refused for good, or for now so often that it counts as that."""

    def __init__(self) -> None:
        self._times: FIFOCache[str, int] = FIFOCache(REMEMBERED)

    def __contains__(self, what: str) -> bool:
        return self._times.get(what, 0) >= MOST_PUT_OFF

    def add(self, what: str, *, for_now: bool = False) -> None:
        self._times[what] = self._times.get(what, 0) + 1 if for_now else MOST_PUT_OFF

    def remove(self, what: str) -> None:
        """Discord has taken it after all."""
        self._times.pop(what, None)
