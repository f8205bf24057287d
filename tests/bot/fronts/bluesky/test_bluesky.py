"""Mentions become jobs and answers, on the real servers of the network."""

import hashlib
import re

import pytest

from bot.fronts.base import Undeliverable
from bot.fronts.bluesky import BlueskyFront
from bot.fronts.bluesky.address import POST
from bot.fronts.bluesky.api import ApiError, Away, record_key
from bot.fronts.bluesky.delivery import THE_FILM
from bot.fronts.bluesky.front import BlueskySettings
from bot.model import Wishes
from stylize.media.video import encode_video
from tests.bot.fake_studio import FILM
from tests.patience import until

PHOTO, WAVE = ("a cat on a sofa", 0.3), ("a great wave", 0.9)


def job_id(post) -> str:
    """Of the job that *post* asks for, if it does."""
    return f"bluesky-{hashlib.sha256(post.uri.encode()).hexdigest()[:32]}"


async def job_of(world, post) -> str:
    """The job that *post* asked for, once it is acknowledged."""
    job, jobs = job_id(post), world.studio.jobs
    await until(lambda: job in jobs and jobs[job].address["acknowledged"], every=0.2)
    return job


async def reply_to(world, post):
    return (await until(lambda: world.replies(post), every=0.3))[0]


async def test_a_mention_with_two_pictures_is_painted_and_answered_in_its_thread(world):
    post = await world.post("size=300 strength=70", PHOTO, WAVE, langs=["pt"])
    job = await job_of(world, post)
    asked = world.studio.jobs[job]
    assert asked.person == f"bluesky:{await world.did(world.ann)}"
    assert asked.order.recipe.size == 300
    assert [one.alt for one in asked.order.pictures] == ["a cat on a sofa", "a great wave"]
    assert asked.order.upload_bytes == 2_000_000
    await world.studio.end(job)
    reply = await reply_to(world, post)
    assert reply.record.reply.parent.uri == post.uri
    assert "480 × 320" in reply.record.text
    assert reply.record.langs == ["pt"]
    [painting] = reply.embed.images
    assert painting.alt == "a cat on a sofa painted in the style of a great wave"
    assert (painting.aspect_ratio.width, painting.aspect_ratio.height) == (480, 320)
    await until(lambda: _liked(world, post), every=0.3)


async def _liked(world, post):
    return (await world.ann.app.bsky.feed.get_likes({"uri": post.uri})).likes


async def test_pictures_come_as_they_were_uploaded(world):
    from tests.bot.fake_studio import encode, painting

    job = await job_of(world, await world.post("", PHOTO, WAVE))
    stored = world.studio.store[f"jobs/{job}/picture-1"]
    assert stored == encode(painting(0.3), "PNG")


async def test_an_answer_is_given_once_however_often_it_is_tried(world):
    post = await world.post("", PHOTO, WAVE)
    job = await job_of(world, post)
    await world.studio.end(job)
    await world.studio.answer(job)
    await reply_to(world, post)
    await world.studio.answer(job)
    assert len(await world.replies(post)) == 1


async def test_labels_that_warn_go_out_as_they_came_in(world):
    from atproto import models

    nude = models.ComAtprotoLabelDefs.SelfLabels(
        values=[models.ComAtprotoLabelDefs.SelfLabel(val="nudity")]
    )
    theirs = await world.post("mine", PHOTO, mention=False, labels=nude, by=world.ben)
    post = await world.post("", WAVE, reply_to=theirs)
    job = await job_of(world, post)
    assert [one.alt for one in world.studio.jobs[job].order.pictures] == [PHOTO[0], WAVE[0]]
    await world.studio.end(job)
    reply = await reply_to(world, post)
    assert {label.val for label in reply.labels} == {"nudity"}


@pytest.mark.parametrize(
    ("text", "pictures", "said"),
    [
        ("", (), "I need two pictures: first the content, then the style. I see no"),
        ("", (PHOTO,), "I see one picture"),
        ("", (PHOTO, WAVE, WAVE, PHOTO), "I see four pictures"),
        ("!stylenet size=9", (PHOTO, WAVE), "size wants"),
        ("#stylenet content=@ann", (PHOTO, WAVE), "attach your pictures"),
        ("مرسوم " + "🧑‍🎨" * 60, (PHOTO,), "I see one picture"),
    ],
)
async def test_bad_posts_get_one_short_reply_that_says_what_to_do(world, text, pictures, said):
    post = await world.post(text, *pictures)
    reply = await reply_to(world, post)
    assert said in reply.record.text
    assert len(reply.record.text) <= 300


