"""Whatever happens to servers, network and session: nothing is lost, nothing is said twice."""

import asyncio
import base64
import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from bot.fronts.bluesky import hearing
from bot.fronts.bluesky.address import stamp
from bot.fronts.timeline import REFUSED, TOO_LARGE
from tests.bot.fronts.bluesky.house import job_of
from tests.bot.fronts.bluesky.proxy import lost, refused
from tests.patience import until

PHOTO, WAVE = ("a cat on a sofa", 0.3), ("a great wave", 0.9)
PAINTED = "done in"


@pytest.mark.parametrize("what", ["listNotifications", "getPosts", "createRecord", "uploadBlob"])
async def test_a_server_that_has_had_enough_is_left_alone_for_as_long_as_it_says(house, what):
    reset = int(time.time()) + 6
    house.proxy.once(what, refused(429, "RateLimitExceeded", RateLimit_Reset=str(reset)))
    post = await house.post("steps=1", PHOTO, WAVE)
    assert PAINTED in (await house.answered(post)).text
    [(refusal, _)] = house.proxy.met
    told = refusal + 0.5  # what was under way by then
    asked = [(when, what) for when, what in house.proxy.asked if told < when < reset - 0.1]
    assert [what for _, what in asked if what.isalpha() and what != "getBlob"] == []  # of others


async def test_a_login_that_is_refused_for_now_comes_to_pass(house):
    await house.leave()
    house.proxy.once("createSession", refused(429, RateLimit_Reset=str(int(time.time()) + 2)))
    post = await house.post("steps=1", PHOTO, WAVE)
    await house.enter()
    assert PAINTED in (await house.answered(post)).text


def expired(token: str) -> str:
    """The access *token* as it looks when its time has passed."""
    head, body, _ = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    claims["exp"] = 1
    return ".".join([head, base64.urlsafe_b64encode(json.dumps(claims).encode()).decode(), "none"])


async def test_a_session_that_has_expired_is_refreshed(house):
    session = house.session
    session.access_jwt = expired(session.access_jwt)
    post = await house.post("steps=1", PHOTO, WAVE)
    assert PAINTED in (await house.answered(post)).text
    asked = [what for _, what in house.proxy.asked]
    assert (asked.count("refreshSession"), asked.count("createSession")) == (1, 1)


@pytest.mark.parametrize("known", [True, False])
async def test_a_session_that_has_ended_for_good_is_begun_anew(house, known):
    """Whether the bot's own clock knows that it has expired, or only the server."""
    session = house.session
    if known:
        refresh = {"Authorization": f"Bearer {session.refresh_jwt}"}
        await house.bot.com.atproto.server.delete_session(headers=refresh)
        session.access_jwt = expired(session.access_jwt)
    else:
        session.access_jwt = session.access_jwt.rpartition(".")[0] + ".none"
    post = await house.post("steps=1", PHOTO, WAVE)
    assert PAINTED in (await house.answered(post)).text
    assert [what for _, what in house.proxy.asked].count("createSession") == 2


async def test_a_server_that_starts_anew_is_found_again(house):
    first = await house.post("steps=1 seed=1", PHOTO, WAVE)
    house.hold()
    await house.taken(first)
    await asyncio.to_thread(house.network.stop_pds)
    house.go_on()
    await until(lambda: house.front.trouble())
    await asyncio.to_thread(house.network.start_pds)
    second = await house.post("steps=1 seed=2", PHOTO, WAVE)
    for post in (first, second):
        assert PAINTED in (await house.answered(post)).text
    assert house.front.trouble() is None
    assert [what for _, what in house.proxy.asked].count("createSession") == 1


async def test_an_answer_whose_receipt_is_lost_is_not_given_twice(house):
    post = await house.post("steps=1", PHOTO, WAVE)
    house.hold()
    await house.taken(post)
    house.proxy.once("createRecord", lost)
    house.proxy.once("getRecord", refused(503))  # nor can it be looked up
    house.go_on()
    assert PAINTED in (await house.answered(post)).text
    assert len(house.proxy.met) == 2


