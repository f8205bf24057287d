"""The studio as fronts see it, without queue, worker and store: the test itself is the painter."""

import base64
import io
import itertools
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

from PIL import Image, ImageDraw

from bot.config import Settings
from bot.fronts.base import Front
from bot.jobs.ledger import connect
from bot.model import (
    Curve,
    Job,
    Outcome,
    Progress,
    Request,
    State,
    Status,
    StoredPicture,
    Upload,
)
from bot.monitor import Health
from bot.studio import Refused

STEPS = 100
WAIT_SECONDS = 40.0
"""For each place in the queue."""


def encode(image: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


def painting(progress: float, size: tuple[int, int] = (480, 320)) -> Image.Image:
    """Something to look at that changes as it is painted."""
    image = Image.new("RGB", size, "#3d5a6c")
    draw = ImageDraw.Draw(image)
    colours = itertools.cycle(("#c8553d", "#f2d0a9", "#588b8b", "#1d3557"))
    for n, colour in zip(range(int(60 * progress)), colours, strict=False):
        x, y = n * 97 % size[0], n * 61 % size[1]
        draw.ellipse((x - 30, y - 12, x + 30, y + 12), fill=colour)
    return image


PAINTING, FILM = encode(painting(1), "PNG"), encode(painting(0.5), "GIF")
"""What every job ends in that is not told otherwise."""


class FakeStudio:
    """Takes jobs, and does with them what the test says: ``paint``, ``end``."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.engine = connect(settings.database_url)
        self.health = Health()
        self.jobs: dict[str, Job] = {}
        self.statuses: dict[str, Status] = {}
        self.store: dict[str, bytes] = {}
        self.uploads: Sequence[Upload] = ()
        """Those of the newest job."""
        self.kept: dict[str, str] = {}
        self.forgotten: list[str] = []
        self.refusal: Exception | None = None
        """Is raised by whoever submits."""
        self.front: Front

    def enlist(self, front: Front) -> None:
        self.front = front

    async def submit(self, request: Request) -> Status:
        id, uploads = request.id, request.uploads
        if id in self.jobs:
            return self.statuses[id]
        for upload in uploads:
            if upload.size > self.settings.limits.picture_bytes:
                raise Refused(f"{upload.name} has {upload.size} bytes, which is too much.")
        if self.refusal:
            raise self.refusal
        self.uploads, pictures = uploads, []
        for number, upload in enumerate(uploads, 1):
            key = f"jobs/{id}/picture-{number}"
            self.store[key] = await upload.read()
            pictures.append(
                StoredPicture(key=key, name=upload.name, spoiler=upload.spoiler, alt=upload.alt)
            )
        self.jobs[id] = request.job(pictures)
        position = sum(status.state == "queued" for status in self.statuses.values()) + 1
        await self.show(id, "queued", position=position, wait=WAIT_SECONDS * position)
        return self.statuses[id]

    async def show(self, job: str, state: State, **fields: Any) -> None:
        self.statuses[job] = Status(job, state, **fields)
        await self.front.show(self.jobs[job], self.statuses[job])

    async def paint(
        self, job: str, step: int, *, preview: bool = True, curve: Curve | None = None
    ) -> None:
        """Paint on: the job is at *step* now."""
        seen = encode(painting(step / STEPS), "JPEG")
        progress = Progress(
            step=step,
            steps=STEPS,
            scale=1,
            scales=2,
            preview=base64.b64encode(seen).decode() if preview else None,
            curve=curve,
            seconds_left=float(STEPS - step),
        )
        await self.show(job, "running", progress=progress)

    async def end(self, job: str, state: State = "done", **fields: Any) -> None:
        """End a job as a worker does, with these *fields* of its outcome, and have it answered."""
        if state == "done":
            result, film = f"jobs/{job}/result.png", f"jobs/{job}/film.gif"
            self.store |= {result: PAINTING, film: FILM}
            fields = {
                "result": result,
                "shared": result,
                "film": film if self.jobs[job].order.wishes.film else None,
                "width": 480,
                "height": 320,
                "seconds": 32.0,
            } | fields
        self.statuses[job] = Status(job, state, outcome=Outcome(**fields) if fields else None)
        await self.answer(job)

    async def answer(self, job: str) -> None:
        await self.front.answer(self.jobs[job], self.statuses[job])

    async def follow(self, job: str) -> AsyncIterator[Status]:
        yield self.statuses[job]

    async def status(self, job: str) -> Status | None:
        return self.statuses.get(job)

    async def job(self, job: str) -> Job | None:
        return self.jobs.get(job)

    async def jobs_of(self, person: str) -> list[Job]:
        return [job for job in self.jobs.values() if job.person == person]

    async def cancel(self, job: str, person: str) -> bool:
        if self.jobs[job].person != person or self.statuses[job].ended:
            return False
        await self.end(job, "cancelled")
        return True

    async def cancel_all(self, person: str) -> int:
        return sum([await self.cancel(job, person) for job in self.jobs])

    async def forget(self, person: str) -> int:
        self.forgotten.append(person)
        await self.cancel_all(person)
        theirs = [job.id for job in self.jobs.values() if job.person == person]
        for job in theirs:
            del self.jobs[job], self.statuses[job]
            for key in [key for key in self.store if key.startswith(f"jobs/{job}/")]:
                del self.store[key]
        await self.front.forget(person)
        return len(theirs)

    async def unsay(self, front: str, person: str) -> int:
        return await self.front.unsay(person)

    async def asked(self, person: str, since: datetime) -> int:
        return sum(job.person == person and job.created >= since for job in self.jobs.values())

    async def recall(self, name: str) -> str | None:
        return self.kept.get(name)

    async def remember(self, name: str, value: str) -> None:
        self.kept[name] = value

    async def read(self, key: str) -> bytes:
        try:
            return self.store[key]
        except KeyError:
            raise FileNotFoundError(key) from None

    async def readdress(self, job: str, address: dict[str, Any]) -> None:
        self.jobs[job] = self.jobs[job].model_copy(update={"address": address})
