"""Requests that fail: each job is answered once, whatever Discord says meanwhile."""

import pytest

from tests.faults.discord.faults import broken, limited, lost, refused, slow, unheard

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("in_peace")]

TROUBLE = {
    "a rate limit": limited(0.2),
    "the global rate limit": limited(0.2, is_global=True),
    "Cloudflare's rate limit": limited(0.2, by_cloudflare=True),
    "500": refused(500),
    "502, although it was done": broken(502),
    "503": refused(503),
    "503, although it was done": broken(503),
    "a closed connection": unheard,
    "an answer that is lost": lost,
    "an answer that comes late": slow(0.5),
}
trouble = pytest.mark.parametrize("fault", TROUBLE.values(), ids=TROUBLE)


@trouble
@pytest.mark.parametrize("step", ["the acknowledgement", "the answer"])
async def test_trouble_with_a_message_is_overcome(house, fault, step):
    ann, art = await house.person_in_a_channel()
    after = 1 if step == "the answer" else 0
    house.fake.faults.plan("POST", f"/channels/{art.id}/messages", fault, after=after)
    asked = await house.ask(ann, art)
    answer = await house.answered(asked)
    assert answer.content.startswith("Here is your painting")
    assert answer.replies_to == asked.id
    assert art.messages.keys() == {asked.id, answer.id}
