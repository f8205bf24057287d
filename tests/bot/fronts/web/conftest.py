"""A studio whose painter is the test, an open room, and two ways into it: HTTP and a browser."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import aiohttp
import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Browser, Page, ViewportSize, async_playwright, expect

from bot.config import Settings
from bot.fronts.base import settings_with_fronts
from bot.fronts.web import Room
from bot.jobs.migrations import migrate
from bot.studio import Studio
from tests.bot.fake_studio import FakeStudio, encode
from tests.patience import PATIENCE

expect.set_options(timeout=1000 * PATIENCE)

DESKTOP: ViewportSize = {"width": 1280, "height": 900}


def png(colour: str = "teal", size: tuple[int, int] = (48, 32)) -> bytes:
    return encode(Image.new("RGB", size, colour), "PNG")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_with_fronts()(data=tmp_path / "data", room={"port": 0})


@pytest_asyncio.fixture(loop_scope="package")
async def studio(settings: Settings) -> AsyncIterator[FakeStudio]:
    settings.data.mkdir()
    studio = FakeStudio(settings)
    await migrate(studio.engine)
    yield studio
    await studio.engine.dispose()


@pytest_asyncio.fixture(loop_scope="package")
async def room(studio: FakeStudio) -> AsyncIterator[Room]:
    """An open room."""
    room = Room(cast(Studio, studio))
    studio.enlist(room)
    await room.open()
    yield room
    await room.close()


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


async def paint(page: Page, studio: FakeStudio) -> str:
    """Send two pictures; returns the job."""
    await attach(page, "cat.png", "wave.png")
    await page.get_by_role("button", name="Paint", exact=True).click()
    await expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    return list(studio.jobs)[-1]
