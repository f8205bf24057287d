"""A homeserver on loopback: Synapse, on a database of its own, that talks to no other.

``tests/bot/fronts/matrix/install.sh FOLDER`` installs it; ``STYLENET_TEST_MATRIX`` names the
folder, which is otherwise ``~/.cache/stylenet/matrix``.
"""

import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Self

from tests.bot.processes import free_port
from tests.patience import PATIENCE

FOLDER = Path(os.environ.get("STYLENET_TEST_MATRIX", Path.home() / ".cache/stylenet/matrix"))
MISSING = (
    ""
    if (FOLDER / ".installed").exists()
    else f"Synapse is not in {FOLDER}: sh tests/bot/fronts/matrix/install.sh {FOLDER}"
)
NAME = "rooms.test"
"""What people's names end in."""
UNLIMITED = {"per_second": 1000, "burst_count": 1000}


class Homeserver:
    """Use ``with Homeserver() as homeserver``; ``stop`` and ``start`` keep port and database."""

    def __enter__(self) -> Self:
        self._home = Path(tempfile.mkdtemp(prefix="stylenet-matrix-"))
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        (self._home / "homeserver.yaml").write_text(json.dumps(self._configuration(port)))
        (self._home / "log.yaml").write_text(json.dumps({"version": 1}))
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self._home, ignore_errors=True)

    def start(self) -> None:
        program = [FOLDER / "bin/python", "-m", "synapse.app.homeserver", "-c", "homeserver.yaml"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run([*program, "--generate-keys"], cwd=self._home, check=True, **quiet)
        self._process = subprocess.Popen(program, cwd=self._home, **quiet)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.url}/health"):
                    return
            except OSError:
                time.sleep(0.1)
        raise TimeoutError("Synapse did not start")

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()

    def _configuration(self, port: int) -> dict[str, object]:
        return {
            "server_name": NAME,
            "report_stats": False,
            "pid_file": str(self._home / "pid"),
            "log_config": "log.yaml",
            "signing_key_path": str(self._home / "signing.key"),
            "media_store_path": str(self._home / "media"),
            "database": {"name": "sqlite3", "args": {"database": str(self._home / "synapse.db")}},
            "listeners": [
                {
                    "port": port,
                    "bind_addresses": ["127.0.0.1"],
                    "type": "http",
                    "resources": [{"names": ["client"]}],
                }
            ],
            "enable_registration": True,
            "enable_registration_without_verification": True,
            "trusted_key_servers": [],
            "max_upload_size": "2M",
            "rc_message": UNLIMITED,
            "rc_registration": UNLIMITED,
            "rc_login": dict.fromkeys(("address", "account", "failed_attempts"), UNLIMITED),
            "rc_joins": dict.fromkeys(("local", "remote"), UNLIMITED),
            "rc_invites": dict.fromkeys(("per_room", "per_user", "per_issuer"), UNLIMITED),
        }
