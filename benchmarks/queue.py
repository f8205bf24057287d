"""Does a submission cost more where many wait? ``python -m benchmarks.queue``

The real studio on SQLite and on PostgreSQL, without a worker. First 50 jobs wait, then 20 000 of
1 000 people; each time some more are submitted, one after another, while the loop's lag is
measured, and others look where their jobs stand. Then the studio starts anew with all of them.
"""

import argparse
import asyncio
import gc
import resource
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.report import machine, table
from bot.config import Settings
from bot.fronts.base import Front
from bot.model import Job, Request, Status, Upload
from bot.studio import Studio
from stylize.recipes import Transfer
from tests.bot.postgres import Postgres

RESULT = Path(__file__).parent / "results" / "queue.md"
FEW, PEOPLE = 50, 1000
MEASURED = 200
"""Submissions, and looks at one's place, at each length."""

AT_ONCE = 8
"""Submissions while the queue is filled."""

LAG_EVERY_SECONDS = 0.01
GOALS = (
    "Goals: a submission takes at most twice what it takes where 50 wait; the loop is less than "
    "20 ms late at the 99th percentile."
)


class Silent(Front):
    """A chat that says nothing."""

    name = "silent"

    def __init__(self) -> None: ...

    async def show(self, job: Job, status: Status) -> None: ...

    async def answer(self, job: Job, status: Status) -> None: ...


class Crowd:
    """Many people who submit in turns."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self.jobs = 0

    async def submit(self) -> None:
        self.jobs += 1
        number = self.jobs

        async def read() -> bytes:
            return b"a picture"

        await self._studio.submit(
            Request(
                id=f"job-{number}",
                front="silent",
                person=f"person-{number % PEOPLE}",
                address={"chat": number},
                recipe=Transfer(),
                uploads=[Upload(name, 9, read) for name in ("cat.png", "wave.png")],
            )
        )

    async def fill(self, jobs: int) -> None:
        """Submit until *jobs* wait."""

        async def keep_on() -> None:
            while self.jobs < jobs:
                await self.submit()

        await asyncio.gather(*(keep_on() for _ in range(AT_ONCE)))

    async def look(self) -> None:
        await self._studio.status(f"job-{self.jobs}")  # the last in line


async def timed(work: Callable[[], Awaitable[None]]) -> list[float]:
    """Milliseconds of each time that *work* is done."""
    took = []
    for _ in range(MEASURED):
        began = time.perf_counter()
        await work()
        took.append(1000 * (time.perf_counter() - began))
    return took


async def measure_lag(lag: list[float]) -> None:
    """Note how late the loop comes to timers, in milliseconds, until cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + LAG_EVERY_SECONDS
        await asyncio.sleep(LAG_EVERY_SECONDS)
        lag.append(1000 * (loop.time() - due))


async def measure(settings: Settings, many: int) -> list[list[str]]:
    """A row of the table for each length of the queue."""
    rows = []
    async with Studio(settings) as studio:
        studio.enlist(Silent())
        crowd = Crowd(studio)
        await studio.resume()
        for jobs in (FEW, many):
            await crowd.fill(jobs)
            lag: list[float] = []
            measuring = asyncio.create_task(measure_lag(lag))
            rows.append([f"{jobs}", *quantiles(await timed(crowd.submit))])
            rows[-1] += [*quantiles(await timed(crowd.look)), *quantiles(lag), memory()]
            measuring.cancel()
    return rows


async def start(settings: Settings) -> str:
    """How long a start takes where all of them wait."""
    began = time.perf_counter()
    async with Studio(settings) as studio:
        studio.enlist(Silent())
        lag: list[float] = []
        measuring = asyncio.create_task(measure_lag(lag))
        await studio.resume()
        measuring.cancel()
        took = time.perf_counter() - began
    return f"took {took:.1f} s, the loop at most {max(lag):.0f} ms late"


def quantiles(values: Sequence[float]) -> list[str]:
    """The median and the 99th percentile."""
    return [f"{statistics.median(values):.1f}", f"{statistics.quantiles(values, n=100)[-1]:.1f}"]


def memory() -> str:
    """The most MiB that this process has had; torch, which only benchmarks load, is most of it."""
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}"


@contextmanager
def database(name: str) -> Iterator[str]:
    """The setting of a fresh database."""
    if name == "SQLite":
        yield ""
    else:
        with Postgres() as server:
            yield server.url


def report(name: str, many: int) -> str:
    """What was measured on one database, in Markdown."""
    with tempfile.TemporaryDirectory() as folder, database(name) as url:
        limits = {"waiting": 2 * many, "waiting_per_person": 2 * many}
        where = {"data": Path(folder), **({"database": url} if url else {})}
        settings = Settings.model_validate({**where, "limits": limits})
        rows = asyncio.run(measure(settings, many))
        started = asyncio.run(start(settings))
    header = [
        "waiting",
        "submission p50 ms",
        "p99",
        "look p50 ms",
        "p99",
        "lag p50 ms",
        "p99",
        "MiB",
    ]
    ratio = float(rows[1][1]) / float(rows[0][1])
    return (
        f"## {name}\n\n{table(header, rows)}\n\nA submission takes {ratio:.2f} times as long. "
        f"A start with all of them {started}."
    )


def main() -> None:
    """Print the tables and write them down."""
    parser = argparse.ArgumentParser(description="Does a submission cost more where many wait?")
    parser.add_argument("--jobs", type=int, default=20_000, help="how many are many")
    args = parser.parse_args()
    began = machine()
    gc.freeze()  # torch's objects, which no chat process has, are not gone through again and again
    told = "\n\n".join(report(name, args.jobs) for name in ("SQLite", "PostgreSQL"))
    text = f"# queue\n\n{began}\n{PEOPLE} people, no worker.\n\n{told}\n\n{GOALS}\n"
    RESULT.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
