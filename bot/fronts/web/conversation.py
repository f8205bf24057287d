"""The conversation: hears a message, asks the studio, replies, and keeps the replies up to date."""

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from bot.commands import Cancel, Command, Forget, Help, Paint, help_text, parse
from bot.fronts.base import Undeliverable
from bot.fronts.web import texts
from bot.fronts.web.feed import Feed
from bot.fronts.web.media import EXAMPLES_URL, PREFIX, key_at, picture_url
from bot.fronts.web.messages import Message, Messages
from bot.fronts.web.views import JobView, MessageView, PictureView, captions, job_view
from bot.model import Job, Outcome, Status, Upload
from bot.options import CommandError
from bot.studio import Refused, Studio
from bot.texts import ARRIVING, PAUSED, cancelled

log = logging.getLogger(__name__)

NAME = "room"
SHEET = PictureView(
    url=EXAMPLES_URL,
    role="examples",
    name=EXAMPLES_URL.strip("/"),
    alt="Examples: content above, style below it, then the painting",
)
PERSON = "room:you"
"""The room has one person, in however many browsers."""


LOOKED_BACK = 10
"""In how many messages the newest picture is looked for."""


@dataclass(frozen=True)
class Heard:
    """A message that was heard: its number, the reply, and the job if it led to one."""

    id: int
    reply: str
    job: str | None = None
    refused: bool = False
    """Whether it cannot be done as it was asked for."""


