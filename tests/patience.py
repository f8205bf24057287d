"""How tests wait: for a condition, not for a while, and on a busy machine, too."""

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

PATIENCE = 240
"""Seconds. No test that passes takes so long to see anything: only one that fails."""


async def until(reached: Callable[[], Any], *, every: float = 0.02) -> Any:
    """Wait until *reached*, which may be asynchronous, returns something true, and return that.

    It is asked *every* so many seconds.
    """
    async with asyncio.timeout(PATIENCE):
        while True:
            found = reached()
            if inspect.isawaitable(found):
                found = await found
            if found:
                return found
            await asyncio.sleep(every)
