"""The page in a real browser: what a newcomer, a keyboard, a phone and a lost connection meet."""

import io
import wave
from functools import partial
from pathlib import Path
from typing import cast

import pytest
from playwright.async_api import Browser, Locator, Page, Route, ViewportSize, expect

from bot.config import Settings
from bot.fronts.base import settings_with_fronts
from bot.fronts.web import Room
from bot.model import File
from bot.studio import Studio
from bot.texts import PAUSED
from tests.bot.fake_studio import FakeStudio
from tests.bot.fronts.web.conftest import attach, new_page, paint, png
from tests.patience import until

pytestmark = pytest.mark.asyncio(loop_scope="package")

PHONE: ViewportSize = {"width": 360, "height": 640}

IN_SIGHT = """() => {
    const box = (selector) => document.querySelector(selector).getBoundingClientRect();
    return box(".stop").bottom <= box("#composer").top;
}"""
"""Whether the button to stop is above the composer, which could cover it."""

MADE = "cat.png painted in the style of wave.png"
"""What is said of a painting."""

RATIO = """(selector) => {
    const { naturalWidth, naturalHeight } = document.querySelector(selector);
    return naturalWidth / naturalHeight;
}"""

AT_END = "() => scrollY >= document.documentElement.scrollHeight - innerHeight - 80"


async def test_a_newcomer_paints_with_two_samples(page: Page, studio: FakeStudio):
    await expect(page.get_by_role("heading", level=2)).to_contain_text("Give me a picture")
    await page.get_by_role("region", name="A style", exact=True).locator(".tile").first.click()
    await page.get_by_role("region", name="A picture", exact=True).locator(".tile").first.click()
    await page.get_by_role("region", name="A picture", exact=True).locator(".tile").nth(1).click()
    await expect(page.locator("#tray figcaption")).to_have_text(["Content", "Style"])
    await expect(page.locator(".tile[aria-pressed=true]")).to_have_count(2)
    await page.get_by_role("button", name="Paint", exact=True).click()
    await expect(page.locator(".message.bot")).to_contain_text("You are next: I start in about 40")
    await expect(page.locator("#welcome")).to_be_hidden()
    await expect(page.locator("#tray")).to_be_hidden()
    [job] = studio.jobs.values()
    assert [picture.name.split(".")[1] for picture in job.order.pictures] == ["jpg"] * 2


async def test_the_painting_grows_and_is_done(page: Page, studio: FakeStudio):
    job = await paint(page, studio)
    bar = page.get_by_role("progressbar")
    await expect(bar).to_be_hidden()
    await studio.paint(job, 30)
    await expect(bar).to_have_attribute("aria-valuenow", "30")
    await expect(page.get_by_role("img", name="What there is so far")).to_be_visible()
    await studio.paint(job, 60)
    await expect(page.locator(".message.bot")).to_contain_text("Step 60 of 100")
    await expect(page.locator("#announcer")).to_have_text("50 percent done")
    await studio.end(job, notes=("Only the first frame of wave.gif was used.",))
    painting = page.get_by_role("img", name=MADE, exact=True)
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


async def test_the_newest_is_in_sight_until_one_scrolls_up(page: Page, studio: FakeStudio):
    await page.set_viewport_size(PHONE)
    await page.get_by_role("button", name="Help").click()
    job = await paint(page, studio)
    await studio.paint(job, 10)
    await eventually(page, IN_SIGHT)
    await page.mouse.move(100, 100)
    await page.mouse.wheel(0, -600)
    await eventually(page, f"!({AT_END})()")
    await studio.end(job)
    await expect(page.get_by_role("link", name="Download")).to_be_visible()
    assert not await page.evaluate(AT_END)


async def eventually(page: Page, condition: str) -> None:
    """Wait until *condition* holds; the page's policy forbids Playwright's own way to wait."""
    await until(partial(page.evaluate, condition))


