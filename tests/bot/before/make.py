"""Makes ``before.tar.xz``: what a studio of an older version left when it was killed at work.

It runs with that version's code, from that version's root; as it is here, of commit a4040b3:

    git worktree add --detach ../before a4040b3
    cd ../before
    OMP_NUM_THREADS=1 PYTHONPATH=. python $OLDPWD/tests/bot/before/make.py

In the archive, which is written beside this file:

    data/         the data folder: a database, pictures, and the checkpoint of a finished scale
    jobs.json     the jobs by what had become of them
    room.json     the messages of the room, as its API told them last
    discord.json  the same of a fake Discord: its server, channels, people and messages
"""

import asyncio
import json
import os
import signal
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.bot.processes import RunningStudio, gone
from tests.faults.discord import FakeDiscord
from tests.faults.discord.faults import refused
from tests.faults.discord.world import Message
from tests.patience import until
from tests.pictures import png, stripes

ARCHIVE = Path(__file__).with_name("before.tar.xz")

CONTENT, STYLE = ("cat.png", png(96, 32)), ("wave.png", stripes(64, 64))
DOTS, STRIP = ("dots.png", png(50, 50)), ("strip.png", png(192, 16))
TWO = CONTENT, STYLE
SMALL = "size=64 steps=4"
TWO_SCALES = "!stylenet size=384 steps=6 gif"


async def make(folder: Path) -> None:
    """Leave all that goes into the archive in *folder*."""
    async with FakeDiscord() as fake, RunningStudio(folder / "data", discord=fake) as studio:
        await fake.bot_arrives()
        ann, away = fake.join("ann"), await fake.open_channel("away")
        jobs = {}

        async def ask(name: str, text: str, *pictures: tuple[str, bytes]) -> str:
            jobs[name] = (await studio.post(text, *pictures))["job"]["id"]
            return jobs[name]

        async def ask_in_discord(name: str, channel: Any, text: str) -> Message:
            asked = await fake.post(channel, ann, text, TWO)
            jobs[name] = f"discord-{asked.id}"
            await until(lambda: fake.acknowledgements_of(asked))
            return asked

        await studio.post("!help")
        await ask("painted", f"my cat #stylenet {SMALL} gif", *TWO)
        await ask("texture", f"!texture {SMALL}", STYLE)
        await ask("failed", f"!stylenet {SMALL}", CONTENT, ("notes.png", b"only words " * 20))
        for name in ("painted", "texture", "failed"):
            await studio.wait_for_end(jobs[name])
        asked = await ask_in_discord("posted", fake.art, f"#stylenet {SMALL} gif")
        await until(lambda: fake.answers_to(asked))
        long = await ask("cancelled", "!stylenet size=512 steps=1000", *TWO)
        await studio.wait_for_step(long, 0.001)
        await studio.cancel(long)
        await studio.wait_for_end(long)
        asked = await fake.post(away, ann, f"#stylenet {SMALL} gif", TWO)
        jobs["undelivered"] = f"discord-{asked.id}"
        await until(lambda: fake.acknowledgements_of(asked))
        fake.faults.plan("POST", f"/channels/{away.id}/messages", refused(503), times=10**6)
        await until(lambda: f"job {jobs['undelivered']}: painted in" in studio.log())
        await until(lambda: fake.faults.met)

        half = await ask("half", TWO_SCALES, STRIP, STYLE)
        await studio.wait_for_step(half, 0.01)
        (worker,) = studio.workers()
        os.kill(worker, signal.SIGSTOP)  # it stands still while all the others come to wait
        await ask("transfer", f"!stylenet {SMALL} gif strength=0.5 seed=7", *TWO)
        await ask("blend", f"!blend 2 1 {SMALL} style_scale=0.5", *TWO, DOTS)
        await ask("start", f"!stylenet {SMALL} init=picture colours=luminance", *TWO, DOTS)
        await ask_in_discord("message", fake.art, f"#stylenet {SMALL} gif")
        used = await fake.slash(fake.art, ann, "texture", style=STYLE, size=64, steps=4)
        jobs["slash"] = f"discord-{used.id}"
        await until(lambda: fake.acknowledgements_of(used))
        os.kill(worker, signal.SIGCONT)
        await until(studio.checkpoint(half).exists)
        os.kill(worker, signal.SIGKILL)
        room = await studio.get("/api/messages")
        await studio.kill()
        await gone([worker])
        assert not (studio.checkpoint(half).parent / "result.png").exists()
        said = {"jobs": jobs, "room": room, "discord": world(fake)}
        for name, content in said.items():
            (folder / f"{name}.json").write_text(json.dumps(content, indent=1))


def world(fake: FakeDiscord) -> dict[str, Any]:
    """The people and channels of *fake*, and what can be read there."""
    channels = fake.guild.channels
    return {
        "me": fake.me.id,
        "guild": fake.guild.id,
        "people": {person.name: person.id for person in fake.board.people.values()},
        "channels": {channel.name: channel.id for channel in channels},
        "messages": [
            {
                "id": message.id,
                "channel": channel.name,
                "author": message.author.name,
                "content": message.content,
                "components": message.components,
                "replies_to": message.replies_to,
                "interaction": message.interaction,
                "type": message.type,
                "files": [file.name for file in message.files],
            }
            for channel in channels
            for message in channel.messages.values()
        ],
    }


def pack(folder: Path) -> None:
    """Write the archive; the database's write-ahead log is folded into it, which makes it small."""
    with closing(sqlite3.connect(folder / "data" / "stylenet.db")) as database:
        database.execute("VACUUM")
        assert database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() == (0, 0, 0)
    with tarfile.open(ARCHIVE, "w:xz", preset=9) as archive:
        for name in ("data", "jobs.json", "room.json", "discord.json"):
            archive.add(folder / name, name, filter=_nobodys)


def _nobodys(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Without whose files they were, and without what only running processes need."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return None if member.name.endswith((".lock", "-wal", "-shm")) else member


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(make(Path(folder)))
        pack(Path(folder))
