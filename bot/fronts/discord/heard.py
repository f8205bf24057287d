"""What this run of the bot has heard of late: Discord may tell the same thing twice."""

from collections import OrderedDict

REMEMBERED = 10_000


class Heard:
    """Messages and commands by their ids, and the bot's own messages by their nonces."""

    def __init__(self) -> None:
        self._events: OrderedDict[int | str, None] = OrderedDict()

    def __contains__(self, event: int | str) -> bool:
        return event in self._events

    def add(self, event: int | str) -> bool:
        """Note *event*; False when it was heard before."""
        if event in self._events:
            return False
        self._events[event] = None
        if len(self._events) > REMEMBERED:
            self._events.popitem(last=False)
        return True
