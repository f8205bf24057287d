"""The ledger: who asked for what, where the answer belongs, and what was answered.

It does not know how a job is doing; that is the queue's to tell.
"""

import json
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.model import UNREADABLE_ORDER, Job, read_order

log = logging.getLogger(__name__)

CONNECT_SECONDS = 10
READ_AT_ONCE = 50

REWRITE = sa.text("UPDATE alembic_version SET version_num = version_num")
"""It has one row, always."""

metadata = sa.MetaData()

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("front", sa.String(32), nullable=False),
    sa.Column("person", sa.String(128), nullable=False, index=True),
    sa.Column("address", sa.JSON, nullable=False),
    sa.Column("order", sa.JSON, nullable=False),
    sa.Column("created", sa.DateTime(timezone=True), nullable=False),
    sa.Column("answered", sa.DateTime(timezone=True), index=True),
)

kept = sa.Table(
    "kept",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
"""What outlives a restart and is of no job: how far a front has read, whether there is a pause."""


def connect(url: str) -> AsyncEngine:
    """An engine for the database at *url*, with the driver that asyncio needs."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_async_engine(
            parsed.set(drivername="sqlite+aiosqlite"), json_deserializer=_read_json
        )
        sa.event.listen(engine.sync_engine, "connect", _be_patient)
        return engine
    return create_async_engine(
        parsed.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        pool_size=10,
        connect_args={"connect_timeout": CONNECT_SECONDS},
    )


def _be_patient(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout=30000")  # the queue writes to the same file
    cursor.execute("PRAGMA synchronous=NORMAL")  # safe with a write-ahead log
    cursor.close()


class Ledger:
    """Jobs by id, durable before anyone is told of them."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def add(self, job: Job) -> bool:
        """Write *job* down; False when it is there already."""
        row = {
            "id": job.id,
            "front": job.front,
            "person": job.person,
            "address": job.address,
            "order": json.loads(job.order.model_dump_json()),
            "created": job.created,
        }
        try:
            async with self._engine.begin() as connection:
                await connection.execute(sa.insert(jobs).values(row))
        except IntegrityError:
            return False
        return True

    async def get(self, job: str) -> Job | None:
        found = await self._select(jobs.c.id == job)
        return found[0] if found else None

    async def unanswered(self) -> list[Job]:
        """The jobs that still owe someone an answer, oldest first."""
        return [job async for some in self.owed() for job in some]

    async def owed(self) -> AsyncIterator[list[Job]]:
        """The same, a few at a time: to read thousands takes seconds."""
        query = sa.select(jobs.c.id).where(jobs.c.answered.is_(None)).order_by(jobs.c.created)
        async with self._engine.connect() as connection:
            ids = (await connection.scalars(query)).all()
        for start in range(0, len(ids), READ_AT_ONCE):
            yield await self._select(jobs.c.id.in_(ids[start : start + READ_AT_ONCE]))

    async def of(self, person: str) -> list[Job]:
        """All jobs of *person*, oldest first."""
        return await self._select(jobs.c.person == person)

    async def asked(self, person: str, since: datetime) -> int:
        """How many jobs of *person* were taken since that moment."""
        theirs = sa.select(sa.func.count()).where(jobs.c.person == person, jobs.c.created >= since)
        async with self._engine.connect() as connection:
            return await connection.scalar(theirs) or 0

    async def owes(self, person: str) -> bool:
        """Whether a job of *person* is not answered yet."""
        open_jobs = sa.select(sa.exists().where(jobs.c.person == person, jobs.c.answered.is_(None)))
        async with self._engine.connect() as connection:
            return bool(await connection.scalar(open_jobs))

    async def answered_before(self, moment: datetime) -> list[Job]:
        return await self._select(jobs.c.answered < moment)

    async def readdress(self, job: str, address: dict[str, Any]) -> None:
        await self._update(job, address=address)

    async def answer(self, job: str) -> None:
        """Note that the job's answer was delivered, or never can be."""
        await self._update(job, answered=datetime.now(UTC))

    async def recall(self, name: str) -> str | None:
        """What is kept under *name*."""
        async with self._engine.connect() as connection:
            return await connection.scalar(sa.select(kept.c.value).where(kept.c.name == name))

    async def remember(self, name: str, value: str) -> None:
        """Keep *value* under *name*, in place of what was there."""
        async with self._engine.begin() as connection:
            await connection.execute(sa.delete(kept).where(kept.c.name == name))
            await connection.execute(sa.insert(kept).values(name=name, value=value))

    async def drop(self, name: str) -> None:
        """Keep nothing under *name* any more."""
        async with self._engine.begin() as connection:
            await connection.execute(sa.delete(kept).where(kept.c.name == name))

    async def probe(self) -> None:
        """Write what is there already, to see whether writing works."""
        async with self._engine.begin() as connection:
            await connection.execute(REWRITE)

    async def ids(self) -> set[str]:
        async with self._engine.connect() as connection:
            return set(await connection.scalars(sa.select(jobs.c.id)))

    async def delete(self, job: str) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(sa.delete(jobs).where(jobs.c.id == job))

    async def _update(self, job: str, **values: Any) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(sa.update(jobs).where(jobs.c.id == job).values(values))

    async def _select(self, *conditions: sa.ColumnElement[bool]) -> list[Job]:
        query = sa.select(jobs).where(*conditions).order_by(jobs.c.created)
        async with self._engine.connect() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [_job(row) for row in rows]


def _job(row: sa.RowMapping) -> Job:
    """A job as it is written, also where another version wrote it and parts cannot be read."""
    try:
        order = read_order(row["id"], row["order"])
    except ValueError as error:
        log.error("job %s: its order cannot be read: %s", row["id"], error)
        order = UNREADABLE_ORDER
    return Job(
        id=row["id"],
        front=row["front"],
        person=row["person"],
        address=row["address"] if isinstance(row["address"], dict) else {},
        order=order,
        created=_in_utc(row["created"]),
    )


def _read_json(text: str) -> Any:
    """One broken value must not keep all the others from being read."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def _in_utc(moment: datetime) -> datetime:
    """SQLite forgets the time zone; PostgreSQL answers in its own."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
