"""The backlog, those who wait in line: what is asked of DBOS's table of jobs while it is long.

An index answers each question, and only what is asked for is read: one person's jobs, one place,
the next few in line. Only counting goes through the whole line, by the index alone, in about a
tenth of a microsecond a job.
"""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa

WAITING: sa.ColumnElement[str] = sa.literal_column("'ENQUEUED'")
RUNNING: sa.ColumnElement[str] = sa.literal_column("'PENDING'")
"""Literals: SQLite uses an index of some rows only where it can prove that no others are meant."""

INDEXES = {
    "stylenet_line": ("priority", "created_at", "workflow_uuid"),
    "stylenet_people": ("authenticated_user", "priority", "workflow_uuid"),
}
"""Of the jobs that wait; who runs is found by DBOS's own. They change nothing but the time that a
question takes: an older version, and DBOS's upgrades, may find them or not."""


class Spot(NamedTuple):
    """Where a job waits; jobs are painted in the order of their spots."""

    turn: int
    created: int
    """Milliseconds since 1970."""
    job: str


class Running(NamedTuple):
    """A job that a worker has taken."""

    job: str
    worker: str


class Standing(NamedTuple):
    """What decides about the next job of a person."""

    waiting: int
    """How many of theirs wait."""
    last: int
    """The last turn that one of theirs has, or 0."""
    now: int | None
    """The turn in service: the last that a worker has taken and still paints."""
    next: int | None
    """The first turn of all that wait."""


@dataclass(frozen=True)
class Counts:
    """How many jobs are open."""

    waiting: int = 0
    running: int = 0
    known: frozenset[str] = frozenset()
    """Which of the jobs that were asked after are counted, or have ended."""


class Backlog:
    """Questions about the jobs in *table*, DBOS's, which has no others than ours."""

    def __init__(self, engine: sa.Engine, table: sa.Table) -> None:
        self._engine = engine
        self._jobs = table
        self._it = table.alias("it")

    def index(self) -> None:
        """Create the indexes that are missing."""
        jobs = self._jobs.to_metadata(sa.MetaData())  # DBOS's own stays as it is
        some = jobs.c.status == WAITING
        with self._engine.begin() as connection:
            for name, columns in INDEXES.items():
                wanted = [jobs.c[column] for column in (*columns, "status")]
                index = sa.Index(name, *wanted, sqlite_where=some, postgresql_where=some)
                connection.execute(sa.schema.CreateIndex(index, if_not_exists=True))

    async def running(self) -> list[Running]:
        """The jobs that workers have taken."""
        of = self._jobs.c
        rows = await self._ask(
            sa.select(of.workflow_uuid, of.executor_id).where(self._are(RUNNING))
        )
        return [Running(job, worker or "") for job, worker in rows]

    async def next(self, count: int, after: Spot | None = None) -> list[Spot]:
        """The first *count* of those that wait, or those who follow the spot *after*."""
        key = self._key(self._jobs)
        question = sa.select(*key).where(self._are(WAITING)).order_by(*key).limit(count)
        if after is not None:
            question = question.where(sa.tuple_(*key) > after)
        return [Spot(*row) for row in await self._ask(question)]

    async def place(self, job: str) -> int | None:
        """Which in line *job* is, from 1; None when it does not wait."""
        it = self._it
        until_it = sa.tuple_(*self._key(self._jobs)) <= sa.tuple_(*self._key(it))
        place = self._count(WAITING, until_it).correlate(it)
        rows = await self._ask(
            sa.select(place).where(it.c.workflow_uuid == job, it.c.status == WAITING)
        )
        return rows[0][0] if rows else None

    async def of(self, person: str) -> list[str]:
        """The jobs of *person* that wait or run."""
        theirs = self._jobs.c.authenticated_user == person
        jobs = sa.select(self._jobs.c.workflow_uuid)
        both = sa.union_all(*(jobs.where(self._are(s), theirs) for s in (WAITING, RUNNING)))
        return [job for (job,) in await self._ask(both)]

    async def standing(self, person: str, besides: Collection[str]) -> Standing:
        """What decides about the next job of *person*, whose jobs *besides* are not counted."""
        of = self._jobs.c
        theirs = of.authenticated_user == person
        others = of.workflow_uuid.not_in(besides) if besides else sa.true()

        def turn(which: Any, state: Any, *conditions: Any) -> sa.ScalarSelect[Any]:
            return (
                sa.select(which(of.priority)).where(self._are(state), *conditions).scalar_subquery()
            )

        low, high = sa.func.min, sa.func.max
        [[waiting, *turns]] = await self._ask(
            sa.select(
                self._count(WAITING, theirs, others),
                *(turn(high, state, theirs) for state in (WAITING, RUNNING)),
                turn(high, RUNNING),
                turn(low, WAITING),
            )
        )
        *theirs_last, now, following = turns
        return Standing(waiting, max(last or 0 for last in theirs_last), now, following)

    async def counts(self, among: Collection[str]) -> Counts:
        """Count all that wait and run; and which of the jobs *among* them, or those that ended."""
        of = self._jobs.c
        counts = sa.select(sa.null(), self._count(WAITING), self._count(RUNNING))
        known = sa.select(of.workflow_uuid, sa.null(), sa.null())
        known = known.where(of.workflow_uuid.in_(among))
        rows = await self._ask(sa.union_all(counts, known))  # one statement sees one moment
        [[_, waiting, running]] = [row for row in rows if row[0] is None]
        return Counts(
            waiting=waiting,
            running=running,
            known=frozenset(row[0] for row in rows if row[0] is not None),
        )

    async def of_others_than(self, version: str) -> list[str]:
        """The jobs that wait for, or run in, workers of another *version*."""
        of = self._jobs.c
        jobs = sa.select(of.workflow_uuid).where(of.application_version.is_distinct_from(version))
        both = sa.union_all(*(jobs.where(self._are(state)) for state in (WAITING, RUNNING)))
        return [job for (job,) in await self._ask(both)]

    def _are(self, state: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
        status: sa.ColumnElement[str] = self._jobs.c.status
        return status == state

    def _count(self, state: Any, *conditions: Any) -> sa.ScalarSelect[int]:
        count = sa.select(sa.func.count()).select_from(self._jobs)
        return count.where(self._are(state), *conditions).scalar_subquery()

    @staticmethod
    def _key(jobs: sa.FromClause) -> tuple[sa.ColumnElement[Any], ...]:
        """The columns of a spot."""
        return jobs.c.priority, jobs.c.created_at, jobs.c.workflow_uuid

    async def _ask(self, question: sa.Executable) -> Sequence[Any]:
        def ask() -> Sequence[Any]:
            with self._engine.connect() as connection:
                return connection.execute(question).all()

        return await asyncio.to_thread(ask)
