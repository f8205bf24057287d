"""Does the chat answer at once while a worker paints? ``python -m benchmarks.responsiveness``

A real ``stylenet run`` whose worker paints without end on all cores, open pages that follow it,
and posts that go on: words, and photographs to be painted, which wait and are cancelled. The lag
of the event loop is read from the studio's own metrics; the time to acknowledgement is a post's,
from its first byte to the reply.
"""

import argparse
import asyncio
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import pairwise
from pathlib import Path

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from benchmarks.report import machine, table
from bot.fronts.web.samples import STATIC

RESULT = Path(__file__).parent / "results" / "responsiveness.md"
LAG = "stylenet_loop_lag_seconds"
PHOTO, STYLE = (STATIC / "samples" / name for name in ("coffee.jpg", "woodcut.jpg"))
EVERY_SECONDS = 0.2
SETTLING_SECONDS = 3
WAITING = 10
"""Jobs in the queue, most of the time."""

GOALS = "Goals: lag below 50 ms at the 99th percentile, replies within 150 ms at the 95th."


@asynccontextmanager
async def studio(data: Path) -> AsyncIterator[tuple[str, str]]:
    """A running studio: the addresses of its room and of its monitor."""
    room, monitor = free_port(), free_port()
    config = data / "config.toml"
    monitoring = f"[monitor]\nenabled = true\nport = {monitor}\n"
    config.write_text(f"{monitoring}[workers]\ngrace_seconds = 0\n")
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).parent / "stylenet",
        *("run", "--no-open", "--port", str(room), "--data", data, "--config", config),
        stdout=asyncio.subprocess.DEVNULL,
    )
    yield f"http://127.0.0.1:{room}", f"http://127.0.0.1:{monitor}"
    process.terminate()
    await process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Visitor:
    """Somebody with pages open, who posts."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http
        self.waits: dict[str, list[float]] = {"words": [], "two photographs": []}
        self.events = 0

    def begin(self) -> None:
        """Forget what was measured so far."""
        self.events = 0
        for waits in self.waits.values():
            waits.clear()

    async def follow(self) -> None:
        """Have a page open, until cancelled."""
        async with self._http.get("/api/events") as stream:
            async for line in stream.content:
                self.events += line.startswith(b"event:")

    async def post(self, kind: str, text: str) -> str | None:
        """Post *text*, with photographs or without, and note how long the reply took."""
        form = aiohttp.FormData({"text": text}, default_to_multipart=True)
        if kind != "words":
            for picture in (PHOTO, STYLE):
                form.add_field("file", picture.read_bytes(), filename=picture.name)
        began = time.perf_counter()
        async with self._http.post("/api/messages", data=form) as response:
            posted = await response.json()
        self.waits[kind].append(time.perf_counter() - began)
        return posted["job"]["id"] if "job" in posted else None

    async def paint_at_full_load(self) -> None:
        """Have the worker paint for longer than this lasts; returns once it does."""
        job = await self.post("two photographs", "!stylenet size=256 steps=1000")
        while True:
            async with self._http.get(f"/api/jobs/{job}") as response:
                if (await response.json())["step"]:
                    break
            await asyncio.sleep(0.2)

    async def keep_posting(self, seconds: float) -> None:
        """Post words and photographs in turns; of the jobs the oldest is cancelled in time."""
        waiting: list[str] = []
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            await self.post("words", "what do you think of this?")
            await asyncio.sleep(EVERY_SECONDS)
            if job := await self.post("two photographs", "!stylenet size=64 steps=1"):
                waiting.append(job)
            if len(waiting) > WAITING:
                await self._http.post(f"/api/jobs/{waiting.pop(0)}/cancel")
            await asyncio.sleep(EVERY_SECONDS)


async def lag_so_far(monitor: str) -> dict[float, float]:
    """How many timers were at most so late, by seconds: the histogram's buckets."""
    async with aiohttp.ClientSession() as http, http.get(f"{monitor}/metrics") as response:
        text = await response.text()
    return {
        float(sample.labels["le"]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == f"{LAG}_bucket"
    }


def quantile(buckets: dict[float, float], share: float) -> float:
    """As Prometheus computes it: straight within a bucket."""
    bounds = sorted(buckets)
    wanted = share * buckets[bounds[-1]]
    for low, high in pairwise([0.0, *bounds]):
        below = buckets.get(low, 0.0)
        if buckets[high] >= wanted and buckets[high] > below:
            return low + (high - low) * (wanted - below) / (buckets[high] - below)
    return bounds[-1]


def largest(buckets: dict[float, float]) -> float:
    """The bound of the last bucket that holds anything."""
    return min(bound for bound in buckets if buckets[bound] == buckets[float("inf")])


async def measure(seconds: float, pages: int) -> str:
    """Returns the tables."""
    with tempfile.TemporaryDirectory() as folder:
        async with (
            studio(Path(folder)) as (room, monitor),
            aiohttp.ClientSession(room, connector=aiohttp.TCPConnector(limit=0)) as http,
        ):
            await until_open(http)
            visitor = Visitor(http)
            await visitor.paint_at_full_load()
            following = [asyncio.create_task(visitor.follow()) for _ in range(pages)]
            await asyncio.sleep(SETTLING_SECONDS)
            visitor.begin()
            before = await lag_so_far(monitor)
            await visitor.keep_posting(seconds)
            after = await lag_so_far(monitor)
            for page in following:
                page.cancel()
            await asyncio.gather(*following, return_exceptions=True)
    return report({bound: after[bound] - before[bound] for bound in after}, visitor)


async def until_open(http: aiohttp.ClientSession) -> None:
    async with asyncio.timeout(60):
        while True:
            with suppress(aiohttp.ClientConnectionError):
                async with http.get("/healthz"):
                    return
            await asyncio.sleep(0.2)


def report(lag: dict[float, float], visitor: Visitor) -> str:
    """The tables, in Markdown."""
    half, most = 1000 * quantile(lag, 0.5), 1000 * quantile(lag, 0.99)
    timers = table(
        ["lag of the event loop", "timers", "p50 ms", "p99 ms", "max ms"],
        [
            [
                "while painting",
                f"{lag[float('inf')]:.0f}",
                f"{half:.1f}",
                f"{most:.1f}",
                f"≤ {1000 * largest(lag):.0f}",
            ]
        ],
    )
    replies = table(
        ["time to acknowledgement", "posts", "p50 ms", "p95 ms", "max ms"],
        [
            [
                kind,
                str(len(waits)),
                f"{1000 * statistics.median(waits):.0f}",
                f"{1000 * statistics.quantiles(waits, n=20)[-1]:.0f}",
                f"{1000 * max(waits):.0f}",
            ]
            for kind, waits in visitor.waits.items()
        ],
    )
    return f"{timers}\n\n{replies}\n\n{visitor.events} events went to the open pages. {GOALS}"


def main() -> None:
    """Print the tables and write them down."""
    parser = argparse.ArgumentParser(description="Does the chat answer while a worker paints?")
    parser.add_argument("--seconds", type=float, default=100)
    parser.add_argument("--pages", type=int, default=50, help="open at once")
    args = parser.parse_args()
    began = machine()
    told = asyncio.run(measure(args.seconds, args.pages))
    setting = f"{args.pages} open pages, a worker at full load on all cores."
    text = f"# responsiveness\n\n{began}\n{setting}\n\n{told}\n"
    RESULT.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
