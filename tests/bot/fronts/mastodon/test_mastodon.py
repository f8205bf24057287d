"""Mentions become jobs and answers, on a real server that speaks Mastodon's API."""

import pytest

from bot.fronts.base import Undeliverable
from bot.fronts.mastodon import MastodonFront
from bot.fronts.mastodon.entities import Post
from bot.model import Outcome
from tests.bot.fake_studio import FakeStudio
from tests.bot.fronts.mastodon.world import PHOTO, WAVE, settings_for
from tests.patience import until


async def job_of(world, post: Post) -> str:
    """The job that *post* asked for, once it is acknowledged."""
    job = f"mastodon-{post.id}"
    jobs = world.studio.jobs
    await until(lambda: job in jobs and jobs[job].address["acknowledged"])
    return job


async def reply_to(world, post: Post):
    return (await until(lambda: world.replies(post)))[0]


async def test_a_mention_with_two_pictures_is_painted_and_answered_in_its_thread(world):
    post = await world.post("@stylenet size=300 strength=70", PHOTO, WAVE)
    job = await job_of(world, post)
    asked = world.studio.jobs[job]
    assert asked.person.startswith("mastodon:ann@")
    assert (asked.order.recipe.task, asked.order.recipe.size) == ("transfer", 300)
    assert [one.alt for one in asked.order.pictures] == ["a cat on a sofa", "a great wave"]
    await world.studio.end(job)
    reply = await reply_to(world, post)
    assert reply["in_reply_to_id"] == post.id
    assert "@ann" in reply["content"]
    assert "480 × 320" in reply["content"]
    [painting] = reply["media_attachments"]
    assert painting["description"] == "a cat on a sofa painted in the style of a great wave"


async def test_a_like_acknowledges_and_a_long_wait_is_told_once(world):
    post = await world.post("@stylenet", PHOTO, WAVE)
    job = await job_of(world, post)
    found = await world.ask("GET", f"/api/v1/statuses/{post.id}", "bot")
    assert found["favourited"]
    for wait in (1000, 900):
        await world.studio.show(job, "queued", position=7, wait=wait)
    [told] = await world.replies(post)
    assert "You are number 7 in the queue" in told["content"]
    await world.studio.end(job)
    assert len(await world.replies(post)) == 2


async def test_visibility_language_and_warnings_go_out_as_they_came_in(world):
    marks = {"visibility": "unlisted", "language": "pt", "spoiler_text": "eyes", "sensitive": True}
    post = await world.post("@stylenet", PHOTO, WAVE, focus="0.5,-0.25", **marks)
    await world.studio.end(await job_of(world, post))
    reply = await reply_to(world, post)
    assert {name: reply[name] for name in marks} == marks
    assert reply["media_attachments"][0]["meta"]["focus"] == {"x": 0.5, "y": -0.25}


async def test_a_direct_message_stays_one(world):
    post = await world.post("@stylenet", PHOTO, WAVE, visibility="direct")
    await world.studio.end(await job_of(world, post))
    assert (await reply_to(world, post))["visibility"] == "direct"


async def test_a_reply_takes_the_pictures_that_it_replies_to_first(world):
    theirs = await world.post("my cat", PHOTO, spoiler_text="cat", by="ann")
    post = await world.post("@stylenet", WAVE, by="ben", in_reply_to_id=theirs.id)
    job = await job_of(world, post)
    pictures = world.studio.jobs[job].order.pictures
    assert [one.alt for one in pictures] == ["a cat on a sofa", "a great wave"]
    assert world.studio.jobs[job].address["warning"] == "cat"


async def test_pictures_of_who_wants_no_bots_are_left_alone(world):
    theirs = await world.post("mine", PHOTO, by="ben")
    post = await world.post("@stylenet", WAVE, by="ann", in_reply_to_id=theirs.id)
    assert "wants no bots" in (await reply_to(world, post))["content"]


@pytest.mark.parametrize(
    ("text", "files", "said"),
    [
        ("@stylenet", (), "I need two pictures: first the content, then the style. I see no"),
        ("@stylenet", (PHOTO,), "I see one picture"),
        ("@stylenet", (PHOTO, WAVE, WAVE, WAVE), "I see four pictures"),
        ("@stylenet", (("clip.mp4", "a clip"), PHOTO), "I see a video, which I cannot use"),
        ("@stylenet !stylenet size=9", (PHOTO, WAVE), "size wants"),
        ("@stylenet #stylenet content=@ann", (PHOTO, WAVE), "attach your pictures"),
        ("@stylenet مرسوم " + "🧑‍🎨" * 80, (PHOTO,), "I see one picture"),
    ],
)
async def test_bad_posts_get_one_short_reply_that_says_what_to_do(world, text, files, said):
    post = await world.post(text, *files)
    reply = await reply_to(world, post)
    assert said in reply["content"]
    assert len(reply["content"]) < 600


