"""Answers that offer replies: a sheet's cells, each a click away."""

import pytest
from playwright.async_api import Page, expect

from tests.bot.fake_studio import FakeStudio
from tests.bot.fronts.web.conftest import attach

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_a_click_on_a_cells_name_has_it_painted(page: Page, studio: FakeStudio):
    await page.get_by_role("textbox", name="Message").fill("sweep seed=1,2 strength=70")
    await attach(page, "cat.png", "wave.png")
    await page.get_by_role("button", name="Paint", exact=True).click()
    await expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    [sheet] = studio.jobs
    await studio.end(sheet)
    offered = page.get_by_role("group", name="Reply").get_by_role("button")
    await expect(offered).to_have_text(["A1", "B1"])
    await offered.nth(1).click()
    await expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    cell = list(studio.jobs)[-1]
    assert (cell != sheet, studio.jobs[cell].order.recipe.seed) == (True, 2)
    await expect(page.locator(".message.you").last).to_contain_text("cell=B1")


async def test_a_painting_offers_no_replies(page: Page, studio: FakeStudio):
    await attach(page, "cat.png", "wave.png")
    await page.get_by_role("button", name="Paint", exact=True).click()
    await expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    await studio.end(list(studio.jobs)[-1])
    await expect(page.get_by_role("button", name="Again…")).to_be_visible()
    await expect(page.get_by_role("group", name="Reply")).to_have_count(0)


async def test_lists_are_written_into_fields_of_their_own(page: Page):
    await page.get_by_role("textbox", name="Message").fill("sweep")
    await page.get_by_role("button", name="Options", exact=True).click()
    field = page.get_by_label("Strength")
    await field.fill("20,50,80")
    await field.press("Tab")
    await expect(page.get_by_role("textbox", name="Message")).to_have_value(
        "sweep strength=20,50,80"
    )
    await page.get_by_role("textbox", name="Message").fill("sweep colours=style,content")
    await expect(page.get_by_label("Colours")).to_have_value("style,content")
