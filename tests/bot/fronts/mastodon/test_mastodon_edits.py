"""Posts that were refused for a mistake and put right are painted, once."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.fronts.mastodon.edits import AGAIN, EDITABLE, MOST, Again, Kept
from tests.patience import until

CAT, WAVE = "cat.png", "wave.png"


@pytest.mark.parametrize(
    ("text", "files", "mended"),
    [
        ("size=9", (CAT, WAVE), ("size=300", CAT, WAVE)),
        ("", (CAT,), ("", CAT, WAVE)),
    ],
)
async def test_a_mistake_that_is_put_right_is_painted_once(strict, text, files, mended):
    server, studio = strict
    post = await server.mention(text, *files)
    [refusal] = await until(lambda: server.replies(post))
    await server.edit(post, *mended)
    job = await until(lambda: next(iter(studio.jobs), None))
    await until(lambda: not server.replies(post))
    assert refusal["id"] not in server.posts
    await studio.end(job)
    await server.edit(post, "size=200 and more", CAT, WAVE)
    await heard_after(server, studio)
    assert len(server.replies(post)) == 1
    assert [one for one in studio.jobs if one == job] == [job]


async def heard_after(server, studio):
    """Whatever was said before this was heard."""
    before = len(studio.jobs)
    await server.mention("seed=7", CAT, WAVE)
    await until(lambda: len(studio.jobs) > before)


async def test_another_mistake_gets_another_reply_in_place_of_the_first(strict):
    server, _ = strict
    post = await server.mention("size=9", CAT, WAVE)
    await until(lambda: server.replies(post))
    await server.edit(post, "steps=0", CAT, WAVE)

    def second():
        said = [one["status"] for one in server.replies(post)]
        return said and "steps" in said[0] and len(said) == 1

    await until(second)


async def test_who_edits_too_late_asks_anew(strict):
    server, studio = strict
    post = await server.mention("size=9", CAT, WAVE)
    await until(lambda: server.replies(post))
    await server.edit(post, "size=300", CAT, WAVE, after=EDITABLE.total_seconds() + 1)
    await heard_after(server, studio)
    assert len(studio.jobs) == 1


async def test_an_edit_is_found_without_a_stream_and_after_a_stop(strict_front, strict):
    server, studio = strict
    post = await server.mention("size=9", CAT, WAVE)
    await until(lambda: server.replies(post))
    await strict_front.close()
    await server.edit(post, "size=300", CAT, WAVE, tell=False)
    again = type(strict_front)(studio)
    studio.enlist(again)
    await again.open()
    await until(lambda: studio.jobs)
    await again.close()


async def test_only_the_newest_refused_posts_are_kept_and_none_of_who_is_forgotten(strict):
    _, studio = strict
    again = Again(studio)
    moment = datetime.now(UTC) - timedelta(minutes=1)
    await again.keep(Kept(post="open", person="mastodon:ann", since=moment))
    for n in range(MOST + 1):
        person = "mastodon:ben" if n else "mastodon:ann"
        await again.keep(Kept(post=f"{n}", person=person, since=moment, look="x"))
    assert [one.post for one in await again.all()] == ["open", *(f"{n + 1}" for n in range(MOST))]
    await studio.front.forget("mastodon:ben")
    assert [one.post for one in await again.all()] == ["open"]
    assert "ben" not in studio.kept[AGAIN]
