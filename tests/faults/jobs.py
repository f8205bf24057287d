"""Jobs for the running product, and what is looked for after a fault."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.bot.processes import RunningStudio
from tests.pictures import png, stripes

PICTURES = ("cat.png", png(96, 64)), ("wave.png", stripes(80, 80))
SMALL = "!stylenet size=64 steps=1"
LONG, STRIP = "!stylenet size=384 steps=12", (("strip.png", png(192, 24)), PICTURES[1])
"""Two scales, so there is one checkpoint, and some seconds."""


async def paints(studio: RunningStudio) -> bool:
    """Whether a job that comes now is painted and answered."""
    job = (await studio.post(SMALL, *PICTURES))["job"]["id"]
    state = (await studio.wait_for_end(job))["state"]
    return state == "done" and len(await studio.answers(job)) == 1


def stored(store: Path) -> set[str]:
    """The jobs of which there is a file."""
    return {file.parent.name for file in store.glob("jobs/*/*")}


async def jobs_of(studio: RunningStudio) -> set[str]:
    messages = await studio.get("/api/messages")
    return {message["job"]["id"] for message in messages if message["job"]}


async def no_strays(studio: RunningStudio) -> bool:
    """Whether no picture is kept but for jobs that the room knows; refused ones are tidied away."""
    return stored(studio.data / "pictures") <= await jobs_of(studio)


@asynccontextmanager
async def working(
    studio: RunningStudio, slot: int, **environment: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """``stylenet worker``, which nobody watches over."""
    worker = await asyncio.create_subprocess_exec(
        *(Path(sys.executable).parent / "stylenet", "worker"),
        *("--data", studio.data, "--slot", str(slot)),
        env={**os.environ, "STYLENET_WORKERS__DEVICE": "cpu", **environment},
        cwd=studio.data.parent,
    )
    try:
        yield worker
    finally:
        worker.terminate()
        assert await worker.wait() == 0
