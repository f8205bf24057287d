"""Retention: deletes what is older than the settings say, and files that belong to no job."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.jobs.ledger import Ledger
from bot.jobs.store import Store
from bot.logs import about

log = logging.getLogger(__name__)

SWEEP_SECONDS = 3600
STRAY_AFTER = timedelta(hours=1)
"""Pictures of a job that is just being taken are no strays yet."""


@dataclass(frozen=True)
class Retention:
    """Goes through ledger and store, now and then."""

    ledger: Ledger
    store: Store
    keep: timedelta
    delete_job: Callable[[str], Awaitable[None]]
    """Deletes all there is of one job."""
    delete_before: Sequence[Callable[[datetime], Awaitable[None]]]
    """Each deletes what a front keeps."""

    async def run(self) -> None:
        """Retention until cancelled; what cannot be deleted now is deleted another time."""
        while True:
            with _another_time():
                await self.once(datetime.now(UTC))
            await asyncio.sleep(SWEEP_SECONDS)

    async def once(self, now: datetime) -> None:
        """Delete what is too old at the moment *now*."""
        oldest = now - self.keep
        for job in await self.ledger.answered_before(oldest):
            with about(job.id), _another_time():
                await self.delete_job(job.id)
        for delete_before in self.delete_before:
            with _another_time():
                await delete_before(oldest)
        known = await self.ledger.ids()
        for stray, changed in (await self.store.jobs()).items():
            if stray not in known and changed < now - STRAY_AFTER:
                with about(stray), _another_time():
                    await self.store.delete_job(stray)
        await self.store.delete_halves(now - STRAY_AFTER)


@contextmanager
def _another_time() -> Iterator[None]:
    """What cannot be deleted keeps nothing else from being deleted."""
    try:
        yield
    except Exception:
        log.warning("cannot delete what is old; trying again later", exc_info=True)
