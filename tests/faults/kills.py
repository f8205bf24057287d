"""The siege: the real product is posted to without pause and killed again and again.

``Siege.run`` returns what became of it; ``Siege.verdict`` then looks into database and store for
whatever should not be there. All that is random comes from one seed.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import aiohttp

from bot.config import Settings
from bot.fronts.web.texts import LOST
from bot.jobs.ledger import Ledger, connect
from bot.jobs.queue import GAVE_UP, Queue
from bot.jobs.retention import Retention
from bot.jobs.store import CHECKPOINT, Store
from tests.bot.postgres import Postgres
from tests.bot.processes import RunningStudio, gone
from tests.faults.discord import FakeDiscord
from tests.faults.discord.world import Message
from tests.pictures import png, stripes

PICTURES = ("cat.png", png(64, 48)), ("wave.png", stripes(48, 48))
STRIP = ("strip.png", png(192, 24)), PICTURES[1]
ONE_SCALE, TWO_SCALES = "!stylenet size=64 steps=2", "!stylenet size=384 steps=8"
MOST_WAITING = 3
"""In each front; the painter could not keep up with more."""
HAPPENINGS = (": painting", CHECKPOINT, "painted in", ", answered")
"""What the log says, or what appears in the store."""
MOMENT_SECONDS = 10
QUIET_SECONDS = 300


@dataclass
class Tally:
    """What was done to the product, and what it did."""

    kills: Counter[str] = field(default_factory=Counter)
    room_jobs: int = 0
    discord_jobs: int = 0
    unheard: int = 0
    """Posts that were not acknowledged, because nobody was there."""
    answers: int = 0
    given_up: int = 0
    from_checkpoints: int = 0
    swept: int = 0
    seconds: float = 0.0


class Siege:
    """At least *kills* of the product on *data*, at random moments, until it has taken *jobs*.

    The database is cut, too, if it can be.
    """

    def __init__(
        self,
        data: Path,
        fake: FakeDiscord,
        *,
        seed: int,
        kills: int,
        jobs: int,
        server: Postgres | None,
    ) -> None:
        self._random = random.Random(seed)
        self._kills = kills
        self._jobs = jobs
        self._server = server
        self._fake = fake
        environment = {
            "STYLENET_WORKERS__GRACE_SECONDS": "5",
            "STYLENET_WORKERS__STALLED_SECONDS": "30",
        }
        if server is not None:
            environment["STYLENET_DATABASE"] = server.url
        self._studio = RunningStudio(data, discord=fake, **environment)
        self._settings = Settings(data=data, database=server.url if server else "")
        self._processes: set[int] = set()
        self._taken: set[str] = set()
        self._asked: list[Message] = []
        self._checkpoints: set[Path] = set()
        self.tally = Tally()

    async def run(self) -> Tally:
        """Post and kill, then let the product finish all it has taken, and stop it."""
        began = monotonic()
        async with self._studio:
            posting = [
                asyncio.create_task(self._post_to_room()),
                asyncio.create_task(self._post_to_discord()),
            ]
            while self.tally.kills.total() < self._kills or self._jobs_taken() < self._jobs:
                await self._moment()
                await self._kill()
            for task in posting:
                task.cancel()
            await asyncio.gather(*posting, return_exceptions=True)
            await self._settle()
            self._note_processes()
            await self._count()
            assert await self._studio.stop() == 0
        await gone(self._processes)
        self.tally.seconds = monotonic() - began
        return self.tally

    async def verdict(self) -> list[str]:
        """All that is wrong; call it when ``run`` has returned."""
        return [*self._doubles(), *await self._remains(), *self._misnamed()]

    async def _moment(self) -> None:
        """Wait until something happens to some job, and then for less than a second."""
        happening = self._random.choice(HAPPENINGS)
        times = self._count_of(happening) + self._random.randint(1, 2)
        with suppress(TimeoutError):
            async with asyncio.timeout(MOMENT_SECONDS):
                while self._count_of(happening) < times:
                    await asyncio.sleep(0.1)
        await asyncio.sleep(self._random.uniform(0, 0.7))

    def _count_of(self, happening: str) -> int:
        if happening == CHECKPOINT:
            self._checkpoints |= {*self._settings.data.glob(f"pictures/jobs/*/{CHECKPOINT}")}
            return len(self._checkpoints)
        return self._studio.log().count(happening)

    async def _kill(self) -> None:
        kinds = ["bot", "worker", "both"] + (["cut", "crash"] if self._server else [])
        kind = self._random.choice(kinds)
        if kind == "worker" and not self._studio.workers():  # the next one is yet to start
            kind = "bot"
        self.tally.kills[kind] += 1
        self._note_processes()
        if kind in ("worker", "both"):
            self._studio.kill_workers()
        if kind in ("bot", "both"):
            await self._studio.kill()
            await self._studio.start()
        if kind == "cut" and self._server:
            await asyncio.to_thread(self._server.cut)
        if kind == "crash" and self._server:
            await asyncio.to_thread(self._server.stop)
            await asyncio.sleep(self._random.uniform(0, 3))
            await asyncio.to_thread(self._server.start)

    def _note_processes(self) -> None:
        self._processes |= {self._studio.process.pid, *self._studio.workers()}

    def _wish(self) -> tuple[str, tuple[tuple[str, bytes], ...]]:
        text, pictures = self._random.choice([*[(ONE_SCALE, PICTURES)] * 3, (TWO_SCALES, STRIP)])
        return f"{text} seed={self._random.randrange(10**6)}", pictures

    async def _post_to_room(self) -> None:
        while True:
            await asyncio.sleep(self._random.uniform(0.1, 1))
            try:
                if await self._waiting_in_room() < MOST_WAITING:
                    text, pictures = self._wish()
                    posted = await self._studio.post(text, *pictures)
                    self._taken.add(posted["job"]["id"])
            except (aiohttp.ClientError, AssertionError, KeyError):
                self.tally.unheard += 1

    async def _waiting_in_room(self) -> int:
        return sum(_is_open(message) for message in await self._studio.get("/api/messages"))

    async def _post_to_discord(self) -> None:
        people = [self._fake.join(name) for name in ("alice", "bob", "carol")]
        while True:
            await asyncio.sleep(self._random.uniform(0.1, 1))
            if sum(map(self._is_waiting, self._asked)) < MOST_WAITING:
                text, pictures = self._wish()
                author = self._random.choice(people)
                self._asked.append(await self._fake.post(self._fake.art, author, text, pictures))

    def _jobs_taken(self) -> int:
        return len(self._taken) + len(self._heard())

    def _heard(self) -> list[Message]:
        return [asked for asked in self._asked if self._fake.replies_to(asked)]

    def _is_waiting(self, asked: Message) -> bool:
        return bool(self._fake.acknowledgements_of(asked)) and not self._fake.answers_to(asked)

    async def _settle(self) -> None:
        """Wait until nothing is open any more, in neither front."""
        async with asyncio.timeout(QUIET_SECONDS):
            while await self._busy():
                await asyncio.sleep(0.5)

    async def _busy(self) -> bool:
        with suppress(aiohttp.ClientError, AssertionError):  # the database may just be back
            return await self._waiting_in_room() > 0 or any(map(self._is_waiting, self._asked))
        return True

    async def _count(self) -> None:
        said = [message for message in await self._studio.get("/api/messages") if message["job"]]
        done = [message for message in said if message["text"] != LOST]
        self._room = Counter(message["job"]["id"] for message in done)
        self.tally.room_jobs = len(self._taken)
        heard = self._heard()
        self.tally.discord_jobs = len(heard)
        self.tally.unheard += len(self._asked) - len(heard)
        answers = [answer for asked in heard for answer in self._fake.answers_to(asked)]
        self.tally.answers = len(done) + len(answers)
        texts = [message["text"] for message in done] + [answer.content for answer in answers]
        self.tally.given_up = sum(GAVE_UP in text for text in texts)
        self.tally.from_checkpoints = self._studio.log().count("painting on from a checkpoint")

    def _doubles(self) -> Iterator[str]:
        for job in self._taken | self._room.keys():  # also where the kill swallowed the response
            if self._room[job] != 1:
                yield f"{job} has {self._room[job]} answers in the room"
        for asked in self._asked:
            answers = len(self._fake.answers_to(asked))
            if answers != bool(self._fake.replies_to(asked)):
                yield f"discord-{asked.id} has {answers} answers in Discord"

    async def _remains(self) -> list[str]:
        """What is left where it should not be, once the retention has been."""
        engine, store = connect(self._settings.database_url), Store(self._settings.store_url)
        ledger, queue = Ledger(engine), Queue(self._settings.database_url)
        await queue.open()
        try:
            before = await store.jobs()
            await _retain(ledger, store)
            known, entries = await ledger.ids(), await queue.find(await ledger.ids())
            after = await store.jobs()
            self.tally.swept = len(before) - len(after)
            return [
                *(f"{job} was lost" for job in self._taken - known),
                *(f"{job.id} has no answer in the ledger" for job in await ledger.unanswered()),
                *(f"{spot.job} is still in the queue" for spot in await queue.backlog.next(1000)),
                *(f"{one.job} is still painted" for one in await queue.backlog.running()),
                *(f"{job} is unknown to the queue" for job in known - entries.keys()),
                *(f"{job} is a stray in the store" for job in after.keys() - known),
            ]
        finally:
            await queue.close()
            await engine.dispose()

    def _misnamed(self) -> Iterator[str]:
        """Files that the store itself does not know of, such as halves of one."""
        expected = ("picture-1", "picture-2", "result.png")
        for file in (self._settings.data / "pictures").rglob("*"):
            if file.is_file() and file.name not in expected:
                yield f"{file.parent.name}/{file.name} is left in the store"


async def _retain(ledger: Ledger, store: Store) -> None:
    """As the studio does it, two hours later."""

    async def delete_job(job: str) -> None:
        raise AssertionError(f"{job} is too young to be deleted")

    retention = Retention(
        ledger, store, keep=timedelta(days=30), delete_job=delete_job, delete_before=[]
    )
    await retention.once(datetime.now(UTC) + timedelta(hours=2))


def _is_open(message: dict[str, Any]) -> bool:
    return bool(message["job"]) and message["job"]["state"] in ("queued", "running")