async def test_a_quoted_picture_is_the_content(world):
    from atproto import models

    theirs = await world.post("mine", PHOTO, mention=False, by=world.ben)
    images = [await world.image(world.ann, *WAVE)]
    embed = models.AppBskyEmbedRecordWithMedia.Main(
        media=models.AppBskyEmbedImages.Main(images=images),
        record=models.AppBskyEmbedRecord.Main(record=models.create_strong_ref(theirs)),
    )
    job = await job_of(world, await world.post("", embed=embed))
    assert [one.alt for one in world.studio.jobs[job].order.pictures] == [PHOTO[0], WAVE[0]]


async def test_a_link_card_is_no_picture(world):
    from atproto import models

    card = models.AppBskyEmbedExternal.External(
        uri="https://example.org", title="t", description=""
    )
    post = await world.post("", embed=models.AppBskyEmbedExternal.Main(external=card))
    assert "preview of a link" in (await reply_to(world, post)).record.text


async def test_talk_below_a_painting_is_not_answered(world):
    post = await world.post("", PHOTO, WAVE)
    await world.studio.end(await job_of(world, post))
    reply = await reply_to(world, post)
    thanks = await world.post("how lovely", mention=False, reply_to=reply)
    await reply_to(world, await world.post("", PHOTO))  # heard after the thanks
    assert await world.replies(thanks) == []


async def test_what_was_said_while_the_bot_was_away_is_heard_once(world):
    await world.front.close()
    posts = [await world.post(f"seed={n}", PHOTO, WAVE) for n in range(3)]
    front = BlueskyFront(world.studio)
    world.studio.enlist(front)
    await front.open()
    for post in posts:
        await job_of(world, post)
    await front.close()
    assert sorted(job.order.recipe.seed for job in world.studio.jobs.values()) == [0, 1, 2]


async def test_a_deleted_post_is_not_answered(world):
    post = await world.post("", PHOTO, WAVE)
    job = await job_of(world, post)
    await world.ann.delete_post(post.uri)

    async def gone():
        return await world.front.api.post(post.uri) is None

    await until(gone, every=0.3)
    with pytest.raises(Undeliverable, match="gone"):
        await world.studio.end(job)


async def test_whoever_blocks_the_bot_hears_nothing_of_it(world):
    await world.block(world.ann, world.bot)
    post = await world.post("", PHOTO, WAVE)
    others = await world.post("", PHOTO, by=world.ben)
    await until(lambda: world.replies(others, seen_by=world.ben), every=0.3)
    assert world.studio.jobs == {}
    assert await world.replies(post, seen_by=world.ben) == []


async def test_pictures_of_who_wants_no_bots_are_left_alone(world):
    await world.describe(world.ben, "I paint. #NoBot")
    theirs = await world.post("mine", PHOTO, mention=False, by=world.ben)
    post = await world.post("", WAVE, reply_to=theirs)
    assert "wants no bots" in (await reply_to(world, post)).record.text


async def test_a_long_wait_is_told_once(world):
    post = await world.post("", PHOTO, WAVE)
    job = await job_of(world, post)
    for wait in (1000, 900):
        await world.studio.show(job, "queued", position=7, wait=wait)
    assert "You are number 7 in the queue" in (await reply_to(world, post)).record.text
    assert len(await world.replies(post)) == 1


async def ended_with_film(world, job) -> None:
    """End *job* as a worker does that makes videos."""
    key = f"jobs/{job}/film.mp4"
    world.studio.store[key] = encode_video(FILM, 2_000_000)
    await world.studio.end(job, film=key)


async def test_a_film_follows_as_a_video_however_often_the_answer_is_tried(world):
    post = await world.post("gif", PHOTO, WAVE)
    job = await job_of(world, post)
    assert world.studio.jobs[job].order.wishes == Wishes(film=True, video=True)
    for _ in range(2):
        await ended_with_film(world, job)

    found = await until(lambda: _two(world, post), every=0.3)
    answer, film = sorted(found, key=lambda one: one.record.created_at)
    assert "left out" not in answer.record.text
    assert len(answer.embed.images) == 1
    video = film.record.embed
    assert film.record.text == THE_FILM
    assert video.video.mime_type == "video/mp4"
    assert video.alt == "Film: a cat on a sofa painted in the style of a great wave"
    assert (video.aspect_ratio.width, video.aspect_ratio.height) == (480, 320)
    assert film.embed.playlist


