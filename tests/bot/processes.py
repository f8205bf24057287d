"""The real thing: ``stylenet run`` as a process with its workers, driven over HTTP and signals."""

import asyncio
import os
import random
import signal
import socket
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import aiohttp

from tests.faults.discord import TOKEN, FakeDiscord
from tests.patience import PATIENCE, until

ROOT = Path(__file__).parents[2]
_PORTS = range(10_000, 32_000)
"""Below those that the system itself gives to connections, and may give before they are used."""


def free_port() -> int:
    """A port that nobody listens at; drawn, so that tests side by side get different ones."""
    while True:
        port = random.SystemRandom().choice(_PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


async def gone(pids: Iterable[int]) -> None:
    """Wait until none of these processes exists any more."""
    await until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))


def _command_line(pid: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):  # it ended just now
        return b""


class RunningStudio:
    """``stylenet run`` on a data folder; may be killed and started again on the same one.

    With *discord* it is in that Discord, too, once ``discord.gateway.connected``. One that is
    *quick* has workers that only wait.
    """

    def __init__(
        self,
        data: Path,
        *,
        discord: FakeDiscord | None = None,
        quick: bool = False,
        python: Path | str = sys.executable,
        **environment: str,
    ) -> None:
        self.data = data
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = {**os.environ, "STYLENET_WORKERS__DEVICE": "cpu", **environment}
        self._program = [Path(sys.executable).parent / "stylenet"]
        if discord is not None:
            self._environment |= {"STYLENET_DISCORD__TOKEN": TOKEN, "PYTHONPATH": str(ROOT)}
            self._program = [python, "-m", "tests.faults.discord.studio", discord.url]
        if quick:
            self._environment["PYTHONPATH"] = str(ROOT)
            self._program = [python, "-m", "tests.faults.quick_studio"]
        self._log = data.parent / f"{data.name}.log"

    async def __aenter__(self) -> "RunningStudio":
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self, **environment: str) -> "RunningStudio":
        with self._log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *self._program,
                *("run", "--no-open", "--port", str(self.port), "--data", str(self.data)),
                env=self._environment | environment,
                cwd=self.data.parent,
                stdout=log,
                stderr=log,
            )
        await until(self._healthy, every=0.1)
        return self

    def log(self) -> str:
        return self._log.read_text()

    def checkpoint(self, job: str) -> Path:
        """The file that is there once the first scale of a job is painted."""
        return self.data / "pictures" / "jobs" / job / "checkpoint.npz"

    def workers(self) -> list[int]:
        """The process ids of the worker children."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [int(child) for child in children if b"worker" in _command_line(child)]

    async def kill(self) -> None:
        """End the chat process as a power cut would."""
        self.process.kill()
        await self.process.wait()

    def kill_workers(self) -> None:
        for worker in self.workers():
            os.kill(worker, signal.SIGKILL)

    async def stop(self) -> int:
        """Ask the studio to end, as a service manager does; returns its exit status."""
        if self.process.returncode is None:
            self.process.terminate()
        return await asyncio.wait_for(self.process.wait(), PATIENCE)

    async def post(self, text: str, *pictures: tuple[str, bytes]) -> dict[str, Any]:
        """Post a message; returns the room's JSON."""
        said = await self.say(text, *pictures)
        assert "error" not in said, said
        return said

    async def say(self, text: str, *pictures: tuple[str, bytes]) -> dict[str, Any]:
        """Post a message that may fail."""
        form = aiohttp.FormData()
        form.add_field("text", text)
        for name, data in pictures:
            form.add_field("file", data, filename=name)
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.url}/api/messages", data=form) as response,
        ):
            return await response.json()

    async def get(self, path: str) -> Any:
        async with (
            aiohttp.ClientSession() as session,
            session.get(self.url + path) as response,
        ):
            assert response.status == 200, f"{path}: {response.status}"
            if response.content_type == "application/json":
                return await response.json()
            return await response.read()

    async def cancel(self, job: str) -> None:
        async with aiohttp.ClientSession() as session:
            await session.post(f"{self.url}/api/jobs/{job}/cancel")

    async def job(self, job: str) -> dict[str, Any]:
        return await self.get(f"/api/jobs/{job}")

    async def answers(self, job: str) -> list[dict[str, Any]]:
        """The bot's messages about a job."""
        messages = await self.get("/api/messages")
        return [m for m in messages if m["author"] == "bot" and m["job"] and m["job"]["id"] == job]

    async def wait_for_step(self, job: str, progress: float) -> None:
        async def reached() -> bool:
            return (await self.job(job))["progress"] >= progress

        await until(reached, every=0.1)

    async def wait_for_end(self, job: str) -> dict[str, Any]:
        async def ended() -> bool:
            return (await self.job(job))["state"] in ("done", "failed", "cancelled")

        await until(ended, every=0.1)
        return await self.job(job)

    async def _healthy(self) -> bool:
        assert self.process.returncode is None, self.log()
        try:
            await self.get("/healthz")
        except aiohttp.ClientError:
            return False
        return True
