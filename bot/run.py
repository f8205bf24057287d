"""One machine, whole: the studio, its fronts and its workers in one command."""

import asyncio
import logging
import signal
import webbrowser
from contextlib import AsyncExitStack

from bot.config import Settings
from bot.crew import Crew
from bot.fronts.discord import DiscordFront
from bot.fronts.room import Room
from bot.studio import Studio

log = logging.getLogger(__name__)


async def run(settings: Settings, *, open_browser: bool = False) -> None:
    """Run until SIGTERM or Ctrl-C.

    The fronts close first, so nothing new comes in; then the workers finish what they paint or
    leave it for the next start; the studio, whose database they share, is the last to go.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        studio = await stack.enter_async_context(Studio(settings))
        crew = Crew(settings)
        crew.start()
        stack.push_async_callback(crew.stop)
        if settings.room.enabled:
            room = Room(studio)
            await room.start()
            stack.push_async_callback(room.stop)
            print(f"The room is open at {room.url} (Ctrl-C closes it)", flush=True)
            if open_browser:
                await asyncio.to_thread(webbrowser.open, room.url)
        if settings.discord.enabled:
            discord = DiscordFront(studio)
            await discord.start()
            stack.push_async_callback(discord.close)
        await studio.resume()
        await stop.wait()
        log.info("closing; jobs that are not finished go on at the next start")
