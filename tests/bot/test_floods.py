"""Floods: one person's thousand requests, against another person's single one and the bounds."""

import asyncio
from collections import Counter

import aiohttp
import pytest

from bot.config import Settings, load
from bot.fronts.web import Room
from bot.jobs.queue import Queue
from bot.model import Status, Upload
from bot.studio import Refused
from tests.bot.conftest import working

FLOOD = 1000


class TestWithoutBounds:
    """The owner lets one person have a thousand jobs waiting."""

    @pytest.fixture
    def settings(self, tmp_path, monkeypatch) -> Settings:
        monkeypatch.chdir(tmp_path)
        return load(data=tmp_path, limits={"waiting_per_person": FLOOD, "waiting": 2 * FLOOD})

    async def test_a_thousand_jobs_delay_another_person_by_one(
        self, studio, front, submit, settings, worker
    ):
        await asyncio.gather(*(submit(f"ann-{n}", person="ann") for n in range(FLOOD)))
        await submit("bob-0", person="bob")
        async with working(settings, worker):
            async for _ in studio.follow("bob-0"):  # to its end
                pass
        assert worker.painted.index("bob-0") <= 1


async def test_a_thousand_requests_at_once_are_refused_unread(submit, settings, store, ledger):
    reads = []

    def picture(name: str) -> Upload:
        async def read() -> bytes:
            reads.append(name)
            return b"a picture"

        return Upload(name, 9, read)

    results = await asyncio.gather(
        *(submit(f"ann-{n}", uploads=[picture("a"), picture("b")]) for n in range(FLOOD)),
        return_exceptions=True,
    )
    bound = settings.limits.waiting_per_person
    assert sum(isinstance(result, Refused) for result in results) == FLOOD - bound
    assert len(reads) == 2 * bound
    assert len(await store.jobs()) == bound
    assert len(await ledger.ids()) == bound
    assert (await submit("bob-0", person="bob")).position == 2


async def test_the_waiting_room_is_never_fuller_than_its_bounds(submit, settings, monkeypatch):
    """Also while jobs are on their way into the queue, where nobody sees them yet."""
    enqueue = Queue.enqueue

    async def slowly(queue, job, turn):
        await asyncio.sleep(0.3)
        await enqueue(queue, job, turn)

    monkeypatch.setattr(Queue, "enqueue", slowly)
    waves = []
    for wave in range(3):
        waves += [
            asyncio.create_task(submit(f"{person}-{wave}-{n}", person=f"person-{person}"))
            for person in range(4)
            for n in range(15)
        ]
        await asyncio.sleep(0.2)
    results = await asyncio.gather(*waves, return_exceptions=True)
    taken = [result.job for result in results if isinstance(result, Status)]
    assert sum(isinstance(result, Refused) for result in results) == len(results) - len(taken)
    assert len(taken) == settings.limits.waiting
    people = Counter(job.partition("-")[0] for job in taken)
    assert max(people.values()) <= settings.limits.waiting_per_person


class TestRoom:
    """A thousand posts in the room, which belongs to one person."""

    async def test_a_thousand_posts_leave_bounded_traces_and_one_job_before_another_chats(
        self, studio, front, submit, settings, worker, store, monkeypatch
    ):
        monkeypatch.setattr("bot.fronts.web.messages.KEPT", 100)
        room = Room(studio)
        studio.enlist(room)
        await room.open()
        async with aiohttp.ClientSession(room.url) as http:
            status = Counter(await asyncio.gather(*(post(http) for _ in range(FLOOD))))
            assert status == {201: FLOOD}
            async with http.get("/api/messages") as response:
                messages = await response.json()
        bound = settings.limits.waiting_per_person
        assert sum(message["job"] is not None for message in messages) == bound
        under_way = 100  # posts at once, as aiohttp's client has it
        assert len(messages) <= 100 + bound + under_way
        assert len(await store.jobs()) == bound
        await submit("bob-0", person="bob")
        async with working(settings, worker):
            await front.wait_for_answers(1)
        assert worker.painted.index("bob-0") <= 1
        await room.close()


async def post(http: aiohttp.ClientSession) -> int:
    form = aiohttp.FormData({"text": "!stylenet"})
    for name in ("cat.png", "wave.png"):
        form.add_field("file", b"a picture", filename=name)
    async with http.post("/api/messages", data=form) as response:
        return response.status
