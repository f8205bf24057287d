"""Many jobs in bad weather: none is lost, none is answered twice.

Requests fail in every way at random, connections break, sessions end, events come twice, and now
and then a channel closes or vanishes below a job. The long run is by hand:
``pytest -m slow tests/faults/discord/test_discord_soak.py -s``.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import pytest

from tests.faults.discord.conftest import PHOTO, WAVE, House, housed
from tests.faults.discord.faults import broken, limited, lost, refused, slow, unheard
from tests.faults.discord.interactions import ACKNOWLEDGE_SECONDS, Interaction
from tests.faults.discord.world import Channel, Message, User

STORM = (
    limited(0.1),
    limited(0.1, is_global=True),
    limited(0.1, by_cloudflare=True),
    refused(500),
    broken(502),
    refused(503),
    broken(503),
    slow(0.3),
    unheard,
    lost,
)
SHARE = 0.1
"""Of all requests that meet one of these faults."""
OPEN_AT_ONCE = 30
PEOPLE, CHANNELS = 20, 20


@dataclass
class Soak:
    """Sends *jobs* through *house* and counts what becomes of them."""

    house: House
    jobs: int
    dice: random.Random
    asked: list[Message | Interaction] = field(default_factory=list)
    breaks: Counter[str] = field(default_factory=Counter)
    harms: Counter[str] = field(default_factory=Counter)

    async def run(self) -> None:
        fake = self.house.fake
        people = [fake.join(f"person {n}") for n in range(PEOPLE)]
        channels = [await fake.open_channel(f"art {n}") for n in range(CHANNELS)]
        fake.faults.storm(self.dice.randrange(1 << 30), SHARE, STORM)
        fake.gateway.copies = lambda event: self.dice.choice((1, 1, 1, 2))
        breaking = asyncio.create_task(self._break_connections())
        while len(self.asked) < self.jobs:
            person = self.dice.choice(people)
            if self.dice.random() < 0.1:
                await self._ask_on_thin_ice(person)
            else:
                self.asked.append(await self._ask(person, self.dice.choice(channels)))
            while self.open() >= OPEN_AT_ONCE:
                await asyncio.sleep(0.05)
        breaking.cancel()
        fake.calm()
        with suppress(TimeoutError):  # what is open then is lost
            async with asyncio.timeout(120):
                while self.open() or await self.house.ledger.unanswered():
                    await asyncio.sleep(0.1)

    async def _ask(self, person: User, channel: Channel) -> Message | Interaction:
        fake, steps = self.house.fake, self.dice.randrange(1, 20)
        while not fake.gateway.sessions:  # Discord tells nobody, and promises nothing
            await asyncio.sleep(0.01)
        if self.dice.random() < 0.2:
            return await fake.slash(
                channel, person, "stylenet", content=PHOTO, style=WAVE, steps=steps
            )
        return await fake.post(channel, person, f"#stylenet steps={steps}", (PHOTO, WAVE))

    async def _ask_on_thin_ice(self, person: User) -> None:
        """In a channel that something happens to, before, while or after the bot paints."""
        fake = self.house.fake
        channel = await fake.open_channel("thin ice")
        asked = await self._ask(person, channel)
        self.asked.append(asked)
        await asyncio.sleep(self.dice.random() / 2)
        harm = self.dice.choice(("silence", "blindness", "oblivion", "deletion", "loss"))
        self.harms[harm] += 1
        match harm:
            case "silence":
                await fake.deny(channel, send_messages=True)
            case "blindness":
                await fake.deny(channel, view_channel=True)
            case "oblivion":
                await fake.deny(channel, read_message_history=True)
            case "deletion":
                await fake.delete_channel(channel)
            case "loss" if isinstance(asked, Message):
                await fake.board.delete(asked)

    async def _break_connections(self) -> None:
        gateway = self.house.fake.gateway
        while True:
            await asyncio.sleep(self.dice.uniform(0.5, 3))
            await self.house.fake.bot_arrives()
            kind = self.dice.choice(("drop", "drop", "loss", "reconnect", "invalid", "resumable"))
            self.breaks[kind] += 1
            match kind:
                case "drop" | "loss":
                    await gateway.drop(resumable=kind == "drop")
                case "reconnect":
                    await gateway.ask_to_reconnect()
                case _:
                    await gateway.invalidate(resumable=kind == "resumable")

    def open(self) -> int:
        """How many are still owed an answer."""
        fake = self.house.fake
        return sum(not fake.answers_to(one) and not self._excused(one) for one in self.asked)

    def _excused(self, asked: Message | Interaction) -> bool:
        """Whether the bot never heard of it, or Discord itself said that it did not respond."""
        return asked.id in self.house.fake.gateway.unheard or self._expired(asked)

    def expired(self) -> int:
        """How many people Discord has told that the bot did not respond."""
        return sum(map(self._expired, self.asked))

    def wrong(self) -> Iterator[str]:
        """What nobody should see, if anybody did."""
        fake = self.house.fake
        for one in self.asked:
            answers = [(said.channel.name, said.content) for said in fake.answers_to(one)]
            if len(answers) > 1 or not (answers or self._excused(one)):
                said = [(said.content, said.deleted) for said in fake.acknowledgements_of(one)]
                yield f"{type(one).__name__} {one.id} in {one.channel.name}: {answers}, {said}"
            if len(fake.acknowledgements_of(one)) > 1:
                yield f"{one.id} in {one.channel.name}: acknowledged more than once"

    def report(self, seconds: float) -> str:
        fake = self.house.fake
        answers = Counter(len(fake.answers_to(one)) for one in self.asked)
        private = sum(message.channel.person is not None for message in fake.board.said)
        return (
            f"{len(self.asked)} jobs in {seconds:.0f} s; {fake.faults.met} requests met a fault, "
            f"{fake.buckets.exceeded} a full bucket; connections: {dict(self.breaks)}; "
            f"thin ice: {dict(self.harms)}; answers per job: {dict(answers)}, {private} private; "
            f"unheard: {len(fake.gateway.unheard)}; "
            f"commands that Discord let expire: {self.expired()}"
        )

    def _expired(self, asked: Message | Interaction) -> bool:
        """Whether Discord has told the person that the bot did not respond."""
        return (
            isinstance(asked, Interaction)
            and not asked.acknowledged
            and time.monotonic() - asked.born >= self.house.fake.interactions.acknowledge_seconds
        )


LONG = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.mark.parametrize(
    ("jobs", "seed"),
    [(30, 1), pytest.param(1000, 2, marks=LONG), pytest.param(1000, 3, marks=LONG)],
)
async def test_nothing_is_lost_and_nobody_is_answered_twice(tmp_path, jobs, seed):
    limits = {"waiting_per_person": 200, "waiting": 200}
    async with housed(tmp_path, limits=limits, workers={"together": 8}) as house:
        house.fake.buckets.limit = 5
        if jobs > 100:  # by hand, on a machine that has time for it
            house.fake.interactions.acknowledge_seconds = ACKNOWLEDGE_SECONDS
        soak = Soak(house, jobs, random.Random(seed))
        began = time.monotonic()
        await soak.run()
        print(soak.report(time.monotonic() - began))
        wrong = list(soak.wrong())
        print("\n".join(wrong))
    assert wrong == []
    assert soak.expired() <= jobs // 100
