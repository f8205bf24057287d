"""How the product ends: in the time that it is given, whatever it is doing."""

import os
import signal
import sqlite3
import time
from contextlib import closing

import pytest

from tests.bot.processes import RunningStudio, gone, until
from tests.faults.jobs import LONG, PICTURES, SMALL, STRIP, working

GRACE = 2
SLACK = 60
"""Seconds beyond the grace time, on a busy machine."""
ENDLESS = {"STYLENET_PAINTING__MAX_STEPS": "5000"}
"""A painting of so many steps takes many minutes on any machine."""


@pytest.mark.parametrize("hanging", [False, True], ids=["painting", "hanging"])
async def test_a_stop_takes_no_longer_than_the_grace_time(tmp_path, hanging):
    environment = {"STYLENET_WORKERS__GRACE_SECONDS": str(GRACE), **ENDLESS}
    async with RunningStudio(tmp_path / "data", **environment) as studio:
        job = (await studio.post("!stylenet size=384 steps=5000", *STRIP))["job"]["id"]
        await studio.wait_for_step(job, 0.001)
        workers = studio.workers()
        if hanging:
            os.kill(workers[0], signal.SIGSTOP)
        began = time.monotonic()
        assert await studio.stop() == 0
        await gone(workers)
        assert time.monotonic() - began < GRACE + SLACK


async def test_a_worker_that_stops_hands_its_job_to_the_next_at_once(tmp_path):
    nobody = {"STYLENET_WORKERS__COUNT": "0"}
    async with RunningStudio(tmp_path / "data", **nobody) as studio:
        job = (await studio.post(LONG, *STRIP))["job"]["id"]
        async with working(studio, slot=0, STYLENET_WORKERS__GRACE_SECONDS="0"):
            await until(studio.checkpoint(job).exists)
        assert _attempts(studio) == 0  # the painter is not to blame

        async def waits() -> bool:
            return (await studio.job(job))["state"] == "queued"

        await until(waits)
        async with working(studio, slot=1):
            assert (await studio.wait_for_end(job))["state"] == "done"
        assert len(await studio.answers(job)) == 1


async def test_what_is_nearly_finished_is_finished_and_answered_at_the_next_start(tmp_path):
    async with RunningStudio(tmp_path / "data", STYLENET_WORKERS__GRACE_SECONDS="100") as studio:
        job = (await studio.post(LONG, *STRIP))["job"]["id"]
        waiting = (await studio.post(SMALL, *PICTURES))["job"]["id"]
        await studio.wait_for_step(job, 0.1)
        assert await studio.stop() == 0
        assert f"job {job}: painted in" in studio.log()
        assert f"job {waiting}: painting" not in studio.log()
        await studio.start()
        for each in (job, waiting):
            assert (await studio.wait_for_end(each))["state"] == "done"
            assert studio.log().count(f"job {each}: painting") == 1
            assert len(await studio.answers(each)) == 1


async def test_who_asks_twice_is_obeyed_at_once(tmp_path):
    environment = {"STYLENET_WORKERS__GRACE_SECONDS": "100", **ENDLESS}
    async with RunningStudio(tmp_path / "data", **environment) as studio:
        job = (await studio.post("!stylenet size=384 steps=5000", *STRIP))["job"]["id"]
        await studio.wait_for_step(job, 0.001)
        workers = studio.workers()
        studio.process.send_signal(signal.SIGINT)
        await until(lambda: "closing; jobs that are not finished" in studio.log())
        began = time.monotonic()
        studio.process.send_signal(signal.SIGINT)
        assert await studio.process.wait() == 1
        await gone(workers)
        assert time.monotonic() - began < SLACK


def _attempts(studio: RunningStudio) -> int:
    """How often the only job counts as having been tried."""
    with closing(sqlite3.connect(studio.data / "stylenet.db")) as database:
        return database.execute("SELECT recovery_attempts FROM workflow_status").fetchone()[0]
