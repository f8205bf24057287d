"""The room's HTTP interface, as the page and other programs use it."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import PurePath
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa

from bot.fronts.base import Undeliverable
from bot.fronts.web import Room
from bot.fronts.web.messages import table
from bot.model import Status
from bot.studio import Refused
from stylize.media.formats import media_type_of
from tests.bot.fake_studio import FakeStudio
from tests.bot.fronts.web.conftest import TWO, ask, png, say
from tests.patience import PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_two_pictures_become_a_job_that_is_answered_in_place(http, studio: FakeStudio):
    posted = await say(http, "#stylenet size=128 gif", *TWO)
    job = posted["job"]["id"]
    assert posted["reply"] == "You are next: I start in about 40 seconds."
    mine, reply = await ask(http, "/api/messages")
    assert mine["id"] == posted["id"]
    assert (mine["author"], mine["text"]) == ("you", "#stylenet size=128 gif")
    assert [(picture["role"], picture["name"], picture["alt"]) for picture in mine["pictures"]] == [
        ("content", "cat.png", "Content: cat.png"),
        ("style", "wave.png", "Style: wave.png"),
    ]
    assert (reply["author"], reply["job"]["id"], reply["job"]["state"]) == ("bot", job, "queued")
    async with http.get(mine["pictures"][1]["url"]) as response:
        assert await response.read() == png("tomato")
        assert response.content_type == "image/png"

    await studio.paint(job, 25)
    view = await ask(http, f"/api/jobs/{job}")
    assert (view["state"], view["progress"], view["step"], view["steps"]) == (
        "running",
        0.25,
        25,
        100,
    )
    assert view["preview"].startswith("data:image/jpeg;base64,")
    assert view["result_url"] is None

    await studio.end(job, notes=("Only the first frame of cat.gif was used.",))
    await studio.end(job)  # told twice, answered once
    view = await ask(http, f"/api/jobs/{job}")
    assert (view["state"], view["progress"], view["error"]) == ("done", 1, None)
    messages = await ask(http, "/api/messages")
    assert len(messages) == 2
    assert messages[1]["id"] == reply["id"]
    assert messages[1]["text"].startswith("Here is your painting: 480 × 320")
    assert messages[1]["job"]["result_url"] == view["result_url"]
    [shown] = messages[1]["pictures"]
    assert (shown["url"], shown["role"]) == (view["result_url"], "result")
    assert [(file["role"], file["url"], file["media_type"]) for file in view["files"]] == [
        ("result", view["result_url"], "image/png"),
        ("film", view["film_url"], "image/gif"),
    ]
    for url, kind in ((view["result_url"], "image/png"), (view["film_url"], "image/gif")):
        async with http.get(url) as response:
            assert (response.status, response.content_type) == (200, kind)


async def test_last_is_the_newest_picture_in_the_room(http, studio: FakeStudio):
    first = await say(http, "", *TWO)
    cat = studio.jobs[first["job"]["id"]].order.pictures[0]
    again = await say(http, "last", TWO[1])
    order = studio.jobs[again["job"]["id"]].order
    assert [picture.name for picture in order.pictures] == ["cat.png", "wave.png"]
    assert studio.store[order.pictures[0].key] == studio.store[cat.key]

    await studio.end(again["job"]["id"])
    third = await say(http, "!stylenet last size=128", TWO[1])
    order = studio.jobs[third["job"]["id"]].order
    painting = studio.store[f"jobs/{again['job']['id']}/result.png"]
    assert studio.store[order.pictures[0].key] == painting
    shown = (await ask(http, "/api/messages"))[-2]["pictures"]
    assert [(picture["role"], picture["name"]) for picture in shown] == [
        ("content", f"stylenet-{again['job']['id'].removeprefix('room-')}.png"),
        ("style", "wave.png"),
    ]


@pytest.mark.parametrize(
    ("text", "subjects"), [("", [True, False]), ("dream", [True, False]), ("sweep", [False, False])]
)
async def test_what_a_result_can_be_compared_with_is_told(http, text, subjects):
    """A painting is its content, changed; a sheet of several paintings is no such thing."""
    await say(http, text, *TWO)
    shown = (await ask(http, "/api/messages"))[0]["pictures"]
    assert [picture["subject"] for picture in shown] == subjects


async def test_last_is_talk_in_a_sentence(http):
    await say(http, "", *TWO)
    assert "Give me **a photograph" in (await say(http, "how was your last holiday"))["reply"]


async def test_talk_that_names_an_option_is_told_how_to_set_it(http):
    reply = (await say(http, "what size can it have?"))["reply"]
    assert reply.startswith("Give me **a photograph")
    assert "write it like `size=512`" in reply


async def test_a_last_picture_that_is_gone_is_asked_for(http, studio: FakeStudio):
    await say(http, "", *TWO)
    studio.store.clear()
    said = await say(http, "last", TWO[1])
    assert said["reply"] == "I no longer have cat.png. Please drop it here."
    assert said["refused"]


@pytest.mark.parametrize(("text", "alt"), [("!help", "Examples: "), ("!help blend", "Examples of")])
async def test_help_comes_with_examples_to_look_at(http, text, alt):
    await say(http, text)
    [sheet] = (await ask(http, "/api/messages"))[-1]["pictures"]
    assert sheet["alt"].startswith(alt)
    async with http.get(sheet["url"]) as response:
        assert (response.status, response.content_type) == (200, "image/jpeg")
    async with http.get("/shown/pyproject.toml") as response:
        assert response.status == 404


async def test_the_place_in_the_queue_is_told(http, studio: FakeStudio):
    first = await say(http, "", *TWO)
    second = await say(http, "", *TWO)
    assert second["reply"] == "You are number 2 in the queue: I start in about 80 seconds."
    view = await ask(http, f"/api/jobs/{second['job']['id']}")
    assert (view["state"], view["position"], view["progress"]) == ("queued", 2, 0)
    assert first["job"]["id"] != second["job"]["id"]


TALK = [
    ("hello there", (), "Give me **a photograph and a style**"),
    ("", (), "Give me **a photograph and a style**"),
    ("!help", (), "**Options**"),
    ("!cancel", (), "nothing to cancel"),
]
REFUSED = [
    ("!stylenet", (), "I need two pictures"),
    ("#stylenet please", (), "I need two pictures"),
    ("size=300", (), "I need two pictures"),
    ("", TWO[:1], "I see one picture"),
    ("", (*TWO, *TWO, *TWO), "I see six pictures"),
    ("!texture", (), "one to four style pictures"),
    ("!stylenet last", TWO[:1], "There is no picture in the last messages here, so `last` finds"),
    ("content=@ann", TWO[:1], "`content=@somebody` paints the avatar of a person in Discord."),
    ("!stylenet stepz=3", TWO, "Did you mean `steps`?"),
    ("!stylenet size=huge", TWO, "`size` wants a whole number"),
]


@pytest.mark.parametrize(("text", "files", "said"), TALK + REFUSED)
async def test_whatever_else_is_said_gets_a_helpful_reply(http, text, files, said):
    posted = await say(http, text, *files)
    assert said in posted["reply"]
    assert posted["refused"] == ((text, files, said) in REFUSED)
    assert "job" not in posted
    mine, reply = await ask(http, "/api/messages")
    assert (mine["text"], mine["pictures"], mine["job"]) == (text, [], None)
    assert (reply["text"], reply["job"]) == (posted["reply"], None)


async def test_a_text_without_files_may_come_as_a_plain_form(http):
    async with http.post("/api/messages", data={"text": "!help"}) as response:
        assert response.status == 201
        assert "**Options**" in (await response.json())["reply"]


async def test_a_full_studio_says_so(http, studio: FakeStudio):
    studio.refusal = Refused("The studio is full. Try again in about 3 minutes.")
    posted = await say(http, "", *TWO)
    assert posted["reply"] == "The studio is full. Try again in about 3 minutes."
    assert posted["refused"]
    assert "job" not in posted


async def test_cancel_by_button_and_by_word(http, studio: FakeStudio):
    one = (await say(http, "", *TWO))["job"]["id"]
    two = (await say(http, "", *TWO))["job"]["id"]
    async with http.post(f"/api/jobs/{one}/cancel") as response:
        assert (await response.json())["state"] == "cancelled"
    assert (await say(http, "!cancel"))["reply"] == "Cancelled your job."
    assert (await ask(http, f"/api/jobs/{two}"))["state"] == "cancelled"
    assert (await ask(http, "/api/messages"))[1]["text"] == "Cancelled before it was finished."


async def test_forget_leaves_nothing_but_the_word_that_it_is_done(http, studio: FakeStudio):
    job = (await say(http, "", *TWO))["job"]["id"]
    await studio.end(job)
    ended, status = studio.jobs[job], studio.statuses[job]
    await say(http, "!forget")
    assert studio.forgotten == ["room:you"]
    mine, reply = await ask(http, "/api/messages")
    assert (mine["text"], reply["text"][:21]) == ("!forget", "Everything is deleted")
    assert studio.front
    with pytest.raises(Undeliverable):
        await studio.front.answer(ended, status)


async def test_old_messages_go_when_their_pictures_go(http, studio: FakeStudio):
    await say(http, "long ago")
    async with studio.engine.begin() as connection:
        await connection.execute(sa.update(table).values(created=datetime.now(UTC) - timedelta(31)))
    await say(http, "today")
    await studio.front.delete_before(datetime.now(UTC) - timedelta(30))
    assert (await ask(http, "/api/messages"))[0]["text"] == "today"


async def test_a_failed_painting_says_why(http, studio: FakeStudio):
    job = (await say(http, "", *TWO))["job"]["id"]
    await studio.end(job, "failed", error="cat.png is not a picture: it is text.")
    assert (await ask(http, f"/api/jobs/{job}"))["error"] == "cat.png is not a picture: it is text."
    assert (await ask(http, "/api/messages"))[1]["text"] == "cat.png is not a picture: it is text."


async def test_a_job_that_never_reached_the_studio_is_owned_up_to(http, studio: FakeStudio):
    job = (await say(http, "", *TWO))["job"]["id"]
    del studio.statuses[job]  # as after a kill between the message and the job
    reply = (await ask(http, "/api/messages"))[1]
    assert reply["job"]["state"] == "failed"
    assert "Please send them again" in reply["text"]


async def test_unknown_jobs_and_pictures_are_404_in_json(http, studio: FakeStudio):
    studio.statuses["discord-7"] = Status("discord-7", "queued")
    studio.store["jobs/discord-7/result.png"] = png()
    for path in (
        "/api/jobs/room-0",
        "/api/jobs/discord-7",
        "/media/discord-7/result.png",
        "/media/room-0/result.png",
        "/nowhere",
    ):
        async with http.get(path) as response:
            assert (response.status, list(await response.json())) == (404, ["error"]), path


async def test_samples_are_there_to_be_fetched(http):
    samples = (await ask(http, "/api/room"))["samples"]
    assert {sample["kind"] for sample in samples} == {"content", "style", "style_map", "map"}
    files = {sample["file"] for sample in samples}
    assert all(files.issuperset(sample["beside"]) for sample in samples)
    for sample in samples:
        assert sample["title"]
        assert sample["alt"]
        async with http.get(sample["url"]) as response:
            assert response.content_type == media_type_of(PurePath(sample["file"]).suffix)


async def test_a_studio_in_trouble_leaves_an_honest_reply(http, studio: FakeStudio):
    studio.refusal = OSError("the disk is full")
    form = aiohttp.FormData({"text": ""})
    for name, data in TWO:
        form.add_field("file", data, filename=name)
    async with http.post("/api/messages", data=form) as response:
        assert response.status == 503
    assert "Please send them again" in (await ask(http, "/api/messages"))[1]["text"]


async def test_events_begin_with_the_room_and_go_on_with_what_changes(http, studio: FakeStudio):
    await say(http, "hello")
    async with http.get("/api/events") as stream:
        assert stream.content_type == "text/event-stream"
        name, data = await next_event(stream)
        assert (name, len(data["messages"])) == ("room", 2)
        job = (await say(http, "", *TWO))["job"]["id"]
        name, data = await next_event(stream)
        assert (name, data["job"]["state"]) == ("progress", "queued")
        assert (await next_event(stream))[1]["author"] == "you"
        name, data = await next_event(stream)
        assert (name, data["job"]["id"]) == ("message", job)
        await studio.paint(job, 50)
        name, data = await next_event(stream)
        assert (name, data["job"]["progress"]) == ("progress", 0.5)
        assert data["text"] == "Step 50 of 100, about 50 seconds left."
        await studio.end(job)
        name, data = await next_event(stream)
        assert (name, data["job"]["state"]) == ("message", "done")


@pytest.fixture
def endless_closing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A room that would wait for ever for its pages to go."""
    monkeypatch.setattr("bot.fronts.web.front.CLOSING_SECONDS", 10 * PATIENCE)


