"""A studio whose painter is the test, an open room, and two ways into it: HTTP and a browser."""

import base64
import io
import itertools
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import aiohttp
import pytest
import pytest_asyncio
from PIL import Image, ImageDraw
from playwright.async_api import Browser, Page, ViewportSize, async_playwright, expect

from bot.commands import Paint, check_pictures
from bot.config import Settings
from bot.fronts.web import Room
from bot.jobs.ledger import connect
from bot.jobs.migrations import migrate
from bot.model import Job, Order, Outcome, Progress, Status, StoredPicture, Upload
from bot.monitor import Health
from bot.studio import Refused, Studio
from tests.patience import PATIENCE

expect.set_options(timeout=1000 * PATIENCE)

DESKTOP: ViewportSize = {"width": 1280, "height": 900}


def png(colour: str = "teal", size: tuple[int, int] = (48, 32)) -> bytes:
    return encode(Image.new("RGB", size, colour), "PNG")


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


@dataclass
class StubStudio:
    """The studio's methods that fronts use, without queue, worker or store."""

    settings: Settings
    room: Room | None = None
    refusal: Exception | None = None
    jobs: dict[str, Job] = field(default_factory=dict)
    statuses: dict[str, Status] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)
    forgotten: list[str] = field(default_factory=list)
    health: Health = field(default_factory=Health)

    def __post_init__(self) -> None:
        self.settings.data.mkdir(exist_ok=True)
        self.engine = connect(self.settings.database_url)

    def enlist(self, front: Any) -> None:
        self.room = front

    async def submit(
        self,
        *,
        id: str,
        front: str,
        person: str,
        address: dict[str, Any],
        paint: Paint,
        uploads: Sequence[Upload],
    ) -> Status:
        check_pictures(paint, len(uploads))
        if self.refusal:
            raise self.refusal
        for upload in uploads:
            if upload.size > self.settings.limits.picture_bytes:
                raise Refused(f"{upload.name} has {upload.size} bytes, which is too much.")
        stored = []
        for number, upload in enumerate(uploads, 1):
            key = f"jobs/{id}/picture-{number}"
            self.pictures[key] = await upload.read()
            stored.append(StoredPicture(key=key, name=upload.name))
        order = Order(
            recipe=paint.recipe, pictures=tuple(stored), film=paint.film, notes=paint.notes
        )
        self.jobs[id] = Job(id=id, front=front, person=person, address=address, order=order)
        waiting = sum(status.state == "queued" for status in self.statuses.values())
        self.statuses[id] = Status(id, "queued", position=waiting + 1, wait=25.0 * (waiting + 1))
        return self.statuses[id]

    async def status(self, job: str) -> Status | None:
        return self.statuses.get(job)

    async def cancel(self, job: str, person: str) -> bool:
        if self.statuses[job].ended or self.jobs[job].person != person:
            return False
        await self.end(job, Status(job, "cancelled"))
        return True

    async def cancel_all(self, person: str) -> int:
        mine = [job for job in self.jobs if not self.statuses[job].ended]
        return sum([await self.cancel(job, person) for job in mine])

    async def forget(self, person: str) -> int:
        self.forgotten.append(person)
        await self.cancel_all(person)
        forgotten = len(self.jobs)
        self.pictures.clear()
        self.jobs.clear()
        self.statuses.clear()
        return forgotten

    async def read(self, key: str) -> bytes:
        if key not in self.pictures:
            raise FileNotFoundError(key)
        return self.pictures[key]

    async def paint(self, job: str, step: int, steps: int = 100) -> None:
        """Paint on: the job is at *step* now."""
        preview = base64.b64encode(encode(painting(step / steps), "JPEG")).decode()
        progress = Progress(
            step=step,
            steps=steps,
            scale=1,
            scales=2,
            preview=preview,
            seconds_left=(steps - step) / 2,
        )
        self.statuses[job] = Status(job, "running", progress=progress)
        assert self.room
        await self.room.show(self.jobs[job], self.statuses[job])

    async def finish(self, job: str, *notes: str) -> None:
        """The job is done."""
        result, film = f"jobs/{job}/result.png", f"jobs/{job}/film.gif"
        self.pictures[result] = encode(painting(1), "PNG")
        self.pictures[film] = encode(painting(0.5), "GIF")
        outcome = Outcome(
            result=result,
            film=film if self.jobs[job].order.film else None,
            notes=notes,
            width=480,
            height=320,
            seconds=41.6,
        )
        await self.end(job, Status(job, "done", outcome=outcome))

    async def fail(self, job: str, error: str) -> None:
        """The job fails."""
        await self.end(job, Status(job, "failed", outcome=Outcome(error=error)))

    async def end(self, job: str, status: Status) -> None:
        self.statuses[job] = status
        assert self.room
        await self.room.answer(self.jobs[job], status)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", room={"port": 0})


