"""A PostgreSQL server that goes away and comes back below the running product."""

import asyncio
from collections.abc import Iterator
from functools import partial

import pytest

from tests.bot.postgres import PROGRAMS, Postgres
from tests.bot.processes import RunningStudio
from tests.faults.jobs import LONG, PICTURES, SMALL, STRIP, no_strays, paints
from tests.patience import until

pytestmark = pytest.mark.skipif(not PROGRAMS, reason="needs a PostgreSQL server's programs")


@pytest.fixture
def server() -> Iterator[Postgres]:
    with Postgres() as server:
        yield server


async def test_a_server_that_is_away_is_told_and_waited_for(server, tmp_path):
    async with RunningStudio(tmp_path / "data", STYLENET_DATABASE=server.url) as studio:
        running = (await studio.post(LONG, *STRIP))["job"]["id"]
        waiting = (await studio.post(SMALL, *PICTURES))["job"]["id"]
        await studio.wait_for_step(running, 0.1)
        server.stop()
        refused = await studio.say(SMALL, *PICTURES)
        assert "try again later" in refused.get("reply", refused.get("error", ""))
        await asyncio.sleep(3)
        server.start()
        for job in (running, waiting):
            assert (await studio.wait_for_end(job))["state"] == "done"
            assert len(await studio.answers(job)) == 1
        assert await paints(studio)
        await until(partial(no_strays, studio))


async def test_connections_that_are_cut_lose_no_job(server, tmp_path):
    limits = {"STYLENET_LIMITS__WAITING_PER_PERSON": "20"}
    async with RunningStudio(tmp_path / "data", STYLENET_DATABASE=server.url, **limits) as studio:
        taken = []
        for _ in range(10):
            posting = asyncio.create_task(studio.say(SMALL, *PICTURES))
            await asyncio.sleep(0.05)
            await until(partial(asyncio.to_thread, server.cut))  # there is one again
            said = await posting
            if "job" in said:
                taken.append(said["job"]["id"])
            else:
                assert "try again later" in said.get("reply", said.get("error", ""))
        for job in taken:
            assert (await studio.wait_for_end(job))["state"] == "done"
            assert len(await studio.answers(job)) == 1
        assert await paints(studio)
        await until(partial(no_strays, studio))
