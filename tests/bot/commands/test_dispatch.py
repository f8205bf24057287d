"""What is the same for every front: whom the owner does not want is not heard."""

import pytest

from bot.commands.base import Given, Incoming, Reply
from bot.commands.dispatch import Dispatch
from bot.config import Settings
from tests.bot.fake_studio import FakeStudio


async def nothing(wanted):
    return []


def heard(person: str) -> Incoming:
    return Incoming("mastodon", "1", person, nothing, "{}".format, text="!help")


@pytest.mark.parametrize(
    ("person", "blocked"),
    [
        ("mastodon:ann@bad.example", True),
        ("mastodon:ann@not.bad.example", False),
        ("discord:8035", True),
        ("discord:80351", False),
    ],
)
async def test_people_whom_the_owner_has_blocked_are_not_heard(person, blocked):
    settings = Settings(limits={"blocked": ["mastodon:*@bad.example", "discord:8035"]})
    dispatch = Dispatch(FakeStudio(settings))
    given = dispatch.parse(heard(person))
    assert (given is None) == blocked
    if blocked:
        command = dispatch.parse(heard("room"))
        assert isinstance(command, Given)
        reply = await dispatch.run(command, heard(person))
        assert isinstance(reply, Reply)
        assert "asked me not to work for you" in reply.text
