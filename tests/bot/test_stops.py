"""A stop: people are told that their painting goes on later, and then it does."""

import asyncio
import json

import aiohttp

from bot.texts import PAUSED
from tests.bot.conftest import working
from tests.bot.processes import RunningStudio
from tests.patience import PATIENCE
from tests.pictures import png, stripes

PICTURES = ("cat.png", png(64, 64)), ("wave.png", stripes(64, 64))


async def test_those_whose_jobs_are_open_are_told_as_the_last_thing(
    studio, front, submit, settings, worker
):
    async with working(settings, worker):
        await submit("answered")
        await front.wait_for_answers(1)
        worker.may_end.clear()
        await submit("running")
        async for status in studio.follow("running"):
            if status.state == "running":
                break
        await submit("waiting")
        await studio.pause()
        assert sorted(front.paused) == ["running", "waiting"]
        shown = list(front.shown)
        await studio.cancel("running", "ann")
        async for _ in studio.follow("running"):  # whoever looks sees its end
            pass
    assert front.shown == shown
    assert len(front.answers) == 1


async def test_a_front_that_hangs_or_fails_does_not_hold_the_stop_up(
    studio, front, submit, monkeypatch
):
    monkeypatch.setattr("bot.jobs.tracker.PAUSE_SECONDS", 0.2)
    await submit("one")
    await submit("two")

    async def pause(job, status):
        if job.id == "one":
            raise OSError("no network")
        await asyncio.Event().wait()

    monkeypatch.setattr(front, "pause", pause)
    async with asyncio.timeout(PATIENCE):  # the one that hangs does so for ever
        await studio.pause()


async def test_an_answer_on_its_way_arrives_before_the_front_closes(
    studio, front, submit, settings, worker, monkeypatch
):
    monkeypatch.setattr("bot.jobs.tracker.PAUSE_SECONDS", PATIENCE)
    on_its_way, answer = asyncio.Event(), front.answer

    async def slow(job, status):
        on_its_way.set()
        await asyncio.sleep(0.3)
        await answer(job, status)

    monkeypatch.setattr(front, "answer", slow)
    async with working(settings, worker):
        await submit("job-1")
        await on_its_way.wait()
        await studio.pause()
    assert [job for job, _ in front.answers] == ["job-1"]
    assert front.paused == []


async def test_sigterm_tells_the_open_page_and_the_next_start_goes_on(tmp_path):
    settings = {"STYLENET_WORKERS__COUNT": "1", "STYLENET_WORKERS__GRACE_SECONDS": "0"}
    async with RunningStudio(tmp_path / "data", **settings) as studio:
        running, waiting = [
            (await studio.post(f"!stylenet size=64 steps={steps}", *PICTURES))["job"]["id"]
            for steps in (150, 2)
        ]
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{studio.url}/api/events") as events,
        ):
            await studio.wait_for_step(running, 0.02)
            assert await studio.stop() == 0
            last = last_words((await events.read()).decode())
        assert last == {running: PAUSED, waiting: PAUSED}
        await studio.start()
        for job in running, waiting:
            assert (await studio.wait_for_end(job))["state"] == "done"
            assert len(await studio.answers(job)) == 1


def last_words(events: str) -> dict[str, str]:
    """The last thing that the page was told of each job."""
    blocks = [block.split("\n") for block in events.split("\n\n")]
    data = [json.loads(block[1].removeprefix("data: ")) for block in blocks if len(block) == 2]
    return {news["job"]["id"]: news["text"] for news in data if news.get("job")}
