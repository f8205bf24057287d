"""Marks of care: what was posted as a spoiler comes back as one, what few may see stays hidden."""

import json

import pytest

from tests.bot.processes import until
from tests.faults.discord.conftest import PHOTO

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.usefixtures("in_peace")]

OLD_MARK = ("SPOILER_wave.png", b"a great wave")
NEW_MARK = ("wave.png", b"a great wave", None, True)
"""By its name, as clients did it once, and by a flag."""
marked = pytest.mark.parametrize("hidden", [OLD_MARK, NEW_MARK], ids=["by its name", "by a flag"])


def photo(**wish):
    """A photograph whose painting is like *wish*."""
    return "photo.png", json.dumps(wish).encode()


def all_hidden(message):
    return message.files and all(file.name.startswith("SPOILER_") for file in message.files)


@marked
async def test_preview_painting_and_film_of_a_spoiler_are_spoilers(house, hidden):
    ann, art = await house.person_in_a_channel()
    house.hold()
    asked = await house.ask(ann, art, "#stylenet steps=1 gif", photo(previews=True), hidden)
    acknowledgement = await house.acknowledged(asked)
    await until(lambda: acknowledgement.files)
    assert all_hidden(acknowledgement)
    house.go_on()
    answer = await house.answered(asked)
    assert all_hidden(answer)
    assert len(answer.files) == 2
    assert answer.files[0].description == "photo.png painted in the style of wave.png"


@marked
async def test_the_copy_of_a_spoiler_is_a_spoiler(house, hidden):
    ann, art = await house.person_in_a_channel()
    large = photo(png=11_000_000, shared=7_000_000)
    answer = await house.answered(await house.ask(ann, art, "#stylenet steps=1", large, hidden))
    assert answer.content.endswith("so this is a compressed copy.")
    assert all_hidden(answer)


@marked
async def test_a_spoiler_that_is_replied_to_stays_a_spoiler(house, hidden):
    ann, art = await house.person_in_a_channel()
    earlier = await house.fake.post(art, house.fake.join("ben"), "look", (hidden,))
    asked = await house.fake.post(art, ann, "#stylenet steps=1", (PHOTO,), replies_to=earlier)
    assert all_hidden(await house.answered(asked))


@marked
async def test_a_spoiler_in_a_command_stays_a_spoiler(house, hidden):
    ann, art = await house.person_in_a_channel()
    used = await house.fake.slash(art, ann, "stylenet", content=PHOTO, style=hidden, steps=1)
    assert all_hidden(await house.answered(used))


async def test_what_is_no_spoiler_stays_none(house):
    ann, art = await house.person_in_a_channel()
    answer = await house.answered(await house.ask(ann, art))
    assert [file.name.startswith("painting-") for file in answer.files] == [True]


@pytest.mark.parametrize("restricted", [True, False])
async def test_out_of_a_restricted_channel_a_painting_is_hidden(house, restricted):
    """Nobody opens their direct messages in front of others expecting what such a channel shows."""
    ann, art = await house.person_in_a_channel()
    art.restricted = restricted
    await house.fake.deny(art)  # so that the bot hears of it
    house.hold()
    asked = await house.ask(ann, art)
    await house.acknowledged(asked)
    await house.fake.deny(art, send_messages=True)
    house.go_on()
    answer = await house.answered(asked)
    assert answer.channel.person is ann
    assert bool(all_hidden(answer)) is restricted