async def test_bots_and_talk_below_paintings_get_no_answer(world):
    robots = await world.post("@stylenet", PHOTO, WAVE, by="robot")
    post = await world.post("@stylenet", PHOTO, WAVE)
    await world.studio.end(await job_of(world, post))
    reply = await reply_to(world, post)
    thanks = await world.post("@stylenet how lovely", in_reply_to_id=reply["id"])
    last = await world.post("@stylenet", PHOTO)  # heard after the thanks
    await reply_to(world, last)
    assert await world.replies(thanks) == await world.replies(robots) == []


async def test_a_painting_can_be_painted_again(world):
    post = await world.post("@stylenet", PHOTO, WAVE)
    await world.studio.end(await job_of(world, post))
    reply = await reply_to(world, post)
    again = await world.post("@stylenet", WAVE, in_reply_to_id=reply["id"])
    pictures = world.studio.jobs[await job_of(world, again)].order.pictures
    assert pictures[0].alt == "a cat on a sofa painted in the style of a great wave"


async def test_what_was_said_while_the_bot_was_away_is_heard_once(world):
    await world.front.close()
    posts = [await world.post(f"@stylenet seed={n}", PHOTO, WAVE) for n in range(3)]
    front = MastodonFront(world.studio)
    world.studio.enlist(front)
    await front.open()
    for post in posts:
        await job_of(world, post)
    await front.close()
    assert [job.order.recipe.seed for job in world.studio.jobs.values()] == [0, 1, 2]


async def test_an_answer_whose_response_was_lost_is_not_given_twice(world, monkeypatch):
    post = await world.post("@stylenet", PHOTO, WAVE)
    job = await job_of(world, post)
    publish = world.front.api.publish

    async def lose(fields, key):
        await publish(fields, f"{key} forgotten by the server")
        raise TimeoutError

    monkeypatch.setattr(world.front.api, "publish", lose)
    with pytest.raises(TimeoutError):
        await world.studio.end(job)
    monkeypatch.undo()
    await world.studio.answer(job)
    assert len(await world.replies(post)) == 1


async def test_a_deleted_post_is_not_answered(world):
    post = await world.post("@stylenet", PHOTO, WAVE)
    job = await job_of(world, post)
    await world.ask("DELETE", f"/api/v1/statuses/{post.id}", "ann")
    with pytest.raises(Undeliverable, match="gone"):
        await world.studio.end(job)


async def test_a_film_comes_along_and_stays_out_where_the_server_does_not_take_it(world):
    for status in (None, 422):
        post = await world.post("@stylenet gif", PHOTO, WAVE)
        job = await job_of(world, post)
        if status:
            await world.fault("POST", "/api/v1/statuses", status)
        await world.studio.end(job)
        reply = await reply_to(world, post)
        alts = [one["description"] for one in reply["media_attachments"]]
        made = "a cat on a sofa painted in the style of a great wave"
        assert alts == ([made] if status else [made, f"Film: {made}"])
        assert ("left out" in reply["content"]) == bool(status)


async def test_an_error_is_told_in_words(world):
    post = await world.post("@stylenet", PHOTO, WAVE)
    await world.studio.end(await job_of(world, post), "failed", error="It has no pixels.")
    assert "It has no pixels." in (await reply_to(world, post))["content"]


async def test_a_server_that_is_unwell_is_asked_again(world):
    post = await world.post("@stylenet", PHOTO, WAVE)
    job = await job_of(world, post)
    await world.fault("POST", "/api/v2/media", 503)
    with pytest.raises(Exception, match="503"):
        await world.studio.end(job)
    await world.studio.answer(job)
    assert len(await world.replies(post)) == 1


@pytest.mark.parametrize("more", [{"per_day": 1}])
async def test_one_person_has_so_many_paintings_a_day(world):
    await job_of(world, await world.post("@stylenet", PHOTO, WAVE))
    post = await world.post("@stylenet", PHOTO, WAVE)
    assert "the most for one day" in (await reply_to(world, post))["content"]