async def test_film_and_comparison(page: Page, studio: FakeStudio):
    await page.get_by_role("button", name="Options").click()
    await page.get_by_label("Film of the painting").check()
    job = await paint(page, studio)
    assert studio.jobs[job].order.wishes.film
    await studio.end(job)
    viewer = page.get_by_role("dialog")
    await expect(page.get_by_role("img", name=f"Film: {MADE}")).to_be_visible()
    await page.get_by_role("button", name="Enlarge: Film").click()
    await expect(viewer.get_by_role("img", name=f"Film: {MADE}")).to_be_visible()
    await expect(viewer.get_by_role("link", name="Download")).to_have_attribute(
        "download", f"stylenet-{job.removeprefix('room-')}-film.gif"
    )
    await expect(page.locator("#viewer-original")).to_be_hidden()
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Enlarge: Result").click()
    await viewer.get_by_label("How much of the original to show").fill("40")
    await expect(page.locator("#viewer-original")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(viewer).to_be_hidden()
    await expect(page.get_by_role("button", name="Enlarge: Result")).to_be_focused()


async def test_what_else_came_of_a_job_is_played_or_saved(page: Page, studio: FakeStudio):
    job = await paint(page, studio)
    studio.store |= {f"jobs/{job}/sound.wav": beep(), f"jobs/{job}/notes.txt": b"do re mi"}
    names = {"result": "result.png", "sound": "sound.wav", "notes": "notes.txt"}
    said = {"sound": "The sea, rising"}
    files = [File.at(role, f"jobs/{job}/{at}", said.get(role, "")) for role, at in names.items()]
    await studio.end(job, files=files)
    await expect(page.get_by_role("img", name=MADE, exact=True)).to_be_visible()
    sound = page.get_by_label("The sea, rising")
    await until(lambda: sound.evaluate("(sound) => sound.duration > 0"))
    await expect(page.get_by_role("link", name="Download sound")).to_be_visible()
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Download notes").click()
    assert Path(await (await download.value).path()).read_bytes() == b"do re mi"


async def test_whatever_pictures_came_of_a_job_are_shown_and_open_large(
    page: Page, studio: FakeStudio
):
    """A sheet, whose size only its file knows, a plot and a map, with what their work says."""
    job = await paint(page, studio)
    roles = {"result": (300, 120), "plot": (200, 100), "map": (60, 90)}
    studio.store |= {f"jobs/{job}/a-{role}.png": png("teal", size) for role, size in roles.items()}
    files = [File.at(role, f"jobs/{job}/a-{role}.png", f"A {role} of cats") for role in roles]
    await studio.end(job, files=files, width=0, height=0)
    sheet = page.get_by_role("img", name="A result of cats")
    await eventually(page, f"({RATIO})('.job .frame img') === 2.5")
    assert await sheet.evaluate("(image) => image.clientWidth / image.clientHeight") == (
        pytest.approx(2.5, rel=0.02)
    )
    await expect(page.locator(".job .prints li")).to_have_text(["Plot", "Map"])
    await page.get_by_role("button", name="Enlarge: Map").click()
    large = page.get_by_role("dialog").get_by_role("img", name="A map of cats")
    await expect(large).to_be_visible()
    shape = await large.evaluate("(image) => image.clientWidth / image.clientHeight")
    assert shape == pytest.approx(60 / 90, rel=0.02)


async def test_a_film_that_was_asked_for_plays_in_the_place_of_a_picture(
    page: Page, studio: FakeStudio
):
    job = await paint(page, studio)
    studio.store[f"jobs/{job}/result.mp4"] = b"\0\0\0\x18ftypmp42"
    files = [File.at("result", f"jobs/{job}/result.mp4", "Waves that roll")]
    await studio.end(job, files=files, width=0, height=0)
    film = page.get_by_label("Waves that roll")
    await expect(film).to_have_attribute("src", f"/media/{job}/result.mp4")
    assert await film.evaluate("(film) => film.matches('video[controls]')")
    await expect(page.locator(".job .frame")).to_have_count(0)
    await expect(page.get_by_role("link", name="Download")).to_have_count(1)


async def test_the_picture_of_help_opens_large(page: Page, studio: FakeStudio):
    await page.get_by_label("Message", exact=True).fill("!help blend")
    await page.keyboard.press("Enter")
    await expect(page.locator(".message.bot .prints li")).to_have_text(["Blend"])
    await page.get_by_role("button", name="Enlarge: Blend").click()
    large = page.get_by_role("dialog").get_by_role("img")
    await expect(large).to_have_attribute("src", "/shown/blend.jpg")


async def test_the_button_says_what_the_command_does(page: Page, studio: FakeStudio):
    send = page.locator("#send")
    await expect(send).to_have_text("Send")
    await attach(page, "wave.png")
    await expect(send).to_have_text("Send")
    await page.get_by_label("Message", exact=True).fill("texture")
    await expect(send).to_have_text("Make")
    await page.get_by_label("Message", exact=True).fill("")
    await attach(page, "wood.png")
    await expect(send).to_have_text("Paint")


def beep() -> bytes:
    """A tenth of a second of sound, if a silent one."""
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(1600))
    return out.getvalue()


async def test_stop_and_try_again(page: Page, studio: FakeStudio):
    await page.get_by_label("Message", exact=True).fill("strength=70")
    await paint(page, studio)
    await page.get_by_role("button", name="Cancel").click()
    await expect(page.locator(".message.bot")).to_contain_text("Cancelled before it was finished.")
    await page.get_by_role("button", name="Try again…").click()
    await expect(page.locator("#tray figcaption")).to_have_text(["Content", "Style"])
    await expect(page.get_by_label("Message", exact=True)).to_have_value("strength=70")
    await page.get_by_role("button", name="Paint", exact=True).click()
    await expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    first, again = studio.jobs.values()
    assert [picture.name for picture in first.order.pictures] == ["cat.png", "wave.png"]
    assert [picture.name for picture in again.order.pictures] == ["cat.png", "wave.png"]
    assert again.order.recipe == first.order.recipe


