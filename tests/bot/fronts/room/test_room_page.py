"""The page in a real browser: what a newcomer, a keyboard, a phone and a lost connection meet."""

import base64
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
from playwright.async_api import Browser, Locator, Page, ViewportSize, expect

from bot.config import Limits, Settings
from bot.fronts.room import Room
from bot.studio import Studio
from tests.bot.fronts.room.conftest import StubStudio, png

DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 640}

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


@pytest.fixture
async def page(browser: Browser, room: Room) -> AsyncIterator[Page]:
    """The open page; at the end nothing may have gone wrong in it, CSP violations included."""
    page = await browser.new_page(viewport=DESKTOP, reduced_motion="reduce")
    page.set_default_timeout(10_000)
    trouble: list[str] = []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("console", lambda said: trouble.append(said.text) if said.type == "error" else None)
    await page.goto(room.url)
    await expect(page.get_by_role("button", name="Your own…")).to_have_count(2)
    yield page
    assert [line for line in trouble if "ERR_CONNECTION_REFUSED" not in line] == []


def file(name: str, colour: str = "teal") -> Any:
    return {"name": name, "mimeType": "image/png", "buffer": png(colour)}


def encoded() -> str:
    return base64.b64encode(png()).decode()


async def attach(page: Page, *names: str) -> None:
    await page.set_input_files("#files", [file(name) for name in names])


async def paint(page: Page, studio: StubStudio) -> str:
    """Send two pictures; returns the job."""
    await attach(page, "cat.png", "wave.png")
    await page.get_by_role("button", name="Paint", exact=True).click()
    await expect(page.get_by_role("button", name="Stop")).to_be_visible()
    return list(studio.jobs)[-1]


async def test_a_newcomer_paints_with_two_samples(page: Page, studio: StubStudio):
    await expect(page.get_by_role("heading", level=2)).to_contain_text("Give me a picture")
    await page.get_by_role("region", name="A style", exact=True).locator(".tile").first.click()
    await page.get_by_role("region", name="A picture", exact=True).locator(".tile").first.click()
    await page.get_by_role("region", name="A picture", exact=True).locator(".tile").nth(1).click()
    await expect(page.locator("#tray figcaption")).to_have_text(["Content", "Style"])
    await expect(page.locator(".tile[aria-pressed=true]")).to_have_count(2)
    await page.get_by_role("button", name="Paint", exact=True).click()
    await expect(page.locator(".message.bot")).to_contain_text("You are next: I start in about 25")
    await expect(page.locator("#welcome")).to_be_hidden()
    await expect(page.locator("#tray")).to_be_hidden()
    [job] = studio.jobs.values()
    assert [picture.name.split(".")[1] for picture in job.order.pictures] == ["jpg"] * 2


async def test_the_painting_grows_and_is_done(page: Page, studio: StubStudio):
    job = await paint(page, studio)
    bar = page.get_by_role("progressbar")
    await expect(bar).to_be_hidden()
    await studio.paint(job, 30)
    await expect(bar).to_have_attribute("aria-valuenow", "30")
    await expect(page.get_by_role("img", name="The painting so far")).to_be_visible()
    await studio.paint(job, 60)
    await expect(page.locator(".message.bot")).to_contain_text("step 60 of 100")
    await expect(page.locator("#announcer")).to_have_text("Painting: 50 percent")
    await studio.finish(job, "Only the first frame of wave.gif was used.")
    painting = page.get_by_role("img", name="The painting", exact=True)
    await expect(painting).to_be_visible()
    assert (
        await painting.evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 480
    )
    await expect(page.locator(".message")).to_have_count(2)
    await expect(page.locator(".message.bot li")).to_have_text(
        "Only the first frame of wave.gif was used."
    )
    await expect(page.locator("#announcer")).to_contain_text("Here is your painting: 480 × 320")
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Download").click()
    assert (await download.value).suggested_filename.startswith("stylenet-")


