"""A small Discord for the tests: a server, a channel, two people, and a studio without painters."""

import base64
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import discord
import simcord

from bot.commands import Paint, check_pictures
from bot.config import Settings
from bot.fronts.discord import DiscordFront
from bot.model import Job, Order, Outcome, Progress, State, Status, StoredPicture, Upload
from bot.studio import Front, Refused

PHOTO = ("photo.jpg", b"a photograph")
WAVE = ("wave.png", b"a great wave")
STARS = ("stars.webp", b"a starry night")
NOTES = ("notes.txt", b"buy paint")
COMPONENTS_V2 = 1 << 15
"""The flag of a message that is made of components alone."""
PREVIEW = base64.b64encode(b"a small jpeg").decode()


class FakeStudio:
    """The studio as fronts see it; the test itself is the painter."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.jobs: dict[str, Job] = {}
        self.statuses: dict[str, Status] = {}
        self.store: dict[str, bytes] = {}
        self.uploads: list[Upload] = []
        """Those of the newest job."""
        self.refusal: str | None = None
        self.front: Front

    def enlist(self, front: Front) -> None:
        self.front = front

    async def submit(
        self,
        *,
        id: str,
        front: str,
        person: str,
        address: dict[str, Any],
        paint: Paint,
        uploads: Sequence[Upload],
    ) -> Status:
        if id in self.jobs:
            return self.statuses[id]
        check_pictures(paint, len(uploads))
        for upload in uploads:
            if upload.size > self.settings.limits.picture_bytes:
                raise Refused(f"{upload.name} is too large.")
        if self.refusal:
            raise Refused(self.refusal)
        pictures = []
        self.uploads = list(uploads)
        for number, upload in enumerate(uploads, 1):
            key = f"jobs/{id}/picture-{number}"
            self.store[key] = await upload.read()
            pictures.append(StoredPicture(key=key, name=upload.name, spoiler=upload.spoiler))
        order = Order(
            recipe=paint.recipe, pictures=tuple(pictures), film=paint.film, notes=paint.notes
        )
        self.jobs[id] = Job(id=id, front=front, person=person, address=address, order=order)
        position = sum(status.state == "queued" for status in self.statuses.values()) + 1
        await self.show(id, "queued", position=position, wait=40.0 * position)
        return self.statuses[id]

    async def show(self, job: str, state: State, **fields: Any) -> None:
        self.statuses[job] = Status(job, state, **fields)
        await self.front.show(self.jobs[job], self.statuses[job])

    async def paint(self, job: str, step: int, *, preview: str | None = PREVIEW) -> None:
        """Let the front show that *step* of 100 is done."""
        report = Progress(
            step=step, steps=100, scale=0, scales=1, preview=preview, seconds_left=100.0 - step
        )
        await self.show(job, "running", progress=report)

    async def end(self, job: str, state: State = "done", **fields: Any) -> None:
        """End a job as a worker does, and have it answered."""
        if state == "done":
            key = f"jobs/{job}"
            self.store |= {f"{key}/result.png": b"painting", f"{key}/film.gif": b"film"}
            fields = {
                "result": f"{key}/result.png",
                "shared": f"{key}/result.png",
                "film": f"{key}/film.gif" if self.jobs[job].order.film else None,
                "width": 256,
                "height": 170,
                "seconds": 32.0,
            } | fields
        self.statuses[job] = Status(job, state, outcome=Outcome(**fields) if fields else None)
        await self.answer(job)

    async def answer(self, job: str) -> None:
        await self.front.answer(self.jobs[job], self.statuses[job])

    async def follow(self, job: str) -> AsyncIterator[Status]:
        yield self.statuses[job]

    async def status(self, job: str) -> Status | None:
        return self.statuses.get(job)

    async def cancel(self, job: str, person: str) -> bool:
        if self.jobs[job].person != person or self.statuses[job].ended:
            return False
        await self.end(job, "cancelled")
        return True

    async def cancel_all(self, person: str) -> int:
        return sum([await self.cancel(job, person) for job in self.jobs])

    async def forget(self, person: str) -> int:
        await self.cancel_all(person)
        theirs = [job for job in self.jobs if self.jobs[job].person == person]
        for job in theirs:
            del self.jobs[job]
        return len(theirs)

    async def read(self, key: str) -> bytes:
        try:
            return self.store[key]
        except KeyError:
            raise FileNotFoundError(key) from None

    async def readdress(self, job: str, address: dict[str, Any]) -> None:
        self.jobs[job] = self.jobs[job].model_copy(update={"address": address})


@dataclass
class World:
    """Alice and Bob in a channel of a server where the bot is."""

    env: simcord.Env
    studio: Any
    front: DiscordFront
    guild: simcord.GuildHandle = field(init=False)
    channel: simcord.ChannelHandle = field(init=False)
    alice: simcord.MemberActor = field(init=False)
    bob: simcord.MemberActor = field(init=False)

    def __post_init__(self) -> None:
        self.guild = self.env.create_guild("Painters")
        self.channel = self.guild.create_text_channel("art")
        self.alice = self.guild.add_member(self.env.create_user("alice"))
        self.bob = self.guild.add_member(self.env.create_user("bob"))

    async def ask(self, text: str = "#stylenet", *files: tuple[str, bytes]) -> discord.Message:
        """Let Alice post *text* with *files*, by default a photograph and a wave."""
        return await self.alice.send(self.channel, text, attachments=files or (PHOTO, WAVE))

    async def show(
        self,
        text: str = "",
        *,
        by: simcord.MemberActor | None = None,
        files: Sequence[tuple[str, bytes]] = (),
        reply_to: discord.Message | None = None,
        **parts: Any,
    ) -> discord.Message:
        """Let somebody, by default Bob, post what no upload holds: embeds, components, stickers."""
        backend = self.env.backend
        stored = backend.create_message(
            self.channel.id,
            (by or self.bob).id,
            text,
            attachments=parts.pop("attachments", backend.store_attachments(self.channel.id, files)),
            reference={"channel_id": str(self.channel.id), "message_id": str(reply_to.id)}
            if reply_to
            else None,
            flags=COMPONENTS_V2 if "components" in parts else 0,
            **parts,
        )
        await self.env.settle()
        return next(one for one in self.channel.history() if one.id == stored.id)

    @property
    def job(self) -> str:
        """The id of the newest job."""
        return list(self.studio.jobs)[-1]

    @property
    def pictures(self) -> list[tuple[str, bytes]]:
        """Names and bytes of the newest job's pictures."""
        pictures = self.studio.jobs[self.job].order.pictures
        return [(picture.name, self.studio.store[picture.key]) for picture in pictures]

    def said(self, channel: simcord.ChannelHandle | None = None) -> list[discord.Message]:
        """What the bot has said and not deleted."""
        me = self.env.bot.user
        history = (channel or self.channel).history()
        return [message for message in history if message.author == me]

    def reply(self) -> discord.Message:
        """The one thing the bot has said."""
        (message,) = self.said()
        return message

    async def restart(self) -> None:
        """The bot is killed and starts again, with what the studio has kept."""
        self.front = DiscordFront(self.studio)
        await self.env.restart_bot(self.front.client)

    def deny(self, **permissions: bool) -> simcord.ChannelHandle:
        """A channel in which the bot lacks some permissions."""
        overwrite = discord.PermissionOverwrite(**permissions)
        return self.guild.create_text_channel("quiet", overwrites={self.env.bot.user: overwrite})


def file_names(message: discord.Message) -> list[str]:
    return [file.filename for file in message.attachments]


def buttons(message: discord.Message) -> list[str | None]:
    rows = [row for row in message.components if isinstance(row, discord.ActionRow)]
    return [getattr(item, "label", None) for row in rows for item in row.children]