@pytest_asyncio.fixture(loop_scope="package")
async def studio(settings: Settings) -> AsyncIterator[StubStudio]:
    studio = StubStudio(settings)
    await migrate(studio.engine)
    yield studio
    await studio.engine.dispose()


@pytest_asyncio.fixture(loop_scope="package")
async def room(studio: StubStudio) -> AsyncIterator[Room]:
    """An open room."""
    room = Room(cast(Studio, studio))
    await room.start()
    yield room
    await room.stop()


@pytest_asyncio.fixture(loop_scope="package")
async def http(room: Room) -> AsyncIterator[aiohttp.ClientSession]:
    """A program that talks to the open room."""
    async with aiohttp.ClientSession(room.url) as session:
        yield session


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def browser() -> AsyncIterator[Browser]:
    """Chromium, without a window, one for all tests: they share an event loop, too."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox"],
            timeout=1000 * PATIENCE,
        )
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="package")
async def page(browser: Browser, room: Room) -> AsyncIterator[Page]:
    """The open page; at the end nothing may have gone wrong in it, CSP violations included."""
    page = await new_page(browser, viewport=DESKTOP, reduced_motion="reduce")
    trouble: list[str] = []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("console", lambda said: trouble.append(said.text) if said.type == "error" else None)
    await page.goto(room.url)
    await expect(page.get_by_role("button", name="Your own…")).to_have_count(2)
    yield page
    await page.context.close()
    assert [line for line in trouble if "net::ERR_" not in line] == []


async def new_page(browser: Browser, **options: Any) -> Page:
    """A page in a context of its own, which *options* describe, on a machine that may be slow."""
    context = await browser.new_context(**options)
    context.set_default_timeout(1000 * PATIENCE)
    return await context.new_page()


async def say(http: aiohttp.ClientSession, text: str, *files: tuple[str, bytes]) -> dict[str, Any]:
    """Post a message; returns the answer of the room."""
    form = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
    form.add_field("text", text)
    for name, data in files:
        form.add_field("file", data, filename=name)
    async with http.post("/api/messages", data=form) as response:
        assert response.status == 201, await response.text()
        return await response.json()


async def ask(http: aiohttp.ClientSession, path: str) -> Any:
    """GET the JSON at *path*."""
    async with http.get(path) as response:
        assert response.status == 200
        return await response.json()


TWO = (("cat.png", png()), ("wave.png", png("tomato")))
"""A content picture and a style."""


def file(name: str, colour: str = "teal") -> Any:
    return {"name": name, "mimeType": "image/png", "buffer": png(colour)}


async def attach(page: Page, *names: str) -> None:
    await page.set_input_files("#files", [file(name) for name in names])


async def paint(page: Page, studio: StubStudio) -> str:
    """Send two pictures; returns the job."""
    await attach(page, "cat.png", "wave.png")
    await page.get_by_role("button", name="Paint", exact=True).click()
    await expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    return list(studio.jobs)[-1]
