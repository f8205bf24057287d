"""Secrets stay where they are needed: not in logs, errors, command lines or other processes."""

from pathlib import Path

import pytest

from tests.bot.processes import RunningStudio
from tests.bot.test_cli import stylenet
from tests.patience import until

SECRETS = {
    "STYLENET_DISCORD__TOKEN": "token-sesame",
    "STYLENET_ROOM__PASSWORD": "room-sesame",
}


async def test_neither_logs_nor_workers_are_told(postgres, tmp_path):
    database = postgres.replace("stylenet@", "stylenet:database-sesame@")
    settings = {
        **SECRETS,
        "STYLENET_DATABASE": database,
        "STYLENET_LOG_LEVEL": "debug",
        "STYLENET_WORKERS__COUNT": "1",
    }
    async with RunningStudio(tmp_path / "data", **settings) as studio:
        await until(lambda: "is ready" in studio.log())
        [worker] = studio.workers()
        for pid in [worker, *children(worker)]:
            for told in ("cmdline", "environ"):
                assert b"sesame" not in Path(f"/proc/{pid}/{told}").read_bytes()
        assert b"sesame" not in Path(f"/proc/{studio.process.pid}/cmdline").read_bytes()
    assert "DEBUG" in studio.log()
    assert "sesame" not in studio.log()


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.parametrize("command", [("run", "--no-open"), ("worker",)])
def test_a_database_that_is_away_is_named_without_its_password(tmp_path, command):
    url = "postgresql://me:sesame@127.0.0.1:1/none"
    done = stylenet(tmp_path, *command, STYLENET_DATABASE=url, STYLENET_LOG_LEVEL="debug")
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert "Connection refused" in said
    assert "sesame" not in said
    assert "Traceback" not in said
