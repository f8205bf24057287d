"""Workers that hang, come back, or die of what they paint; clocks that jump under all of it."""

import asyncio
import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.bot.processes import RunningStudio, gone, until
from tests.faults.jobs import LONG, PICTURES, SMALL, STRIP, working
from tests.patience import PATIENCE

STALLED = {"STYLENET_WORKERS__STALLED_SECONDS": "20"}
"""Four times as long as a worker that lives is ever silent, were it not for other programs."""
FAKETIME = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))


async def test_a_worker_that_hangs_is_replaced_and_its_job_goes_on(tmp_path):
    async with RunningStudio(tmp_path / "data", **STALLED) as studio:
        job = (await studio.post(LONG, *STRIP))["job"]["id"]
        await until(studio.checkpoint(job).exists)
        [hanging] = studio.workers()
        os.kill(hanging, signal.SIGSTOP)
        assert (await studio.wait_for_end(job))["state"] == "done"
        assert f"worker {hanging} shows no life" in studio.log()
        assert f"job {job}: painting on from a checkpoint" in studio.log()
        assert hanging not in studio.workers()
        assert len(await studio.answers(job)) == 1

        [idle] = await until(studio.workers)
        os.kill(idle, signal.SIGSTOP)
        job = (await studio.post(SMALL, *PICTURES))["job"]["id"]
        assert (await studio.wait_for_end(job))["state"] == "done"


async def test_a_hanging_worker_whose_bot_is_killed_gives_its_slot_free(tmp_path):
    async with RunningStudio(tmp_path / "data", STYLENET_WORKERS__GRACE_SECONDS="0") as studio:
        job = (await studio.post(LONG, *STRIP))["job"]["id"]
        await studio.wait_for_step(job, 0.05)
        hanging = studio.workers()
        os.kill(hanging[0], signal.SIGSTOP)
        await studio.kill()
        await studio.start()
        assert (await studio.wait_for_end(job))["state"] == "done"
        await gone(hanging)


async def test_a_worker_given_up_for_lost_comes_back_and_disturbs_nothing(tmp_path):
    nobody = {"STYLENET_WORKERS__COUNT": "0", **STALLED}
    async with RunningStudio(tmp_path / "data", **nobody) as studio:
        job = (await studio.post(LONG, *STRIP))["job"]["id"]
        folder = studio.data / "pictures" / "jobs" / job
        async with working(studio, slot=0) as lost:
            await studio.wait_for_step(job, 0.05)
            await _freeze(lost, studio)
            async with working(studio, slot=1):
                assert (await studio.wait_for_end(job))["state"] == "done"
            await until(lambda: "done, answered" in studio.log())
            before = {file.name: file.stat().st_mtime_ns for file in folder.iterdir()}
            lost.send_signal(signal.SIGCONT)
            another = (await studio.post(SMALL, *PICTURES))["job"]["id"]
            assert (await studio.wait_for_end(another))["state"] == "done"
        after = {file.name: file.stat().st_mtime_ns for file in folder.iterdir()}
        assert after == before
        assert len(await studio.answers(job)) == 1
        await until(lambda: studio.log().count("done, answered") == 2)


@pytest.mark.slow  # a new worker is started less often each time
async def test_a_job_that_ends_every_worker_is_given_up_in_words(tmp_path):
    async with RunningStudio(tmp_path / "data") as studio:
        job = (await studio.post("!stylenet size=384 steps=1000", *STRIP))["job"]["id"]
        waiting = (await studio.post(SMALL, *PICTURES))["job"]["id"]
        for tried in range(1, 7):
            await until(lambda tried=tried: studio.log().count(f"job {job}: painting") == tried)
            studio.kill_workers()
        end = await studio.wait_for_end(job)
        assert end["state"] == "failed"
        assert "stopped the painter several times" in end["error"]
        assert (await studio.wait_for_end(waiting))["state"] == "done"
        assert len(await studio.answers(job)) == 1


@pytest.mark.skipif(not FAKETIME, reason="needs libfaketime, in Debian the package faketime")
async def test_a_clock_that_jumps_by_hours_disturbs_no_job(tmp_path):
    clock = tmp_path / "clock"
    clock.write_text("+0")
    environment = {
        "LD_PRELOAD": str(FAKETIME[-1]),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "STYLENET_WORKERS__GRACE_SECONDS": "2",
    }
    async with RunningStudio(tmp_path / "data", **environment) as studio:
        jobs = [(await studio.post("!stylenet size=384 steps=40", *STRIP))["job"]["id"]]
        for jump in ("+5h", "-7h", "+11h"):
            await studio.wait_for_step(jobs[0], 0.01)
            clock.write_text(jump)
            jobs.append((await studio.post(SMALL, *PICTURES))["job"]["id"])
        states = [(await studio.job(job))["state"] for job in jobs]
        assert states == ["running", "queued", "queued", "queued"]
        for job in jobs:
            assert (await studio.wait_for_end(job))["state"] == "done"
            assert len(await studio.answers(job)) == 1
        assert [line.split("job ")[1][:21] for line in _lines(studio, ": painting")] == jobs

        last = (await studio.post(LONG, *STRIP))["job"]["id"]
        await studio.wait_for_step(last, 0.01)
        studio.process.terminate()
        clock.write_text("-9h")
        await asyncio.wait_for(studio.process.wait(), PATIENCE)
        await studio.start()
        assert (await studio.wait_for_end(last))["state"] == "done"


def _lines(studio: RunningStudio, words: str) -> list[str]:
    return [line for line in studio.log().splitlines() if words in line]


async def _freeze(worker: asyncio.subprocess.Process, studio: RunningStudio) -> None:
    """Stop *worker*, but not while it has the whole database locked."""
    with closing(sqlite3.connect(studio.data / "stylenet.db", isolation_level=None)) as database:
        database.execute("PRAGMA busy_timeout=10000")
        database.execute("BEGIN IMMEDIATE")
        worker.send_signal(signal.SIGSTOP)
        await until(lambda: "\nState:\tT" in Path(f"/proc/{worker.pid}/status").read_text())
        database.execute("ROLLBACK")
