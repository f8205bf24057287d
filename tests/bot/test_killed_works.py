"""Each work goes on from what is finished of it when painter and bot are killed in its middle.

It ends in the same bytes as if nobody had killed them. The real studio, small pictures.
"""

import asyncio
import os
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.model import Wishes
from bot.worker.record import Record
from tests.bot.processes import RunningStudio
from tests.pictures import png, stripes
from tests.stylize.maps import encoded, landscape

CONTENT, STYLE, DOTS = ("sea.png", png(96, 64)), ("wave.png", stripes(80, 80)), png(50, 50)
STRIP = ("strip.png", png(192, 24))
"""So flat that its second scale, which is of 384 pixels, is quick."""
STYLE_MAP = ("style map.png", encoded(landscape(64)))
OWN_MAP = ("own map.png", encoded(landscape(64).crop((0, 32, 64, 48))))
DREAM = "!dream size=96 layer=relu3_1"
WORKS = {
    "parts": ("!stylenet on=mask show=map size=384 steps=16", [STRIP, STYLE, STRIP]),
    "doodle": ("!doodle size=384 steps=16", [STYLE, STYLE_MAP, OWN_MAP]),
    "dream": (f"{DREAM} octaves=3 octave_scale=1.2 steps=20 gif", [CONTENT]),
    "fall": (f"{DREAM} octaves=1 steps=2 zoom=16", [CONTENT]),
    "layers": ("!layers size=64 steps=6 gif plot", [CONTENT, STYLE]),
    "compare": ("!compare size=384 steps=8", [STRIP, STYLE]),
    "sweep": ("!sweep strength=20,50,80 size=64 steps=20", [CONTENT, STYLE]),
    "study": ("!study size=64 steps=20", [CONTENT, STYLE, ("dots.png", DOTS)]),
}
PAUSE = 0.05
"""Seconds between two looks, which take time from the painter."""

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningStudio]:
    async with RunningStudio(tmp_path_factory.mktemp("works") / "data") as running:
        yield running


async def files_of(studio: RunningStudio, job: str) -> dict[str, bytes]:
    """What came of *job*, by role."""
    end = await studio.wait_for_end(job)
    assert (end["state"], end["error"]) == ("done", None)
    return {file["role"]: await studio.get(file["url"]) for file in end["files"]}


def checkpoint(studio: RunningStudio, job: str) -> tuple[int, int] | None:
    """When it was written, if there is one, and after which step *job* goes on from it."""
    try:
        with studio.checkpoint(job).open("rb") as file:
            _, record = Record.restore(file.read(), Wishes())
            return os.fstat(file.fileno()).st_mtime_ns, record.curve.steps[-1]
    except FileNotFoundError:
        return None


async def is_open(studio: RunningStudio, job: str) -> bool:
    return (await studio.job(job))["state"] in ("queued", "running")


@pytest.mark.parametrize("work", WORKS)
async def test_a_killed_work_goes_on_to_the_same_bytes(work, studio):
    text, pictures = WORKS[work]
    job = (await studio.post(text, *pictures))["job"]["id"]
    while not checkpoint(studio, job):
        assert await is_open(studio, job), await studio.job(job)
        await asyncio.sleep(PAUSE)
    studio.kill_workers()
    await studio.kill()
    written, finished = checkpoint(studio, job)
    await studio.start()
    while await is_open(studio, job):  # what is finished is not painted again
        now = checkpoint(studio, job)
        assert now is None or now[0] == written or now[1] > finished
        await asyncio.sleep(PAUSE)
    assert f"job {job}: painting on from a checkpoint" in studio.log()
    assert len(await studio.answers(job)) == 1
    undisturbed = (await studio.post(text, *pictures))["job"]["id"]
    assert await files_of(studio, job) == await files_of(studio, undisturbed)
