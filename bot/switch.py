"""What the owner does from the shell, also beside a studio that runs: pause, resume, forget.

A pause is kept in the database, so it lasts over restarts. A studio that runs obeys at once: it
asks the database whenever somebody asks for work, and sees there what was cancelled.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.config import Settings
from bot.fronts.base import found
from bot.jobs.ledger import Ledger, connect
from bot.jobs.migrations import migrate
from bot.jobs.submit import PAUSED
from bot.studio import Studio

CALLED = (
    "People are called like discord:80351110224678912, bluesky:did:plc:ewvi7nxzyoun6zhxrhs64oiz or "
    "mastodon:ann@example.social."
)


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


async def forget(settings: Settings, person: str) -> str:
    """Delete all that is kept of *person*, as ``Job.person`` names them; says how much it was."""
    settings.data.mkdir(parents=True, exist_ok=True)
    async with Studio(settings) as studio:
        for kind in found().values():  # not opened: they only forget
            studio.enlist(kind(studio))
        jobs = await studio.forget(person)
    if jobs == 0:
        return f"Nothing is kept of {person}. {CALLED}"
    what = "1 job, its" if jobs == 1 else f"{jobs} jobs, their"
    return f"Deleted of {person}: {what} pictures and paintings."


@asynccontextmanager
async def _ledger(settings: Settings) -> AsyncIterator[Ledger]:
    settings.data.mkdir(parents=True, exist_ok=True)
    engine = connect(settings.database_url)
    try:
        await migrate(engine)
        yield Ledger(engine)
    finally:
        await engine.dispose()
