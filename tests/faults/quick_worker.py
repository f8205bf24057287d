"""The real worker with a painter that only waits: for tests of all that is around the painting.

``python -m tests.faults.quick_worker`` takes the arguments of ``python -m bot.worker``. A job takes
a hundredth of a second a step; while the file ``hold`` is in the data folder, it takes until that
goes. The content picture may be JSON that says how large the painting is, and whether there are
previews: ``{"png": 11000000, "previews": true}``.
"""

import asyncio
import base64
import itertools
import json
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager

import bot.worker.worker
from bot.config import Settings
from bot.model import Order, Progress
from bot.worker.__main__ import main
from bot.worker.painter import Event, Painted, Refusal
from stylize.tasks.base import Made
from tests.pictures import png

STEP_SECONDS = 0.01
TICKS = 25
"""Steps between two previews of a painting that is held."""
PICTURE = png(64, 48)
PREVIEW = base64.b64encode(b"a small jpeg").decode()


class QuickPainter:
    """Stands where ``bot.worker.painter.Painter`` does."""

    device = "nothing"

    def __init__(self, settings: Settings) -> None:
        self._hold = settings.data / "hold"

    def paint(
        self, order: Order, pictures: Sequence[bytes], checkpoint: bytes | None = None
    ) -> Iterator[Event]:
        steps = order.recipe.expected_steps
        wish = json.loads(pictures[0]) if pictures[0].startswith(b"{") else {}
        preview = PREVIEW if wish.get("previews") else None
        begun = Progress(step=0, steps=steps, scale=0, scales=1, preview=preview)
        yield begun
        for tick in itertools.count(1):
            if not self._hold.exists():
                break
            time.sleep(STEP_SECONDS)
            if preview and tick % TICKS == 0:
                yield begun.model_copy(update={"step": 1, "seconds_left": float(tick)})
        time.sleep(steps * STEP_SECONDS)
        if pictures[0] == b"broken":
            raise Refusal("I cannot read this picture.")
        files = [Made("result", PICTURE + bytes(wish.get("png", 0)), ".png")]
        if "shared" in wish:
            files.append(Made("copy", bytes(wish["shared"]), ".jpg"))
        if order.wishes.film:
            files.append(Made("film", bytes(wish.get("film", 1000)), ".gif"))
        yield Painted(tuple(files), width=order.recipe.size, height=order.recipe.size)


@asynccontextmanager
async def running_worker(
    settings: Settings, module: str = "tests.faults.quick_worker"
) -> AsyncIterator[None]:
    """A worker, this one or *module*, beside a studio in the test's own process.

    The settings go in as they do from the supervisor; the end of standard input ends it.
    """
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, "--child"),
        stdin=PIPE,
        stdout=DEVNULL,
    )
    assert worker.stdin is not None
    worker.stdin.write(
        settings.model_dump_json(include=set(Settings.model_fields)).encode() + b"\n"
    )
    try:
        yield
    finally:
        worker.stdin.close()
        await worker.wait()


if __name__ == "__main__":
    bot.worker.worker.Painter = QuickPainter  # type: ignore[assignment,misc]
    main()
