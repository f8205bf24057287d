"""Putting a message together in a real browser: pictures, their order, options, trouble."""

import base64

import pytest
from playwright.async_api import Page, expect

from bot.config import Limits, Settings
from tests.bot.fake_studio import FakeStudio
from tests.bot.fronts.web.conftest import attach, file, paint, png

pytestmark = pytest.mark.asyncio(loop_scope="package")

DISPATCH = """([type, name, data]) => {
    const files = new DataTransfer();
    const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
    files.items.add(new File([bytes], name, {type: "image/png"}));
    const init = {bubbles: true, dataTransfer: files, clipboardData: files};
    const Kind = type === "paste" ? ClipboardEvent : DragEvent;
    document.querySelector("#text").dispatchEvent(new Kind(type, init));
}"""
"""Lets an event happen that carries a file, as a hand on the mouse or the clipboard would."""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"limits": Limits(picture_bytes=1_000_000)})


def encoded() -> str:
    return base64.b64encode(png()).decode()


async def test_pictures_are_ordered_by_hand(page: Page, studio: FakeStudio):
    await attach(page, "first.png", "second.png", "third.png")
    roles = page.locator("#tray figcaption")
    await expect(roles).to_have_text(["Content", "Style 1", "Style 2"])
    await expect(page.get_by_label("Message", exact=True)).to_have_value("blend ")
    await page.get_by_role("button", name="Swap Style 1 with the one before").click()
    await page.get_by_role("button", name="Remove Style 2: third.png").click()
    await expect(roles).to_have_text(["Content", "Style"])
    await page.get_by_role("button", name="Paint", exact=True).click()
    await expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    [job] = studio.jobs.values()
    assert [picture.name for picture in job.order.pictures] == ["second.png", "first.png"]


async def test_pictures_are_dropped_and_pasted(page: Page):
    await page.evaluate(DISPATCH, ["dragenter", "cat.png", encoded()])
    await expect(page.locator("#drop")).to_be_visible()
    await page.evaluate(DISPATCH, ["drop", "cat.png", encoded()])
    await expect(page.locator("#drop")).to_be_hidden()
    await page.evaluate(DISPATCH, ["paste", "wave.png", encoded()])
    await expect(page.locator("#tray img")).to_have_count(2)
    await expect(page.locator("#tray img").first).to_have_attribute("alt", "cat.png")
    await expect(page.locator("#tray img").last).to_have_attribute("alt", "wave.png")


async def test_options_and_text_say_the_same(page: Page):
    text = page.get_by_label("Message", exact=True)
    await page.get_by_role("button", name="Options").click()
    await page.get_by_label("Strength").fill("80")
    await page.get_by_label("Size").select_option("384")
    await page.get_by_label("Film").check()
    await page.get_by_label("Texture").check()
    await expect(text).to_have_value("texture size=384 gif")
    await text.fill("please #stylenet STRENGTH = 20 steps=77 init=noise")
    await expect(page.get_by_label("Strength")).to_have_value("20")
    await expect(page.get_by_label("Steps", exact=True)).to_have_value("77")
    await expect(page.get_by_label("Film")).not_to_be_checked()
    await expect(page.get_by_label("Start from")).to_have_value("noise")
    await page.get_by_label("Strength").fill("50")
    await page.get_by_label("Steps", exact=True).select_option("100")
    await expect(text).to_have_value("please #stylenet init=noise steps=100")
    await text.fill("please #stylenet init=noise steps auto")
    await expect(page.get_by_label("Steps", exact=True)).to_have_value("auto")
    await page.get_by_label("Steps", exact=True).select_option("200")
    await expect(text).to_have_value("please #stylenet init=noise steps=200")
    await page.get_by_label("Steps", exact=True).select_option("as many as it takes")
    await expect(text).to_have_value("please #stylenet init=noise")


async def test_the_panel_follows_options_however_they_are_written(page: Page):
    text = page.locator("#text")
    await page.locator("#options").click()
    for said in ("size 384, no gif", "**size: 384** please", "—size＝384."):
        await text.fill(said)
        await expect(page.get_by_label("Size")).to_have_value("384")
        await expect(page.get_by_label("Film")).not_to_be_checked()
    await text.fill("style scale: 2 with a gif.")
    await expect(page.get_by_label("Strokes")).to_have_value("2")
    await expect(page.get_by_label("Film")).to_be_checked()
    await text.fill("my cat size 384")
    await page.get_by_label("Size").select_option("512")
    await expect(text).to_have_value("my cat size=512")


