"""The hashtag alone, in posts that mention nobody, where the owner wishes it."""

import pytest

from bot.fronts.bluesky import BlueskyFront
from tests.bot.fronts.bluesky.proxy import Proxy, refused
from tests.bot.fronts.bluesky.test_bluesky import PHOTO, WAVE, job_id, job_of, reply_to
from tests.patience import until

TAGGED = "look at this #stylenet"


@pytest.fixture
def more():
    return {"hashtag": True}


async def heard(world) -> None:
    """All that was posted before is heard: later posts are."""
    for mention in (True, False):
        later = await world.post("#stylenet", PHOTO, mention=mention, by=world.ben)
        await until(lambda: world.replies(later, seen_by=world.ben), every=0.3)  # noqa: B023


async def test_a_hashtag_beside_pictures_is_painted_and_answered_in_its_thread(world):
    post = await world.post(f"{TAGGED} seed=3", PHOTO, WAVE, mention=False)
    job = await job_of(world, post)
    assert world.studio.jobs[job].order.recipe.seed == 3
    await world.studio.end(job)
    reply = await reply_to(world, post)
    assert (reply.record.reply.parent.uri, len(reply.embed.images)) == (post.uri, 1)


async def test_a_hashtag_below_a_picture_takes_it_first(world):
    theirs = await world.post("mine", PHOTO, mention=False, by=world.ben)
    post = await world.post(TAGGED, WAVE, mention=False, reply_to=theirs)
    job = await job_of(world, post)
    assert [one.alt for one in world.studio.jobs[job].order.pictures] == [PHOTO[0], WAVE[0]]


async def test_a_hashtag_beside_a_mention_is_answered_once(world):
    both = await world.post(TAGGED, PHOTO, WAVE)
    wrong = await world.post(TAGGED, PHOTO)
    await world.studio.end(await job_of(world, both))
    await heard(world)
    await until(lambda: world.replies(both), every=0.3)
    await until(lambda: world.replies(wrong), every=0.3)
    assert len(await world.replies(both)) == len(await world.replies(wrong)) == 1
    assert list(world.studio.jobs) == [job_id(both)]


async def test_talk_of_the_hashtag_is_not_answered(world):
    talk = [
        await world.post("I love #stylenet", mention=False),
        await world.post("#stylenets are fine", PHOTO, WAVE, mention=False),
    ]
    await heard(world)
    assert [await world.replies(post) for post in talk] == [[], []]
    assert world.studio.jobs == {}


async def test_who_wants_no_bots_is_left_alone_unless_they_mention_it(world):
    await world.describe(world.ann, "I paint. #NoBot")
    quiet = await world.post(TAGGED, PHOTO, WAVE, mention=False)
    asked = await world.post(TAGGED, PHOTO, WAVE)
    await job_of(world, asked)
    await heard(world)
    assert job_id(quiet) not in world.studio.jobs


async def test_whom_the_bot_blocks_is_left_alone(world):
    await world.block(world.bot, world.ann)
    post = await world.post(TAGGED, PHOTO, WAVE, mention=False)
    await heard(world)
    assert job_id(post) not in world.studio.jobs


async def test_what_was_tagged_while_the_bot_was_away_is_heard_once(world):
    before = await world.post(f"{TAGGED} seed=9", PHOTO, WAVE, mention=False)
    await world.studio.end(await job_of(world, before))
    await world.front.close()
    posts = [await world.post(f"{TAGGED} seed={n}", PHOTO, WAVE, mention=False) for n in (1, 2)]
    front = BlueskyFront(world.studio)
    world.studio.enlist(front)
    await front.open()
    for post in posts:
        await job_of(world, post)
    await front.close()
    assert sorted(job.order.recipe.seed for job in world.studio.jobs.values()) == [1, 2, 9]
    assert len(await world.replies(before)) == 1


async def test_mentions_are_heard_while_the_search_is_away(world, network):
    from tests.bot.fronts.bluesky.world import settings_for

    await world.front.close()
    async with Proxy(network) as proxy:
        more = {"service": proxy.url, "directory": proxy.url, "hashtag": True}
        settings = settings_for(network, world.front.settings.handle, **more)
        world.studio.settings = settings
        front = BlueskyFront(world.studio)
        world.studio.enlist(front)
        proxy.always("searchPosts", refused(502))
        await front.open()
        tagged = await world.post(f"{TAGGED} seed=1", PHOTO, WAVE, mention=False)
        await job_of(world, await world.post("seed=2", PHOTO, WAVE))
        assert job_id(tagged) not in world.studio.jobs
        proxy.heal()
        await job_of(world, tagged)
        await front.close()


@pytest.mark.parametrize("more", [{}])
async def test_without_the_owners_wish_a_hashtag_alone_is_no_question(world):
    quiet = await world.post(TAGGED, PHOTO, WAVE, mention=False)
    await reply_to(world, await world.post("", PHOTO))
    assert job_id(quiet) not in world.studio.jobs
