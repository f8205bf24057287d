"""Disks that are full, read-only, emptied or damaged below the running product."""

import asyncio
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.jobs.store import Store
from tests.bot.processes import RunningStudio, until
from tests.faults.jobs import LONG, PICTURES, SMALL, STRIP, no_strays, paints, stored


class Disk:
    """A file system of its own with a few megabytes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        block = bytes(4096)
        try:
            with self._ballast.open("ab", buffering=0) as ballast:
                while ballast.write(block) == len(block):
                    pass
        except OSError:
            pass  # no byte more

    def free(self) -> None:
        self._ballast.unlink()

    async def allow_writing(self, allowed: bool) -> None:
        command = ["mount", "-o", f"remount,{'rw' if allowed else 'ro'}", self.folder]
        await until(lambda: subprocess.run(command).returncode == 0)  # while a file is written, no


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], capture_output=True, text=True
    )
    if mounted.returncode != 0:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    yield Disk(folder)
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
async def storing(disk: Disk, tmp_path: Path) -> AsyncIterator[RunningStudio]:
    """A studio that has only its pictures on the small disk."""
    store = (disk.folder / "pictures").as_uri()
    async with RunningStudio(tmp_path / "data", STYLENET_STORE=store) as studio:
        yield studio


async def test_who_posts_while_the_disk_is_full_is_told_and_nothing_is_left(storing, disk):
    disk.fill()
    refused = await storing.say(SMALL, *PICTURES)
    assert "job" not in refused
    assert "disk or database" in refused["reply"]
    await until(lambda: not stored(disk.folder / "pictures"))
    disk.free()
    assert await paints(storing)


async def test_a_painting_waits_for_a_disk_that_is_full_or_read_only(storing, disk):
    job = (await storing.post(LONG, *STRIP))["job"]["id"]
    await storing.wait_for_step(job, 0.1)
    disk.fill()
    await until(lambda: "the store fails, trying again" in storing.log())
    disk.free()
    assert (await storing.wait_for_end(job))["state"] == "done"
    assert len(await storing.answers(job)) == 1

    job = (await storing.post(LONG, *STRIP))["job"]["id"]
    await storing.wait_for_step(job, 0.1)
    await disk.allow_writing(False)
    refused = await storing.say(SMALL, *PICTURES)
    assert "disk or database" in refused["reply"]
    await disk.allow_writing(True)
    assert (await storing.wait_for_end(job))["state"] == "done"
    assert len(await storing.answers(job)) == 1


async def test_a_database_without_room_loses_nothing(disk, tmp_path):
    environment = {
        "STYLENET_DATABASE": f"sqlite:///{disk.folder / 'stylenet.db'}",
        "STYLENET_WORKERS__STALLED_SECONDS": "20",
    }
    async with RunningStudio(tmp_path / "data", **environment) as studio:
        running = (await studio.post(LONG, *STRIP))["job"]["id"]
        waiting = (await studio.post(SMALL, *PICTURES))["job"]["id"]
        await studio.wait_for_step(running, 0.1)
        disk.fill()
        refused = await studio.say(SMALL, *PICTURES)
        assert "try again later" in refused.get("reply", refused.get("error", ""))
        await until(lambda: f"job {running}: painted in" in studio.log())
        await asyncio.sleep(1)  # nor can that be written down
        disk.free()
        for job in (running, waiting):
            assert (await studio.wait_for_end(job))["state"] == "done"
            assert len(await studio.answers(job)) == 1
        assert await paints(studio)
        await until(partial(no_strays, studio))


async def test_a_store_that_is_deleted_below_the_studio_is_made_anew(tmp_path):
    async with RunningStudio(tmp_path / "data") as studio:
        running = (await studio.post(LONG, *STRIP))["job"]["id"]
        waiting = (await studio.post(SMALL, *PICTURES))["job"]["id"]
        await studio.wait_for_step(running, 0.1)
        shutil.rmtree(studio.data / "pictures")
        assert (await studio.wait_for_end(running))["state"] == "done"
        end = await studio.wait_for_end(waiting)
        assert (end["state"], "Please send them again" in end["error"]) == ("failed", True)
        assert await paints(studio)


async def test_a_damaged_checkpoint_costs_time_and_a_damaged_picture_is_named(tmp_path):
    async with RunningStudio(tmp_path / "data", STYLENET_WORKERS__GRACE_SECONDS="0") as studio:
        running = (await studio.post(LONG, *STRIP))["job"]["id"]
        waiting = (await studio.post(SMALL, *PICTURES))["job"]["id"]
        folder = studio.data / "pictures" / "jobs"
        checkpoint = studio.checkpoint(running)
        await until(checkpoint.exists)
        studio.kill_workers()
        await studio.kill()
        damage(checkpoint)
        (folder / waiting / "picture-2").write_bytes(PICTURES[1][1][:200])
        await studio.start()
        assert (await studio.wait_for_end(running))["state"] == "done"
        assert "a checkpoint is damaged, so the painting starts anew" in studio.log()
        end = await studio.wait_for_end(waiting)
        assert (end["state"], "wave.png" in end["error"]) == ("failed", True)


@pytest.mark.parametrize("how", ["not a database", "overwritten"])
async def test_a_damaged_database_is_left_alone_and_explained(tmp_path, how):
    data = tmp_path / "data"
    async with RunningStudio(data) as studio:
        await studio.stop()
    file = data / "stylenet.db"
    if how == "overwritten":
        damage(file)
    else:
        file.write_bytes(b"The dog ate it. " * 1000)
    before = file.read_bytes()
    with pytest.raises(AssertionError):  # it does not start
        await studio.start()
    assert await studio.process.wait() == 1
    last = studio.log().splitlines()[-1]
    assert f"the database {file} is damaged" in last
    assert "Put a backup in its place" in last
    assert file.read_bytes() == before


async def test_a_database_that_another_program_has_locked_is_waited_for(tmp_path):
    async with RunningStudio(tmp_path / "data") as studio:
        await _lock_for(3, studio)
        assert await paints(studio)


@pytest.mark.slow  # the product waits for half a minute before it gives up
async def test_a_database_that_stays_locked_is_told_and_nothing_is_lost(tmp_path):
    async with RunningStudio(tmp_path / "data") as studio:
        running = (await studio.post(LONG, *STRIP))["job"]["id"]
        waiting = (await studio.post(SMALL, *PICTURES))["job"]["id"]
        await studio.wait_for_step(running, 0.1)
        lock = asyncio.create_task(_lock_for(45, studio))
        refused = await studio.say(SMALL, *PICTURES)
        assert "try again later" in refused.get("reply", refused.get("error", ""))
        await lock
        for job in (running, waiting):
            assert (await studio.wait_for_end(job))["state"] == "done"
            assert len(await studio.answers(job)) == 1
        assert await paints(studio)


async def test_what_was_half_written_when_its_process_was_killed_is_swept_away(tmp_path):
    program = (
        "import asyncio, sys; from bot.jobs.store import Store;"
        "asyncio.run(Store(sys.argv[1]).put('jobs/a/picture-1', bytes(1_000_000_000)))"
    )
    writing = await asyncio.create_subprocess_exec(sys.executable, "-c", program, tmp_path.as_uri())
    folder = tmp_path / "jobs" / "a"
    await until(lambda: any(half.stat().st_size for half in folder.glob("*")))
    writing.kill()
    await writing.wait()
    [half] = folder.iterdir()
    assert half.name != "picture-1"
    store = Store(tmp_path.as_uri())
    await store.delete_halves(datetime.now(UTC) - timedelta(hours=1))
    assert half.exists()
    await store.delete_halves(datetime.now(UTC) + timedelta(hours=1))
    assert not folder.exists()


async def _lock_for(seconds: float, studio: RunningStudio) -> None:
    with closing(sqlite3.connect(studio.data / "stylenet.db", isolation_level=None)) as other:
        other.execute("PRAGMA busy_timeout=10000")
        other.execute("BEGIN IMMEDIATE")
        await asyncio.sleep(seconds)
        other.execute("ROLLBACK")


def damage(file: Path) -> None:
    """Overwrite the middle half of *file*."""
    size = file.stat().st_size
    with file.open("r+b") as opened:
        opened.seek(size // 4)
        opened.write(b"\xa5" * (size // 2))
