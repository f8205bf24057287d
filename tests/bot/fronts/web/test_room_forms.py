"""What the room tells of its commands, and that the page draws its forms from nothing else."""

import re
from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal, get_type_hints

import pytest
from playwright.async_api import Page, expect
from pydantic import Field

from bot.commands import registry
from bot.commands.paint import Paint
from bot.config import Painting
from bot.fronts.web import forms, views
from bot.fronts.web.samples import STATIC
from stylize.recipes import Input, Option, Recipe
from tests.bot.fake_studio import FakeStudio
from tests.bot.fronts.web.conftest import ask, attach

pytestmark = pytest.mark.asyncio(loop_scope="package")


class Etching(Recipe):
    inputs: ClassVar[tuple[Input, ...]] = (
        Input("plate", "the picture to etch"),
        Input("ink", "a colour to print with", most=3, label="an ink"),
        Input("paper", "what to print on", when=("ground", "picture")),
    )
    task: Literal["etching"] = "etching"
    ground: Annotated[
        Literal["white", "picture"],
        Option("what to print on", "picture", label="Print on", words={"picture": "my last one"}),
    ] = "white"
    depth: Annotated[
        float,
        Option("how deep", "0.5", label="Depth", words={"0": "shallow", "1": "deep"}),
    ] = Field(0.0, ge=0, le=1)
    prints: Annotated[int, Option("how many", "3")] = Field(1, ge=1, le=9)
    proof: Annotated[bool, Option("a proof first", label="Proof")] = True
    hatch: Annotated[int, Option("lines for shadows", "4", expert=True)] = Field(2, ge=1, le=8)


class Etch(Paint):
    name = "etch"
    about = "Etch a picture"
    label = "Etching"
    recipe = Etching


