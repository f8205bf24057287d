"""Which posts were noticed, and which of them are still to be heard: kept from run to run."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Self

from pydantic import BaseModel

from bot.fronts.bluesky.address import FRONT, now, stamp
from bot.studio import Studio

INBOX = f"{FRONT} inbox"
"""Under this it is kept."""
LOOK_BACK = timedelta(hours=1)
"""Posts are listed by the clocks of their authors, which may be slow, and some become known only
when their server is back: so the last hour is looked at again."""

Posts = Sequence[tuple[str, str]]
"""When each was made, and its address."""
Listing = Callable[[str], Awaitable[Posts]]
"""Tells the posts since a moment."""


class _Kept(BaseModel):
    newest: str
    """The moment of the newest post that was noticed."""
    noticed: dict[str, str] = {}
    """When each post was made that is not older than that by an hour, by its address."""
    open: list[str] = []
    """Posts that are still to be heard, oldest first."""


class Inbox:
    """What was said to the bot: each post is noticed once, and open until it is done with."""

    def __init__(self, studio: Studio, kept: _Kept) -> None:
        self._studio = studio
        self._kept = kept
        self._keeping = asyncio.Lock()

    @classmethod
    async def opened(cls, studio: Studio, lists: Sequence[Listing]) -> Self:
        """As the last run left it; at the very first, what *lists* have since a moment is old."""
        if kept := await studio.recall(INBOX):
            return cls(studio, _Kept.model_validate_json(kept))
        inbox = cls(studio, _Kept(newest=now()))
        noticed = {uri: moment for listed in lists for moment, uri in await listed(inbox.since)}
        await inbox._keep(lambda kept: {"noticed": noticed})
        return inbox

    @property
    def since(self) -> str:
        """From when on there may be posts that were not noticed."""
        return _hour_before(self._kept.newest)

    @property
    def open(self) -> list[str]:
        """The addresses of the posts that are still to be heard, oldest first."""
        return list(self._kept.open)

    async def notice(self, posts: Posts) -> list[str]:
        """Note *posts*; returns the addresses of those that are new."""
        new = {uri: moment for moment, uri in posts if uri not in self._kept.noticed}

        def noted(kept: _Kept) -> dict[str, object]:
            newest = max(kept.newest, *new.values())
            noticed = {**kept.noticed, **new}.items()
            since = _hour_before(newest)
            return {
                "newest": newest,
                "noticed": {uri: moment for uri, moment in noticed if moment >= since},
                "open": [*kept.open, *new],
            }

        if new:
            await self._keep(noted)
        return [*new]

    async def close(self, uri: str) -> None:
        """Note that the post at *uri* is done with."""
        await self._keep(lambda kept: {"open": [one for one in kept.open if one != uri]})

    async def _keep(self, changed: Callable[[_Kept], dict[str, object]]) -> None:
        """Make a change, first where it lasts."""
        async with self._keeping:
            kept = self._kept.model_copy(update=changed(self._kept))
            await self._studio.remember(INBOX, kept.model_dump_json())
            self._kept = kept


def _hour_before(moment: str) -> str:
    return stamp(datetime.fromisoformat(moment) - LOOK_BACK)
