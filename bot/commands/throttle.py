"""How often somebody may do something before they have to wait."""

import time
from collections.abc import Callable

from cachetools import TTLCache


class Throttle:
    """Whoever did it *times* times within *seconds* is closed out for the next *seconds*.

    Of the *most* keys noted last something is known, so memory is bounded whoever comes. The clock
    runs on whatever is done to the machine's.
    """

    def __init__(
        self,
        times: int,
        seconds: float,
        *,
        most: int = 10_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._times = times
        self._seconds = seconds
        self._clock = clock
        self._moments: TTLCache[str, list[float]] = TTLCache(most, seconds, timer=clock)
        """When each key did it; forgotten so many seconds after the last time."""

    def __len__(self) -> int:
        """Of how many keys something is known."""
        return len(self._moments)

    def closed(self, key: str) -> bool:
        """Whether *key* has to wait."""
        return len(self._moments.get(key, ())) >= self._times

    def note(self, key: str) -> bool:
        """Note that *key* did it; True when it was the last time before the wait."""
        now, moments = self._clock(), self._moments.get(key, [])
        if len(moments) < self._times:
            moments = [moment for moment in moments if moment > now - self._seconds]
        self._moments[key] = [*moments, now]
        return len(moments) + 1 >= self._times
