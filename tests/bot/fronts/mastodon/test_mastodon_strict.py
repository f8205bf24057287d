"""The stream, media that are processed later, a server that has had enough, ids that are words."""

import re

import pytest
import pytest_asyncio

from bot.fronts.mastodon import MastodonFront, api
from bot.model import JOB_ID
from tests.bot.fake_studio import FakeStudio
from tests.bot.fronts.mastodon.strict import StrictServer, refused
from tests.bot.fronts.mastodon.world import settings_for
from tests.patience import until


@pytest_asyncio.fixture
async def server():
    async with StrictServer() as server:
        yield server


@pytest_asyncio.fixture
async def studio(server, monkeypatch):
    monkeypatch.setattr(api, "PROCESSING_SECONDS", (0.01,) * 5)
    studio = FakeStudio(settings_for(server.address, poll_seconds=3600))
    front = MastodonFront(studio)
    studio.enlist(front)
    await front.open()
    await until(lambda: server.sockets)
    yield studio
    await front.close()


async def asked(server, studio, text="size=300"):
    before = len(studio.jobs)
    await server.mention(text, "cat.png", "wave.png")
    await until(lambda: len(studio.jobs) > before)
    job = [*studio.jobs][-1]
    await until(lambda: studio.jobs[job].address["acknowledged"])
    return job


async def test_the_stream_tells_at_once_and_catches_up_after_it_broke(server, studio, monkeypatch):
    monkeypatch.setattr("bot.fronts.connected.RECONNECT_SECONDS", (0.01,))
    for n in range(3):
        await asked(server, studio, f"seed={n}")
    await server.hang_up()
    missed = [await server.mention(f"seed={n}", "cat.png", "wave.png") for n in (3, 4, 5)]
    await until(lambda: len(studio.jobs) == 6)
    assert [job.order.recipe.seed for job in studio.jobs.values()] == [0, 1, 2, 3, 4, 5]
    assert set(missed) <= {job.address["post"] for job in studio.jobs.values()}


async def test_ids_that_are_words_become_ids_of_jobs(server, studio):
    job = await asked(server, studio)
    assert re.fullmatch(JOB_ID, job)
    assert studio.jobs[job].person == "mastodon:ann@far.example"


async def test_media_that_are_processed_later_are_waited_for(server, studio):
    await studio.end(await asked(server, studio, "gif"))
    [reply] = [one for key, one in server.published.items() if key.endswith("-2")]
    assert {server.media[id] for id in reply["media_ids"]} == {3}


async def test_a_server_that_has_had_enough_is_left_alone_for_as_long_as_it_says(server, studio):
    job = await asked(server, studio)
    server.meet("POST", refused(429, Retry_After="1"))
    with pytest.raises(api.ApiError, match="429") as met:
        await studio.end(job)
    assert isinstance(met.value, api.Away)
    await studio.answer(job)
    assert len(server.published) == 1


async def test_files_that_a_server_does_not_take_are_told_of(server, studio):
    job = await asked(server, studio)
    server.meet("POST", refused(422))  # the painting; there is no copy
    await studio.end(job)
    [reply] = server.published.values()
    assert "media_ids" not in reply
    assert "too large for this server" in reply["status"]


async def test_the_token_goes_to_the_server_and_into_no_log(server, studio, caplog):
    assert set(server.tokens) == {"Bearer bot_token"}
    assert "bot_token" not in caplog.text
