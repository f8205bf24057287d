"""People go, block, mute, and are other bots: whom the bot answers, and whom it leaves alone."""

import asyncio

import aiohttp
import pytest

from bot.commands import dispatch
from bot.fronts.bluesky.hearing import MOST_EXCHANGES
from tests.bot.fronts.bluesky.house import job_of
from tests.patience import until

PHOTO, WAVE = ("a cat on a sofa", 0.3), ("a great wave", 0.9)
ADMIN = {"Authorization": aiohttp.encode_basic_auth("admin", "admin-pass")}


async def write(client, collection, **record):
    """Let *client* write a record of its own."""
    did = (await client.com.atproto.server.get_session()).did
    record = {"$type": collection, "createdAt": client.get_current_time_iso(), **record}
    data = {"repo": did, "collection": collection, "record": record}
    return await client.com.atproto.repo.create_record(data)


async def post_goes(house, post):
    await house.ann.delete_post(post.uri)


async def account_goes(house, post):
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"{house.network.pds}/xrpc/com.atproto.admin.deleteAccount",
            json={"did": await house.did(house.ann)},
            headers=ADMIN,
        ) as answer,
    ):
        assert answer.status == 200


async def account_rests(house, post):
    await house.ann.com.atproto.server.deactivate_account({})


async def asker_blocks(house, post):
    await write(house.ann, "app.bsky.graph.block", subject=await house.did(house.bot))


async def owner_blocks(house, post):
    await write(house.bot, "app.bsky.graph.block", subject=await house.did(house.ann))


async def owner_mutes(house, post):
    await house.bot.mute(await house.did(house.ann))


HAPPENINGS = [post_goes, account_goes, account_rests, asker_blocks, owner_blocks, owner_mutes]


async def known(house, post) -> bool:
    """Whether the bot would see by now that *post* is not to be answered."""
    seen = await house.front.api.post(post.uri)
    return seen is None or bool(seen.author.viewer.muted)


@pytest.mark.parametrize("happens", HAPPENINGS)
async def test_a_painting_for_nobody_is_painted_to_its_end_and_posted_nowhere(house, happens):
    post = await house.post("", PHOTO, WAVE)
    house.hold()
    await house.taken(post)
    await happens(house, post)
    await until(lambda: known(house, post), every=0.2)
    house.go_on()
    await house.at_rest(post)
    assert await house.answers(post) == []
    assert (await house.studio.status(job_of(post))).state == "done"


@pytest.mark.parametrize("happens", HAPPENINGS)
async def test_who_is_gone_or_wants_no_answer_is_not_heard(house, happens):
    await house.leave()
    post = await house.post("", PHOTO, WAVE)
    await until(lambda: seen_by_ben(house, post), every=0.2)
    await happens(house, post)
    other = await house.post("steps=1", PHOTO, WAVE, by=house.ben)
    await house.enter()
    await house.answered(other)
    await until(house.all_is_heard, every=0.1)
    assert await house.answers(post) == []
    assert await house.studio.job(job_of(post)) is None


async def seen_by_ben(house, post):
    return (await house.ben.app.bsky.feed.get_posts({"uris": [post.uri]})).posts


async def test_who_mutes_the_bot_is_answered_without_being_told(house):
    """Nobody is told who mutes them, so the network itself keeps quiet for the person."""
    await house.ann.mute(await house.did(house.bot))
    post = await house.post("steps=1", PHOTO, WAVE)
    await house.answered(post)
    await until(lambda: house.replies(post, seen_by=house.ben), every=0.3)
    told = await house.ann.app.bsky.notification.list_notifications()
    assert told.notifications == []


async def echo(house, client, heard):
    """Be another bot, which answers every reply with the same words again."""
    while True:
        told = await client.app.bsky.notification.list_notifications()
        for one in told.notifications:
            if one.uri not in heard and one.reason == "reply":
                heard.append(one.uri)
                await house.post("again", by=client, reply_to=one)
        await asyncio.sleep(0.1)


async def test_another_bot_that_answers_every_answer_is_left_alone_in_the_end(house, monkeypatch):
    monkeypatch.setattr(dispatch, "REPLIES_PER_MINUTE", 1000)  # it may take its time
    await house.leave()
    await house.enter()
    heard = []
    chatter = asyncio.create_task(echo(house, house.ben, heard))
    await house.post("hello", by=house.ben)
    await until(lambda: len(heard) == MOST_EXCHANGES, every=0.2)
    await house.answered(await house.post("steps=1", PHOTO, WAVE))  # heard after the last one
    await until(house.all_is_heard, every=0.1)
    chatter.cancel()
    assert len(await house.said()) == MOST_EXCHANGES + 1
