"""The conversation: hears a message, asks the studio, replies, and keeps the replies up to date."""

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from bot.commands.base import Attachment, CommandError, Given, Incoming, Reply
from bot.commands.dispatch import Dispatch
from bot.commands.help import picture_of
from bot.commands.pictures import Wanted
from bot.commands.registry import commands
from bot.fronts.web import texts
from bot.fronts.web.feed import Feed
from bot.fronts.web.media import SHOWN_URL, key_at, picture_url
from bot.fronts.web.messages import Message, Messages
from bot.fronts.web.views import (
    ANY_PICTURE,
    JobView,
    MessageView,
    PictureView,
    captions,
    job_view,
    main_picture,
)
from bot.model import Outcome, Request, Status, Upload
from bot.studio import Studio
from bot.texts import ARRIVING
from stylize.media.formats import media_type_of

log = logging.getLogger(__name__)

NAME = "room"
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
    fault: bool = False
    """Whether that is the studio's fault."""


class Conversation:
    """Everything said in the room; *feed* tells the open pages of it."""

    def __init__(self, studio: Studio, messages: Messages, feed: Feed) -> None:
        self._studio = studio
        self._dispatch = Dispatch(studio)
        self._feed = feed
        self._messages = messages
        self._arriving: set[str] = set()
        pictures = map(picture_of, commands().values())
        self.shown = {picture.name: picture for picture in pictures if picture}
        """Files that are shown with replies, by their names: those of help, and what came since."""

    async def hear(self, text: str, uploads: Sequence[Upload], reply_to: str = "") -> Heard:
        """Take in a message, which is meant for the bot, and reply; there is always a reply.

        *reply_to* is the job to whose answer it replies, if it does.
        """

        async def gather(wanted: Wanted) -> Sequence[Upload]:
            return [*await self._kept(wanted, len(uploads)), *uploads]

        async def replied() -> str:
            return reply_to

        incoming = Incoming(
            front=NAME,
            event=secrets.token_hex(8),
            person=PERSON,
            gather=gather,
            text=text,
            mentioned=True,
            replied=replied if reply_to else None,
            forgotten=lambda jobs, posts: texts.FORGOTTEN,
        )
        result: Given | Reply | Request | None = self._dispatch.parse(incoming)
        if isinstance(result, Given):
            if uploads or result.explicit or result.options:
                result = await self._dispatch.run(result, incoming)
            else:  # words without pictures that ask for nothing
                result = Reply("\n".join([texts.WELCOME, *result.notes]))
        if isinstance(result, Request):
            return await self._paint(text, result)
        return await self._chat(text, result or Reply(texts.WELCOME))

    async def list(self) -> list[MessageView]:
        """All messages, oldest first, each job as it stands now."""
        return [await self._view(message) for message in await self._messages.all()]

    async def _kept(self, wanted: Wanted, count: int) -> Sequence[Upload]:
        """What is *wanted* beside *count* uploads: the newest pictures here, of one message.

        Raises CommandError where there are none, and where an avatar is wanted.
        """
        if wanted.content is not None:
            raise CommandError(texts.NO_AVATARS)
        if not wanted.last or count >= wanted.least:
            return []
        for message in reversed((await self.list())[-LOOKED_BACK:]):
            keys = [(key_at(picture["url"]), picture["name"]) for picture in message["pictures"]]
            if kept := [(key, name) for key, name in keys if key is not None]:
                return [self._again(key, name) for key, name in kept[: wanted.least - count]]
        raise CommandError(texts.NO_NEWEST)

    def _again(self, key: str, name: str) -> Upload:
        """A picture that is kept, as if it were uploaded once more."""

        async def read() -> bytes:
            try:
                return await self._studio.read(key)
            except FileNotFoundError:
                raise CommandError(f"I no longer have {name}. Please drop it here.") from None

        return Upload(name, 0, read)

    async def _chat(self, text: str, reply: Reply) -> Heard:
        shown = [self._shown(file) for file in reply.files]
        said, replied = await self._messages.add(text, reply.text, shown=shown)
        await self._publish_both(said, replied)
        return Heard(said, reply.text, refused=reply.refused, fault=reply.fault)

    def _shown(self, file: Attachment) -> PictureView:
        name = file.path.name
        self.shown[name] = file.path
        return PictureView(
            url=SHOWN_URL + name,
            role=file.path.stem,
            name=name,
            alt=file.alt,
            media_type=media_type_of(file.path.suffix),
            subject=False,
        )

    async def _paint(self, text: str, request: Request) -> Heard:
        """Write both messages down, then submit: a job that exists always has its reply."""
        pictures = _pictures(request)
        self._arriving.add(request.id)
        try:
            said, replied = await self._messages.add(
                text, ARRIVING, pictures=pictures, job=request.id
            )
            try:
                result = await self._dispatch.submit(request)
                if isinstance(result, Reply) and not result.fault:
                    await self._messages.refuse(said, replied, result.text)
            finally:
                await self._publish_both(said, replied)
        finally:
            self._arriving.discard(request.id)
        if isinstance(result, Reply):
            return Heard(said, result.text, refused=True, fault=result.fault)
        return Heard(said, texts.about(result), request.id)

    async def _publish_both(self, *numbers: int) -> None:
        """Tell the pages; what was said is said, even if the database fails them now."""
        try:
            for number in numbers:
                if message := await self._messages.get(number):
                    await self.publish(message)
        except SQLAlchemyError as error:
            log.warning("the pages cannot be told: %s", error)

    async def publish(self, message: Message) -> None:
        """Tell the pages of a new message, or of one that has changed."""
        self._feed.publish("message", dict(await self._view(message)), about=message.id)

    async def _view(self, message: Message) -> MessageView:
        """A message as the page sees it: an open job's text and state come from the studio."""
        text, job, pictures = message.text, message.ended, list(message.pictures)
        if message.job is not None and job is None:
            text, job = await self._standing(message.job)
        if job is not None and (picture := main_picture(job)) is not None:
            pictures.append(picture)
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
            asked = await self._studio.job(job) if status.ended else None
            order = asked.order if asked else None
            return texts.about(status, order), job_view(status, order)
        if job in self._arriving:
            return ARRIVING, job_view(Status(job, "queued"))
        lost = Status(job, "failed", outcome=Outcome(error=texts.LOST))
        return texts.LOST, job_view(lost)


def _pictures(request: Request) -> list[PictureView]:
    """The uploads as the message will show them, each with what it is for."""
    roles = [upload.role for upload in request.uploads]
    return [
        PictureView(
            url=picture_url(request.id, number),
            role=upload.role,
            name=upload.name,
            alt=f"{said}: {upload.name}",
            media_type=ANY_PICTURE,
            subject=upload.role == request.recipe.subject,
        )
        for number, (said, upload) in enumerate(
            zip(captions(roles), request.uploads, strict=True), 1
        )
    ]
