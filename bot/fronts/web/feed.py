"""What is new in the room, to every page that has it open.

A page that reads slowly is never waited for: of each thing it gets the newest state only.
"""

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

Name = Literal["room", "message", "progress"]


@dataclass(frozen=True)
class Event:
    """One server-sent event. A newer event with the same name and ``about`` replaces it."""

    name: Name
    about: str
    data: Any

    @cached_property
    def sent(self) -> bytes:
        """As it goes over the wire; made once, however many pages there are."""
        return f"event: {self.name}\ndata: {json.dumps(self.data)}\n\n".encode()


class Listener:
    """The events that one page has not read yet."""

    def __init__(self) -> None:
        self._unread: dict[tuple[str, str], Event] = {}
        self._news = asyncio.Event()
        self._closed = False

    def offer(self, event: Event) -> None:
        if event.name == "room":  # says all that the others said
            self._unread.clear()
        key = (event.name, event.about)
        self._unread.pop(key, None)
        self._unread[key] = event
        self._news.set()

    def close(self) -> None:
        self._closed = True
        self._news.set()

    async def take(self, patience: float) -> list[Event] | None:
        """The unread events, oldest first: none of them when nothing happens for *patience*
        seconds, and None instead of a list when the room has closed and all is read.
        """
        if not self._closed:
            with suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self._news.wait()
        self._news.clear()
        events = list(self._unread.values())
        self._unread.clear()
        return None if self._closed and not events else events


class Feed:
    """Where news is published and pages listen."""

    def __init__(self) -> None:
        self._listeners: set[Listener] = set()

    @contextmanager
    def listen(self) -> Iterator[Listener]:
        """Hear everything that is published from now on."""
        listener = Listener()
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    def publish(self, name: Name, data: Mapping[str, Any], about: object = "") -> None:
        """Tell every page; *data* becomes JSON."""
        event = Event(name, str(about), data)
        for listener in self._listeners:
            listener.offer(event)

    def close(self) -> None:
        """Let every page go, because the room closes."""
        for listener in self._listeners:
            listener.close()
