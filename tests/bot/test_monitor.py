"""Seeing the studio run: what is counted, and a health that tells the truth about real faults."""

import asyncio
import re
import shutil
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
import sqlalchemy as sa
from prometheus_client import REGISTRY

from bot.config import Monitor as MonitorSettings
from bot.config import Settings
from bot.fronts.base import Undeliverable
from bot.jobs.ledger import Ledger, connect
from bot.monitor import Health, Monitor
from bot.monitor.metrics import measure_lag
from bot.studio import Refused, Studio
from tests.bot.conftest import upload, working
from tests.patience import until

MONITORING = Path(__file__).parents[2] / "docs/monitoring.md"


def figure(name: str, **labels: str) -> float:
    """A metric's value now; all tests of this process share the metrics, so compare two."""
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def until_told(health: Health, part: str, words: str) -> None:
    """Wait until *health* says so of *part*, and so that the studio is not well."""
    well, _ = await until(lambda: (told := health.report())[1][part].count(words) and told)
    assert not well


async def until_well(health: Health) -> None:
    """Wait until all parts work at once: any may be late for a moment on a busy machine."""
    await until(lambda: health.report()[0])


@pytest.fixture
def quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same truth in a second instead of a minute."""
    monkeypatch.setattr("bot.monitor.health.PROBE_SECONDS", 0.1)
    monkeypatch.setattr("bot.jobs.status.SILENT_SECONDS", 1.0)


async def test_a_store_that_cannot_be_written_is_told(quick_looks, settings):
    folder = Path(urlsplit(settings.store_url).path)
    async with Studio(settings) as studio:
        await until_well(studio.health)
        replace_by_file(folder)
        await until_told(studio.health, "store", "the store cannot be written")
        folder.unlink()
        await until_well(studio.health)
    assert [*folder.parent.rglob("probe*")] == []


async def test_jobs_that_nobody_paints_are_told(
    quick_looks, studio, front, submit, settings, worker
):
    await asyncio.sleep(1.5)  # longer than a worker may show no life
    await studio.cancel_all("nobody")  # which looks at the queue
    assert studio.health.report()[1]["workers"] == "ok"  # nobody waits, so nobody is missed
    await submit("job-1")
    await until_told(studio.health, "workers", "no worker has shown life")
    async with working(settings, worker):
        await front.wait_for_answers(1)
    await until_well(studio.health)


async def test_a_look_at_the_database_really_writes(settings):
    """A full disk is not seen by one that changes nothing."""
    async with Studio(settings):
        pass
    engine = connect(settings.database_url)  # and nobody else writes
    ledger, written = Ledger(engine), settings.data / "stylenet.db-wal"
    await ledger.probe()
    before = written.read_bytes()
    await ledger.probe()
    assert written.read_bytes() != before
    await engine.dispose()


async def test_a_database_that_another_program_locks_is_told(quick_looks, settings):
    studio = Studio(settings)
    sa.event.listen(studio.engine.sync_engine, "connect", be_impatient)
    async with studio:
        await until_well(studio.health)
        with closing(sqlite3.connect(settings.data / "stylenet.db")) as other:
            other.execute("BEGIN IMMEDIATE")
            await until_told(studio.health, "database", "cannot be written")
            await studio.cancel_all("nobody")  # which looks at the queue
            assert studio.health.report()[1]["queue"] == "ok"  # it can still be read
        await until_well(studio.health)


async def test_a_database_that_is_away_is_told(quick_looks, postgres, tmp_path, monkeypatch):
    here = urlsplit(postgres)
    async with Line(here.port) as line:
        away = postgres.replace(f":{here.port}", f":{line.port}")
        async with Studio(Settings(data=tmp_path, database=away)) as studio:
            await until_well(studio.health)
            monkeypatch.setattr("bot.jobs.status.STALE_SECONDS", 2.0)
            await line.cut()
            await until_told(studio.health, "queue", "last read")
            await until_told(studio.health, "database", "cannot be written")
            await line.mend()
            await until_well(studio.health)


async def test_a_chat_that_is_away_does_not_make_the_studio_unwell():
    health = Health()
    health.add("store", lambda: None)
    health.add("discord", lambda: "not connected to Discord", vital=False)
    assert health.report() == (True, {"store": "ok", "discord": "not connected to Discord"})
    assert figure("stylenet_part_up", part="store") == 1
    assert figure("stylenet_part_up", part="discord") == 0


async def test_the_monitor_serves_figures_and_health():
    health, trouble = Health(), [None, "the store cannot be written"]
    health.add("store", lambda: trouble[0])
    monitor = Monitor(MonitorSettings(enabled=True, port=0), health)
    await monitor.start()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{monitor.port}") as http:
        async with http.get("/metrics") as response:
            assert "# TYPE stylenet_loop_lag_seconds histogram" in await response.text()
        async with http.get("/healthz") as response:
            assert (response.status, await response.json()) == (
                200,
                {"ok": True, "parts": {"store": "ok"}},
            )
        trouble.reverse()
        async with http.get("/healthz") as response:
            assert (response.status, await response.json()) == (
                503,
                {"ok": False, "parts": {"store": "the store cannot be written"}},
            )
    with pytest.raises(OSError, match=rf"port {monitor.port}.* choose another monitor\.port"):
        await Monitor(MonitorSettings(enabled=True, port=monitor.port), health).start()
    await monitor.stop()


async def test_jobs_are_counted_by_how_they_end(studio, front, submit, settings, worker):
    before = {
        name: figure(f"stylenet_{name}")
        for name in ("wait_seconds_count", "painting_seconds_count", "painting_seconds_sum")
    }
    done = figure("stylenet_jobs_ended_total", state="done")
    broken = figure("stylenet_failures_total", cause="broken")
    given = figure("stylenet_answers_total", front="test", result="delivered")
    await submit("job-1")
    await submit("job-2", uploads=[upload("broken"), upload("b.png")])
    assert figure("stylenet_jobs", state="queued") == 2
    async with working(settings, worker):
        await front.wait_for_answers(2)
        await until_counted("stylenet_answers_total", given + 2, front="test", result="delivered")
    assert figure("stylenet_jobs_ended_total", state="done") == done + 1
    assert figure("stylenet_failures_total", cause="broken") == broken + 1
    assert figure("stylenet_wait_seconds_count") == before["wait_seconds_count"] + 2
    assert figure("stylenet_painting_seconds_count") == before["painting_seconds_count"] + 1
    assert figure("stylenet_painting_seconds_sum") == before["painting_seconds_sum"] + 0.5
    await until(lambda: figure("stylenet_jobs", state="queued") == 0)


async def test_answers_that_fail_are_counted(front, submit, settings, worker, monkeypatch):
    monkeypatch.setattr("bot.jobs.background.RETRY_SECONDS", (0.05,))
    retried = figure("stylenet_answers_total", front="test", result="retried")
    lost = figure("stylenet_answers_total", front="test", result="undeliverable")
    front.troubles = [OSError("no network"), Undeliverable("the channel is gone")]
    async with working(settings, worker):
        await submit("job-1")
        await until_counted(
            "stylenet_answers_total", lost + 1, front="test", result="undeliverable"
        )
    assert figure("stylenet_answers_total", front="test", result="retried") == retried + 1


async def test_refusals_are_counted_by_reason(submit, settings):
    before = {reason: refusals(reason) for reason in ("size", "person", "full")}
    for n in range(20):
        await submit(f"ann-{n}")
    for n in range(10):
        await submit(f"bob-{n}", person="bob")
    huge = [upload("huge.png", size=60_000_000), upload("b.png")]
    for names in ({"uploads": huge}, {"person": "ann"}, {"person": "cleo"}):
        with pytest.raises(Refused):
            await submit("one-more", **names)
    assert {reason: refusals(reason) - count for reason, count in before.items()} == {
        "size": 1,
        "person": 1,
        "full": 1,
    }


async def test_a_blocked_loop_is_seen():
    before = slow_timers()
    measuring = asyncio.create_task(measure_lag())
    await asyncio.sleep(0)
    time.sleep(0.55)  # noqa: ASYNC251  # as long as five timers
    await until(lambda: slow_timers() - before >= 4)
    measuring.cancel()


def slow_timers() -> float:
    """How many timers were late by more than 50 ms."""
    name = "stylenet_loop_lag_seconds"
    return figure(f"{name}_count") - figure(f"{name}_bucket", le="0.05")


def be_impatient(connection: Any, _: Any) -> None:
    connection.execute("PRAGMA busy_timeout=200")  # half a minute otherwise


def replace_by_file(folder: Path) -> None:
    while not folder.is_file():
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(IsADirectoryError):  # somebody wrote a picture in between
            folder.write_text("no folder any more")


def refusals(reason: str) -> float:
    return figure("stylenet_refusals_total", reason=reason)


async def until_counted(name: str, value: float, **labels: str) -> None:
    await until(lambda: figure(name, **labels) >= value)


class Line:
    """The way to a server on this machine, which can be cut and mended."""

    def __init__(self, port: int) -> None:
        self._target = port
        self.port = 0
        self._open: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> "Line":
        await self.mend()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.cut()

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._join, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        self._server.close()
        for writer in self._open:
            writer.transport.abort()
        self._open.clear()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        self._open |= {writer, back}
        await asyncio.gather(_carry(reader, back), _carry(there, writer))


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
    except ConnectionError:
        pass
    finally:
        writer.close()


def test_the_documented_figures_are_the_ones_there_are():
    named = set(re.findall(r"^\| `(stylenet_\w+)`", MONITORING.read_text(), re.MULTILINE))
    there = {
        f"{family.name}_total" if family.type == "counter" else family.name
        for family in REGISTRY.collect()
        if family.name.startswith("stylenet_")
    }
    assert named == there


@pytest.mark.parametrize("cause", ["refused", "broken", "gave_up"])
def test_the_first_failure_is_an_increase(cause):
    """A series that is not there before it is needed looks to an alert as if nothing happened."""
    assert REGISTRY.get_sample_value("stylenet_failures_total", {"cause": cause}) is not None