@pytest.fixture
def settings(settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """A studio in which an installed package brings one more command."""
    monkeypatch.setattr(registry, "installed", lambda group: [("etch", Etch)])
    registry.commands.cache_clear()
    yield settings
    registry.commands.cache_clear()


async def test_the_room_tells_what_every_command_takes(http):
    room = await ask(http, "/api/room")
    commands = {command["name"]: command for command in room["commands"]}
    assert next(iter(commands)) == "stylenet"
    assert commands.keys() >= {"blend", "texture", "etch", "help", "cancel", "forget"}
    assert commands["forget"]["inputs"] == commands["forget"]["options"] == []
    etch = commands["etch"]
    assert (etch["label"], etch["about"], etch["example"]) == ("Etching", "Etch a picture", "!etch")
    assert [(one["role"], one["least"], one["most"], one["when"]) for one in etch["inputs"]] == [
        ("plate", 1, 1, None),
        ("ink", 1, 3, None),
        ("paper", 1, 1, {"ground": "picture"}),
    ]
    assert {one["kind"] for one in etch["inputs"]} == {"picture"}
    options = {option["name"]: option for option in etch["options"]}
    assert list(options) == ["ground", "depth", "prints", "proof", "gif", "plot", "hatch"]
    assert [option["kind"] for option in options.values()] == [
        "choice",
        "number",
        "whole",
        "flag",
        "flag",
        "flag",
        "whole",
    ]
    assert options["ground"]["choices"] == ["white", "picture"]
    assert (options["depth"]["low"], options["depth"]["high"]) == (0, 1)
    assert {name: option["usual"] for name, option in options.items()} == {
        "ground": "white",
        "depth": "0",
        "prints": "1",
        "proof": "yes",
        "gif": "no",
        "plot": "no",
        "hatch": "2",
    }
    assert [name for name, option in options.items() if option["expert"]] == ["hatch"]


async def test_what_is_usual_here_and_its_bounds_are_of_this_studio(http, studio: FakeStudio):
    room = await ask(http, "/api/room")
    [size] = [one for one in room["commands"][0]["options"] if one["name"] == "size"]
    assert size["usual"] == str(studio.settings.painting.size)
    assert size["high"] == studio.settings.painting.max_size
    assert size["usual"] in size["choices"]
    assert max(map(int, size["choices"])) <= size["high"]


async def test_a_number_may_have_a_word_in_its_place(settings):
    def drawn(**painting: object) -> tuple[str | None, list[str], str]:
        studio = settings.model_copy(update={"painting": Painting(**painting)})
        options = {one["name"]: one for one in forms.command_views(studio)[0]["options"]}
        return options["steps"]["usual"], options["steps"]["choices"], options["steps"]["kind"]

    assert drawn() == ("auto", ["auto", "40", "100", "200", "400"], "whole")
    assert drawn(steps=60, max_steps=200) == ("60", ["auto", "40", "60", "100", "200"], "whole")


async def test_a_command_that_a_package_brings_has_its_form_on_the_page(
    page: Page, studio: FakeStudio
):
    text = page.get_by_label("Message", exact=True)
    await page.get_by_role("button", name="Options").click()
    await page.get_by_label("Etching").check()
    await expect(text).to_have_value("etch ")
    await expect(page.get_by_label("Strength")).to_be_hidden()
    await expect(text).to_have_attribute("placeholder", "A plate and an ink, please")
    await page.get_by_label("Depth").fill("0.5")
    await page.get_by_label("Print on").select_option("my last one")
    await page.get_by_label("prints").fill("3")
    await expect(page.get_by_label("Proof")).to_be_checked()
    await page.get_by_label("Proof").uncheck()
    await expect(page.get_by_label("hatch")).to_be_hidden()
    await page.get_by_text("More", exact=True).click()
    await page.get_by_label("hatch").fill("4")
    said = "etch depth=0.5 ground=picture prints=3 proof=no hatch=4"
    await expect(text).to_have_value(said)

    await attach(page, "cat.png", "red.png", "green.png", "laid.png")
    roles = page.locator("#tray figcaption")
    await expect(roles).to_have_text(["Plate", "Ink 1", "Ink 2", "Paper"])
    await attach(page, "blue.png", "grey.png")
    await expect(page.get_by_role("alert")).to_contain_text("are the most")
    await expect(roles).to_have_count(5)
    await page.get_by_role("button", name="Paint", exact=True).click()
    await expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    [job] = studio.jobs.values()
    assert job.order.recipe == Etching(ground="picture", depth=0.5, prints=3, proof=False, hatch=4)
    assert [upload.role for upload in studio.uploads] == ["plate", "ink", "ink", "ink", "paper"]
    await expect(page.get_by_role("img", name="Ink 3: laid.png")).to_be_visible()


async def test_scripts_name_no_command_and_no_option(http):
    """But in comments: what the page knows of them, it was told."""
    commands = (await ask(http, "/api/room"))["commands"]
    names = {command["name"] for command in commands if command["inputs"]}
    names |= {option["name"] for command in commands for option in command["options"]}
    for file in (*STATIC.glob("scripts/*.js"), STATIC / "index.html"):
        code = re.sub(r"//.*|/\*.*?\*/|<title>.*?</title>", "", file.read_text(), flags=re.S)
        quoted = set(re.findall(r"""["'`/]([a-z_]+)["'`/]""", code))
        assert not quoted & (names - {"size", "weights"}), file.name


@pytest.mark.parametrize(
    ("interface", "view"),
    [
        ("Command", forms.CommandView),
        ("Input", forms.InputView),
        ("Option", forms.OptionView),
        ("Picture", views.PictureView),
        ("JobFile", views.FileView),
        ("Job", views.JobView),
        ("Message", views.MessageView),
    ],
)
async def test_scripts_are_checked_against_what_is_sent(interface: str, view: type):
    declared = (STATIC / "scripts" / "types.d.ts").read_text()
    [body] = re.findall(rf"interface {interface} {{\n(.*?)\n}}", declared, flags=re.S)
    assert re.findall(r"^  (\w+)\??:", body, flags=re.M) == list(get_type_hints(view))


async def test_what_the_room_tells_first_is_what_scripts_expect(http):
    declared = (STATIC / "scripts" / "types.d.ts").read_text()
    [body] = re.findall(r"interface Room {\n(.*?)\n}", declared, flags=re.S)
    room = await ask(http, "/api/room")
    assert re.findall(r"^  (\w+)\??:", body, flags=re.M) == list(room)
