"""Connecting to Discord: what is wrong is said once, clearly, and the studio goes on."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from unittest.mock import AsyncMock

import discord
import pytest
import simcord

from bot.fronts import connected
from bot.fronts.base import NotReady, settings_with_fronts
from bot.fronts.discord import DiscordFront
from bot.fronts.discord.client import Client
from bot.fronts.discord.front import DiscordSettings
from tests.bot.fake_studio import FakeStudio
from tests.faults.discord import TOKEN, FakeDiscord, point_discord_py_at
from tests.faults.discord.faults import refused
from tests.patience import PATIENCE, until


@asynccontextmanager
async def discord_at_home(monkeypatch) -> AsyncIterator[FakeDiscord]:
    """Let discord.py find its Discord on this machine."""
    async with FakeDiscord() as fake:
        point_discord_py_at(fake.url, monkeypatch.setattr)
        yield fake


@asynccontextmanager
async def started(token: str = TOKEN) -> AsyncIterator[DiscordFront]:
    """A front on its way into Discord; it leaves at the end of the block."""
    discord_front = DiscordFront(FakeStudio(settings_with_fronts()(discord={"token": token})))
    await discord_front.open()
    yield discord_front
    await discord_front.close()


async def until_ready(discord_front: DiscordFront) -> None:
    await until(lambda: discord_front.trouble() is None)


def said(caplog) -> list[str]:
    """What the bot, not discord.py, has logged."""
    return [record.message for record in caplog.records if record.name.startswith("bot.")]


async def test_it_connects_and_leaves_cleanly(monkeypatch, caplog):
    caplog.set_level(logging.INFO, "bot")
    async with discord_at_home(monkeypatch) as fake:
        async with started() as discord_front:
            await until_ready(discord_front)
        assert discord_front.client.is_closed()
        assert said(caplog) == ["in Discord as painter, servers: 1"]
        assert [intents.message_content for intents in fake.gateway.identified] == [True]


async def test_without_the_message_content_intent_it_explains_and_goes_on(monkeypatch, caplog):
    async with discord_at_home(monkeypatch) as fake:
        fake.gateway.message_content = False
        async with started() as one:
            await until_ready(one)
        assert [intents.message_content for intents in fake.gateway.identified] == [True, False]
        (line,) = said(caplog)
        assert "switch it on, on the Bot page of your application" in line


async def test_a_wrong_token_is_one_clear_line(monkeypatch, caplog):
    async with discord_at_home(monkeypatch), started("a-stale-token") as one:
        (line,) = await until(lambda: said(caplog))
        assert "the token is refused" in (one.trouble() or "")
        assert line.startswith("Discord refuses the token, so the Discord front stays off.")
        assert "a-stale-token" not in caplog.text


async def test_a_check_names_the_bot_or_says_what_is_wrong(monkeypatch):
    async with discord_at_home(monkeypatch) as fake:
        assert "that of painter" in await DiscordFront.check(DiscordSettings(token=TOKEN))
        with pytest.raises(NotReady, match="the token is refused"):
            await DiscordFront.check(DiscordSettings(token="a-stale-token"))
        fake.faults.plan("GET", "/users/@me", refused(403, text="maintenance"))
        with pytest.raises(NotReady, match="cannot reach"):
            await DiscordFront.check(DiscordSettings(token=TOKEN))
    assert await DiscordFront.check(DiscordSettings(token=TOKEN, enabled=False)) == "off"


async def test_a_discord_that_is_away_is_waited_for(monkeypatch, caplog):
    monkeypatch.setattr(connected, "RECONNECT_SECONDS", (0,))
    async with discord_at_home(monkeypatch) as fake:
        fake.faults.plan("GET", "/users/@me", refused(403, text="maintenance"), times=2)
        async with started() as one:
            await until_ready(one)
        lines = said(caplog)
        assert len(lines) == 2
        assert all("cannot be reached; trying again in 0 s" in line for line in lines)


async def test_commands_that_discord_does_not_take_do_not_stop_the_bot(front, caplog):
    async def refuse(**_):
        raise discord.HTTPException(SimpleNamespace(status=400, reason="Bad Request"), "no")

    front.client.tree.sync = refuse
    async with simcord.run(front.client, strict_sync=False, settle_timeout=PATIENCE):
        assert front.client.is_ready()
    assert "Discord did not take the slash commands" in caplog.text


async def test_without_message_content_a_mention_still_works(studio):
    studio.enlist(AsyncMock())
    client = Client(studio, asyncio.Event(), message_content=False)
    intents = discord.Intents.default()
    async with simcord.run(client, approved_intents=intents, settle_timeout=PATIENCE) as env:
        guild = env.create_guild()
        channel = guild.create_text_channel("art")
        alice = guild.add_member(env.create_user("alice"))
        files = [("photo.jpg", b"?"), ("wave.png", b"?")]
        await alice.send(channel, "#stylenet", attachments=files)
        assert studio.jobs == {}
        await alice.send(channel, f"<@{client.user.id}>", attachments=files)
        assert len(studio.jobs) == 1
