"""Refusals that last: each job is closed and each person told, after a bounded number of tries.

Every code of Discord's list is met at once by people in places of their own.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from aiohttp import web

from tests.bot.processes import until
from tests.faults.discord.codes import CLOSED, CODES, NOT_NOW, UNWELCOME, Code
from tests.faults.discord.conftest import WAVE
from tests.faults.discord.errors import ApiError
from tests.faults.discord.faults import Serve

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.usefixtures("in_peace")]

A_DOZEN = 12
"""Fewer than are painted at once."""
FOR_EVER = 1_000_000
WITH_PREVIEWS = ("photo.png", json.dumps({"previews": True}).encode())
PUT_OFF, PUT_OFF_PROGRESS = 8, 20
"""How often the bot lets an answer, and the progress of a job, be put off, as its docs say."""


@dataclass
class Refusing:
    """A fault: what *concerns* it is refused with *code*, the rest is done; both are counted."""

    code: Code
    concerns: Callable[[dict[str, Any], bool], bool]
    """Given the body of a message, and whether it has files."""
    refused: int = 0
    done: int = 0

    async def __call__(self, request: web.Request, serve: Serve) -> web.StreamResponse:
        with_files = request.content_type == "multipart/form-data"
        said = (await request.post())["payload_json"] if with_files else await request.text()
        if self.concerns(json.loads(str(said or "{}")), with_files):
            self.refused += 1
            raise ApiError(self.code.status, self.code.code, self.code.meaning)
        self.done += 1
        return await serve()


def files(body: dict[str, Any], with_files: bool) -> bool:
    return with_files


def answers(body: dict[str, Any], with_files: bool) -> bool:
    return str(body.get("nonce")).endswith("p")


def acknowledgements(body: dict[str, Any], with_files: bool) -> bool:
    return str(body.get("nonce")).endswith("a")


def everything(body: dict[str, Any], with_files: bool) -> bool:
    return True


async def for_each(codes, house, check):
    """Run *check* with each of *codes* at once, each with a person and a channel of its own."""
    places = [await house.person_in_a_channel() for _ in codes]
    async with asyncio.TaskGroup() as checks:
        for code, (ann, art) in zip(codes, places, strict=True):
            checks.create_task(check(code, ann, art), name=f"{code}")


async def for_each_held(codes, house, check):
    """The same, a dozen at a time; painting goes on when all of them have called ``go_on``."""
    for first in range(0, len(codes), A_DOZEN):
        batch = codes[first : first + A_DOZEN]
        ready = asyncio.Barrier(len(batch))

        async def go_on(ready=ready):
            await ready.wait()
            house.go_on()

        house.hold()
        await for_each(batch, house, partial(check, go_on=go_on))


def refuse(house, method, path, code, concerns):
    fault = Refusing(code, concerns)
    house.fake.faults.plan(method, path, fault, times=FOR_EVER)
    return fault


def refuse_in(house, channel, code, concerns):
    return refuse(house, "POST", f"/channels/{channel.id}/messages", code, concerns)


async def test_where_no_files_are_taken_words_say_so(house):
    async def check(code, ann, art):
        fault = refuse_in(house, art, code, files)
        asked = await house.ask(ann, art)
        answer = await house.answered(asked)
        assert answer.channel is art
        assert answer.replies_to == asked.id
        assert answer.files == ()
        assert answer.content.startswith("It is done, but ")
        assert "Ask " in answer.content
        assert fault.refused == (PUT_OFF + 1 if code in NOT_NOW else 1)
        assert fault.done <= 2  # the acknowledgement and the words

    await for_each([*NOT_NOW, *UNWELCOME], house, check)


@pytest.mark.parametrize(
    ("code", "why", "advice"),
    [
        (20009, "Discord's filter for explicit pictures", "in an age-restricted channel"),
        (200000, "automatic moderation blocked my message", "ask a moderator to let my messages"),
        (40005, "even a compressed copy is too large", "a smaller one with `size`"),
        (400001, "Discord did not take its file", "in another channel or in a direct message"),
        (50035, "Discord did not take my message", "tell the studio's owner"),
    ],
)
async def test_what_is_said_names_the_reason_and_a_way_out(house, code, why, advice):
    ann, art = await house.person_in_a_channel()
    (known,) = [one for one in UNWELCOME if one.code == code]
    refuse_in(house, art, known, files)
    answer = await house.answered(await house.ask(ann, art))
    assert why in answer.content
    assert advice in answer.content


async def test_a_closed_place_is_answered_privately_with_the_painting(house):
    async def check(code, ann, art):
        fault = refuse_in(house, art, code, answers)
        answer = await house.answered(await house.ask(ann, art))
        assert answer.channel.person is ann
        assert len(answer.files) == 1
        assert answer.content.startswith(f"I cannot post in <#{art.id}> any more. Here is your")
        assert fault.refused == 1

    await for_each(CLOSED, house, check)


async def test_where_no_answer_is_taken_it_is_sent_privately(house):
    async def check(code, ann, art):
        fault = refuse_in(house, art, code, answers)
        answer = await house.answered(await house.ask(ann, art))
        assert answer.channel.person is ann
        assert len(answer.files) == 1
        assert answer.content.startswith(f"I could not answer in <#{art.id}>: ")
        assert fault.refused == (PUT_OFF if code in NOT_NOW else 0) + 2

    await for_each([*NOT_NOW, *UNWELCOME], house, check)


async def test_where_nothing_is_taken_a_sign_is_left_and_the_job_closed(house, caplog):
    async def check(code, ann, art, go_on):
        here = refuse_in(house, art, code, answers)
        there = refuse_in(house, house.fake.direct(ann), code, answers)
        asked = await house.ask(ann, art)
        acknowledgement = await house.acknowledged(asked)
        await go_on()
        await house.at_rest(asked)
        assert house.fake.answers_to(asked) == []
        assert asked.reactions == ["🔇"]
        assert acknowledgement.content.startswith("This job has ended, but I could not bring you")
        assert here.refused <= PUT_OFF + 2
        assert there.refused <= 2
        assert f"{here.code.meaning}; direct message: {here.code.meaning}" in caplog.text

    await for_each_held(CODES, house, check)


async def test_a_failure_that_is_not_taken_is_told_privately(house):
    async def check(code, ann, art):
        refuse_in(house, art, code, answers)
        asked = await house.ask(ann, art, "#stylenet steps=1", ("photo.png", b"broken"), WAVE)
        answer = await house.answered(asked)
        assert answer.channel.person is ann
        assert "I cannot read this picture." in answer.content
        assert answer.content.endswith(f"/{art.id}/{asked.id}")

    await for_each(UNWELCOME, house, check)


async def test_a_command_that_cannot_be_answered_is_told_of_in_its_response(house):
    async def check(code, ann, art):
        refuse_in(house, art, code, answers)
        refuse_in(house, house.fake.direct(ann), code, answers)
        used = await house.fake.slash(art, ann, "texture", style=WAVE, steps=1)
        await house.at_rest(used)
        assert used.response.content.startswith("This job has ended, but I could not bring you")
        assert used.response.components == []

    await for_each(UNWELCOME, house, check)


async def test_a_direct_message_that_is_not_taken_is_told_in_words_then_by_a_sign(house):
    async def check(code, ann, art):
        room = house.fake.direct(ann)
        fault = refuse_in(house, room, code, files)
        told = await house.answered(await house.ask(ann, room))
        assert told.content.startswith("It is done, but ")
        fault.concerns = answers
        untold = await house.ask(ann, room)
        await house.at_rest(untold)
        assert untold.reactions == ["🔇"]

    await for_each(UNWELCOME, house, check)


async def test_words_that_were_sent_in_place_of_the_painting_are_not_sent_again(house):
    """The bot is killed before it has noted that they arrived; the nonce is forgotten."""
    places = [await house.person_in_a_channel() for _ in range(2)]
    (filtered,) = [one for one in UNWELCOME if one.code == 20009]
    asked = []
    for (ann, art), closed in zip(places, (False, True), strict=True):
        refuse_in(house, art, filtered, answers if closed else files)
        if closed:
            refuse_in(house, house.fake.direct(ann), filtered, files)
        house.hold()
        asked.append(await house.ask(ann, art))
        await house.acknowledged(asked[-1])
    readdress = house.studio.readdress

    async def forgetful(job, address):
        if address["answered"]:
            raise ConnectionError("the database is away")
        await readdress(job, address)

    house.studio.readdress = forgetful
    house.go_on()
    await until(lambda: all(house.fake.answers_to(one) for one in asked))
    await house.leave()
    house.fake.board.forget_nonces()
    await house.enter()
    for one, (ann, art) in zip(asked, places, strict=True):
        answer = await house.answered(one)
        assert answer.channel in (art, house.fake.direct(ann))
        assert "It is done, but Discord's filter" in answer.content


async def test_a_preview_that_is_not_taken_is_left_out_from_then_on(house):
    async def check(code, ann, art, go_on):
        fault = refuse(house, "PATCH", f"/channels/{art.id}/messages/*", code, files)
        asked = await house.ask(ann, art, "#stylenet steps=1", WITH_PREVIEWS, WAVE)
        acknowledgement = await house.acknowledged(asked)
        await until(lambda: fault.refused and "left" in acknowledgement.content)
        assert acknowledgement.files == ()
        await go_on()
        answer = await house.answered(asked)
        assert answer.content.startswith("Here is your painting")
        assert fault.refused == 1

    await for_each_held(UNWELCOME, house, check)


async def test_progress_that_is_not_taken_is_not_tried_for_ever(house):
    async def check(code, ann, art, go_on):
        fault = refuse(house, "PATCH", f"/channels/{art.id}/messages/*", code, everything)
        asked = await house.ask(ann, art, "#stylenet steps=1", WITH_PREVIEWS, WAVE)
        await until(lambda: fault.refused)
        await go_on()
        answer = await house.answered(asked)
        assert answer.content.startswith("Here is your painting")
        assert fault.refused <= (PUT_OFF_PROGRESS if code in NOT_NOW else 2)

    await for_each_held(CODES, house, check)


async def test_without_an_acknowledgement_the_answer_comes_all_the_same(house):
    async def check(code, ann, art, go_on):
        fault = refuse_in(house, art, code, acknowledgements)
        asked = await house.ask(ann, art)
        enough = PUT_OFF_PROGRESS if code in NOT_NOW else 1
        await until(lambda: fault.refused == enough)
        await go_on()
        answer = await house.answered(asked)
        assert answer.content.startswith("Here is your painting")
        assert art.messages.keys() == {asked.id, answer.id}
        assert fault.refused == enough

    await for_each_held(CODES, house, check)


async def test_tidying_that_is_not_taken_is_not_tried_for_ever(house):
    async def check(code, ann, art, go_on):
        fault = refuse(house, "DELETE", f"/channels/{art.id}/messages/*", code, everything)
        asked = await house.ask(ann, art)
        await house.acknowledged(asked)
        await go_on()
        answer = await house.answered(asked)
        assert answer.content.startswith("Here is your painting")
        assert 1 <= fault.refused <= 4

    await for_each_held(CODES, house, check)


async def test_an_explanation_that_is_not_taken_is_given_privately_then_by_a_sign(house):
    async def check(code, ann, art):
        here = refuse_in(house, art, code, everything)
        asked = await house.fake.post(art, ann, "#stylenet")
        told = await house.heard(asked)
        assert told.channel.person is ann
        assert "two pictures" in told.content
        there = refuse_in(house, told.channel, code, everything)
        untold = await house.fake.post(art, ann, "#stylenet")
        await until(lambda: untold.reactions)
        assert untold.reactions == ["🔇"]
        assert here.refused <= 8
        assert there.refused <= 4

    await for_each(CODES, house, check)


async def test_help_comes_without_its_picture_where_that_is_not_taken(house):
    async def check(code, ann, art):
        refuse_in(house, art, code, files)
        reply = await house.heard(await house.fake.post(art, ann, "!stylenet help"))
        assert reply.channel is art
        assert reply.files == ()

    await for_each(CODES, house, check)
