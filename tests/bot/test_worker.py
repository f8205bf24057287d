"""The worker's threads and patience: how it leaves a painting, a painter, and a broken store."""

import asyncio
import threading
from contextlib import suppress
from unittest.mock import AsyncMock, Mock

import pytest

from bot.config import Settings, Workers
from bot.jobs.queue import hand_back
from bot.jobs.store import StoreError
from bot.model import Order, Progress, StoredPicture
from bot.worker.painter import Painted
from bot.worker.serve import worker_name
from bot.worker.worker import GONE, STORE_FAILS, STORE_SECONDS, Forgotten, Worker
from stylize.recipe import Recipe
from tests.patience import PATIENCE


class EndOfProcess(BaseException):
    """Stands where the end of this process would."""


def test_only_who_shares_the_lock_shares_the_name(tmp_path):
    assert worker_name(tmp_path / "one", 0) != worker_name(tmp_path / "two", 0)
    assert worker_name(tmp_path / "two" / "..", 1) == worker_name(tmp_path, 1)


async def test_a_worker_hands_back_what_is_still_its_own(studio, submit, settings):
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
    found = await studio._queue.find(["left", "taken", "cancelled", "waiting"])
    assert {job: entry.state for job, entry in found.items()} == {
        "left": "queued",
        "taken": "running",
        "cancelled": "cancelled",
        "waiting": "queued",
    }


async def test_a_cancelled_painting_is_closed_once_its_step_has_ended(tmp_path):
    worker = Worker(Settings(data=tmp_path, workers=Workers(together=2)))
    report = Progress(step=1, steps=2, scale=0, scales=1)
    painting, ended, closed = threading.Event(), threading.Event(), threading.Event()

    def events():
        try:
            yield report
            painting.set()
            ended.wait(PATIENCE)
            yield report
        finally:
            closed.set()

    async def follow():
        async for _ in worker._events(events(), report):
            pass

    following = asyncio.create_task(follow())
    await asyncio.to_thread(painting.wait, PATIENCE)
    following.cancel()
    with suppress(asyncio.CancelledError):
        await following
    assert not closed.is_set()  # a thread is still inside
    ended.set()
    assert await asyncio.to_thread(closed.wait, PATIENCE)


async def test_a_painter_that_hangs_takes_its_process_along(tmp_path, monkeypatch):
    monkeypatch.setattr("bot.worker.worker.HEARTBEAT_SECONDS", 0.01)
    monkeypatch.setattr("bot.worker.worker.HANGING_SECONDS", 0.1)
    monkeypatch.setattr("os._exit", Mock(side_effect=EndOfProcess))
    worker = Worker(Settings(data=tmp_path))
    report = Progress(step=1, steps=2, scale=0, scales=1)
    stuck = threading.Event()

    async def follow():
        async for _ in worker._events(iter(stuck.wait, None), report):
            pass

    with pytest.raises(EndOfProcess):
        await follow()
    stuck.set()


async def test_a_store_that_fails_for_too_long_is_told_to_the_person(tmp_path, monkeypatch):
    worker = Worker(Settings(data=tmp_path))
    worker._report = AsyncMock()
    monkeypatch.setattr("bot.worker.worker.HEARTBEAT_SECONDS", 0.01)
    clock = Mock(monotonic=lambda: STORE_SECONDS / 3 * worker._report.await_count)
    monkeypatch.setattr("bot.worker.worker.time", clock)
    worker._store.get = AsyncMock(side_effect=StoreError("no such disk"))
    order = Order(recipe=Recipe(), pictures=(StoredPicture(key="jobs/a/picture-1", name="a.png"),))
    outcome = await worker.paint("a", order)
    assert (outcome.error, outcome.cause) == (STORE_FAILS, "broken")
    assert worker._report.await_count > 1  # signs of life while it waits


async def test_pictures_that_are_gone_are_told_and_nothing_else_is_taken_for_it(tmp_path):
    worker = Worker(Settings(data=tmp_path))
    worker._report = AsyncMock()
    order = Order(recipe=Recipe(), pictures=(StoredPicture(key="jobs/a/picture-1", name="a.png"),))
    outcome = await worker.paint("a", order)
    assert (outcome.error, outcome.cause) == (GONE, "broken")
    await worker._store.put("jobs/a/picture-1", b"a picture")
    worker._painter.paint = Mock(side_effect=FileNotFoundError("a file of the painter's"))
    with pytest.raises(FileNotFoundError):
        await worker.paint("a", order)


async def test_a_painting_that_is_forgotten_while_it_is_stored_is_not_kept(tmp_path):
    worker = Worker(Settings(data=tmp_path))
    await worker._store.put("jobs/a/picture-1", b"a picture")
    worker._report = AsyncMock(side_effect=[None, Forgotten("The job was deleted.")])
    painted = Painted(b"a painting", None, ".png", None, (), 8, 8, None)
    worker._painter.paint = Mock(return_value=iter([painted]))
    order = Order(recipe=Recipe(), pictures=(StoredPicture(key="jobs/a/picture-1", name="a.png"),))
    with pytest.raises(Forgotten):
        await worker.paint("a", order)
    assert worker._report.await_count == 2  # before the painting was stored, and after
    assert await worker._store.jobs() == {}
