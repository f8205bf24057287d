"""A new version takes over what an old one left: its ledger, its queue, its orders."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from bot import texts
from bot.config import Settings
from bot.jobs.ledger import Ledger
from bot.jobs.queue import BROKEN
from bot.studio import Studio
from bot.worker.painter import Painted, Painter
from stylize.recipes import Transfer
from tests.bot.conftest import NotingFront, QuickWorker, submit_to, working
from tests.patience import until
from tests.pictures import png, stripes

FIRST_RELEASE = Path(__file__).parent / "first_release"
OLD = "test-2b"
"""The job that the first release left unanswered."""


@pytest.fixture
def old_database(settings) -> None:
    """The database that the first release left behind."""
    with database(settings) as old:
        for file in ("sqlite.sql", "rows.sql"):
            old.executescript((FIRST_RELEASE / file).read_text())


@pytest.mark.usefixtures("old_database")
async def test_a_job_of_the_first_release_is_painted_and_answered(settings, front, worker):
    async with working(settings, worker), Studio(settings) as studio:
        studio.enlist(front)
        await studio.resume()
        await front.wait_for_answers(1)
    [(job, answer)] = front.answers
    assert (job, answer.state) == (OLD, "done")


@pytest.mark.usefixtures("old_database")
async def test_an_order_of_the_first_release_can_still_be_painted(settings):
    async with Studio(settings) as studio:
        job = await Ledger(studio.engine).get(OLD)
    recipe = job.order.recipe
    assert recipe.total_variation == 0  # as it was usual then, like the layers; means are new
    assert set(recipe.style_layers) == {"relu1_1"}
    assert recipe.mean_weight == Transfer().mean_weight
    smaller = recipe.model_copy(update={"size": 64, "steps": 2})
    order = job.order.model_copy(update={"recipe": smaller})
    events = list(Painter(settings).paint(order, [png(64, 64), stripes(64, 64)]))
    assert isinstance(events[-1], Painted)
    assert events[-1].file("film")


async def test_jobs_that_wait_for_workers_of_another_version_are_enqueued_anew(
    settings, front, worker, monkeypatch
):
    monkeypatch.setattr("bot.jobs.queue.VERSION", "0")
    await leave(settings, "one", "two")
    monkeypatch.undo()
    async with working(settings, worker), Studio(settings) as new:
        new.enlist(front)
        await new.resume()
        await front.wait_for_answers(2)
    assert worker.painted == ["one", "two"]
    assert [answer.state for _, answer in front.answers] == ["done", "done"]


def another_picture(key: str) -> Callable[[Any], Any]:
    return lambda order: {**order, "pictures": [{"key": key, "name": "not mine"}]}


SPOILT: dict[str, Callable[[Any], Any]] = {
    "future-order": lambda order: {**order, "brush": "wide"},
    "future-recipe": lambda order: {**order, "recipe": {"task": "sculpture"}},
    "too-large": lambda order: {**order, "recipe": {"size": 1_000_000}},
    "too-many": lambda order: {**order, "recipe": {"steps": 10**9}},
    "anothers-picture": another_picture("jobs/good/picture-1"),
    "path-outside": another_picture("jobs/path-outside/../../stylenet.db"),
    "no-pictures": lambda order: {**order, "pictures": []},
    "no-order": lambda _: [1, 2],
}
"""What is done to the order of each job, all of which must then fail alone."""


async def test_what_cannot_be_read_in_the_ledger_fails_alone(settings, front, worker):
    await leave(settings, *SPOILT, "broken", "good")
    with database(settings) as ledger:
        for job, spoil in SPOILT.items():
            [written] = ledger.execute(
                """SELECT "order" FROM jobs WHERE id = ?""", [job]
            ).fetchone()
            spoilt = json.dumps(spoil(json.loads(written)))
            ledger.execute("""UPDATE jobs SET "order" = ? WHERE id = ?""", [spoilt, job])
        ledger.execute("""UPDATE jobs SET "order" = '{"r', address = '{' WHERE id = 'broken'""")
    answers = await answers_after_a_start(settings, front, worker, before_work=len(SPOILT) + 1)
    assert answers.pop("good").state == "done"
    assert {status.outcome.error for status in answers.values()} == {texts.UNREADABLE}
    assert worker.painted == ["good"]


async def test_what_cannot_be_read_in_the_queue_fails_alone(settings, front, worker):
    await leave(settings, *SPOILT, "broken", "good")
    with database(settings) as queue:
        for job, spoil in SPOILT.items():
            [written] = queue.execute(
                "SELECT inputs FROM workflow_input WHERE workflow_uuid = ?", [job]
            ).fetchone()
            inputs = json.loads(written)
            inputs["positionalArgs"] = [spoil(inputs["positionalArgs"][0])]
            write(queue, "input", job, json.dumps(inputs))
        write(queue, "input", "broken", '{"positio')
    answers = await answers_after_a_start(settings, front, worker)
    assert answers.pop("good").state == "done"
    assert answers.pop("broken").outcome.error == BROKEN
    assert {status.outcome.error for status in answers.values()} == {texts.UNREADABLE}
    assert worker.painted == ["good"]


async def test_an_outcome_that_cannot_be_read_fails_alone(settings, front, worker):
    outcomes = {"broken": '{"res', "wrong": '{"result": 5}', "none": "[]"}
    await leave(settings, *outcomes, "good")
    async with working(settings, worker):
        await all_painted(settings, 4)
    with database(settings) as queue:
        for job, outcome in outcomes.items():
            write(queue, "output", job, outcome)
    answers = await answers_after_a_start(settings, front, worker)
    assert answers.pop("good").state == "done"
    assert {status.outcome.error for status in answers.values()} == {BROKEN}


async def leave(settings: Settings, *jobs: str) -> None:
    """Let a studio take *jobs* and go."""
    async with Studio(settings) as studio:
        studio.enlist(NotingFront())
        for job in jobs:
            await submit_to(studio, job)


async def all_painted(settings: Settings, jobs: int) -> None:
    def done() -> bool:
        with database(settings) as queue:
            [painted] = queue.execute("SELECT count(*) FROM workflow_output").fetchone()
        return painted >= jobs

    await until(done)


async def answers_after_a_start(
    settings: Settings, front: NotingFront, worker: QuickWorker, *, before_work: int = 0
) -> dict[str, Any]:
    """A studio starts and, when it has answered *before_work* jobs, a worker: all is answered."""
    async with Studio(settings) as studio:
        studio.enlist(front)
        await studio.resume()
        await front.wait_for_answers(before_work)
        async with working(settings, worker):
            await front.wait_for_answers(len(await Ledger(studio.engine).ids()))
    assert len(front.answers) == len(dict(front.answers))
    return dict(front.answers)


@contextmanager
def database(settings: Settings) -> Iterator[sqlite3.Connection]:
    """The database as a file, beside the studio's back."""
    file = settings.data / "stylenet.db"
    with closing(sqlite3.connect(file, timeout=30)) as connection, connection:
        yield connection


def write(queue: sqlite3.Connection, column: str, job: str, value: str) -> None:
    """Write the *value* of the queue's ``input`` or ``output`` of a job."""
    done = queue.execute(
        f"UPDATE workflow_{column} SET {column.replace('input', 'inputs')} = ? "
        "WHERE workflow_uuid = ?",
        [value, job],
    )
    assert done.rowcount == 1
