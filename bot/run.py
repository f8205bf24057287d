"""One machine, whole: the studio, its fronts and its workers in one command."""

import asyncio
import logging
import os
import signal
import threading
import webbrowser
from contextlib import AsyncExitStack

from bot.config import Settings
from bot.fronts.base import found
from bot.monitor import Monitor
from bot.studio import Studio
from bot.supervisor import Supervisor

LEAVING_SECONDS = 15
"""Beyond the workers' grace; only a database or a disk that hangs takes so long."""

log = logging.getLogger(__name__)


async def run(settings: Settings, *, open_browser: bool = False) -> None:
    """Run until SIGTERM or Ctrl-C; a second one ends everything at once.

    First those who wait are told that their paintings go on later. Then the fronts close, so that
    nothing new comes in; the workers finish what they paint or leave it for the next start; the
    studio, whose database they share, is the last to go.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    supervisor = Supervisor(settings)
    stop = _stop_signal(supervisor, settings.workers.grace_seconds + LEAVING_SECONDS)
    async with AsyncExitStack() as stack:
        studio = await stack.enter_async_context(Studio(settings))
        studio.health.add("supervisor", supervisor.trouble)
        if settings.monitor.enabled:
            monitor = Monitor(settings.monitor, studio.health)
            await monitor.start()
            stack.push_async_callback(monitor.stop)
        supervisor.start()
        stack.push_async_callback(supervisor.stop)
        for kind in found().values():
            if not getattr(settings, kind.name).active:
                continue
            front = kind(studio)
            studio.enlist(front)
            await front.open()
            stack.push_async_callback(front.close)
            if front.url is not None:
                print(f"The {front.name} is open at {front.url} (Ctrl-C closes it)", flush=True)
                if open_browser:
                    await asyncio.to_thread(webbrowser.open, front.url)
        await studio.resume()
        stack.push_async_callback(studio.pause)
        await stop.wait()


def _stop_signal(supervisor: Supervisor, patience: float) -> asyncio.Event:
    """An event that SIGTERM and Ctrl-C set; after a second one, or *patience* seconds, all ends.

    Whatever is still under way then: nothing is lost that the next start does not find.
    """
    stop = asyncio.Event()

    def end() -> None:
        supervisor.kill()
        os._exit(1)

    def leave() -> None:
        if stop.is_set():
            end()
        stop.set()
        log.info("closing; jobs that are not finished go on at the next start")
        timer = threading.Timer(patience, end)
        timer.daemon = True
        timer.start()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, leave)
    return stop
