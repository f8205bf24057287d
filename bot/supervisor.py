"""The supervisor: this machine's workers, kept alive as children of the chat process."""

import asyncio
import logging
import os
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process

from bot.config import Settings
from bot.monitor.metrics import RESTARTS

log = logging.getLogger(__name__)

WORKER = "bot.worker"
"""The module that is a worker's program."""
SHORT_LIFE_SECONDS = 20
START_SECONDS = 120
"""A worker that starts loads the painter before it gives its first sign of life."""
KILL_SECONDS = 8
LONGEST_PAUSE_SECONDS = 10


class Supervisor:
    """Starts the workers, starts them again when they end, and stops them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._keeping: asyncio.Task[None] | None = None
        self._failed = False
        self._count = 0
        self._workers: dict[int, Process] = {}
        self._down: dict[int, str] = {}

    def start(self) -> None:
        """Start in the background: to count the GPUs takes seconds, and nobody waits for it."""
        self._keeping = asyncio.create_task(self._keep_all(), name="supervisor")

    def trouble(self) -> str | None:
        """What keeps this machine from painting, when none of its workers runs."""
        if self._failed:
            return "nobody keeps the workers of this machine running; the log says why"
        if not self._down or len(self._down) < self._count:
            return None
        return "no worker runs on this machine: " + "; ".join(self._down.values())

    async def _keep_all(self) -> None:
        wanted = self._settings.workers
        try:
            gpus = await _gpus() if wanted.device != "cpu" and wanted.count != 0 else []
            self._count = max(1, len(gpus)) if wanted.count == "auto" else wanted.count
            async with asyncio.TaskGroup() as keepers:
                for slot in range(self._count):
                    keepers.create_task(self._keep(slot, gpus[slot % len(gpus)] if gpus else None))
        except Exception:
            self._failed = True
            log.exception("the supervisor failed")

    async def stop(self) -> None:
        """Ask all workers to end, give them the grace time, then end them."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        workers = [worker for worker in self._workers.values() if worker.returncode is None]
        for worker in workers:
            worker.terminate()
        grace = self._settings.workers.grace_seconds + KILL_SECONDS
        ended = asyncio.gather(*(worker.wait() for worker in workers))
        try:
            await asyncio.wait_for(asyncio.shield(ended), grace)
        except TimeoutError:
            log.warning("a worker did not end in time; ending it")
            self.kill()
            await ended

    def kill(self) -> None:
        """End all workers at once; their jobs are safe in the queue."""
        for worker in self._workers.values():
            if worker.returncode is None:
                worker.kill()

    async def _keep(self, slot: int, gpu: str | None) -> None:
        """Have a worker in *slot*, always; one that keeps ending early is started less often."""
        pause = 1.0
        while True:
            started = time.monotonic()
            try:
                worker = await self._spawn(slot, gpu)
            except OSError as error:
                self._down[slot] = f"worker {slot} cannot be started ({error})"
                log.error("worker %d cannot be started: %s", slot, error)
                await asyncio.sleep(LONGEST_PAUSE_SECONDS)
                continue
            self._workers[slot] = worker
            self._down.pop(slot, None)
            code = await self._ended(worker)
            self._down[slot] = f"worker {slot} ended with {code} and starts again"
            RESTARTS.inc()
            if time.monotonic() - started > SHORT_LIFE_SECONDS:
                pause = 1.0
            log.warning("worker %d ended with %s; a new one starts in %.0f s", slot, code, pause)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    async def _ended(self, worker: Process) -> int:
        """Wait for *worker* to end; one that shows no life is ended, for it keeps its slot."""
        if worker.stdout is None:
            raise RuntimeError("a worker has a pipe as its standard output")
        patience = max(START_SECONDS, self._settings.workers.stalled_seconds)
        try:
            while await asyncio.wait_for(worker.stdout.read(1024), patience):
                patience = self._settings.workers.stalled_seconds
        except TimeoutError:
            log.error("worker %d shows no life for %.0f s; ending it", worker.pid, patience)
            worker.kill()
        return await worker.wait()

    async def _spawn(self, slot: int, gpu: str | None) -> Process:
        environment = {  # without our settings, which the worker gets whole from us
            name: value for name, value in os.environ.items() if not name.startswith("STYLENET_")
        }
        if gpu is not None:
            environment["CUDA_VISIBLE_DEVICES"] = gpu
        worker = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", WORKER, "--child", "--slot", str(slot)),
            stdin=PIPE,
            stdout=PIPE,
            env=environment,
            start_new_session=True,  # Ctrl-C is for us; we tell the workers
        )
        if worker.stdin is None:
            raise RuntimeError("a worker has a pipe as its standard input")
        settings = self._settings.model_dump_json(include=set(Settings.model_fields))
        worker.stdin.write(settings.encode() + b"\n")  # left open: its end is ours
        return worker


async def _gpus() -> list[str]:
    """The GPUs that torch sees, asked in another process: this one never loads torch."""
    try:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", "import torch; print(torch.cuda.device_count())"),
            stdout=PIPE,
            stderr=DEVNULL,
        )
        output, _ = await process.communicate()
        count = int(output) if process.returncode == 0 else 0
    except (OSError, ValueError) as error:
        log.warning("the GPUs cannot be counted, so none is used: %s", error)
        return []
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", "")
    return (visible.split(",") if visible else [str(number) for number in range(count)])[:count]