@pytest.mark.parametrize("more", [{"hashtag": True}])
async def test_a_hashtag_is_heard_where_the_owner_wishes_it(world):
    await until(lambda: "mastodon hashtag" in world.studio.kept)
    quiet = await world.post("mine #stylenet", PHOTO, WAVE, by="ben")  # who wants no bots
    post = await world.post("look at this #stylenet", PHOTO, WAVE)
    await job_of(world, post)
    assert f"mastodon-{quiet.id}" not in world.studio.jobs


async def test_without_the_owners_wish_a_hashtag_alone_is_no_question(world):
    quiet = await world.post("look at this #stylenet", PHOTO, WAVE)
    await reply_to(world, await world.post("@stylenet", PHOTO))
    assert f"mastodon-{quiet.id}" not in world.studio.jobs


async def test_forget_and_cancel_are_answered(world):
    post = await world.post("@stylenet", PHOTO, WAVE)
    await job_of(world, post)
    asked = await world.post("@stylenet !forget")
    assert "Deleted: your job" in (await reply_to(world, asked))["content"]
    assert world.studio.jobs == {}


async def test_forget_offers_to_delete_the_posts_and_does_even_after_the_jobs_are_gone(
    world, monkeypatch
):
    monkeypatch.setattr("bot.fronts.mastodon.api.PAGE", 2)
    marks = {"visibility": "direct"}
    posts = [await world.post("@stylenet", PHOTO, WAVE), await world.post("@stylenet", **marks)]
    theirs = await world.post("@stylenet", by="ben")
    await world.studio.end(await job_of(world, posts[0]))
    for post in (*posts, theirs):
        await reply_to(world, post)
    first = await world.post("@stylenet !forget")
    assert "write !forget posts, and" in (await reply_to(world, first))["content"]
    asked = await world.post("@stylenet !forget posts")
    said = (await reply_to(world, asked))["content"]
    assert "I keep nothing of yours. Deleted, too: " in said
    assert not [reply for post in (*posts, first) for reply in await world.replies(post)]
    assert len(await world.replies(theirs)) == len(await world.replies(asked)) == 1
    [answer] = await world.replies(theirs)
    for _ in range(2):  # what is gone already is no error
        await world.front.api.delete(answer["id"])


async def test_posts_that_a_server_does_not_let_go_are_told_of_and_go_the_next_time(world):
    await reply_to(world, await world.post("@stylenet", PHOTO))
    await world.fault("DELETE", "/api/v1/statuses/*", 429)
    asked = await world.post("@stylenet !forget posts")
    assert "does not let me delete all my posts" in (await reply_to(world, asked))["content"]
    again = await world.post("@stylenet !forget posts")
    assert "of mine that answered you" in (await reply_to(world, again))["content"]
    assert await world.replies(asked) == []


async def test_check_says_whose_token_it_is(world, address):
    told = await MastodonFront.check(world.front.settings)
    assert told == "the token is that of stylenet"
    off = settings_for("").mastodon
    assert "no instance" in await MastodonFront.check(off)


async def test_a_server_that_is_away_harms_nobody():
    studio = FakeStudio(settings_for("http://127.0.0.1:1"))
    front = MastodonFront(studio)
    await front.open()
    await until(lambda: "cannot reach" in (front.trouble() or ""))
    await front.close()


async def test_an_outcome_without_files_is_answered(world):
    post = await world.post("@stylenet", PHOTO, WAVE)
    job = await job_of(world, post)
    world.studio.statuses[job] = world.studio.statuses[job].__class__(
        job, "failed", outcome=Outcome()
    )
    await world.studio.answer(job)
    assert "went wrong" in (await reply_to(world, post))["content"]


async def test_a_reply_to_a_sheet_paints_one_of_its_cells(world):
    marks = {"spoiler_text": "eyes", "sensitive": True}
    post = await world.post("@stylenet sweep seed=1,2 strength=70", PHOTO, WAVE, **marks)
    sheet = await job_of(world, post)
    await world.studio.end(sheet)
    answer = await reply_to(world, post)
    asked = await world.post("@stylenet cell=B1", in_reply_to_id=answer["id"])
    cell = await job_of(world, asked)
    assert world.studio.jobs[cell].order.recipe.seed == 2
    await world.studio.end(cell)
    painted = await reply_to(world, asked)
    assert (painted["spoiler_text"], painted["sensitive"]) == ("eyes", True)
