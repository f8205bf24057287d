"""The line of those who wait: places that are right, and a cost that does not grow with it."""

import asyncio
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.config import Settings
from bot.jobs.backlog import Backlog
from bot.studio import Refused, Studio
from tests.bot.conftest import NotingFront, submit_to
from tests.bot.postgres import PROGRAMS, Postgres
from tests.patience import until

PEOPLE = ("ann", "bob", "cleo")
MOST = 6
LENGTHS = {"sketch": ("size=64 steps=1", 1), "paint": ("", 13), "study": ("size=1024", 40)}
"""What is asked for, and its length in turns."""
ACTS = st.one_of(
    st.tuples(st.sampled_from([*LENGTHS]), st.sampled_from(PEOPLE)),
    st.tuples(st.sampled_from(["cancel", "take", "end"]), st.integers(0, 20)),
    st.tuples(st.just("cancel_all"), st.sampled_from(PEOPLE)),
)


@dataclass
class Model:
    """Who waits with which turn, who is painted, and all who were taken."""

    waiting: dict[str, tuple[int, str]] = field(default_factory=dict)
    running: dict[str, tuple[int, str]] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def submit(self, job: str, person: str, length: int) -> bool:
        """Self-clocked fair queueing; False when *person* has enough."""
        waiting, running = [*self.waiting.values()], [*self.running.values()]
        last = max((turn for turn, of in waiting + running if of == person), default=0)
        if sum(of == person for _, of in waiting) >= MOST:
            return False
        turns = sorted(turn for turn, _ in waiting)[:1] or [1]
        now = max((turn for turn, _ in running), default=turns[0])
        self.taken.add(job)
        self.waiting[job] = max(now - 1, last) + length, person
        return True

    def line(self) -> list[str]:
        return sorted(self.waiting, key=lambda job: self.waiting[job][0])


class Painter:
    """Stands where a worker does, in the tables alone."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    async def take(self, job: str) -> None:
        await self._write("status = 'PENDING', executor_id = 'here', started_at_epoch_ms = 1", job)

    async def end(self, job: str) -> None:
        await self._write("status = 'ERROR', completed_at = 1", job)

    async def _write(self, values: str, job: str) -> None:
        schema = "dbos." if self._studio.engine.dialect.name == "postgresql" else ""
        update = f"UPDATE {schema}workflow_status SET {values} WHERE workflow_uuid = :job"
        async with self._studio.engine.begin() as connection:
            await connection.execute(sa.text(update), {"job": job})


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def url(request) -> Iterator[str]:
    """Of a database; none is a file of each example's own."""
    if request.param == "sqlite":
        yield ""
    elif not PROGRAMS:
        pytest.skip("needs a PostgreSQL server's programs")
    else:
        with Postgres() as server:
            yield server.url


@settings(max_examples=12, deadline=None)
@given(acts=st.lists(ACTS, max_size=40))
async def test_places_are_right_whatever_happens(url, acts):
    """Against a list that is sorted anew each time; who has left it is answered, none is missed.

    What is shown is right to a tenth, at last.
    """
    with tempfile.TemporaryDirectory() as folder:
        limits = {"waiting_per_person": MOST, "waiting": 100}
        database = {"database": url} if url else {}
        there = Settings(data=Path(folder), limits=limits, **database)
        front, model = NotingFront(), Model()
        async with Studio(there) as studio:
            studio.enlist(front)
            for act, about in acts:
                await do(studio, model, act, about)
                for place, job in enumerate(model.line(), 1):
                    status = await studio.status(job)
                    assert (status.state, status.position) == ("queued", place)
                for job in model.running:
                    assert (await studio.status(job)).state == "running"

            gone = model.taken - {*model.waiting, *model.running}
            await until(lambda: gone == {job for job, _ in front.answers})

            def told() -> bool:
                last = {job: status.position for job, status in front.shown}
                return all(
                    abs(last.get(job, 0) - place) * 10 <= place
                    for place, job in enumerate(model.line(), 1)
                )

            await until(told)
            for person in PEOPLE:
                await studio.forget(person)


numbers = count()


