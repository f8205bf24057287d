"""Work that goes on by itself: kept hold of, tried again, and ended with the studio."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from tenacity import AsyncRetrying, RetryCallState, wait_chain, wait_fixed

log = logging.getLogger(__name__)

RETRY_SECONDS = (1, 5, 15, 60, 300)


class Tasks:
    """Tasks that nobody waits for; one that fails is told in the log."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Begin *work*, which the log calls *name*."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def cancel(self) -> None:
        """End all of them."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("%s failed", task.get_name(), exc_info=task.exception())


async def until_done(work: Callable[[], Awaitable[None]], trouble: str) -> None:
    """Do *work* again and again until nothing is in its way, less often each time.

    What is in its way is logged under *trouble*.
    """

    def tell(state: RetryCallState) -> None:
        log.warning(trouble, exc_info=state.outcome.exception() if state.outcome else None)

    pauses = wait_chain(*map(wait_fixed, RETRY_SECONDS))
    async for attempt in AsyncRetrying(wait=pauses, before_sleep=tell):
        with attempt:
            await work()
