"""Drawing in a real browser what a command asks to be drawn: by mouse, finger and keys."""

import io
from collections.abc import Iterator
from typing import ClassVar, Literal

import numpy as np
import pytest
from PIL import Image
from playwright.async_api import Browser, Locator, Page, expect

from bot.commands import registry
from bot.commands.paint import Paint
from bot.fronts.web import Room
from stylize.recipes import Drawing, Input, Recipe
from tests.bot.fake_studio import FakeStudio
from tests.bot.fronts.web.conftest import ask, attach, file, new_page, png

pytestmark = pytest.mark.asyncio(loop_scope="package")

INK, PAPER, GOLD = (16, 32, 64), (255, 250, 240), (224, 176, 32)
COLOURS = {"paper": "#fffaf0", "ink": "#102040", "gold": "#e0b020"}


class Print(Recipe):
    inputs: ClassVar[tuple[Input, ...]] = (
        Input("photo", "a picture to print"),
        Input("photo_plate", "where the photo has ink", drawn=Drawing("photo", COLOURS)),
        Input("plate", "where to print", label="your plate", drawn=Drawing(colours=COLOURS)),
        Input("frame", "what is around it", least=0),
    )
    task: Literal["print"] = "print"


class PrintCommand(Paint):
    name = "print"
    about = "Print a picture"
    label = "Print"
    recipe = Print


@pytest.fixture
def settings(settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """A studio in which an installed package brings a command with pictures that are drawn."""
    monkeypatch.setattr(registry, "installed", lambda group: [("print", PrintCommand)])
    registry.commands.cache_clear()
    yield settings
    registry.commands.cache_clear()


async def open_brush(page: Page) -> Locator:
    await page.get_by_label("Message", exact=True).fill("print")
    await page.set_input_files("#files", [{**file("photo.png"), "buffer": png("teal", (400, 200))}])
    await expect(page.locator("#tray figcaption")).to_have_text(["Photo"])
    await page.get_by_role("button", name="Draw", exact=True).click()
    return page.get_by_role("dialog", name="Draw")


async def drawn(studio: FakeStudio, role: str) -> np.ndarray:
    """(h, w, 3): what was sent under *role*."""
    [upload] = [one for one in studio.uploads if one.role == role]
    return np.asarray(Image.open(io.BytesIO(await upload.read())).convert("RGB"))


async def pull(page: Page, canvas: Locator, *way: tuple[float, float]) -> None:
    """Draw with the mouse along a *way* of shares of the canvas."""
    box = await canvas.bounding_box()
    assert box
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in way]
    await page.mouse.move(*points[0])
    await page.mouse.down()
    for point in points[1:]:
        await page.mouse.move(*point, steps=8)
    await page.mouse.up()


def colours(picture: np.ndarray) -> set[tuple[int, ...]]:
    return {tuple(colour.tolist()) for colour in np.unique(picture.reshape(-1, 3), axis=0)}


async def test_a_command_without_drawn_pictures_has_no_brush(page: Page, http):
    await expect(page.get_by_role("button", name="Draw", exact=True)).to_be_hidden()
    [command] = [
        one for one in (await ask(http, "/api/room"))["commands"] if one["name"] == "print"
    ]
    assert [one["drawn"] for one in command["inputs"]] == [
        None,
        {"over": "photo", "colours": COLOURS},
        {"over": "", "colours": COLOURS},
        None,
    ]


async def test_what_is_drawn_is_sent_under_its_role(page: Page, studio: FakeStudio):
    brush = await open_brush(page)
    over, own = (
        brush.get_by_role("img", name="A photo plate"),
        brush.get_by_role("img", name="Your plate"),
    )
    await pull(page, over, (0.2, 0.5), (0.8, 0.5))
    await brush.get_by_label("gold").check()
    await pull(page, own, (0.5, 0.1), (0.5, 0.9))
    await brush.get_by_role("button", name="Use").click()
    await expect(brush).to_be_hidden()
    await expect(page.locator("#tray figcaption")).to_have_text(["Photo", "Photo plate", "Plate"])
    await page.get_by_role("button", name="Paint", exact=True).click()
    await expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    assert [upload.role for upload in studio.uploads] == ["photo", "photo_plate", "plate"]
    first, second = await drawn(studio, "photo_plate"), await drawn(studio, "plate")
    assert first.shape[:2] == second.shape[:2] == (256, 512)  # the photo's proportions
    assert colours(first) == {PAPER, INK}  # and no soft edges
    assert tuple(first[128, 256]) == INK
    assert tuple(first[20, 256]) == PAPER
    assert colours(second) == {PAPER, GOLD}
    assert tuple(second[128, 256]) == GOLD