async def test_a_refusal_whose_receipt_is_lost_is_not_given_twice(house):
    house.proxy.once("createRecord", lost)
    house.proxy.once("getRecord", refused(503), refused(502))  # nor can it be looked up
    post = await house.post("steps=1", PHOTO)
    [answer] = await until(lambda: house.answers(post), every=0.2)
    await until(house.all_is_heard, every=0.1)
    assert len(await house.answers(post)) == 1
    assert "I see one picture" in answer.text
    assert len(house.proxy.met) == 3


@pytest.mark.parametrize("what", ["getBlob", "getPosts", "getProfile", "directory"])
async def test_pictures_that_cannot_be_had_right_now_are_gathered_later(house, what):
    theirs = await house.post("mine", PHOTO, mention=False, by=house.ben)
    did = await house.did(house.ben)
    house.proxy.once(did if what == "directory" else what, refused(503), lost)
    post = await house.post("steps=1", WAVE, reply_to=theirs)
    assert PAINTED in (await house.answered(post)).text
    assert len(house.proxy.met) == 2


async def nothing(request, forward):
    return web.json_response({"posts": []})


async def test_a_post_that_is_told_of_before_it_can_be_seen_is_heard(house):
    house.proxy.once("getPosts", nothing, nothing)
    post = await house.post("steps=1", PHOTO, WAVE)
    assert PAINTED in (await house.answered(post)).text


async def test_a_server_that_never_gives_its_picture_is_told_of(house, monkeypatch):
    monkeypatch.setattr(hearing, "PATIENCE_SECONDS", 1)
    house.proxy.always("getBlob", refused(502))
    post = await house.post("steps=1", PHOTO, WAVE)
    [answer] = await until(lambda: house.answers(post), every=0.2)
    assert "though I asked again and again. Please post it again later." in answer.text
    assert await house.studio.job(job_of(post)) is None


async def test_others_do_not_wait_for_somebodys_slow_server(house):
    did = await house.did(house.ann)
    house.proxy.always(did, refused(503))
    slow = await house.post("steps=1", PHOTO, WAVE)
    quick = await house.post("steps=1", PHOTO, WAVE, by=house.ben)
    assert PAINTED in (await house.answered(quick)).text
    assert await house.answers(slow) == []
    house.proxy.heal()
    assert PAINTED in (await house.answered(slow)).text


async def test_what_was_begun_to_be_heard_is_heard_to_its_end_after_a_restart(house):
    house.proxy.always("getBlob", refused(503))
    post = await house.post("steps=1", PHOTO, WAVE)
    await until(lambda: [what for _, what in house.proxy.met].count("getBlob"))
    await house.leave()
    house.proxy.heal()
    await house.enter()
    assert PAINTED in (await house.answered(post)).text


async def test_what_was_said_while_the_bot_was_stopped_is_heard_once(house):
    first = await house.post("steps=1 seed=0", PHOTO, WAVE)
    await house.at_rest(first)
    await house.leave()
    posts = [await house.post(f"steps=1 seed={n}", PHOTO, WAVE) for n in (1, 2)]
    refused_one = await house.post("steps=1", PHOTO)
    await house.enter()
    for post in (first, *posts):
        assert PAINTED in (await house.answered(post)).text
    await until(lambda: house.answers(refused_one), every=0.2)
    await house.leave()
    await house.enter()  # nothing is open any more
    last = await house.post("steps=1 seed=3", PHOTO, WAVE)
    await house.answered(last)
    for post in (first, *posts, refused_one):
        assert len(await house.answers(post)) == 1


async def test_who_posts_by_a_slow_clock_is_heard(house):
    await house.answered(await house.post("steps=1 seed=1", PHOTO, WAVE))
    post = await house.post(
        "seed=2",
        PHOTO,
        WAVE,
        created_at=stamp(datetime.now(UTC) - timedelta(minutes=20)),
        by=house.ben,
    )
    assert PAINTED in (await house.answered(post)).text


@pytest.mark.parametrize(("status", "said"), [(413, TOO_LARGE), (400, REFUSED)])
async def test_a_painting_that_the_server_refuses_for_good_is_told_of(house, status, said):
    house.proxy.always("uploadBlob", refused(status, "InvalidRequest"))
    post = await house.post("steps=1", PHOTO, WAVE)
    assert (await house.answered(post)).text == said
