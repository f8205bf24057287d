"""How often somebody may do something before they have to wait."""

import time
from collections import OrderedDict
from collections.abc import Callable


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
        self._most = most
        self._clock = clock
        self._moments: OrderedDict[str, list[float]] = OrderedDict()

    def closed(self, key: str) -> bool:
        """Whether *key* has to wait."""
        return len(self._recent(key)) >= self._times

    def note(self, key: str) -> bool:
        """Note that *key* did it; True when it was the last time before the wait."""
        recent = [*self._recent(key), self._clock()]
        self._moments[key] = recent
        self._moments.move_to_end(key)
        if len(self._moments) > self._most:
            self._moments.popitem(last=False)
        return len(recent) >= self._times

    def _recent(self, key: str) -> list[float]:
        """The moments that count: of a wait those before it, too, until it is over."""
        moments = self._moments.get(key, [])
        since = self._clock() - self._seconds
        if len(moments) >= self._times:
            return moments if moments[-1] > since else []
        return [moment for moment in moments if moment > since]