async def test_fill_stops_at_a_line_and_undo_takes_back_stroke_by_stroke(
    page: Page, studio: FakeStudio
):
    brush = await open_brush(page)
    own = brush.get_by_role("img", name="Your plate")
    await pull(page, own, (0.5, 0.0), (0.5, 1.0))
    await brush.get_by_label("gold").check()
    await brush.get_by_label("Fill").check()
    await pull(page, own, (0.2, 0.5))
    await pull(page, own, (0.8, 0.5))
    await page.keyboard.press("Control+z")
    await brush.get_by_role("button", name="Use").click()
    await expect(brush).to_be_hidden()
    assert await sides(page) == [GOLD, INK, PAPER]
    await page.get_by_role("button", name="Draw", exact=True).click()  # it goes on from there
    await brush.get_by_label("Fill").check()
    await pull(page, own, (0.5, 0.5))
    await brush.get_by_role("button", name="Undo").click()
    await pull(page, own, (0.8, 0.5))
    await brush.get_by_role("button", name="Use").click()
    await expect(brush).to_be_hidden()
    assert await sides(page) == [GOLD, INK, INK]
    await expect(page.locator("#tray li")).to_have_count(2)


async def sides(page: Page) -> list[tuple[int, ...]]:
    """The colours left, in the middle and right of the plate in the tray."""
    data = await page.locator("#tray img").last.evaluate(
        """async (image) => {
            await image.decode();
            const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
            const pen = canvas.getContext("2d");
            pen.drawImage(image, 0, 0);
            const at = (share) => [...pen.getImageData(share * canvas.width, 9, 1, 1).data];
            return [0.2, 0.5, 0.8].map(at);
        }"""
    )
    return [tuple(colour[:3]) for colour in data]


async def test_keys_alone_draw(page: Page, studio: FakeStudio):
    brush = await open_brush(page)
    own = brush.get_by_role("img", name="Your plate")
    await own.focus()
    for _ in range(12):
        await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("Space")
    await brush.get_by_role("button", name="Use").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#tray figcaption")).to_have_text(["Photo", "Plate"])
    await expect(page.get_by_label("Message", exact=True)).to_have_attribute(
        "placeholder", "Now a photo plate"
    )


async def test_what_was_not_used_is_there_again(page: Page, studio: FakeStudio):
    brush = await open_brush(page)
    await pull(page, brush.get_by_role("img", name="Your plate"), (0.5, 0.0), (0.5, 0.9))
    await page.keyboard.press("Escape")
    await expect(brush).to_be_hidden()
    await expect(page.locator("#tray li")).to_have_count(1)
    await page.get_by_role("button", name="Draw", exact=True).click()
    await brush.get_by_role("button", name="Use").click()
    await expect(brush).to_be_hidden()
    assert await sides(page) == [PAPER, INK, PAPER]
    await expect(page.locator("#tray figcaption")).to_have_text(["Photo", "Plate"])


async def test_a_finger_draws_on_a_phone(browser: Browser, room: Room, studio: FakeStudio):
    phone = await new_page(
        browser, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True
    )
    await phone.goto(room.url)
    brush = await open_brush(phone)
    over, own = (
        brush.get_by_role("img", name="A photo plate"),
        brush.get_by_role("img", name="Your plate"),
    )
    await expect(over).to_be_visible()
    await expect(own).to_be_hidden()
    await brush.get_by_role("radio", name="Your plate").tap()
    await expect(over).to_be_hidden()
    await own.tap()
    for control in ("Use", "Undo"):
        await expect(brush.get_by_role("button", name=control)).to_be_in_viewport()
    await brush.get_by_role("button", name="Use").tap()
    await expect(phone.locator("#tray figcaption")).to_have_text(["Photo", "Plate"])
    assert await phone.evaluate("document.documentElement.scrollWidth") <= 360
    await phone.context.close()


async def test_a_known_role_wins_over_the_order_and_a_wrong_one_is_told(page: Page, http):
    await page.get_by_label("Message", exact=True).fill("print")
    await attach(page, "photo.png")
    await page.get_by_role("button", name="Draw", exact=True).click()
    brush = page.get_by_role("dialog", name="Draw")
    await pull(page, brush.get_by_role("img", name="Your plate"), (0.3, 0.5), (0.7, 0.5))
    await brush.get_by_role("button", name="Use").click()
    await attach(page, "plate-of-photo.png")
    roles = page.locator("#tray figcaption")
    await expect(roles).to_have_text(["Photo", "Photo plate", "Plate"])
    await attach(page, "frame.png")
    await expect(roles).to_have_text(["Photo", "Photo plate", "Plate", "Frame"])