@pytest.mark.parametrize("video", [True, False])
async def test_a_film_that_cannot_be_shown_is_told_to_be_left_out(world, monkeypatch, video):
    upload = world.front.api.upload

    async def refuse_films(data):
        if b"ftyp" in data[:12]:
            raise ApiError(413, "too large")
        return await upload(data)

    monkeypatch.setattr(world.front.api, "upload", refuse_films)
    post = await world.post("gif", PHOTO, WAVE)
    job = await job_of(world, post)
    await (ended_with_film(world, job) if video else world.studio.end(job))
    assert "The film is left out" in (await reply_to(world, post)).record.text
    assert len(await world.replies(post)) == 1


async def test_a_reply_to_a_sheet_or_its_film_paints_one_of_its_cells(world):
    post = await world.post("sweep seed=1,2 strength=70 gif", PHOTO, WAVE)
    await ended_with_film(world, await job_of(world, post))
    for said in await until(lambda: _two(world, post), every=0.3):
        asked = await world.post("cell=B1", mention=False, reply_to=said)
        cell = await job_of(world, asked)
        assert world.studio.jobs[cell].order.recipe.seed == 2
        await world.studio.end(cell)
        assert len((await reply_to(world, asked)).embed.images) == 1


async def _two(world, post):
    found = await world.replies(post)
    return found if len(found) == 2 else None


async def test_forget_is_answered(world):
    await job_of(world, await world.post("", PHOTO, WAVE))
    asked = await world.post("!forget")
    assert "Deleted: your job" in (await reply_to(world, asked)).record.text
    assert world.studio.jobs == {}


async def test_forget_offers_to_delete_the_posts_and_does_even_after_the_jobs_are_gone(
    world, monkeypatch
):
    monkeypatch.setattr("bot.fronts.bluesky.api.PAGE", 2)
    posts = [await world.post("seed=1", PHOTO, WAVE), await world.post("", PHOTO)]
    theirs = await world.post("", PHOTO, by=world.ben)
    await world.studio.end(await job_of(world, posts[0]))
    for post in (*posts, theirs):
        await reply_to(world, post)
    first = await world.post("!forget")
    assert "write !forget posts, and" in (await reply_to(world, first)).record.text
    asked = await world.post("forget my posts")
    said = (await reply_to(world, asked)).record.text
    assert said == "I keep nothing of yours. Deleted, too: 3 posts of mine that answered you."

    async def gone():
        return not [reply for post in (*posts, first) for reply in await world.replies(post)]

    await until(gone, every=0.3)
    assert len(await world.replies(theirs)) == len(await world.replies(asked)) == 1


@pytest.mark.parametrize("trouble", [Away(502, "upstream"), ApiError(400, "no")])
async def test_posts_that_cannot_be_deleted_go_later_or_are_told_of(world, monkeypatch, trouble):
    monkeypatch.setattr("bot.fronts.connected.RECONNECT_SECONDS", (0.1,))
    await reply_to(world, await world.post("", PHOTO))
    delete, troubles = world.front.api.delete, [trouble]

    async def refuse_once(collection, key):
        if troubles:
            raise troubles.pop()
        await delete(collection, key)

    monkeypatch.setattr(world.front.api, "delete", refuse_once)
    asked = await world.post("!forget posts")
    said = (await reply_to(world, asked)).record.text
    if isinstance(trouble, Away):
        assert "1 post of mine" in said
        return
    assert "does not let me delete all my posts" in said
    again = await world.post("!forget posts")
    assert "2 posts of mine" in (await reply_to(world, again)).record.text


async def test_a_record_that_is_gone_already_is_deleted_without_an_error(world):
    await world.front.api.delete(POST, record_key("none", "answer"))


@pytest.mark.parametrize("more", [{"per_day": 1}])
async def test_one_person_has_so_many_paintings_a_day(world):
    await job_of(world, await world.post("", PHOTO, WAVE))
    post = await world.post("", PHOTO, WAVE)
    assert "the most for one day" in (await reply_to(world, post)).record.text


async def test_check_says_who_is_logged_in_or_what_to_do(world):
    settings = world.front.settings
    assert await BlueskyFront.check(settings) == f"logged in as {settings.handle}"
    wrong = settings.model_copy(update={"password": type(settings.password)("wrong")})
    with pytest.raises(Exception, match="app password"):
        await BlueskyFront.check(wrong)


async def test_check_says_what_is_missing():
    assert "no account" in await BlueskyFront.check(BlueskySettings())


def test_keys_are_tids_that_the_job_determines():
    keys = {record_key(f"job-{n}", "answer") for n in range(100)}
    assert len(keys) == 100
    assert all(re.fullmatch(r"[2-7a-j][2-7a-z]{12}", key) for key in keys)
    assert record_key("job-1", "answer") in keys
    assert record_key("job-1", POST) not in keys
