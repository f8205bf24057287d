"""Retention and ``forget`` delete what they say, of ledger, queue, store and room, and no more."""

import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa

from bot.fronts.web import Room, messages
from bot.jobs.ledger import jobs
from bot.jobs.queue import QUEUE
from bot.jobs.store import Store, StoreError
from bot.model import Progress
from bot.worker.worker import Worker
from tests.bot.conftest import upload, working
from tests.patience import until
from tests.pictures import png, stripes

KEEP = timedelta(days=30)
NOW = timedelta(0)
AGES = {
    "fresh": NOW,
    "below": KEEP - timedelta(minutes=5),
    "above": KEEP + timedelta(minutes=5),
    "ancient": 10 * KEEP,
}
OLD = ("above", "ancient")


@pytest.fixture
def folder(settings) -> Path:
    """Where the store keeps its pictures."""
    return settings.data / "pictures"


async def test_what_was_answered_too_long_ago_goes_and_nothing_else(studio, submit, folder, known):
    """Jobs of every age, answered at every age or never, whose names begin alike."""
    stay, go = set(), set()
    for asked, age in AGES.items():
        for answered, since in {**AGES, "never": None}.items():
            job = f"{asked}-{answered}"
            await submit(job, person=job)
            await note(studio, job, created=ago(age), answered=since is not None and ago(since))
            (go if answered in OLD else stay).add(job)
    await sweep(studio, folder)
    assert await known() == {"ledger": stay, "queue": stay, "store": stay}
    for job in stay:
        assert await studio.read(f"jobs/{job}/picture-2") == b"a picture"


async def test_files_of_no_job_go_after_an_hour_and_files_elsewhere_stay(
    studio, submit, folder, store
):
    await submit("job")
    strays = [write(folder, f"jobs/{n}/picture-1", timedelta(minutes=65)) for n in range(3)]
    arriving = write(folder, "jobs/arriving/picture-1", timedelta(minutes=55))
    half_arrived = write(folder, "jobs/job/result.png#1", timedelta(minutes=55))
    foreign = [
        write(folder, name, 10 * KEEP)
        for name in ("notes.txt", "jobs.txt", "jobs-of-mine/job/a.png", "other/jobs/b.png")
    ]
    await sweep(studio, folder)
    assert not any(stray.exists() for stray in strays)
    assert all(file.exists() for file in [arriving, half_arrived, *foreign])
    assert set(await store.jobs()) == {"job", "arriving"}


async def test_a_job_that_cannot_be_deleted_keeps_no_other(
    studio, submit, folder, ledger, monkeypatch
):
    for job in ("first", "second"):
        await submit(job)
        await note(studio, job, answered=ago(KEEP * 2))
    delete = Store.delete_job

    async def unsteady(store, job):
        if job == "first":
            raise StoreError("its folder belongs to somebody else")
        await delete(store, job)

    monkeypatch.setattr(Store, "delete_job", unsteady)
    await sweep(studio, folder)
    assert await ledger.ids() == {"first"}


async def test_the_room_keeps_what_is_young_and_the_replies_it_owes(studio, front, folder):
    room, log = Room(studio), messages.Messages(studio.engine)
    studio.enlist(room)
    await room.open()
    async with aiohttp.ClientSession(room.url) as http:
        await say(http, "an old word")
        owed = (await say(http, "!stylenet", "cat.png", "wave.png"))["job"]["id"]
        answered = (await say(http, "!stylenet", "cat.png", "wave.png"))["job"]["id"]
        await log.add("!stylenet", "A moment", job="room-lost")  # the studio never heard of it
        await studio.cancel(answered, "room:you")
        await answered_in(log, answered)
        async with studio.engine.begin() as connection:
            await connection.execute(sa.update(messages.table).values(created=ago(KEEP * 2)))
        await say(http, "a young word")
        await sweep(studio, folder)
        async with http.get("/api/messages") as response:
            told = await response.json()
    assert [message["job"] and message["job"]["id"] for message in told] == [owed, None, None]
    assert told[1]["text"] == "a young word"
    await room.close()


async def say(http: aiohttp.ClientSession, text: str, *pictures: str) -> dict[str, Any]:
    """Post a message in the room; returns its JSON."""
    form = aiohttp.FormData({"text": text}, default_to_multipart=True)
    for name in pictures:
        form.add_field("file", b"a picture", filename=name)
    async with http.post("/api/messages", data=form) as response:
        return await response.json()


async def test_forget_deletes_one_persons_jobs_whole(
    studio, front, submit, settings, worker, folder, known
):
    people = ("ann", "anna", "an%", "ANN", "bob")
    async with working(settings, worker):
        for person in people:
            await submit(f"painted-{people.index(person)}", person=person)
        await front.wait_for_answers(len(people))
    for person in people:
        await submit(f"waiting-{people.index(person)}", person=person)
    assert await studio.forget("ann") == 2
    others = {f"{state}-{n}" for state in ("painted", "waiting") for n in range(1, len(people))}
    assert await known() == {"ledger": others, "queue": others, "store": others}
    assert (await studio.status("painted-1")).state == "done"
    assert (await studio.status("waiting-1")).state == "queued"
    assert not list((folder / "jobs").glob("*-0*"))
    assert await studio.forget("ann") == 0


async def test_who_forgets_a_job_while_it_is_painted_frees_the_painter_and_leaves_no_file(
    studio, front, submit, settings, known
):
    pictures = [upload("cat.png", png(64, 64)), upload("stripes.png", stripes(64, 64))]
    async with working(settings, Worker(settings)):
        await submit("job", text="!stylenet size=64 steps=1000", uploads=pictures)
        await until(partial(_progress, studio, "job"))
        assert await studio.forget("ann") == 1
        await submit("next", person="bob", text="!stylenet size=64 steps=1", uploads=pictures)
        await front.wait_for_answers(2)
    assert await known() == {name: {"next"} for name in ("ledger", "queue", "store")}


async def _progress(studio, job: str) -> Progress | None:
    status = await studio.status(job)
    return status and status.progress


def ago(age: timedelta) -> datetime:
    return datetime.now(UTC) - age


async def note(studio, job: str, **moments: datetime | bool) -> None:
    """Let the ledger say that a job was ``created`` or ``answered`` at other moments."""
    values = {name: moment or None for name, moment in moments.items()}
    async with studio.engine.begin() as connection:
        await connection.execute(sa.update(jobs).where(jobs.c.id == job).values(values))


def write(folder: Path, name: str, age: timedelta) -> Path:
    """A file of an *age*, made by somebody else."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"something")
    moment = ago(age).timestamp()
    os.utime(file, (moment, moment))
    return file


async def sweep(studio, folder: Path) -> None:
    """Let the studio sweep, as it does when it starts, until it has swept the last corner."""
    last = write(folder, "jobs/half/picture-1#1", timedelta(minutes=65))
    await studio.resume()
    await until(lambda: not last.exists())


@pytest.fixture
def known(ledger, queue, store) -> Callable[[], Awaitable[dict[str, set[str]]]]:
    """Asks of which jobs ledger, queue and store know."""

    async def ask() -> dict[str, set[str]]:
        found = await queue.client.list_workflows_async(queue_name=QUEUE)
        return {
            "ledger": await ledger.ids(),
            "queue": {workflow.workflow_id for workflow in found},
            "store": set(await store.jobs()),
        }

    return ask


async def answered_in(log: messages.Messages, job: str) -> None:
    """Wait until the reply about a job has become its answer."""

    async def ended() -> bool:
        return job not in await log.unended()

    await until(ended)
