"""The worker's threads and patience: how it leaves a painting, a painter, and a broken store."""

import asyncio
import threading
from contextlib import suppress
from unittest.mock import AsyncMock, Mock

import pytest
from dbos import DBOS
from sqlalchemy.exc import IntegrityError

from bot.jobs.queue import hand_back
from bot.jobs.store import Store, StoreError
from bot.model import Order, Progress, StoredPicture
from bot.worker.painter import Painted
from bot.worker.serve import worker_name
from bot.worker.worker import GONE, STORE_FAILS, STORE_SECONDS, Forgotten, Worker
from stylize.recipes import Transfer
from stylize.tasks.base import Made
from tests.patience import PATIENCE

ORDER = Order(recipe=Transfer(), pictures=(StoredPicture(key="jobs/a/picture-1", name="a.png"),))
REPORT = Progress(step=1, steps=2, scale=0, scales=1)


class EndOfProcess(BaseException):
    """Stands where the end of this process would."""


@pytest.fixture
def report(monkeypatch) -> AsyncMock:
    """Stands where the worker's reports go."""
    report = AsyncMock()
    monkeypatch.setattr(DBOS, "write_stream_async", report)
    return report


@pytest.fixture
def paint(monkeypatch) -> Mock:
    """Stands where the painter paints."""
    paint = Mock()
    monkeypatch.setattr("bot.worker.worker.Painter", Mock(return_value=Mock(paint=paint)))
    return paint


@pytest.fixture
async def stored(settings, store) -> Store:
    """The store, which has the pictures of the job ``a``."""
    await store.put("jobs/a/picture-1", b"a picture")
    return store


def test_only_who_shares_the_lock_shares_the_name(tmp_path):
    assert worker_name(tmp_path / "one", 0) != worker_name(tmp_path / "two", 0)
    assert worker_name(tmp_path / "two" / "..", 1) == worker_name(tmp_path, 1)


async def test_a_worker_hands_back_what_is_still_its_own(studio, submit, settings, queue):
    for job in ("left", "taken", "cancelled", "waiting"):
        await submit(job)
    async with studio.engine.begin() as connection:
        for job, state, worker in [
            ("left", "PENDING", "here-0"),
            ("taken", "PENDING", "there-0"),
            ("cancelled", "CANCELLED", "here-0"),
        ]:
            await connection.exec_driver_sql(
                "UPDATE workflow_status SET status = ?, executor_id = ? WHERE workflow_uuid = ?",
                (state, worker, job),
            )
    assert await asyncio.to_thread(hand_back, settings.database_url, "here-0") == ["left"]
    found = await queue.find(["left", "taken", "cancelled", "waiting"])
    assert {job: entry.state for job, entry in found.items()} == {
        "left": "queued",
        "taken": "running",
        "cancelled": "cancelled",
        "waiting": "queued",
    }


async def test_a_cancelled_painting_is_closed_once_its_step_has_ended(
    settings, stored, report, paint
):
    painting, ended, closed = threading.Event(), threading.Event(), threading.Event()

    def events(*_):
        try:
            yield REPORT
            painting.set()
            ended.wait(PATIENCE)
            yield REPORT
        finally:
            closed.set()

    paint.side_effect = events
    working = asyncio.create_task(Worker(settings).paint("a", ORDER))
    await asyncio.to_thread(painting.wait, PATIENCE)
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working
    assert not closed.is_set()  # a thread is still inside
    ended.set()
    assert await asyncio.to_thread(closed.wait, PATIENCE)


async def test_a_painter_that_hangs_takes_its_process_along(
    settings, stored, report, paint, monkeypatch
):
    monkeypatch.setattr("bot.worker.worker.HEARTBEAT_SECONDS", 0.01)
    monkeypatch.setattr("bot.worker.worker.HANGING_SECONDS", 0.1)
    monkeypatch.setattr("os._exit", Mock(side_effect=EndOfProcess))
    stuck = threading.Event()
    paint.return_value = iter(stuck.wait, None)
    with pytest.raises(EndOfProcess):
        await Worker(settings).paint("a", ORDER)
    stuck.set()


async def test_a_store_that_fails_for_too_long_is_told_to_the_person(
    settings, report, paint, monkeypatch
):
    monkeypatch.setattr("bot.worker.worker.HEARTBEAT_SECONDS", 0.01)
    clock = Mock(monotonic=lambda: STORE_SECONDS / 3 * report.await_count)
    monkeypatch.setattr("bot.worker.worker.time", clock)
    monkeypatch.setattr(Store, "get", AsyncMock(side_effect=StoreError("no such disk")))
    outcome = await Worker(settings).paint("a", ORDER)
    assert (outcome.error, outcome.cause) == (STORE_FAILS, "broken")
    assert report.await_count > 1  # signs of life while it waits


async def test_pictures_that_are_gone_are_told_and_nothing_else_is_taken_for_it(
    settings, store, report, paint
):
    worker = Worker(settings)
    outcome = await worker.paint("a", ORDER)
    assert (outcome.error, outcome.cause) == (GONE, "broken")
    await store.put("jobs/a/picture-1", b"a picture")
    paint.side_effect = FileNotFoundError("a file of the painter's")
    with pytest.raises(FileNotFoundError):
        await worker.paint("a", ORDER)


async def test_a_painting_that_is_forgotten_while_it_is_stored_is_not_kept(
    settings, stored, report, paint
):
    report.side_effect = [None, IntegrityError("INSERT", {}, Exception("there is no such job"))]
    paint.return_value = iter([Painted((Made("result", b"a painting", ".png"),))])
    with pytest.raises(Forgotten):
        await Worker(settings).paint("a", ORDER)
    assert report.await_count == 2  # before the painting was stored, and after
    assert await stored.jobs() == {}
