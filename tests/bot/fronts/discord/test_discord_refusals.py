"""What a refusal of Discord's means, over all statuses and codes."""

from types import SimpleNamespace

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.fronts.discord.refusals import Refusal, may_pass, refusal_of

STATUSES = st.integers(400, 499)
CODES = st.integers(1, 1_000_000)
KINDS = {403: discord.Forbidden, 404: discord.NotFound}


def refused(status, code=0, content_type="application/json"):
    """The error that discord.py raises."""
    said = {"code": code, "message": "No."} if content_type == "application/json" else "<html>"
    response = SimpleNamespace(
        status=status, reason="No", headers={"Content-Type": content_type} if content_type else {}
    )
    return KINDS.get(status, discord.HTTPException)(response, said)


@given(STATUSES, CODES)
def test_what_has_a_code_of_discords_is_never_tried_for_ever(status, code):
    assert refusal_of(refused(status, code)) is not Refusal.PASSES


@given(STATUSES, CODES)
def test_what_is_forbidden_or_gone_is_closed_unless_its_code_says_more(status, code):
    named = {refusal_of(refused(400, code))} - {Refusal.FINAL}
    for status in KINDS:
        assert {refusal_of(refused(status, code))} == (named or {Refusal.CLOSED})


@given(st.integers(500, 599), st.integers(0, 1_000_000))
def test_a_discord_in_trouble_is_waited_for(status, code):
    assert refusal_of(refused(status, code)) is Refusal.PASSES


@pytest.mark.parametrize("status", [400, 403, 404, 407, 429, 451])
@pytest.mark.parametrize("content_type", ["text/html", "text/plain", None])
def test_what_is_not_discords_passes(status, content_type):
    assert refusal_of(refused(status, content_type=content_type)) is Refusal.PASSES


def test_a_rate_limit_passes_and_a_refusal_without_a_reason_is_not_waited_for_long():
    assert refusal_of(refused(429)) is Refusal.PASSES
    assert refusal_of(refused(400)) is Refusal.BUSY
    assert may_pass(refused(400))
    assert not may_pass(refused(400, 50035))


@pytest.mark.parametrize(
    ("status", "code", "meant"),
    [
        (403, 40333, Refusal.BUSY),
        (429, 20028, Refusal.BUSY),
        (400, 20009, Refusal.EXPLICIT),
        (403, 20009, Refusal.EXPLICIT),
        (400, 200000, Refusal.MODERATED),
        (413, 0, Refusal.TOO_LARGE),
        (400, 50045, Refusal.TOO_LARGE),
        (403, 400001, Refusal.FILES),
        (400, 50083, Refusal.CLOSED),
        (403, 50013, Refusal.CLOSED),
        (400, 50035, Refusal.FINAL),
    ],
)
def test_some_that_people_meet(status, code, meant):
    assert refusal_of(refused(status, code)) is meant
