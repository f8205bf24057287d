"""A studio on a fresh database and folder, a front that remembers, and a quick worker."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from dbos import DBOS, DBOSPortableJSONSerializer

from bot.commands.base import Incoming, Request
from bot.commands.grammar import parse
from bot.config import Settings, load
from bot.fronts.base import Front, settings_with_fronts
from bot.jobs.ledger import Ledger
from bot.jobs.queue import STREAM, VERSION, Queue, prepare
from bot.jobs.store import Store, job_key
from bot.model import File, Job, Order, Outcome, Progress, Status, Upload
from bot.studio import Studio
from tests.bot.postgres import PROGRAMS, Postgres
from tests.patience import until


class NotingFront(Front):
    """A front that notes what it is told; its next answers raise its ``troubles``."""

    name = "test"

    def __init__(self) -> None:
        self.shown: list[tuple[str, Status]] = []
        self.answers: list[tuple[str, Status]] = []
        self.paused: list[str] = []
        self.moments: list[float] = []
        """When something was shown."""
        self.unshowable: list[Exception] = []
        self.troubles: list[Exception] = []
        self.forgotten: list[str] = []
        self.wrong: str | None = None

    async def show(self, job: Job, status: Status) -> None:
        if self.unshowable:
            raise self.unshowable.pop(0)
        self.shown.append((job.id, status))
        self.moments.append(time.monotonic())

    async def pause(self, job: Job, status: Status) -> None:
        self.paused.append(job.id)

    async def answer(self, job: Job, status: Status) -> None:
        if self.troubles:
            raise self.troubles.pop(0)
        self.answers.append((job.id, status))

    def trouble(self) -> str | None:
        return self.wrong

    async def delete_before(self, moment: datetime) -> None:
        self.deleted_before = moment

    async def forget(self, person: str) -> None:
        self.forgotten.append(person)

    async def unsay(self, person: str) -> int:
        return self.forgotten.count(person)

    async def wait_for_answers(self, count: int) -> None:
        await until(lambda: len(self.answers) >= count)


class QuickWorker:
    """Stands where ``bot.worker.worker.Worker`` does: reports, keeps something, and is done."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.painted: list[str] = []
        self.may_end = threading.Event()
        """Until it is set, no painting is finished; it is at first."""
        self.may_end.set()

    async def paint(self, job: str, order: Order) -> Outcome:
        for step in range(1, 4):
            report = Progress(step=step, steps=3, scale=0, scales=1, loss=1 / step)
            await DBOS.write_stream_async(STREAM, report.model_dump(mode="json"))
        await until(self.may_end.is_set)
        if order.pictures[0].name == "broken":
            raise RuntimeError("a fault in the painter")
        self.painted.append(job)
        key = job_key(job, "result.png")
        await self.store.put(key, b"\x89PNG painted")
        return Outcome(files=(File.at("result", key),), width=64, height=48, seconds=0.5)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(tmp_path)  # no config.toml of the developer's
    limits = {"waiting_per_person": 20, "waiting": 30}
    return load(None, settings_with_fronts(), data=tmp_path, limits=limits, room={"port": 0})


@pytest.fixture
def front() -> NotingFront:
    return NotingFront()


@pytest.fixture
async def studio(settings: Settings, front: NotingFront) -> AsyncIterator[Studio]:
    async with Studio(settings) as studio:
        studio.enlist(front)
        yield studio


@pytest.fixture
def ledger(studio: Studio) -> Ledger:
    """What is written of the studio's jobs."""
    return Ledger(studio.engine)


@pytest.fixture
def store(settings: Settings) -> Store:
    """Where the studio keeps pictures."""
    return Store(settings.store_url)


@pytest.fixture
async def queue(studio: Studio, settings: Settings) -> AsyncIterator[Queue]:
    """The studio's queue, seen through a connection of the test's own."""
    queue = Queue(settings.database_url)
    await queue.open()
    yield queue
    await queue.close()


@asynccontextmanager
async def working(settings: Settings, worker: QuickWorker) -> AsyncIterator[None]:
    """A worker of the real queue in this process, for as long as the block lasts.

    DBOS starts in a thread: launched from this event loop, it would adopt the loop's executor and
    shut it down when it ends.
    """
    await asyncio.to_thread(_launch, settings, worker)
    try:
        yield
    finally:
        await asyncio.to_thread(DBOS.destroy, destroy_registry=True)


def _launch(settings: Settings, worker: QuickWorker) -> None:
    from bot.worker.serve import declare

    prepare(settings.database_url)
    DBOS(
        config={
            "name": "stylenet",
            "system_database_url": settings.database_url,
            "application_version": VERSION,
            "executor_id": "here-0",
            "serializer": DBOSPortableJSONSerializer(),
            "log_level": "ERROR",
        }
    )
    declare(worker)  # type: ignore[arg-type]
    DBOS.launch()


@pytest.fixture
def worker(settings: Settings) -> QuickWorker:
    return QuickWorker(Store(settings.store_url))


def upload(name: str, data: bytes = b"a picture", size: int | None = None) -> Upload:
    async def read() -> bytes:
        return data

    return Upload(name, len(data) if size is None else size, read)


async def request(
    studio: Studio, id: str, person: str, text: str, uploads: Sequence[Upload]
) -> Request:
    """What the command in *text* asks of the studio with these *uploads*."""

    async def gather(wanted: object) -> Sequence[Upload]:
        return uploads

    async def forget(jobs: int) -> str:
        return f"forgotten: {jobs}"

    given = parse(text, Settings())
    assert given is not None
    incoming = Incoming("test", id, person, gather, forget, address={"chat": 1})
    asked = await given.command.run(given, incoming, studio)
    assert isinstance(asked, Request)
    return replace(asked, id=id)


async def submit_to(
    studio: Studio,
    id: str,
    person: str = "ann",
    text: str = "!stylenet",
    uploads: Sequence[Upload] = (),
) -> Status:
    """Submit a job, with two small pictures unless there are *uploads*."""
    pictures = uploads or [upload("cat.png"), upload("wave.png")]
    return await studio.submit(await request(studio, id, person, text, pictures))


@pytest.fixture
def submit(studio: Studio) -> Callable[..., Any]:
    return partial(submit_to, studio)


@pytest.fixture
def postgres() -> Iterator[str]:
    """The URL of a fresh PostgreSQL server."""
    if not PROGRAMS:
        pytest.skip("needs a PostgreSQL server's programs")
    with Postgres() as server:
        yield server.url
