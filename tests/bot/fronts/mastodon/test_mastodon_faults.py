"""Whatever people post and servers do: one friendly answer, nothing lost, nothing said twice."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.commands import dispatch
from bot.fronts.base import NotReady, Undeliverable
from bot.fronts.mastodon import MastodonFront, api, hearing
from bot.fronts.timeline import REFUSED
from bot.texts import SORRY
from stylize.media.decode import PictureError
from stylize.media.sandbox import Sandbox
from tests.bot.fronts.mastodon.strict import ANN, BEN, lost, refused
from tests.patience import until
from tests.pictures import bomb, png

CAT, WAVE = "cat.png", "wave.png"
BAD = {
    "not a picture": (b"buy paint", "is a text file"),
    "truncated": (png(400, 300)[:300], "damaged"),
    "bomb": (bomb(), "pixels"),
    "nothing": (b"", "is empty"),
    "drawing": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing"),
    "page": (b"<!doctype html><html>", "a web page"),
    "document": (b"%PDF-1.7", "a PDF document"),
    "video": (b"\0\0\0\x18ftypisom", "a video"),
    "noise": (b"\0\1\2\3" * 100, "not a picture that I can read"),
    "tiny": (png(3, 3), "too small"),
    "narrow": (png(2000, 16), "too long and narrow"),
    "camera raw": (b"FUJIFILMCCD-RAW 0201FF129502X-T3" + bytes(200), "camera raw"),
}


async def acknowledged(studio, count=1):
    """The newest of so many jobs."""
    await until(lambda: len(studio.jobs) >= count)
    job = [*studio.jobs][count - 1]
    await until(lambda: studio.jobs[job].address["acknowledged"])
    return job


async def told(server, post):
    """The one reply to *post*."""
    [reply] = await until(lambda: server.replies(post))
    return reply["status"]


@pytest.mark.parametrize("kind", BAD)
async def test_what_the_decoder_refuses_is_said_in_the_thread(strict, kind):
    server, studio = strict
    server.files[CAT], words = BAD[kind]
    post = await server.mention("", CAT, WAVE)
    job = await acknowledged(studio)
    sandbox = Sandbox(max_pixels=10_000_000)
    try:
        with pytest.raises(PictureError) as reason:
            sandbox.decode(studio.store[f"jobs/{job}/picture-1"], f"the first picture ({CAT})")
    finally:
        sandbox.close()
    await studio.end(job, "failed", error=str(reason.value))
    assert words in await told(server, post)


@pytest.mark.parametrize(
    ("text", "files", "marks", "words"),
    [
        ("", (), {}, "I see no"),
        ("", (CAT,), {}, "I see one picture"),
        ("", (CAT, *(f"{n}.png" for n in range(4))), {}, "I see five pictures"),
        ("", ("clip.mp4", CAT), {}, "I see a video, which I cannot use"),
        ("", (), {"card": {"url": "https://example.org"}}, "The preview of a link is no picture"),
        ("size=9 " + "وردة " * 300, (CAT, WAVE), {}, "size wants"),
        ("size=" + "🧑‍🎨" * 600, (CAT, WAVE), {}, "size wants"),
        ("strength=" + "9" * 5000, (CAT, WAVE), {}, "strength"),
        ("size=9", (CAT, WAVE), {"spoiler_text": "a " * 245}, "size wants"),
        ("size=@ben", (CAT, WAVE), {}, "size wants"),
        ("size=@ben@far.example", (CAT, WAVE), {}, "size wants"),
    ],
)
async def test_a_post_that_cannot_be_painted_gets_one_reply_that_fits(
    strict, text, files, marks, words
):
    server, studio = strict
    post = await server.mention(text, *files, **marks)
    assert words in await told(server, post)
    assert server.notified == [ANN["acct"]], "whoever is named in it is not called"
    assert not studio.jobs


async def test_a_quoted_picture_is_the_content(strict):
    server, studio = strict
    theirs = server.posts[server.say("mine", CAT)]
    await server.mention("", WAVE, quote={"state": "accepted", "quoted_status": theirs})
    await server.mention("", WAVE, quote=theirs)  # as relatives tell it
    for job in [await acknowledged(studio, n) for n in (1, 2)]:
        assert [one.name for one in studio.jobs[job].order.pictures] == [CAT, WAVE]


async def test_deep_in_a_thread_only_the_post_above_counts(strict):
    server, studio = strict
    above = server.say("mine", CAT)
    for _ in range(5):
        above = server.say("nice", in_reply_to_id=above)
    post = await server.mention("", WAVE, in_reply_to_id=above)
    assert "I see one picture" in await told(server, post)
    assert not studio.jobs


async def test_a_post_that_goes_while_it_is_painted_is_answered_nowhere(strict):
    server, studio = strict
    post = await server.mention("", CAT, WAVE)
    job = await acknowledged(studio)
    del server.posts[post]
    with pytest.raises(Undeliverable, match="gone"):
        await studio.end(job)
    assert server.published == {}


async def test_bots_old_posts_and_muted_threads_are_left_alone(strict):
    server, studio = strict
    old = (datetime.now(UTC) - timedelta(days=2)).isoformat()
    for more in ({"by": ANN | {"bot": True}}, {"created_at": old}, {"muted": True}):
        await server.mention("", CAT, WAVE, **more)
    await server.mention("", CAT, WAVE, by=BEN)
    job = await acknowledged(studio)
    assert [studio.jobs[job].address["acct"], len(studio.jobs)] == ["ben", 1]


@pytest.mark.parametrize("more", [{"hashtag": True}])
async def test_a_post_that_cannot_be_read_holds_up_no_other(strict):
    server, studio = strict
    await until(lambda: "mastodon hashtag" in studio.kept)
    for list_ in (server.tagged, server.notifications):
        list_.append({"id": "unreadable", "type": "mention", "status": {}})
    server.tagged.append(server.posts[server.say("#stylenet", CAT, WAVE)])
    await server.mention("", CAT, WAVE)
    await acknowledged(studio, 2)


@pytest.mark.parametrize("effect", [refused(500), refused(403), lost])
async def test_a_post_that_can_never_be_looked_at_again_holds_up_no_other(strict, effect):
    server, studio = strict
    stuck = await server.mention("size=9", CAT, WAVE)
    await told(server, stuck)
    server.meet(f"GET /api/v1/statuses/{stuck}", *[effect] * 1000)
    post = await server.mention("size=9", CAT, WAVE, by=BEN)
    await told(server, post)
    await server.edit(post, "size=300", CAT, WAVE)
    job = await acknowledged(studio)
    assert studio.jobs[job].address["post"] == post
    assert studio.front.trouble() is None


async def test_another_bot_that_answers_every_answer_is_left_alone_in_the_end(
    strict, strict_front, monkeypatch
):
    server, _ = strict
    monkeypatch.setattr(dispatch, "REPLIES_PER_MINUTE", 1000)
    await strict_front.close()
    await strict_front.open()
    above = {}
    for _ in range(hearing.MOST_EXCHANGES):
        post = await server.mention("hello", CAT, **above)
        [reply] = await until(lambda post=post: server.replies(post))
        above = {"in_reply_to_id": reply["id"]}
    silent = await server.mention("hello", CAT, **above)
    heard = await server.mention("hello", CAT, by=BEN)
    await told(server, heard)
    assert server.replies(silent) == []


@pytest.mark.parametrize("where", ["/files/", "GET /api/v1/statuses/"])
@pytest.mark.parametrize("effect", [refused(500), refused(429, Retry_After="1"), lost])
async def test_pictures_that_cannot_be_had_right_now_are_gathered_later(strict, where, effect):
    server, studio = strict
    theirs = server.say("mine", CAT)
    server.meet(where, effect, effect)
    await server.mention("", WAVE, in_reply_to_id=theirs)
    await acknowledged(studio)
    assert not [one for one in server.published.values() if SORRY in one["status"]]
    assert len(studio.jobs) == 1


async def test_a_server_that_never_gives_its_picture_is_told_of_and_holds_up_nobody(
    strict, monkeypatch
):
    server, studio = strict
    monkeypatch.setattr(hearing, "PATIENCE", timedelta(seconds=1))
    server.meet("/files/never.png", *[refused(502)] * 1000)
    post = await server.mention("", "never.png", WAVE)
    await server.mention("", CAT, WAVE, by=BEN)
    await acknowledged(studio)
    assert "though I asked again and again" in await told(server, post)


async def test_a_refusal_whose_receipt_is_lost_is_given_once(strict):
    server, _ = strict
    server.meet("POST /api/v1/statuses", lost, refused(503))
    post = await server.mention("size=9", CAT, WAVE)
    heard = await server.mention("size=8", CAT, WAVE, by=BEN)
    await told(server, heard)
    assert len(server.replies(post)) == 1


@pytest.mark.parametrize("remembered", [True, False])
async def test_an_answer_whose_receipt_is_lost_is_given_once(strict, remembered):
    """Servers remember an Idempotency-Key for an hour."""
    server, studio = strict
    post = await server.mention("", CAT, WAVE)
    job = await acknowledged(studio)
    server.meet("POST /api/v1/statuses", lost)
    with pytest.raises(api.Away):
        await studio.end(job)
    if not remembered:
        server.published = {f"old {key}": one for key, one in server.published.items()}
    await studio.answer(job)
    assert len(server.replies(post)) == 1


async def test_an_answer_that_the_server_refuses_for_good_is_told_of_or_given_up(strict):
    server, studio = strict
    post = await server.mention("", CAT, WAVE)
    job = await acknowledged(studio)
    server.meet("POST /api/v1/statuses", refused(422), refused(422), refused(422))
    with pytest.raises(Undeliverable, match="does not take it"):
        await studio.end(job)
    await studio.answer(job)
    assert REFUSED in await told(server, post)


async def test_a_check_says_what_to_do(strict):
    server, studio = strict
    settings = studio.settings.mastodon
    server.token = "another"
    with pytest.raises(NotReady, match="copy it again from Preferences"):
        await MastodonFront.check(settings)
    elsewhere = settings.model_copy(update={"instance": f"{server.address}/elsewhere"})
    server.token = "bot_token"
    with pytest.raises(NotReady, match="does not speak Mastodon's API"):
        await MastodonFront.check(elsewhere)


@pytest.mark.parametrize(
    "named",
    [
        lambda moment: moment.isoformat().replace("+00:00", "Z"),
        lambda moment: f"{moment.timestamp():.0f}",
    ],
    ids=["as Mastodon names it", "as GoToSocial names it"],
)
async def test_a_server_that_has_had_enough_is_left_alone_until_the_moment_it_names(strict, named):
    server, studio = strict
    await server.mention("", CAT, WAVE)
    job = await acknowledged(studio)
    reset = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=3)
    server.meet("POST /api/v2/media", refused(429, X_RateLimit_Reset=named(reset)))
    with pytest.raises(api.Away, match="429"):
        await studio.end(job)
    await studio.answer(job)
    late = datetime.now(UTC) - reset
    assert timedelta(seconds=-0.1) <= late < timedelta(seconds=30)


async def test_a_token_that_is_revoked_is_told_of_and_works_once_it_is_restored(strict):
    server, studio = strict
    good, server.token = server.token, "another"
    await until(lambda: "refuses the token" in (studio.front.trouble() or ""))
    post = await server.mention("", CAT, WAVE)
    server.token = good
    job = await acknowledged(studio)
    assert studio.jobs[job].address["post"] == post
    await until(lambda: studio.front.trouble() is None)


async def test_a_server_that_starts_anew_is_found_again_and_its_limits_are_read_anew(strict):
    server, studio = strict
    await server.stop()
    await until(lambda: "nobody answers" in (studio.front.trouble() or ""))
    server.instance = {"statuses": {"max_characters": 90}}
    post = await server.mention("size=9", CAT, WAVE)
    await server.start()
    assert len(await told(server, post)) < 120
    await until(lambda: studio.front.trouble() is None)


@pytest.fixture
def deaf(strict_server, monkeypatch):
    """The first stream gives no sign of life."""
    monkeypatch.setattr(api, "HEARTBEAT", 0.3)
    strict_server.answers_pings = False


@pytest.mark.parametrize("more", [{"poll_seconds": 3600}])
async def test_a_stream_that_dies_silently_is_replaced(deaf, more, strict):
    server, studio = strict
    server.answers_pings = True
    await until(lambda: len(server.sockets) > 1)
    await server.mention("", CAT, WAVE)
    await acknowledged(studio)


async def test_what_was_said_while_the_bot_was_stopped_is_heard_once(strict, strict_front):
    server, studio = strict
    await server.mention("seed=0", CAT, WAVE)
    await acknowledged(studio)
    await strict_front.close()
    for n in range(1, 6):
        await server.mention(f"seed={n}", CAT, WAVE)
    again = type(strict_front)(studio)
    studio.enlist(again)
    await again.open()
    await acknowledged(studio, 6)
    await again.close()
    assert [job.order.recipe.seed for job in studio.jobs.values()] == [*range(6)]
