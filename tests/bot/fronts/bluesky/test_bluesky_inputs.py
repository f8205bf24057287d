"""What people post and the bot was not made for: taken where it can be, else told in words."""

import pytest
from atproto import models

from tests.bot.fronts.bluesky.test_bluesky import job_of, reply_to
from tests.bot.fronts.bluesky.world import PHOTO, WAVE

FAMILY = "👨\u200d👩\u200d👧\u200d👦"
"""One character to those who read it, and to the server: 25 bytes."""
ARABIC = "ارسم لي هذه الصورة من فضلك "
FILM = bytes.fromhex("0000001c667479706d703432") + bytes(200)


def alts(world, job: str) -> list[str]:
    return [one.alt for one in world.studio.jobs[job].order.pictures]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("!stylenet " + "x" * 280, "I know no option "),
        ("!stylenet " + "gold " * 55, "I know no option gold. There are: size,"),
        ("!stylenet " + ARABIC * 8, "I know no option "),
        ("!stylenet size=" + "9" * 270, "size wants"),
        ("!blend 1 1 1", "There are three weights for one style: give one number for each"),
        ("!texture !doodle", "I know no option doodle."),
    ],
)
async def test_words_that_nobody_can_follow_get_one_short_reply(world, text, said):
    reply = await reply_to(world, await world.post(text, PHOTO, WAVE))
    assert said in reply.record.text
    assert len(reply.record.text) <= 300


@pytest.mark.parametrize(
    "text",
    [
        ARABIC * 4 + "size=300",
        "size=300 " + "so it goes " * 24,
        "size=300 " + FAMILY * 60 + " " + "y" * 218,  # with the mention, 300 characters
    ],
)
async def test_long_texts_in_any_script_are_read(world, text):
    job = await job_of(world, await world.post(text, PHOTO, WAVE))
    assert world.studio.jobs[job].order.recipe.size == 300


async def test_long_alt_texts_without_spaces_go_out_cut(world):
    post = await world.post("", ("猫" * 1500, 0.3), (FAMILY * 70, 0.9))
    await world.studio.end(await job_of(world, post))
    [painting] = (await reply_to(world, post)).embed.images
    assert painting.alt.startswith("猫" * 500)
    assert len(painting.alt) <= 2000


async def test_four_pictures_and_a_fifth_in_the_parent_are_four(world):
    theirs = await world.post("mine", PHOTO, mention=False, by=world.ben)
    post = await world.post("", *[WAVE] * 4, reply_to=theirs)
    assert "I see four pictures" in (await reply_to(world, post)).record.text


async def test_five_that_are_asked_for_are_five(world):
    theirs = await world.post("mine", PHOTO, mention=False, by=world.ben)
    styles = [(f"style {n}", n / 10) for n in range(1, 5)]
    post = await world.post("!blend 4 3 2 1", *styles, reply_to=theirs)
    job = await job_of(world, post)
    assert alts(world, job) == [PHOTO[0], *[alt for alt, _ in styles]]


async def test_a_video_is_no_picture(world):
    blob = (await world.ann.upload_blob(FILM)).blob
    post = await world.post("", embed=models.AppBskyEmbedVideo.Main(video=blob))
    assert "I see a video, which I cannot use." in (await reply_to(world, post)).record.text


async def test_a_post_deep_in_a_thread_is_answered_there(world):
    root = above = await world.post("one", mention=False, by=world.ben)
    for word in ("two", "three", "four", "five"):
        above = await world.post(word, PHOTO, mention=False, reply_to=above, root=root)
    post = await world.post("", WAVE, reply_to=above, root=root, by=world.ben)
    job = await job_of(world, post)
    assert alts(world, job) == [PHOTO[0], WAVE[0]]
    await world.studio.end(job)
    reply = await reply_to(world, post)
    assert reply.record.reply.root.uri == root.uri
    assert reply.record.reply.parent.uri == post.uri


async def test_who_replies_to_the_bot_with_a_wrong_option_is_told(world):
    """Apps put no mention into a reply."""
    first = await reply_to(world, await world.post("", PHOTO))
    post = await world.post("!stylenet size=9", mention=False, reply_to=first)
    assert "size wants" in (await reply_to(world, post)).record.text


async def test_ones_own_labels_are_kept_on_a_refusal_too(world):
    label = models.ComAtprotoLabelDefs.SelfLabel(val="graphic-media")
    labels = models.ComAtprotoLabelDefs.SelfLabels(values=[label])
    reply = await reply_to(world, await world.post("", PHOTO, labels=labels))
    assert {one.val for one in reply.labels} == {"graphic-media"}
