"""The worker's threads: a painting is left between two of its steps, and then it is closed."""

import asyncio
import threading
from contextlib import suppress

from bot.config import Settings, Workers
from bot.job import Progress
from bot.worker import Worker


async def test_a_cancelled_painting_is_closed_once_its_step_has_ended(tmp_path):
    worker = Worker(Settings(data=tmp_path, workers=Workers(together=2)))
    report = Progress(step=1, steps=2, scale=0, scales=1)
    painting, ended, closed = threading.Event(), threading.Event(), threading.Event()

    def events():
        try:
            yield report
            painting.set()
            ended.wait(30)
            yield report
        finally:
            closed.set()

    async def follow():
        async for _ in worker._events(events(), report):
            pass

    following = asyncio.create_task(follow())
    await asyncio.to_thread(painting.wait, 30)
    following.cancel()
    with suppress(asyncio.CancelledError):
        await following
    assert not closed.is_set()  # a thread is still inside
    ended.set()
    assert await asyncio.to_thread(closed.wait, 30)
