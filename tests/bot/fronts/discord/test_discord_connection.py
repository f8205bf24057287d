"""Connecting to Discord: what is wrong is said once, clearly, and the studio goes on."""

import asyncio
import logging
from types import SimpleNamespace

import discord
import pytest
import simcord

from bot.fronts.discord import DiscordFront, front
from bot.fronts.discord.client import Client


class Gateway:
    """Stands in for ``Client.start``: raises what it is given, then stays connected."""

    def __init__(self, *troubles: Exception) -> None:
        self.troubles = list(troubles)
        self.clients: list[Client] = []
        self.connected = asyncio.Event()

    async def start(self, client: Client, token: str) -> None:
        self.clients.append(client)
        if self.troubles:
            raise self.troubles.pop(0)
        self.connected.set()
        await asyncio.Event().wait()


@pytest.fixture
def connect(monkeypatch, studio):
    """Start a front that meets some troubles on its way."""
    monkeypatch.setattr(front, "RECONNECT_SECONDS", (0,))

    async def connect(*troubles: Exception) -> tuple[DiscordFront, Gateway]:
        gateway = Gateway(*troubles)

        async def start(client: Client, token: str) -> None:
            await gateway.start(client, token)

        monkeypatch.setattr(Client, "start", start)
        discord_front = DiscordFront(studio)
        await discord_front.start()
        return discord_front, gateway

    return connect


async def test_without_the_message_content_intent_it_explains_and_goes_on(connect, caplog):
    with caplog.at_level(logging.WARNING):
        discord_front, gateway = await connect(discord.PrivilegedIntentsRequired(None))
        await asyncio.wait_for(gateway.connected.wait(), 1)
    assert "switch it on, on the Bot page of your application" in caplog.text
    first, second = gateway.clients
    assert first.intents.message_content
    assert not second.intents.message_content
    assert discord_front.client is second
    await discord_front.close()


async def test_a_wrong_token_is_one_clear_line(connect, caplog):
    discord_front, gateway = await connect(discord.LoginFailure("Improper token"))
    await asyncio.wait_for(discord_front._running, 1)
    (record,) = caplog.records
    assert record.message.startswith("Discord refuses the token, so the Discord front stays off.")
    assert len(gateway.clients) == 1
    await discord_front.close()


async def test_a_network_that_is_away_is_waited_for(connect, caplog):
    unavailable = discord.DiscordServerError(SimpleNamespace(status=503, reason="away"), "")
    discord_front, gateway = await connect(OSError("no network"), unavailable)
    await asyncio.wait_for(gateway.connected.wait(), 1)
    assert caplog.text.count("Discord cannot be reached; trying again") == 2
    assert len(gateway.clients) == 3
    await discord_front.close()


async def test_closing_is_clean(connect):
    discord_front, gateway = await connect()
    await asyncio.wait_for(gateway.connected.wait(), 1)
    await discord_front.close()
    assert discord_front.client.is_closed()
    assert discord_front._running.done()


async def test_commands_that_discord_does_not_take_do_not_stop_the_bot(front, caplog):
    async def refuse(**_):
        raise discord.HTTPException(SimpleNamespace(status=400, reason="Bad Request"), "no")

    front.client.tree.sync = refuse
    async with simcord.run(front.client, strict_sync=False):
        assert front.client.is_ready()
    assert "Discord did not take the slash commands" in caplog.text


async def test_without_message_content_a_mention_still_works(studio):
    front = DiscordFront(studio)
    client = Client(studio, front._ready, message_content=False)
    front.client = client
    async with simcord.run(client, approved_intents=discord.Intents.default()) as env:
        guild = env.create_guild()
        channel = guild.create_text_channel("art")
        alice = guild.add_member(env.create_user("alice"))
        files = [("photo.jpg", b"?"), ("wave.png", b"?")]
        await alice.send(channel, "#stylenet", attachments=files)
        assert studio.jobs == {}
        await alice.send(channel, f"<@{client.user.id}>", attachments=files)
        assert len(studio.jobs) == 1