async def test_a_closing_room_lets_its_pages_go(endless_closing, http, room: Room):
    async with http.get("/api/events") as stream:
        await next_event(stream)
        async with asyncio.timeout(PATIENCE):
            await room.close()
            assert await stream.content.read() == b""


async def test_a_taken_port_is_named(room: Room, studio: FakeStudio):
    port = int(room.url.rpartition(":")[2])
    studio.settings = studio.settings.model_copy(
        update={"room": studio.settings.room.model_copy(update={"port": port})}
    )
    with pytest.raises(OSError, match=f"port {port}"):
        await Room(studio).open()  # type: ignore[arg-type]


async def next_event(stream: aiohttp.ClientResponse) -> tuple[str, Any]:
    """The name and the data of the next server-sent event."""
    fields = {}
    async with asyncio.timeout(PATIENCE):
        while line := (await stream.content.readline()).decode().strip():
            name, _, value = line.partition(": ")
            fields[name] = value
    return fields["event"], json.loads(fields["data"])


async def test_a_reply_to_a_sheet_paints_one_of_its_cells(http, studio: FakeStudio):
    sheet = (await say(http, "!sweep seed=1,2 strength=70", *TWO))["job"]["id"]
    await studio.end(sheet)
    *_, answer = await ask(http, "/api/messages")
    assert answer["job"]["replies"] == [
        {"label": "A1", "text": "cell=A1"},
        {"label": "B1", "text": "cell=B1"},
    ]
    other = (await say(http, "!sweep seed=3,4", *TWO))["job"]["id"]
    form = {"text": "cell=B1", "reply_to": sheet}
    async with http.post("/api/messages", data=form) as response:
        cell = (await response.json())["job"]["id"]
    assert studio.jobs[cell].order.recipe.seed == 2
    assert (await say(http, "cell=B1"))["job"]["id"] not in (sheet, other, cell)
    assert studio.jobs[list(studio.jobs)[-1]].order.recipe.seed == 4, "the newest sheet"
    mine = (await ask(http, "/api/messages"))[-2]
    assert [picture["role"] for picture in mine["pictures"]] == ["content", "style"]


@pytest.mark.parametrize("job", ["room-0000", "discord-1", "../../etc", "x" * 5000])
async def test_a_reply_to_no_job_of_the_room_is_refused_in_words(http, job: str):
    async with http.post("/api/messages", data={"text": "cell=B1", "reply_to": job}) as response:
        said = await response.json()
    assert said["refused"]
    assert "have it painted again" in said["reply"]
