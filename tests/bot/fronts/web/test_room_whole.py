"""A newcomer's first painting, with nothing replaced: browser, room, studio, worker and weights."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, expect

from tests.bot.fronts.web.conftest import new_page
from tests.bot.processes import RunningStudio

pytestmark = pytest.mark.asyncio(loop_scope="package")


@pytest_asyncio.fixture(loop_scope="package")
async def running(tmp_path: Path) -> AsyncIterator[RunningStudio]:
    running = await RunningStudio(tmp_path / "data").start()
    yield running
    await running.stop()


async def test_two_samples_become_a_painting_and_its_film(browser: Browser, running: RunningStudio):
    page = await new_page(browser)
    await page.goto(running.url)
    for region in ("A picture", "A style"):
        tiles = page.get_by_role("region", name=region, exact=True).locator(".tile")
        await tiles.first.click()
    await expect(page.locator("#tray img")).to_have_count(2)
    await page.get_by_label("Message", exact=True).fill("size=64 steps=4 gif")
    await page.get_by_role("button", name="Paint", exact=True).click()
    await page.locator(".job.done, .job.failed").wait_for()
    await expect(page.locator(".message.bot")).to_contain_text("Here is your painting: 64 ×")
    painting = page.locator(".job.done .frame img")
    assert await width_of(painting) == 64
    await page.get_by_role("button", name="Enlarge: Film").click()
    film = page.get_by_role("dialog").get_by_role("img")
    await expect(film).to_have_attribute("alt", re.compile("^Film: chelsea.jpg painted"))
    assert await width_of(film) > 0


async def test_a_sample_map_is_drawn_on_and_becomes_a_doodle(
    browser: Browser, running: RunningStudio
):
    page = await new_page(browser)
    await page.goto(running.url)
    await page.get_by_label("Message", exact=True).fill("doodle size=64 steps=2")
    await page.locator(".tile[data-file='island-map.png']").click()  # its style comes along
    await expect(page.locator("#tray figcaption")).to_have_text(["Style", "Style map", "Map"])
    await page.get_by_role("button", name="Draw", exact=True).click()
    brush = page.get_by_role("dialog", name="Draw")
    await brush.get_by_label("black").check()
    await brush.get_by_label("Size").fill("80")
    await brush.get_by_role("img", name="Your own map").click()
    await brush.get_by_role("button", name="Use").click()
    await expect(brush).to_be_hidden()
    await page.get_by_role("button", name="Paint", exact=True).click()
    await page.locator(".job.done, .job.failed").wait_for()
    assert await width_of(page.locator(".job.done .frame img").first) == 64
    told = page.locator(".message.bot")
    await expect(told).to_contain_text("The black of your map is not in the style's map")
    matches = page.locator(".job.done img[alt^='Which regions matched']")
    assert await width_of(matches) > 200


async def width_of(image: Locator) -> int:
    """The pixels across a picture, once the browser has decoded it."""
    return await image.evaluate("(image) => image.decode().then(() => image.naturalWidth)")
