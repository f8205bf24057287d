"""A PostgreSQL server of a test's own, which can be cut off, stopped and started again."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg

from tests.bot.processes import free_port

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


class Postgres:
    """Use ``with Postgres() as server``; the server refuses to run as root."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="stylenet-"))  # pytest's is closed to others
        self._user = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
        if self._user:
            shutil.chown(self._folder, "postgres")
        self._port = free_port()
        self.url = f"postgresql://stylenet@127.0.0.1:{self._port}/postgres"

    def __enter__(self) -> "Postgres":
        self._run("initdb", "-A", "trust", "-U", "stylenet")
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    def start(self) -> None:
        options = f"-p {self._port} -c listen_addresses=127.0.0.1 -c fsync=off -k {self._folder}"
        self._run("pg_ctl", "-o", options, "-l", str(self._folder / "log"), "-w", "start")

    def stop(self) -> None:
        """End the server at once, as a crash would."""
        self._run("pg_ctl", "-m", "immediate", "stop")

    def cut(self) -> int:
        """End every connection but this one; returns how many there were."""
        with psycopg.connect(self.url) as connection:
            ended = connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE usename = 'stylenet' AND pid <> pg_backend_pid()"
            )
            return len(ended.fetchall())

    def _run(self, program: str, *arguments: str) -> None:
        command = [PROGRAMS[-1] / program, "-D", str(self._folder / "cluster"), *arguments]
        subprocess.run(
            command, check=True, stdout=subprocess.DEVNULL, cwd=self._folder, **self._user
        )
