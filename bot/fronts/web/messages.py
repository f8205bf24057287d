"""The chat log of the room: every message, durable, in the order of their numbers.

What a person says and what the room replies are written together, before the studio hears of the
job. The reply keeps its row for good: it is the acknowledgement first and becomes the answer, so a
job is answered once however often the answer is given.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, cast

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.fronts.web.views import ANY_PICTURE, JobView, PictureView, files_at

metadata = sa.MetaData()

table = sa.Table(
    "room_messages",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("author", sa.String(3), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("pictures", sa.JSON, nullable=False),
    sa.Column("job", sa.String(64), unique=True),
    sa.Column("ended", sa.JSON(none_as_null=True)),
    sa.Column("created", sa.DateTime(timezone=True), nullable=False, index=True),
    sqlite_autoincrement=True,  # a number is never given twice, not even after a deletion
)


KEPT = 1000
"""The newest messages that are kept, however many are posted; open jobs keep theirs anyway."""


@dataclass(frozen=True)
class Message:
    """One message; ``job`` and, once it has ended, ``ended`` belong to the bot's replies."""

    id: int
    author: Literal["you", "bot"]
    text: str
    pictures: tuple[PictureView, ...] = ()
    job: str | None = None
    ended: JobView | None = None


class Messages:
    """The messages in the database of *engine*."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def add(
        self,
        said: str,
        reply: str,
        *,
        pictures: Sequence[PictureView] = (),
        shown: Sequence[PictureView] = (),
        job: str | None = None,
    ) -> tuple[int, int]:
        """Write down what was said, with *pictures*, and the reply to it, which has *shown* some.

        Returns the numbers of both.
        """
        mine, theirs = list(pictures), list(shown)
        async with self._engine.begin() as connection:
            first = await _insert(connection, author="you", text=said, pictures=mine)
            second = await _insert(connection, author="bot", text=reply, pictures=theirs, job=job)
            settled = sa.or_(table.c.job.is_(None), table.c.ended.is_not(None))
            await connection.execute(sa.delete(table).where(table.c.id <= second - KEPT, settled))
        return first, second

    async def refuse(self, said: int, reply: int, text: str) -> None:
        """Turn the acknowledgement of a job into a plain *text*; its pictures were not kept."""
        async with self._engine.begin() as connection:
            await connection.execute(_update(table.c.id == said, pictures=[]))
            await connection.execute(_update(table.c.id == reply, text=text, job=None))

    async def answer(self, job: str, text: str, ended: JobView) -> Message | None:
        """Turn the acknowledgement of *job* into its answer; None when it was deleted."""
        async with self._engine.begin() as connection:
            await connection.execute(_update(table.c.job == job, text=text, ended=ended))
        found = await self._select(table.c.job == job)
        return found[0] if found else None

    async def get(self, number: int) -> Message | None:
        """One message, or None when it was deleted."""
        found = await self._select(table.c.id == number)
        return found[0] if found else None

    async def all(self) -> list[Message]:
        """All messages, oldest first."""
        return await self._select(sa.true())

    async def unended(self) -> list[str]:
        """The jobs whose reply is not an answer yet."""
        query = sa.select(table.c.job).where(table.c.job.is_not(None), table.c.ended.is_(None))
        async with self._engine.connect() as connection:
            return list(await connection.scalars(query))

    async def delete(self, before: datetime | None = None, keep: Collection[str] = ()) -> None:
        """Delete all messages, or those from *before* a moment but the replies about *keep*."""
        old = sa.true() if before is None else table.c.created < before
        kept = table.c.job.is_not(None) & table.c.job.in_(keep)
        async with self._engine.begin() as connection:
            await connection.execute(sa.delete(table).where(old, ~kept))

    async def _select(self, condition: sa.ColumnElement[bool]) -> list[Message]:
        query = sa.select(table).where(condition).order_by(table.c.id)
        async with self._engine.connect() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [
            Message(
                id=row["id"],
                author=row["author"],
                text=row["text"],
                pictures=tuple(map(_picture, row["pictures"] or ())),
                job=row["job"],
                ended=_ended(row["ended"]),
            )
            for row in rows
        ]


def _picture(written: dict[str, str]) -> PictureView:
    """A picture as this or an older version wrote it, which had a ``caption`` for all."""
    if "media_type" in written:
        return cast(PictureView, written)
    if (caption := written.get("caption")) is not None:
        role, _, name = caption.partition(": ")
        role = role.rstrip(" 0123456789").lower()
        written = {"url": written["url"], "role": role, "name": name or caption, "alt": caption}
    known = {"media_type": ANY_PICTURE, "subject": written["role"] == "content"}
    return cast(PictureView, {**written, **known})


def _ended(written: dict[str, Any] | None) -> JobView | None:
    """An ended job as this or an older version wrote it, which knew no files, alt or replies."""
    if written is not None and "files" not in written:
        files = files_at(written["id"], written["result_url"], written["film_url"])
        written = {**written, "files": files}
    if written is not None:
        described = [{"alt": "", **file} for file in written["files"]]
        written = {"replies": [], **written, "files": described}
    return cast(JobView | None, written)


async def _insert(connection: AsyncConnection, **values: Any) -> int:
    row = sa.insert(table).values(created=datetime.now(UTC), **values)
    number: int = (await connection.execute(row.returning(table.c.id))).scalar_one()
    return number


def _update(condition: sa.ColumnElement[bool], **values: Any) -> sa.Update:
    return sa.update(table).where(condition).values(values)