async def test_everything_by_keyboard(page: Page, studio: FakeStudio):
    for region in ("A picture", "A style"):
        await tab_to(
            page, page.get_by_role("region", name=region, exact=True).locator(".tile").first
        )
        await page.keyboard.press("Space")
    await expect(page.locator("#tray img")).to_have_count(2)
    await tab_to(page, page.get_by_label("Message", exact=True))
    await page.keyboard.type("steps=50")
    await page.keyboard.press("Enter")
    await tab_to(page, page.get_by_role("button", name="Cancel"), back=True)
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


async def test_what_people_write_never_becomes_markup(page: Page, studio: FakeStudio):
    nasty = "<img src=x onerror=alert(1)> **bold** `a<b>`"
    await page.get_by_label("Message", exact=True).fill(nasty)
    await page.keyboard.press("Enter")
    mine = page.locator(".message.you")
    await expect(mine.locator("strong")).to_have_text("bold")
    await expect(mine.locator("code")).to_have_text("a<b>")
    assert await mine.locator("img").count() == 0


async def test_a_phone_shows_everything_in_its_width(page: Page, studio: FakeStudio):
    async def check() -> None:
        width = await page.evaluate("document.documentElement.scrollWidth")
        assert width == PHONE["width"]

    await page.set_viewport_size(PHONE)
    await check()
    for panel in ("Options", "Samples"):
        if panel == "Samples":
            job = await paint(page, studio)
            await studio.paint(job, 10)
            await expect(page.get_by_alt_text("What there is so far")).to_be_visible()
            await check()
            await studio.end(job)
            await expect(page.get_by_role("link", name="Download")).to_be_visible()
            await page.get_by_role("button", name="Help").click()
            await expect(page.locator(".message.bot").last).to_contain_text("Examples")
        await page.get_by_role("button", name=panel).click()
        await check()
    await attach(page, *(f"{n}.png" for n in range(5)))
    await expect(page.locator("#tray img")).to_have_count(5)
    await check()


async def test_a_page_that_lost_the_room_comes_back(page: Page, room: Room, studio: FakeStudio):
    job = await paint(page, studio)
    await studio.paint(job, 10)
    port = int(room.url.rpartition(":")[2])
    await room.pause(studio.jobs[job], studio.statuses[job])
    await room.close()
    await expect(page.locator("#connection")).to_have_text("Reconnecting…")
    await expect(page.locator(".job .text")).to_have_text(PAUSED)
    await expect(page.get_by_alt_text("What there is so far")).to_be_visible()
    studio.settings = studio.settings.model_copy(
        update={"room": studio.settings.room.model_copy(update={"port": port})}
    )
    reopened = Room(cast(Studio, studio))
    await studio.end(job)
    await reopened.open()
    try:
        await expect(page.get_by_role("link", name="Download")).to_be_visible()
        await expect(page.locator("#connection")).to_have_text("")
    finally:
        await reopened.close()


async def test_nothing_can_be_said_before_the_page_can_send_it(browser: Browser, room: Room):
    page = await new_page(browser)
    held: list[Route] = []
    await page.route("**/api/room", lambda route: held.append(route))
    await page.goto(room.url)
    await expect(page.locator("#text")).to_be_disabled()
    await expect(page.locator("#send")).to_be_disabled()
    await until(lambda: held)
    await held[0].continue_()
    await page.locator("#text").fill("hello")
    await page.keyboard.press("Enter")
    await expect(page.locator(".message.bot")).to_contain_text("a photograph and a style")


async def test_two_pages_are_one_room(page: Page, browser: Browser, room: Room, studio: FakeStudio):
    other = await new_page(browser)
    await other.goto(room.url)
    await paint(page, studio)
    await expect(other.locator(".message")).to_have_count(2)
    await other.locator("#text").fill("!forget")
    await other.keyboard.press("Enter")
    await expect(page.locator(".message").last).to_contain_text("Everything is deleted")
    await expect(page.locator(".message")).to_have_count(2)


class TestPassword:
    """The page behind a password, which the browser asks for itself."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings_with_fronts()(data=settings.data, room={"port": 0, "password": "secret"})

    async def test_it_works_once_it_is_given(self, browser: Browser, room: Room):
        credentials = {"username": "me", "password": "secret"}
        page = await new_page(browser, http_credentials=credentials)
        await page.goto(room.url)
        await page.locator("#text").fill("hello")
        await page.keyboard.press("Enter")
        await expect(page.locator(".message.bot")).to_contain_text("a photograph and a style")