async def test_what_only_experts_ask_for_is_behind_more(page: Page, studio: FakeStudio):
    text = page.get_by_label("Message", exact=True)
    await page.get_by_role("button", name="Options").click()
    await page.get_by_label("Colours").select_option("content")
    await page.get_by_label("Strokes").select_option("broad")
    await expect(page.get_by_label("seed")).to_be_hidden()
    await page.get_by_text("More", exact=True).click()
    await expect(page.get_by_label("weights")).to_be_hidden()
    await page.get_by_label("seed").fill("7")
    await page.get_by_label("style_layers").fill("relu1_1:1, relu2_1")
    await page.get_by_label("statistics").select_option("covariance")
    said = "seed=7 style_layers=relu1_1:1,relu2_1 statistics=covariance"
    await expect(text).to_have_value(f"colours=content style_scale=2 {said}")
    await page.get_by_label("seed").fill("")
    await attach(page, "cat.png", "wave.png")
    await page.get_by_role("button", name="Paint", exact=True).click()
    await expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    [job] = studio.jobs.values()
    recipe = job.order.recipe
    assert (recipe.colours, recipe.style_scale, recipe.seed) == ("content", 2, 0)
    assert (recipe.statistics, recipe.style_layers) == ("covariance", {"relu1_1": 1, "relu2_1": 1})


async def test_a_texture_is_not_asked_what_means_nothing_to_it(page: Page):
    text = page.get_by_label("Message", exact=True)
    await text.fill("style-scale=1.3 colours=luminance init=picture strength=70")
    await page.get_by_role("button", name="Options").click()
    await expect(page.get_by_label("Strokes")).to_have_value("1.3")
    await page.get_by_label("Texture").check()
    await expect(text).to_have_value("texture style-scale=1.3")
    for label in ("Strength", "Colours"):
        await expect(page.get_by_label(label)).to_be_hidden()
    await expect(page.get_by_label("Start from")).to_have_value("patches")
    await page.get_by_label("Blend of styles").check()
    await expect(page.get_by_label("Colours")).to_be_visible()


async def test_the_last_picture_may_be_the_one_to_start_from(page: Page, studio: FakeStudio):
    await page.get_by_role("button", name="Options").click()
    await page.get_by_label("Start from").select_option("picture")
    text, roles = page.get_by_label("Message", exact=True), page.locator("#tray figcaption")
    await attach(page, "cat.png", "wave.png")
    await expect(roles).to_have_text(["Content", "Style"])
    await expect(text).to_have_attribute("placeholder", "Now a picture to start from")
    await expect(page.get_by_role("button", name="Send")).to_be_visible()
    await attach(page, "sketch.png")
    await expect(roles).to_have_text(["Content", "Style", "Start"])
    await expect(text).to_have_value("init=picture")
    await attach(page, "dots.png")
    await expect(roles).to_have_text(["Content", "Style 1", "Style 2", "Start"])
    await page.get_by_role("button", name="Swap Start with the one before").click()
    await page.get_by_role("button", name="Paint", exact=True).click()
    await expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    [job] = studio.jobs.values()
    assert job.order.recipe.init == "picture"
    names = [picture.name for picture in job.order.pictures]
    assert names == ["cat.png", "wave.png", "dots.png", "sketch.png"]
    await expect(page.get_by_role("img", name="Start: sketch.png")).to_be_visible()


async def test_a_sentence_about_three_pictures_is_a_blend(page: Page, studio: FakeStudio):
    await page.get_by_label("Message", exact=True).fill("look at my cat #stylenet steps=20")
    await attach(page, "cat.png", "wave.png", "dots.png")
    await page.get_by_role("button", name="Paint", exact=True).click()
    await expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    [job] = studio.jobs.values()
    assert (len(job.order.pictures), job.order.recipe.steps) == (3, 20)


async def test_trouble_is_told_in_words(page: Page, studio: FakeStudio):
    trouble = page.get_by_role("alert")
    await page.set_input_files("#files", [{**file("a.txt"), "mimeType": "text/plain"}])
    await expect(trouble).to_have_text("a.txt is not a picture.")
    await page.set_input_files("#files", [{**file("huge.png"), "buffer": bytes(1_500_000)}])
    await expect(trouble).to_have_text("huge.png has 1.5 MB; a picture may have 1 MB.")
    job = await paint(page, studio)
    await expect(trouble).to_be_hidden()
    await studio.end(job, "failed", error="cat.png is not a picture: it is text.")
    await expect(page.locator(".job.failed")).to_contain_text("cat.png is not a picture")


async def test_what_is_refused_stays_to_be_put_right(page: Page, studio: FakeStudio):
    text = page.get_by_label("Message", exact=True)
    await attach(page, "cat.png", "wave.png")
    await text.fill("strength=500")
    await page.get_by_role("button", name="Paint", exact=True).click()
    await expect(page.locator(".message.bot")).to_contain_text("0 to 100")
    await expect(text).to_have_value("strength=500")
    await text.fill("strength=70")
    await page.get_by_role("button", name="Paint", exact=True).click()
    await expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    await expect(text).to_have_value("")
    await expect(page.locator("#tray img")).to_have_count(0)
    [job] = studio.jobs.values()
    assert [picture.name for picture in job.order.pictures] == ["cat.png", "wave.png"]