class Conversation:
    """Everything said in the room; *feed* tells the open pages of it."""

    def __init__(self, studio: Studio, feed: Feed) -> None:
        self._studio = studio
        self._feed = feed
        self._messages = Messages(studio.engine)
        self._arriving: set[str] = set()

    async def hear(self, text: str, uploads: Sequence[Upload]) -> Heard:
        """Take in a message and reply; there is a reply to everything."""
        notes: Sequence[str] = ()
        try:
            command = self._parse(text)
            if isinstance(command, Paint):
                if not uploads and not self._asks_to_paint(text, command):
                    notes, command = command.notes, None
                else:
                    uploads = [*await self._kept(command, len(uploads)), *uploads]
        except CommandError as error:
            return replace(await self._chat(text, str(error)), refused=True)
        if isinstance(command, Paint):
            return await self._paint(text, command, uploads)
        shown = [SHEET] if isinstance(command, Help) else []
        return await self._chat(text, "\n".join([await self._obey(command), *notes]), shown)

    async def show(self, job: Job, status: Status) -> None:
        """Tell the pages where a job stands."""
        news = {"text": texts.about(status), "job": job_view(status)}
        self._feed.publish("progress", news, about=job.id)

    async def pause(self, job: Job, status: Status) -> None:
        """Tell the pages that a job goes on when the room opens again."""
        news = {"text": PAUSED, "job": job_view(status)}
        self._feed.publish("progress", news, about=job.id)

    async def answer(self, job: Job, status: Status) -> None:
        """Turn the acknowledgement of a job into its answer."""
        message = await self._messages.answer(job.id, texts.about(status), job_view(status))
        if message is None:
            raise Undeliverable("its message in the room was deleted")
        await self._publish(message)

    async def delete_before(self, moment: datetime) -> None:
        """Delete the messages from before *moment*, but no reply that is to become an answer."""
        unended = await self._messages.unended()
        owed = [job for job in unended if await self._studio.status(job) is not None]
        await self._messages.delete(before=moment, keep=owed)

    async def forget(self, person: str) -> None:
        """Delete all messages, and let the pages do the same, if *person* is the one here."""
        if person == PERSON:
            await self._messages.delete()
            self._feed.publish("room", {"messages": []})

    async def list(self) -> list[MessageView]:
        """All messages, oldest first, each job as it stands now."""
        return [await self._view(message) for message in await self._messages.all()]

    def _parse(self, text: str, *, mentioned: bool = True) -> Command | None:
        """Read a message; in the room every message is meant for the bot."""
        settings = self._studio.settings
        return parse(
            text,
            settings.painting,
            prefix=settings.commands.prefix,
            hashtag=settings.commands.hashtag,
            mentioned=mentioned,
        )

    def _asks_to_paint(self, text: str, command: Paint) -> bool:
        """Whether words without pictures are a command, or just talk."""
        asked = replace(command, notes=())
        return asked != self._parse("") or self._parse(text, mentioned=False) is not None

    async def _obey(self, command: Command | None) -> str:
        """Do what a command without pictures asks; returns the reply."""
        settings = self._studio.settings
        match command:
            case Help():
                return help_text(
                    settings.painting, settings.commands.prefix, settings.commands.hashtag
                )
            case Cancel():
                return cancelled(await self._studio.cancel_all(PERSON))
            case Forget():
                await self._studio.forget(PERSON)
                return texts.FORGOTTEN
            case _:
                return texts.WELCOME

    async def _kept(self, paint: Paint, count: int) -> Sequence[Upload]:
        """What *paint* wants beside *count* uploads: the newest pictures here, of one message.

        Raises CommandError where there are none, and where it wants an avatar.
        """
        if paint.content is not None:
            raise CommandError(texts.NO_AVATARS)
        if not paint.last or count >= paint.least:
            return []
        for message in reversed((await self.list())[-LOOKED_BACK:]):
            keys = [(key_at(picture["url"]), picture["name"]) for picture in message["pictures"]]
            if kept := [(key, name) for key, name in keys if key is not None]:
                return [self._again(key, name) for key, name in kept[: paint.least - count]]
        raise CommandError(texts.NO_NEWEST)

    def _again(self, key: str, name: str) -> Upload:
        """A picture that is kept, as if it were uploaded once more."""

        async def read() -> bytes:
            try:
                return await self._studio.read(key)
            except FileNotFoundError:
                raise CommandError(f"I no longer have {name}. Please drop it here.") from None

        return Upload(name, 0, read)

    async def _chat(self, text: str, reply: str, shown: Sequence[PictureView] = ()) -> Heard:
        said, replied = await self._messages.add(text, reply, shown=shown)
        await self._publish_both(said, replied)
        return Heard(said, reply)

    async def _paint(self, text: str, paint: Paint, uploads: Sequence[Upload]) -> Heard:
        """Write both messages down, then submit: a job that exists always has its reply."""
        job = PREFIX + secrets.token_hex(8)
        pictures = _pictures(job, paint, uploads)
        self._arriving.add(job)
        try:
            said, replied = await self._messages.add(text, ARRIVING, pictures=pictures, job=job)
            return await self._submit(job, said, replied, paint, uploads)
        finally:
            self._arriving.discard(job)

    async def _submit(
        self, job: str, said: int, replied: int, paint: Paint, uploads: Sequence[Upload]
    ) -> Heard:
        try:
            status = await self._studio.submit(
                id=job, front=NAME, person=PERSON, address={}, paint=paint, uploads=uploads
            )
        except (CommandError, Refused) as error:
            await self._messages.refuse(said, replied, str(error))
            return Heard(said, str(error), refused=True)
        finally:
            await self._publish_both(said, replied)
        return Heard(said, texts.about(status), job)

    async def _publish_both(self, *numbers: int) -> None:
        """Tell the pages; what was said is said, even if the database fails them now."""
        try:
            for number in numbers:
                if message := await self._messages.get(number):
                    await self._publish(message)
        except SQLAlchemyError as error:
            log.warning("the pages cannot be told: %s", error)

    async def _publish(self, message: Message) -> None:
        self._feed.publish("message", dict(await self._view(message)), about=message.id)

    async def _view(self, message: Message) -> MessageView:
        """A message as the page sees it: an open job's text and state come from the studio."""
        text, job, pictures = message.text, message.ended, list(message.pictures)
        if message.job is not None and job is None:
            text, job = await self._standing(message.job)
        if job is not None and job["result_url"] is not None:
            pictures.append(
                PictureView(url=job["result_url"], role="result", name="Painting", alt="Painting")
            )
        return MessageView(
            id=message.id,
            author=message.author,
            text=text,
            pictures=pictures,
            job=job,
        )

    async def _standing(self, job: str) -> tuple[str, JobView]:
        """Where an open job stands, in words and as JSON."""
        status = await self._studio.status(job)
        if status is not None:
            return texts.about(status), job_view(status)
        if job in self._arriving:
            return ARRIVING, job_view(Status(job, "queued"))
        lost = Status(job, "failed", outcome=Outcome(error=texts.LOST))
        return texts.LOST, job_view(lost)


def _pictures(job: str, paint: Paint, uploads: Sequence[Upload]) -> list[PictureView]:
    """The uploads as the message will show them, each with what it is for."""
    roles = [role.split()[0].lower() for role in paint.roles(len(uploads))]
    return [
        PictureView(
            url=picture_url(job, number), role=role, name=upload.name, alt=f"{said}: {upload.name}"
        )
        for number, (role, said, upload) in enumerate(
            zip(roles, captions(roles), uploads, strict=True), 1
        )
    ]
