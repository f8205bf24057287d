"""However often bot, worker or database are killed: each job that was taken is answered, once."""

from pathlib import Path

import pytest

from tests.bot.postgres import PROGRAMS, Postgres
from tests.faults.discord import FakeDiscord
from tests.faults.kills import Siege, Tally

needs_postgres = pytest.mark.skipif(not PROGRAMS, reason="needs a PostgreSQL server's programs")


async def besiege(
    data: Path, seed: int, *, kills: int, jobs: int, server: Postgres | None = None
) -> Tally:
    async with FakeDiscord() as fake:
        siege = Siege(data, fake, seed=seed, kills=kills, jobs=jobs, server=server)
        tally = await siege.run()
        wrong = await siege.verdict()
        print(f"\nseed {seed}: {tally}")
    assert wrong == []
    return tally


async def test_eight_kills_lose_nothing_and_repeat_nothing(tmp_path):
    tally = await besiege(tmp_path / "data", seed=1, kills=8, jobs=2)
    assert tally.room_jobs > 0
    assert tally.discord_jobs > 0


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", [2, 3, 4])
async def test_a_hundred_kills(tmp_path, seed):
    await besiege(tmp_path / "data", seed, kills=100, jobs=100)


@needs_postgres
@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", [6, 7])
async def test_a_hundred_kills_with_postgresql(tmp_path, seed):
    with Postgres() as server:
        await besiege(tmp_path / "data", seed, kills=100, jobs=100, server=server)