async def test_film_and_comparison(page: Page, studio: StubStudio):
    await page.get_by_role("button", name="Options").click()
    await page.get_by_label("Film of the painting").check()
    job = await paint(page, studio)
    assert studio.jobs[job].order.film
    await studio.finish(job)
    film = page.get_by_role("button", name="Film")
    await film.click()
    await expect(film).to_have_attribute("aria-pressed", "true")
    await expect(page.get_by_role("img", name="The film of the painting")).to_be_visible()
    await page.get_by_role("button", name="Enlarge the painting").click()
    viewer = page.get_by_role("dialog")
    await viewer.get_by_label("How much of the original to show").fill("40")
    await expect(page.locator("#viewer-original")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(viewer).to_be_hidden()
    await expect(page.get_by_role("button", name="Enlarge the painting")).to_be_focused()


async def test_pictures_are_ordered_by_hand(page: Page, studio: StubStudio):
    await attach(page, "first.png", "second.png", "third.png")
    roles = page.locator("#tray figcaption")
    await expect(roles).to_have_text(["Content", "Style 1", "Style 2"])
    await expect(page.get_by_label("Message", exact=True)).to_have_value("blend ")
    await page.get_by_role("button", name="Swap Style 1 with the one before").click()
    await page.get_by_role("button", name="Remove Style 2: third.png").click()
    await expect(roles).to_have_text(["Content", "Style"])
    await page.get_by_role("button", name="Paint", exact=True).click()
    await expect(page.get_by_role("button", name="Stop")).to_be_visible()
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
    await expect(text).to_have_value("texture strength=80 size=384 gif")
    await text.fill("please #stylenet STRENGTH = 20 steps=77 init=noise")
    await expect(page.get_by_label("Strength")).to_have_value("20")
    await expect(page.get_by_label("Patience")).to_have_value("77")
    await expect(page.get_by_label("Film")).not_to_be_checked()
    await expect(page.get_by_label("Start from noise")).to_be_checked()
    await page.get_by_label("Strength").fill("50")
    await page.get_by_label("Patience").select_option("100")
    await expect(text).to_have_value("please #stylenet init=noise")


async def test_stop_and_try_again(page: Page, studio: StubStudio):
    await page.get_by_label("Message", exact=True).fill("strength=70")
    await paint(page, studio)
    await page.get_by_role("button", name="Stop").click()
    await expect(page.locator(".message.bot")).to_contain_text("Stopped before it was finished.")
    await page.get_by_role("button", name="Try again…").click()
    await expect(page.locator("#tray figcaption")).to_have_text(["Content", "Style"])
    await expect(page.get_by_label("Message", exact=True)).to_have_value("strength=70")
    await page.get_by_role("button", name="Paint", exact=True).click()
    await expect(page.get_by_role("button", name="Stop")).to_be_visible()
    first, again = studio.jobs.values()
    assert [picture.name for picture in first.order.pictures] == ["cat.png", "wave.png"]
    assert [picture.name for picture in again.order.pictures] == ["cat.png", "wave.png"]
    assert again.order.recipe == first.order.recipe


async def test_everything_by_keyboard(page: Page, studio: StubStudio):
    for region in ("A picture", "A style"):
        await tab_to(
            page, page.get_by_role("region", name=region, exact=True).locator(".tile").first
        )
        await page.keyboard.press("Space")
    await expect(page.locator("#tray img")).to_have_count(2)
    await tab_to(page, page.get_by_label("Message", exact=True))
    await page.keyboard.type("steps=50")
    await page.keyboard.press("Enter")
    await tab_to(page, page.get_by_role("button", name="Stop"), back=True)
    await page.keyboard.press("Enter")
    again = page.get_by_role("button", name="Try again…")
    await expect(again).to_be_focused()
    [job] = studio.jobs.values()
    assert job.order.recipe.steps == 50


async def tab_to(page: Page, target: Locator, *, back: bool = False) -> None:
    """Press Tab until *target* has the focus."""
    await expect(target).to_be_visible()
    for _ in range(40):
        await page.keyboard.press("Shift+Tab" if back else "Tab")
        if await target.evaluate("(node) => node === document.activeElement"):
            return
    raise AssertionError(f"the keyboard does not reach {target}")


async def test_trouble_is_told_in_words(page: Page, studio: StubStudio):
    trouble = page.get_by_role("alert")
    await page.set_input_files("#files", [{**file("a.txt"), "mimeType": "text/plain"}])
    await expect(trouble).to_have_text("a.txt is not a picture.")
    await page.set_input_files("#files", [{**file("huge.png"), "buffer": bytes(1_500_000)}])
    await expect(trouble).to_have_text("huge.png has 1.5 MB; a picture may have 1 MB.")
    job = await paint(page, studio)
    await expect(trouble).to_be_hidden()
    await studio.fail(job, "cat.png is not a picture: it is text.")
    await expect(page.locator(".job.failed")).to_contain_text("cat.png is not a picture")


async def test_what_people_write_never_becomes_markup(page: Page, studio: StubStudio):
    nasty = "<img src=x onerror=alert(1)> **bold** `a<b>`"
    await page.get_by_label("Message", exact=True).fill(nasty)
    await page.keyboard.press("Enter")
    mine = page.locator(".message.you")
    await expect(mine.locator("strong")).to_have_text("bold")
    await expect(mine.locator("code")).to_have_text("a<b>")
    assert await mine.locator("img").count() == 0


async def test_a_phone_shows_everything_in_its_width(page: Page, studio: StubStudio):
    async def check() -> None:
        width = await page.evaluate("document.documentElement.scrollWidth")
        assert width == PHONE["width"]

    await page.set_viewport_size(PHONE)
    await check()
    for panel in ("Options", "Samples"):
        if panel == "Samples":
            job = await paint(page, studio)
            await studio.paint(job, 10)
            await check()
            await studio.finish(job)
            await expect(page.get_by_role("link", name="Download")).to_be_visible()
            await page.get_by_role("button", name="Help").click()
            await expect(page.locator(".message.bot").last).to_contain_text("Examples")
        await page.get_by_role("button", name=panel).click()
        await check()
    await attach(page, *(f"{n}.png" for n in range(5)))
    await check()


async def test_a_page_that_lost_the_room_comes_back(page: Page, room: Room, studio: StubStudio):
    job = await paint(page, studio)
    port = int(room.url.rpartition(":")[2])
    await room.stop()
    await expect(page.locator("#connection")).to_have_text("Reconnecting…")
    studio.settings = studio.settings.model_copy(
        update={"room": studio.settings.room.model_copy(update={"port": port})}
    )
    reopened = Room(cast(Studio, studio))
    await studio.finish(job)
    await reopened.start()
    try:
        await expect(page.get_by_role("link", name="Download")).to_be_visible()
        await expect(page.locator("#connection")).to_have_text("")
    finally:
        await reopened.stop()


async def test_two_pages_are_one_room(page: Page, browser: Browser, room: Room, studio: StubStudio):
    other = await browser.new_page()
    await other.goto(room.url)
    await paint(page, studio)
    await expect(other.locator(".message")).to_have_count(2)
    await other.locator("#text").fill("!forget")
    await other.keyboard.press("Enter")
    await expect(page.locator(".message").last).to_contain_text("Everything is deleted")
    await expect(page.locator(".message")).to_have_count(2)


async def test_a_sentence_about_three_pictures_is_a_blend(page: Page, studio: StubStudio):
    await page.get_by_label("Message", exact=True).fill("look at my cat #stylenet steps=20")
    await attach(page, "cat.png", "wave.png", "dots.png")
    await page.get_by_role("button", name="Paint", exact=True).click()
    await expect(page.get_by_role("button", name="Stop")).to_be_visible()
    [job] = studio.jobs.values()
    assert (len(job.order.pictures), job.order.recipe.steps) == (3, 20)


class TestPassword:
    """The page behind a password, which the browser asks for itself."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return Settings(data=settings.data, room={"port": 0, "password": "secret"})

    async def test_it_works_once_it_is_given(self, browser: Browser, room: Room):
        context = await browser.new_context(
            http_credentials={"username": "me", "password": "secret"}
        )
        page = await context.new_page()
        await page.goto(room.url)
        await page.locator("#text").fill("hello")
        await page.keyboard.press("Enter")
        await expect(page.locator(".message.bot")).to_contain_text("a photograph and a style")
