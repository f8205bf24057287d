"""The loss while a work goes on: what the room is told, and how the page draws it."""

import re
from math import log

import pytest
from playwright.async_api import Page, expect

from bot.model import Curve
from tests.bot.fake_studio import FakeStudio
from tests.bot.fronts.web.conftest import TWO, ask, paint, say

pytestmark = pytest.mark.asyncio(loop_scope="package")

CURVE = Curve(
    steps=(1, 10, 20, 30),
    terms={
        "total": (100.0, 10.0, 20.0, 5.0),
        "some_term": (60.0, 6.0, 12.0, 3.0),
        "another": (40.0, 4.0, 8.0, 2.0),
    },
    scales=(1, 15),
)


def points(path: str) -> list[tuple[str, float, float]]:
    found = re.findall(r"([ML])([\d.]+) ([\d.]+)", path)
    return [(kind, float(x), float(y)) for kind, x, y in found]


async def test_the_api_tells_the_terms_so_far(http, studio: FakeStudio):
    job = (await say(http, "", *TWO))["job"]["id"]
    await studio.paint(job, 10)
    assert (await ask(http, f"/api/jobs/{job}"))["curve"] is None
    await studio.paint(job, 30, curve=CURVE)
    assert (await ask(http, f"/api/jobs/{job}"))["curve"] == CURVE.model_dump(mode="json")
    await studio.end(job)
    assert (await ask(http, f"/api/jobs/{job}"))["curve"] is None


async def test_the_page_draws_each_term_of_any_work_and_breaks_it_between_scales(
    page: Page, studio: FakeStudio
):
    job = await paint(page, studio)
    await studio.paint(job, 1)
    await expect(page.locator(".curve")).to_be_hidden()
    await studio.paint(job, 30, curve=CURVE)
    await expect(page.locator(".curve li")).to_have_text(
        ["total from 100 to 5", "some term from 60 to 3", "another from 40 to 2"]
    )
    lines = [
        points(await line.get_attribute("d") or "") for line in await page.locator(".term").all()
    ]
    assert [[kind for kind, _, _ in line] for line in lines] == [["M", "L", "M", "L"]] * 3
    [total, *_] = lines
    heights = [y for _, _, y in total]
    assert heights[1] - heights[0] == pytest.approx(  # equal ratios are equal lengths
        (max(y for line in lines for _, _, y in line) - 3) * log(10) / log(50), abs=0.02
    )
    assert min(heights) == 3  # the highest value is at the top
    assert len(await page.locator(".scale").all()) == 1
    await studio.paint(job, 40)  # no news of the loss
    await expect(page.locator(".curve")).to_be_visible()
    await studio.end(job)
    await expect(page.locator(".curve")).to_have_count(0)
