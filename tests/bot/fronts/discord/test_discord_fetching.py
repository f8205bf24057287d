"""Pictures that are no attachments come from Discord's own hosts, in bounded bytes and time."""

import asyncio

import aiohttp
import pytest
from aiohttp import web

from bot.fronts.discord import fetching
from bot.fronts.discord.fetching import NotGiven, TooLarge, fetch, is_discords

CAT = "https://media.discordapp.net/external/x/https/cats.example/cat.png?a=%3F"


async def test_a_picture_is_handed_over_as_it_is(hosts):
    hosts.put(CAT, b"a cat")
    assert await fetch(CAT, 5) == b"a cat"
    assert hosts.asked == [CAT]


@pytest.mark.parametrize(
    "url",
    [
        "http://media.discordapp.net/cat.png",
        "https://evil.example/cat.png",
        "https://media.discordapp.net@evil.example/cat.png",
        "https://me@media.discordapp.net/cat.png",
        "https://media.discordapp.net:8443/cat.png",
        "https://media.discordapp.net:443/cat.png",
        "https://media.discordapp.net.evil.example/cat.png",
        "https://evil.example/media.discordapp.net/cat.png",
        "https://media.discordapp.net\\@evil.example/cat.png",
        "https://media.discordapp.net./cat.png",
        "https://xn--media.discordapp.net/cat.png",
        "https://media.discordapp.net/cat.png\r\nHost: evil.example",
        "https://media.discordapp.net/cät.png",
        "https://127.0.0.1/cat.png",
        "https://[::1]/cat.png",
        "https://[::1",
        "//media.discordapp.net/cat.png",
        "file:///etc/passwd",
        "ftp://media.discordapp.net/cat.png",
        "",
    ],
)
async def test_no_other_address_is_ever_asked(hosts, url):
    assert not is_discords(url)
    with pytest.raises(NotGiven):
        await fetch(url, 1000)
    assert hosts.asked == hosts.looked_for == []


async def test_a_missing_address_is_none_of_discords():
    assert not is_discords(None)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("to", ["https://evil.example/cat.png", "https://cdn.discordapp.com/x.png"])
async def test_no_redirect_is_followed(hosts, status, to):
    async def elsewhere(request):
        return web.Response(status=status, headers={"Location": to})

    hosts.put(CAT, elsewhere)
    with pytest.raises(NotGiven):
        await fetch(CAT, 1000)
    assert hosts.asked == [CAT]
    assert hosts.looked_for == []


async def test_an_endless_body_is_left_at_the_cap(hosts):
    sent = 0

    async def endless(request):
        nonlocal sent
        response = web.StreamResponse()
        response.enable_chunked_encoding()
        await response.prepare(request)
        while request.transport is not None and not request.transport.is_closing():
            await response.write(b"?" * 10_000)
            await asyncio.sleep(0)  # or nobody else hears that the connection is closed
            sent += 10_000
        return response

    hosts.put(CAT, endless)
    with pytest.raises(TooLarge):
        await fetch(CAT, 100_000)
    assert sent < 10_000_000


async def test_what_is_announced_as_too_large_is_not_read(hosts):
    async def large(request):
        response = web.StreamResponse(headers={"Content-Length": "1001"})
        await response.prepare(request)
        await asyncio.sleep(60)  # whoever reads waits
        return response

    hosts.put(CAT, large)
    with pytest.raises(TooLarge):
        await fetch(CAT, 1000)


async def test_a_body_that_breaks_off_is_no_picture(hosts):
    async def broken(request):
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"half")
        request.transport.close()
        return response

    hosts.put(CAT, broken)
    with pytest.raises(aiohttp.ClientError):
        await fetch(CAT, 1000)


async def test_a_compressed_body_is_not_blown_up(hosts):
    async def packed(request):
        response = web.Response(body=bytes(1_000_000))
        response.enable_compression(web.ContentCoding.gzip, strategy=0)
        return response

    hosts.put(CAT, packed)
    assert len(await fetch(CAT, 100_000)) < 100_000


async def test_whoever_dawdles_is_left(hosts, monkeypatch):
    async def slow(request):
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"?")
            await asyncio.sleep(0.05)

    monkeypatch.setattr(fetching, "SECONDS", 0.5)
    hosts.put(CAT, slow)
    with pytest.raises(TimeoutError):
        await fetch(CAT, 1000)


@pytest.mark.parametrize(
    ("status", "error"), [(404, NotGiven), (403, NotGiven), (415, NotGiven), (204, NotGiven)]
)
async def test_what_discord_refuses_is_not_asked_for_again(hosts, status, error):
    async def refuse(request):
        return web.Response(status=status)

    hosts.put(CAT, refuse)
    with pytest.raises(error):
        await fetch(CAT, 1000)


@pytest.mark.parametrize("status", [429, 500, 502])
async def test_what_may_pass_can_be_tried_again(hosts, status):
    async def trouble(request):
        return web.Response(status=status)

    hosts.put(CAT, trouble)
    with pytest.raises(aiohttp.ClientResponseError):
        await fetch(CAT, 1000)


async def test_a_host_without_discords_certificate_is_not_believed(hosts, monkeypatch):
    monkeypatch.setattr(fetching, "connect", lambda: hosts.connector(trusted=False))
    hosts.put(CAT, b"not a cat")
    with pytest.raises(aiohttp.ClientConnectorCertificateError):
        await fetch(CAT, 1000)
