"""One bot in many chats at once: one queue, fair turns, and a chat that is away harms no other."""

import pytest
import pytest_asyncio

from tests.bot.fronts.town import built
from tests.patience import until

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town():
    async with built() as town:
        yield town


async def test_each_is_answered_where_they_asked_and_in_turn(town, tmp_path):
    async with town.living(tmp_path):
        chats = [*town.sections]
        await until(lambda: town.are_well(*chats))
        town.hold()
        flood = await town.ask_on_discord("ann", times=6)
        theirs = [await town.place(one) for one in flood]
        assert len(theirs) == 6
        others = [await town.ask(chat) for chat in chats]
        places = [await town.place(one) for one in others]
        _, _, third, *_ = sorted([await town.place(one) for one in flood])
        assert max(places) < third
        town.go_on()
        for one in [*others, *flood]:
            assert len(await until(one.answers, every=0.1)) == 1


async def test_chats_that_are_down_or_refuse_the_login_harm_no_other(town, tmp_path):
    await town.mastodon.stop()
    wrong = {"discord": {"token": "wrong"}, "bluesky": {"password": "wrong"}}
    async with town.living(tmp_path, **wrong):
        asked = await town.ask("room")
        assert len(await until(asked.answers, every=0.1)) == 1
        away = {"mastodon": "nobody answers at this address"}
        away |= {name: "refused" for name in wrong if name in town.sections}
        for chat, words in away.items():
            await until(lambda chat=chat, words=words: words in town.health()[chat])
        well, _ = town.studio.health.report()
        assert well, "a chat that is away is waited for"
        await town.mastodon.start()
        await until(lambda: town.are_well(*{*town.sections} - {*away} | {"mastodon"}))
        asked = await town.ask("mastodon")
        assert len(await until(asked.answers, every=0.1)) == 1
