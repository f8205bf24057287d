"""The command ``stylenet``, as a process."""

import asyncio
import os
import re
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from tests.bot.processes import RunningStudio
from tests.pictures import png, stripes


def stylenet(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).parent / "stylenet", *arguments],
        cwd=folder,
        env={**os.environ, "STYLENET_ROOM__PORT": "0", **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_check_says_that_all_is_ready(tmp_path):
    done = stylenet(tmp_path, "check")
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines[:-1]] == ["ok"] * 10
    assert "discord: off: no token" in done.stdout
    assert "bluesky: off: no account" in done.stdout
    assert "mastodon: off: no instance" in done.stdout
    assert "matrix: off: no homeserver" in done.stdout
    assert lines[-1] == "All is ready."


def test_check_names_each_part_that_is_not_ready(tmp_path):
    weights = tmp_path / "weights.pth"
    weights.write_bytes(b"these are no weights")
    (tmp_path / "file").write_text("in the way")
    done = stylenet(
        tmp_path,
        "check",
        STYLENET_PAINTING__ENCODER_WEIGHTS=str(weights),
        STYLENET_DATABASE="postgresql://me:sesame@127.0.0.1:1/none",
        STYLENET_STORE=(tmp_path / "file" / "pictures").as_uri(),
    )
    assert done.returncode == 1
    for part in ("weights", "database", "store"):
        assert re.search(rf"^NOT  {part}: .*\S", done.stdout, re.MULTILINE), done.stdout
    assert "weights.pth" in done.stdout
    assert "sesame" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_check_names_a_setting_that_was_renamed(tmp_path):
    (tmp_path / "config.toml").write_text("[discord]\nprefix = '?'\n")
    done = stylenet(tmp_path, "check")
    assert "discord.prefix is called commands.prefix now" in done.stdout


def test_a_database_of_a_newer_version_is_refused_in_words(tmp_path):
    with closing(sqlite3.connect(tmp_path / "stylenet.db")) as database:
        database.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        database.execute("INSERT INTO alembic_version VALUES ('9001')")
        database.commit()
    for command in (("run", "--no-open"), ("check",)):
        done = stylenet(tmp_path, *command, "--data", str(tmp_path))
        assert done.returncode == 1
        assert "belongs to a newer version of stylenet" in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
    with closing(sqlite3.connect(tmp_path / "stylenet.db")) as database:
        assert database.execute("SELECT name FROM sqlite_master").fetchall() == [
            ("alembic_version",)
        ]


@pytest.mark.parametrize("command", ["run", "check"])
def test_a_wrong_setting_ends_with_one_line_and_status_2(tmp_path, command):
    (tmp_path / "config.toml").write_text("[painting]\nsise = 512\n")
    done = stylenet(tmp_path, command)
    assert done.returncode == 2
    assert done.stderr == (
        "stylenet: painting.sise: there is no such setting; config.example.toml lists them all\n"
    )


@pytest.mark.parametrize("command", ["run", "check", "worker"])
def test_a_missing_file_is_said_in_one_line(tmp_path, command):
    done = stylenet(tmp_path, command, "--config", "nowhere.toml")
    assert done.returncode == 2
    assert done.stderr == "stylenet: there is no configuration file nowhere.toml\n"


def test_a_database_that_is_none_is_said_in_one_line(tmp_path):
    for command in (["check"], ["run", "--no-open"]):
        done = stylenet(tmp_path, *command, STYLENET_DATABASE="nonsense")
        assert done.returncode == 2
        [line] = done.stderr.splitlines()
        assert line.startswith("stylenet: database:")


def test_a_database_that_cannot_be_opened_is_said_in_one_line(tmp_path):
    away = f"sqlite:///{tmp_path}/nowhere/stylenet.db"
    assert "NOT  database" in stylenet(tmp_path, "check", STYLENET_DATABASE=away).stdout
    done = stylenet(tmp_path, "run", "--no-open", STYLENET_DATABASE=away)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("stylenet: cannot start")
    assert "Traceback" not in done.stderr


def test_a_port_in_use_is_said_in_one_line(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = stylenet(tmp_path, "run", "--no-open", "--port", str(port))
    assert done.returncode == 1
    assert f"port {port}" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_room_opens_to_others_only_with_a_password(tmp_path):
    done = stylenet(tmp_path, "run", "--no-open", STYLENET_ROOM__HOST="0.0.0.0")
    assert done.returncode == 2
    assert "set a password" in done.stderr


async def test_weights_that_do_not_match_are_told_to_whoever_asks(tmp_path):
    weights = tmp_path / "weights.pth"
    weights.write_bytes(b"these are no weights")
    studio = RunningStudio(tmp_path / "data", STYLENET_PAINTING__ENCODER_WEIGHTS=str(weights))
    async with studio:
        pictures = ("cat.png", png(64, 64)), ("wave.png", stripes(64, 64))
        job = (await studio.post("!stylenet size=64 steps=1", *pictures))["job"]["id"]
        end = await studio.wait_for_end(job)
    assert end["state"] == "failed"
    assert "its weights cannot be used" in end["error"]
    assert str(tmp_path) not in end["error"]


async def test_forget_beside_a_studio_that_runs_leaves_nothing_of_that_person(tmp_path):
    pictures = ("cat.png", png(64, 64)), ("wave.png", stripes(64, 64))
    folder = tmp_path / "data" / "pictures" / "jobs"
    forget = partial(stylenet, tmp_path, "forget", "--data", str(tmp_path / "data"))
    async with RunningStudio(tmp_path / "data") as studio:
        for _ in range(2):  # the first is painted, the second waits
            job = (await studio.post("!stylenet size=64 steps=1000", *pictures))["job"]["id"]
        nobody = await asyncio.to_thread(forget, "mastodon:nobody@example.social")
        assert nobody.stdout.startswith("Nothing is kept of mastodon:nobody@example.social. People")
        assert len([*folder.glob("*")]) == 2
        done = await asyncio.to_thread(forget, "room:you")
        assert done.stdout == "Deleted of room:you: 2 jobs, their pictures and paintings.\n"
        assert done.stderr == ""
        assert [*folder.glob("*")] == await studio.get("/api/messages") == []
        job = (await studio.post("!stylenet size=64 steps=1", *pictures))["job"]["id"]
        assert (await studio.wait_for_end(job))["state"] == "done"
    assert "Traceback" not in studio.log()
