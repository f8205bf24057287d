"""What a package brings is used as what is inside: in the room, in Discord, through the queue."""

import io
import os
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image

from tests.bot.processes import RunningStudio
from tests.extending.conftest import ROOT, TEXTS
from tests.faults.discord import FakeDiscord
from tests.patience import until
from tests.pictures import png, stripes

pytestmark = pytest.mark.asyncio(loop_scope="module")
CAT, WAVE = ("cat.png", png(96, 64)), ("wave.png", stripes(64, 64))
IDEA = "Try `!stylenet strength="


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def fake() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as fake:
        yield fake


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(
    python: Path, fake: FakeDiscord, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[RunningStudio]:
    """A studio of the environment with the examples, in the room and in Discord."""
    data = tmp_path_factory.mktemp("studio") / "data"
    off = {"STYLENET_TERMINAL__ENABLED": "false"}
    async with RunningStudio(data, discord=fake, python=python, **off) as studio:
        await until(lambda: fake.gateway.connected)
        yield studio


@pytest.mark.parametrize("name", [name for name in TEXTS if name.endswith(".py")])
async def test_an_example_is_short(name):
    assert TEXTS[name].count("\n") <= 60


async def test_a_command_answers_in_the_room_and_stands_in_help(studio):
    assert (await studio.post("!idea"))["reply"].startswith(IDEA)
    helped = (await studio.post("!help"))["reply"]
    assert "`!idea` says which options to try" in helped
    assert "`!poster palette=6`: one picture, in a few colours" in helped


async def test_a_command_answers_in_discord_as_a_message_and_as_a_slash_command(studio, fake):
    ann, art = fake.join("ann"), await fake.open_channel("art")
    asked = await fake.post(art, ann, "!idea", ())
    await until(lambda: fake.replies_to(asked))
    assert fake.replies_to(asked)[0].content.startswith(IDEA)
    used = await fake.slash(art, ann, "idea")
    await until(lambda: used.said)
    assert used.said[0].startswith(IDEA)
    assert used.response.ephemeral


async def test_a_work_paints_through_queue_and_worker_with_its_film(studio):
    posted = await studio.post("!poster palette=3 size=96 steps=9 gif", CAT)
    end = await studio.wait_for_end(posted["job"]["id"])
    assert (end["state"], end["error"]) == ("done", None)
    painting = Image.open(io.BytesIO(await studio.get(end["result_url"])))
    assert painting.size == (96, 64)
    assert len(painting.getcolors()) == 3
    [answer] = await studio.answers(posted["job"]["id"])
    assert answer["text"].startswith("Here is your poster: 96 × 64")
    assert Image.open(io.BytesIO(await studio.get(end["film_url"]))).format == "GIF"


async def test_a_work_is_asked_for_by_a_form_of_discord(studio, fake):
    ann, art = fake.join("ann"), await fake.open_channel("posters")
    used = await fake.slash(art, ann, "poster", content=CAT, palette=2, steps=3)
    await until(lambda: fake.answers_to(used))
    [file] = fake.answers_to(used)[0].files
    assert len(Image.open(io.BytesIO(file.data)).getcolors()) == 2


async def test_a_work_has_a_form_on_the_page(studio):
    room = await studio.get("/api/room")
    [poster] = [command for command in room["commands"] if command["name"] == "poster"]
    assert [(one["role"], one["least"], one["most"]) for one in poster["inputs"]] == [
        ("content", 1, 1)
    ]
    assert "palette" in str(poster["options"])


async def test_options_of_a_work_are_checked_like_others(studio):
    said = await studio.post("!poster palette=500", CAT)
    assert said["reply"].startswith("`palette` wants a whole number from 2 to 64, not `500`")
    said = await studio.post("!poster strength=80", CAT)
    assert said["reply"].startswith("A poster has no style, so `strength=80` means nothing there")
    said = await studio.post("!poster", CAT, WAVE)
    assert said["reply"].startswith("I need one picture")


async def test_a_work_survives_a_kill_and_goes_on_at_its_checkpoint(studio):
    job = (await studio.post("!poster size=512 steps=600 palette=12", CAT))["job"]["id"]
    await until(studio.checkpoint(job).exists)
    studio.kill_workers()
    await studio.kill()
    await studio.start()
    assert (await studio.wait_for_end(job))["state"] == "done"
    assert f"job {job}: painting on from a checkpoint" in studio.log()
    assert len(await studio.answers(job)) == 1


async def test_a_front_hears_says_and_is_stopped(python, tmp_path):
    (tmp_path / "cat.png").write_bytes(CAT[1])
    environment = {"PYTHONPATH": str(ROOT), "STYLENET_ROOM__ENABLED": "false"}
    process = subprocess.Popen(
        [python, "-c", "from bot.cli import main; main()", "run", "--data", "data"],
        cwd=tmp_path,
        env={**os.environ, "STYLENET_WORKERS__DEVICE": "cpu", **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    print("!idea\ncat.png !poster size=64 steps=2", file=process.stdin, flush=True)
    said = []
    for line in process.stdout:
        said.append(line)
        if line.endswith("is painted.\n"):
            break
    process.send_signal(signal.SIGTERM)
    rest, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    assert said[0].startswith(IDEA)
    assert rest.endswith("The terminal is closed.\n")
    [painting] = tmp_path.glob("terminal-*.png")
    assert Image.open(painting).size == (64, 43)
