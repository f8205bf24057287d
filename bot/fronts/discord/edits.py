"""Which messages are heard again: those put right by editing, and those whose previews arrive late.

A message that was refused, or did nothing, is heard again when its author edits it within ten
minutes, until what it asks for is done. Discord tells of changes that nobody has made, too: the
previews of links, which may be the pictures that were missing, and pins and the like, which are
nothing new.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple, Self

import discord
from cachetools import FIFOCache

from bot.fronts.discord.address import CLOCKS_DIFFER
from bot.fronts.discord.seen import REMEMBERED

EDITABLE = timedelta(minutes=10)
"""For how long after it was posted a message may be put right."""


class Look(NamedTuple):
    """What of a message decides what it asks for."""

    written: tuple[Any, ...]
    """By its author: the text, and which files stand there."""
    previews: list[dict[str, Any]]

    @classmethod
    def of(cls, message: discord.Message) -> Self:
        shown = [*message.embeds]
        shown += [embed for snapshot in message.message_snapshots for embed in snapshot.embeds]
        files = tuple(file.id for file in message.attachments)
        return cls((message.content, *files), [dict(embed.to_dict()) for embed in shown])


@dataclass
class Trace:
    """What became of a message that was meant for the bot."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while the message is heard: what changes meanwhile is looked at afterwards."""
    settled: bool = False
    """Whether what it asks for was done; then it is never heard again."""
    reply: discord.Message | None = None
    """The refusal, if there is one to see."""
    hearings: int = 0
    _look: Look | None = None
    _previewed: bool = False

    def is_new(self, message: discord.Message, *, changed: bool) -> bool:
        """Note the look of *message*; whether it is to be heard, for the first time or again.

        Discord tells of it because it was posted or because something about it was *changed*.
        """
        look, before = Look.of(message), self._look
        if self.settled or look == before:
            return False
        if changed and (before is None or look.written != before.written):
            if not was_edited_in_time(message):
                return False
            self._previewed = False
        elif before is not None:
            if self._previewed:
                return False
            self._previewed = True
        self._look = look
        self.hearings += 1
        return True


class Traces:
    """The traces of the messages that were meant for the bot of late."""

    def __init__(self) -> None:
        self._traces: FIFOCache[int, Trace] = FIFOCache(REMEMBERED)

    def of(self, message: int) -> Trace:
        """The trace of *message*, a new one if there is none."""
        return self._traces.setdefault(message, Trace())


def was_edited_in_time(message: discord.Message) -> bool:
    """Whether *message* was edited while it might be, and of late: an old one is only looked at."""
    if message.edited_at is None:
        return False
    age = discord.utils.utcnow() - message.created_at
    return message.edited_at - message.created_at <= EDITABLE and age <= EDITABLE + CLOCKS_DIFFER
