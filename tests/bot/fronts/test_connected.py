"""What a server that cannot be reached is told of in plain words."""

import ssl

import aiohttp
import pytest

from bot.config import Section
from bot.fronts.base import NotReady
from bot.fronts.connected import Server, checking, reason_of


class Settings(Section):
    server: Server = ""


async def why(address: str) -> str:
    with pytest.raises(NotReady) as told:
        async with checking(address), aiohttp.ClientSession() as session, session.get(address):
            pass
    return str(told.value)


async def test_nobody_answers():
    address = "http://127.0.0.1:9"
    assert await why(address) == f"cannot reach {address}: nobody answers at this address"


async def test_no_such_name():
    assert "is it spelled right" in await why("https://nowhere.invalid")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TimeoutError(), "does not answer in time"),
        (ssl.SSLError(), "certificate"),
        (ValueError("no such thing"), "no such thing"),
        (ValueError(), "ValueError"),
    ],
)
def test_what_led_to_it_tells(error, words):
    assert words in reason_of(error)
    outer = RuntimeError()
    outer.__cause__ = error
    assert words in reason_of(outer)


def test_an_address_has_no_slash_at_its_end():
    assert Settings(server="https://example.org/").server == "https://example.org"


@pytest.mark.parametrize("address", ["example.org", "http://example.org", "ftp://example.org"])
def test_a_password_is_sent_to_no_address_without_encryption(address):
    with pytest.raises(ValueError, match="must be an address such as"):
        Settings(server=address)
