"""What was said in the bot's rooms since it last looked, each message heard once."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from bot.commands.base import CommandError, Incoming
from bot.commands.dispatch import Dispatch
from bot.commands.pictures import Wanted
from bot.fronts.matrix.address import FRONT, Address
from bot.fronts.matrix.api import LOST, Api, ApiError
from bot.fronts.matrix.events import Event, events_in, key_of
from bot.fronts.matrix.reading import pictures_for, upload_of, words_of
from bot.fronts.timeline import follow, is_new
from bot.model import Upload
from bot.studio import Studio
from bot.texts import forgotten_here

if TYPE_CHECKING:
    from nio import RoomInfo

log = logging.getLogger(__name__)

POSITION = f"{FRONT} position"
WELCOME = (
    "Hello! Post two pictures, first what I am to paint and then a style, and after them "
    "{prefix}stylenet. {prefix}help shows what else I can do."
)
NOT_FOUND = "The server did not let me look for your pictures. Please ask again in a minute."
ENCRYPTED = (
    "This room is encrypted, so I cannot read what is said here. Invite me to one that is not."
)
FORGOTTEN = partial(
    forgotten_here,
    stays="What I posted in Matrix stays there",
    remedy="who moderates the room can remove it",
)


@dataclass
class Hearing:
    """Hears for the account of *api*."""

    api: Api
    studio: Studio
    per_day: int
    dispatch: Dispatch = field(init=False)
    _entered: set[str] = field(default_factory=set)
    """Rooms of which nothing was heard yet."""

    def __post_init__(self) -> None:
        self.dispatch = Dispatch(self.studio)

    async def listen(self) -> None:
        """Hear what was said since the last time, and then wait a while for more.

        Where the bot stopped is kept. At the very first time only what is new from then on.
        """
        since = await self.studio.recall(POSITION)
        news = await self.api.sync(since)
        for room in news.rooms.invite:
            await self._enter(room)
        for room, info in news.rooms.join.items() if since else ():
            for event in await self._events(room, info, str(since)):
                await self._hear(event, room)
        await self.studio.remember(POSITION, news.next_batch)

    async def _enter(self, room: str) -> None:
        """Go where the bot is invited, and say what it is for."""
        try:
            await self.api.ask(self.api.client.join(room))
        except ApiError as error:
            log.info("cannot enter %s: %s", room, error)
            return
        self._entered.add(room)
        prefix = self.studio.settings.commands.prefix
        await self._tell(room, WELCOME.format(prefix=prefix), f"welcome-{key_of(room)}")

    async def _events(self, room: str, info: "RoomInfo", since: str) -> Sequence[Event]:
        """What was said in *room*; where that is too much for one answer, the rest is asked for."""
        timeline = info.timeline
        events = events_in(timeline.events)
        if timeline.limited and timeline.prev_batch:
            events = [*await self.api.missed(room, timeline.prev_batch, since), *events]
        if room in self._entered:  # what was said there before the invitation was not for the bot
            self._entered.discard(room)
            about_me = (n for n, event in enumerate(events) if event.state_key == self.api.me)
            return events[next(about_me, 0) :]
        return events

    async def _hear(self, event: Event, room: str) -> None:
        """Do what *event* asks, or tell its sender why not; what is not for the bot is ignored."""
        if event.sender == self.api.me or not is_new(event.moment):
            return
        if event.type == "m.room.encrypted":
            await self._tell(room, ENCRYPTED, f"encrypted-{key_of(room)}")
            return
        if not event.said:
            return
        incoming = self._incoming(event, room)
        given = self.dispatch.parse(incoming)
        if given is None:
            return
        said = await follow(self.dispatch, given, incoming, self.per_day)
        if said is not None:
            await self._say(said, incoming)

    async def _say(self, text: str, incoming: Incoming) -> None:
        address = Address.model_validate(incoming.address)
        try:
            await self.api.send(
                address.room, address.reply(text, ping=True), f"reply-{incoming.event}"
            )
        except ApiError as error:
            log.info("%s: its person cannot be told %r: %s", incoming.job, text, error)

    async def _tell(self, room: str, text: str, key: str) -> None:
        """Say *text* to all in *room*, once, if the bot may speak there."""
        if await self.studio.recall(f"{FRONT} {key}") is not None:
            return
        try:
            await self.api.send(room, {"msgtype": "m.notice", "body": text}, key)
        except ApiError as error:
            log.info("%s cannot be told %r: %s", room, text, error)
        await self.studio.remember(f"{FRONT} {key}", "told")

    def _incoming(self, event: Event, room: str) -> Incoming:
        known = self.api.client.rooms.get(room)
        name = (known and known.user_name(self.api.me)) or self.api.me
        alone = known is not None and known.member_count == 2

        async def gather(wanted: Wanted) -> Sequence[Upload]:
            try:
                found = await pictures_for(wanted, event, room, self.api)
            except (ApiError, *LOST) as error:
                log.warning("its pictures cannot be looked for: %r", error)
                raise CommandError(NOT_FOUND) from None
            most = self.studio.settings.limits.picture_bytes
            return [upload_of(one, self.api, most) for one in found]

        async def replied() -> str | None:
            """The job below whose message the bot said what *event* replies to."""
            earlier = await self.api.event(room, event.replies_to)
            if earlier is None or earlier.sender != self.api.me:
                return None
            return f"{FRONT}-{key_of(earlier.replies_to or '')}"

        thread = event.thread
        address = Address(room=room, event=event.event_id, sender=event.sender, thread=thread)
        return Incoming(
            front=FRONT,
            event=key_of(event.event_id),
            person=f"{FRONT}:{event.sender}",
            gather=gather,
            address=address.model_dump(),
            text=words_of(event, self.api.me, name),
            mentioned=alone or event.addresses(self.api.me, name),
            forgotten=FORGOTTEN,
            upload_bytes=self.api.file_bytes,
            public=known is not None and known.join_rule == "public",
            replied=replied if event.replies_to else None,
        )