async def do(studio: Studio, model: Model, act: str, about: str | int) -> None:
    """Let it happen to the studio and to the model."""
    if isinstance(about, str):
        if act in LENGTHS:
            job = f"job-{next(numbers):06}"
            options, length = LENGTHS[act]
            asked = {"person": about, "text": f"!stylenet {options}"}
            if model.submit(job, about, length):
                await submit_to(studio, job, **asked)
            else:
                with pytest.raises(Refused, match=f"You have {MOST} jobs waiting"):
                    await submit_to(studio, job, **asked)
        else:
            theirs = [
                job
                for group in (model.waiting, model.running)
                for job in [job for job, (_, person) in group.items() if person == about]
                if group.pop(job)
            ]
            assert await studio.cancel_all(about) == len(theirs)
        return
    jobs = [*model.running] if act == "end" else model.line()
    if not jobs:
        return
    job = jobs[0] if act == "take" else jobs[about % len(jobs)]
    if act == "cancel":
        assert await studio.cancel(job, model.waiting.pop(job)[1])
    elif act == "take":
        model.running[job] = model.waiting.pop(job)
        await Painter(studio).take(job)
    else:
        del model.running[job]
        await Painter(studio).end(job)


async def test_who_is_taken_and_painted_while_the_queue_is_looked_at_is_answered(
    studio, front, submit, monkeypatch
):
    """Between the look at those who are painted and the look at those who wait."""
    await submit("job-1")
    painter, running = Painter(studio), Backlog.running
    taken = asyncio.Event()

    async def just_before(line):
        seen = await running(line)
        if not taken.is_set():
            await painter.take("job-1")
            taken.set()
        return seen

    monkeypatch.setattr(Backlog, "running", just_before)
    await studio.cancel_all("nobody")  # which looks
    await taken.wait()
    await painter.end("job-1")
    await front.wait_for_answers(1)


class TestCost:
    """Counted, not timed."""

    @pytest.fixture
    def settings(self, tmp_path, monkeypatch) -> Settings:
        monkeypatch.setattr("bot.jobs.status.PAGE", 10)
        monkeypatch.setattr(
            "bot.jobs.status.REFRESH_SECONDS", 3600
        )  # only those that are asked for
        return Settings(data=tmp_path, limits={"waiting_per_person": 500, "waiting": 500})

    @pytest.fixture
    def tally(self) -> Counter[str]:
        """What the queue's tables were asked, and how many rows came back."""
        tally: Counter[str] = Counter()

        def count_rows(connection, _) -> None:
            if isinstance(connection, sqlite3.Connection):  # the ledger's are asyncio's
                connection.row_factory = lambda _, row: tally.update(rows=1) or row

        def count_statements(_connection, _cursor, statement, *_) -> None:
            tally.update(statements="workflow" in statement)

        sa.event.listen(sa.pool.Pool, "connect", count_rows)
        sa.event.listen(sa.Engine, "before_cursor_execute", count_statements)
        yield tally
        sa.event.remove(sa.pool.Pool, "connect", count_rows)
        sa.event.remove(sa.Engine, "before_cursor_execute", count_statements)

    async def test_nothing_costs_more_where_many_wait(self, tally, studio, front, submit):
        few, many = 30, 200
        costs: dict[int, dict[str, Counter[str]]] = {}
        jobs = count()
        for length in (few, many):
            for number in range(next(jobs), length):
                await submit(f"job-{next(jobs)}", person=f"person-{number % 20}")
            await studio.cancel_all("nobody")  # which looks at what has changed
            costs[length] = {}
            for _ in range(2 * few // 10):  # more than a round of the few
                job = f"new-{next(jobs)}"
                for name, act in self.acts(studio, submit, job).items():
                    tally.clear()
                    await act()
                    await until(lambda job=job: job in dict(front.shown))
                    costs[length][name] = costs[length].get(name, Counter()) | tally
        slack = Counter(statements=3, rows=5)  # two who want the same place may both ask
        for name, cost in costs[few].items():
            assert costs[many][name] <= cost + slack, name
        assert costs[few]["cancel"]["rows"] > 10  # it looks at the first in line, among others

    def acts(self, studio: Studio, submit, job: str) -> dict[str, Callable]:
        return {
            "submit": lambda: submit(job, person="newcomer"),
            "status": lambda: studio.status(job),
            "cancel": lambda: studio.cancel(job, "newcomer"),
        }
