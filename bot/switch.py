"""The owner's switch: pause and resume, kept in the database, so also over restarts.

A studio that runs obeys at once: it asks the database whenever somebody asks for work.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.config import Settings
from bot.jobs.ledger import Ledger, connect
from bot.jobs.migrations import migrate
from bot.jobs.submit import PAUSED


async def pause(settings: Settings, reason: str) -> str:
    """Let the studio take no new work, for the *reason* that people are told; says what is so."""
    async with _ledger(settings) as ledger:
        await ledger.remember(PAUSED, reason)
    return "The studio takes no new work until stylenet resume; it paints what it has."


async def resume(settings: Settings) -> str:
    """Let the studio take new work again; says what is so."""
    async with _ledger(settings) as ledger:
        paused = await ledger.recall(PAUSED) is not None
        await ledger.drop(PAUSED)
    return "The studio takes new work again." if paused else "The studio was not paused."


@asynccontextmanager
async def _ledger(settings: Settings) -> AsyncIterator[Ledger]:
    settings.data.mkdir(parents=True, exist_ok=True)
    engine = connect(settings.database_url)
    try:
        await migrate(engine)
        yield Ledger(engine)
    finally:
        await engine.dispose()
