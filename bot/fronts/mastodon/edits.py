"""Which posts are looked at again: those put right by editing, and those not heard to the end.

A post that was refused is heard again when its author edits it within ten minutes, until what it
asks for is done; so is one in whose way a server's trouble was, until there is none. What is looked
at again is kept from run to run.
"""

import hashlib
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, TypeAdapter

from bot.fronts.mastodon.address import FRONT
from bot.fronts.mastodon.entities import Post
from bot.studio import Studio

EDITABLE = timedelta(minutes=10)
"""For how long after it was posted a refused post may be put right."""
MOST = 20
"""Refused posts that are looked at again, the newest."""
AGAIN = f"{FRONT} again"
"""Under this they are kept."""


class Kept(BaseModel):
    """A post that is looked at again."""

    post: str
    person: str
    since: datetime
    """When it was first heard."""
    look: str | None = None
    """What it looked like when it was refused; None: it is not heard to the end yet."""
    reply: str | None = None
    """The bot's post that refuses it."""


_KEPT = TypeAdapter(list[Kept])


class Again:
    """All of them, oldest first."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    async def all(self) -> list[Kept]:
        return _KEPT.validate_json(await self._studio.recall(AGAIN) or "[]")

    async def keep(self, kept: Kept) -> None:
        """Look at a post again; what was kept of it before is forgotten."""
        others = [one for one in await self.all() if one.post != kept.post]
        every = [*others, kept]
        refused = [one for one in every if one.look is not None]
        await self._write([one for one in every if one not in refused[:-MOST]])

    async def drop(self, post: str) -> None:
        """Never look at *post* again."""
        before = await self.all()
        if (left := [one for one in before if one.post != post]) != before:
            await self._write(left)

    async def forget(self, person: str) -> None:
        await self._write([one for one in await self.all() if one.person != person])

    async def _write(self, kept: list[Kept]) -> None:
        await self._studio.remember(AGAIN, _KEPT.dump_json(kept).decode())


def look_of(post: Post) -> str:
    """What of *post* decides what it asks for: its text, and which files are attached."""
    parts = [post.content, *(one.id for one in post.media_attachments)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def was_edited_in_time(post: Post) -> bool:
    return (post.edited_at or datetime.now(UTC)) - post.created_at <= EDITABLE


def may_be_edited(post: Post) -> bool:
    return datetime.now(UTC) - post.created_at <= EDITABLE
