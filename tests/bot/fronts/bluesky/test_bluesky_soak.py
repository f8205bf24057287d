"""Many jobs while bot, worker and server end again and again: each post has one answer at last.

The long run is by hand: ``pytest -m slow tests/bot/fronts/bluesky/test_bluesky_soak.py -s``.
"""

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.config import Settings
from bot.jobs.ledger import Ledger, connect
from tests.bot.processes import RunningStudio
from tests.patience import until

PHOTO, WAVE = ("a cat on a sofa", 0.3), ("a great wave", 0.9)
PEOPLE, OPEN_AT_ONCE = 10, 12
BETWEEN_KILLS, BETWEEN_POSTS = (1.0, 8.0), (0.0, 2.0)
"""Seconds; a studio that is killed as soon as it is there would never paint."""
QUIET_SECONDS = 900
SHARE = 0.03
"""Of the bot's requests that meet a fault."""


@dataclass
class Soak:
    """People post through *world* while all that can end does, *least* times at the least."""

    world: Any
    proxy: Any
    studio: RunningStudio
    jobs: int
    least: int
    dice: random.Random
    asked: list[Any] = field(default_factory=list)
    kills: Counter[str] = field(default_factory=Counter)
    _server: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while the server is away, when nobody can post."""

    async def run(self, people: list[Any]) -> None:
        self.proxy.storm(self.dice, SHARE)
        killing = asyncio.create_task(self._kill())
        while self._goes_on():
            async with self._server:
                said = f"steps={self.dice.randrange(1, 20)} seed={len(self.asked)}"
                by = self.dice.choice(people)
                self.asked.append(await self.world.post(said, PHOTO, WAVE, by=by))
            await asyncio.sleep(self.dice.uniform(*BETWEEN_POSTS))
            await self._while_open(OPEN_AT_ONCE)
        await killing
        self.proxy.heal()
        async with asyncio.timeout(QUIET_SECONDS):
            await self._while_open(1)

    def _goes_on(self) -> bool:
        return len(self.asked) < self.jobs or self.kills.total() < self.least

    async def _while_open(self, least: int) -> None:
        """Wait while *least* or more of the posts have no answer."""
        while True:
            async with self._server:
                answers = await self.answers()
            if sum(not answers[post.uri] for post in self.asked) < least:
                return
            await asyncio.sleep(0.5)

    async def _kill(self) -> None:
        while self._goes_on():
            await asyncio.sleep(self.dice.uniform(*BETWEEN_KILLS))
            kind = self.dice.choice(("bot", "bot", "worker", "worker", "both", "server"))
            self.kills[kind] += 1
            if kind in ("worker", "both"):
                self.studio.kill_workers()
            if kind in ("bot", "both"):
                await self.studio.kill()
                await self.studio.start()
            if kind == "server":
                async with self._server:
                    await asyncio.to_thread(self.world.network.stop_pds)
                    await asyncio.sleep(self.dice.uniform(0, 3))
                    await asyncio.to_thread(self.world.network.start_pds)

    async def answers(self) -> Counter[str]:
        """How many answers the bot's own server has to each post."""
        return Counter([said.reply.parent.uri for said in await self.world.said() if said.reply])

    async def wrong(self, settings: Settings) -> AsyncIterator[str]:
        """What nobody should see, if anybody did; call it when the studio has stopped."""
        answers = await self.answers()
        likes = Counter([said.subject.uri for said in await self.world.said("app.bsky.feed.like")])
        for post in self.asked:
            if answers[post.uri] != 1 or likes[post.uri] > 1:  # an answer may overtake its like
                yield f"{post.uri}: {answers[post.uri]} answers, {likes[post.uri]} likes"
        for said in await self.world.said():
            if "done in" not in said.text:
                yield f"said: {said.text}"
        ledger = Ledger(connect(settings.database_url))
        for job in await ledger.unanswered():
            yield f"{job.id} has no answer in the ledger"
        if left := json.loads(await ledger.recall("bluesky inbox") or "{}")["open"]:
            yield f"{left} are still to be heard"

    def report(self, seconds: float) -> str:
        met = Counter(what for _, what in self.proxy.met)
        return (
            f"{len(self.asked)} jobs in {seconds:.0f} s; ended: {dict(self.kills)}; "
            f"{met.total()} of {len(self.proxy.asked)} requests met a fault: {dict(met)}"
        )


LONG = [pytest.mark.slow, pytest.mark.timeout(3600)]


@pytest.mark.parametrize(
    ("jobs", "kills", "seed"), [(8, 4, 1), pytest.param(200, 40, 2, marks=LONG)]
)
async def test_nothing_is_lost_and_nobody_is_answered_twice(network, tmp_path, jobs, kills, seed):
    from tests.bot.fronts.bluesky.proxy import Proxy
    from tests.bot.fronts.bluesky.world import World, environment, person

    bot, *people = [await person(network) for _ in range(PEOPLE + 1)]
    world = World(network, None, None, bot, *people[:2])
    async with Proxy(network) as proxy:
        handle = (await bot.com.atproto.server.get_session()).handle
        studio = RunningStudio(
            tmp_path / "data", quick=True, **environment(handle, proxy.url, per_day=1000)
        )
        async with studio:
            await until(lambda: "listNotifications" in {what for _, what in proxy.asked})
            soak = Soak(world, proxy, studio, jobs, kills, random.Random(seed))
            began = time.monotonic()
            await soak.run(people)
            print(soak.report(time.monotonic() - began))
            for post in soak.asked[-5:]:  # and so the others see it
                assert len(await until(lambda post=post: world.replies(post), every=0.3)) == 1
            await studio.stop()
        wrong = [one async for one in soak.wrong(Settings(data=studio.data))]
        print("\n".join(wrong))
    assert wrong == []
