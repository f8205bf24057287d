"""What was said to the bot since it last looked, each post heard once."""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakValueDictionary

from cachetools import TTLCache

from bot.commands.base import Given, Incoming, NotNow, Reply
from bot.commands.dispatch import Dispatch
from bot.commands.pictures import Wanted
from bot.fronts.bluesky.address import FRONT, MOST_BYTES, POST, Address, Ref
from bot.fronts.bluesky.api import Api, Away, record_key
from bot.fronts.bluesky.inbox import Inbox, Listing
from bot.fronts.bluesky.reading import (
    addresses,
    context_of,
    is_welcome,
    mentions,
    pictures_for,
    shown,
    text_of,
    warnings_of,
)
from bot.fronts.connected import pauses
from bot.fronts.timeline import follow, forgotten, is_new, wants_no_bots
from bot.model import Upload
from bot.studio import Studio

if TYPE_CHECKING:
    from atproto_client.models.app.bsky.feed.defs import PostView as Post

    from bot.fronts.bluesky.front import BlueskySettings

Done = TypeVar("Done")

log = logging.getLogger(__name__)

AT_ONCE = 20
"""Posts that are dealt with at the same time; the pictures of some come from slow servers."""
DAY_SECONDS = 24 * 60 * 60
PATIENCE_SECONDS = 5 * 60
"""For pictures from somebody's server; the bot's own is waited for without end."""
LATE_SECONDS = 20
"""A post may be told of before it can be seen, as that of a new account; after these it is gone."""
MOST_EXCHANGES = 10
"""Of replies to replies, besides paintings: what goes on for longer is another bot."""


class _NotThere(NotNow):
    """A post that was told of cannot be seen."""


@dataclass
class Hearing:
    """Hears for the account of *api*.

    Posts are dealt with side by side, in *tasks*, but those of one author in their order.
    """

    api: Api
    studio: Studio
    settings: "BlueskySettings"
    tasks: asyncio.TaskGroup
    dispatch: Dispatch = field(init=False)
    _inbox: Inbox | None = None
    _room: asyncio.Semaphore = field(init=False)
    _turns: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)
    """Of authors."""
    _exchanges: TTLCache[str, int] = field(default_factory=lambda: TTLCache(10_000, DAY_SECONDS))
    """By the bot's replies, how many came one after another."""

    def __post_init__(self) -> None:
        self.dispatch = Dispatch(self.studio)
        self._room = asyncio.Semaphore(AT_ONCE)

    async def catch_up(self) -> None:
        """Begin to hear all that was said since the last time.

        At the very first time only what is new from then on.
        """
        told: Listing = self.api.notifications
        tagged: Listing = partial(self.api.tagged, self.studio.settings.commands.hashtag)
        if self._inbox is None:
            lists = [told, tagged] if self.settings.hashtag else [told]
            self._inbox = await Inbox.opened(self.studio, lists)
            self._begin(self._inbox.open, self._inbox)
        await self._notice(told, self._inbox)
        if self.settings.hashtag:
            try:
                await self._notice(tagged, self._inbox)
            except Away as error:  # search is a service of its own: mentions do not wait for it
                log.warning("the hashtag cannot be looked for right now: %s", error)

    async def _notice(self, listed: Listing, inbox: Inbox) -> None:
        self._begin(await inbox.notice(await listed(inbox.since)), inbox)

    def _begin(self, uris: list[str], inbox: Inbox) -> None:
        for uri in uris:
            self.tasks.create_task(self._see_to(uri, inbox), name=f"{FRONT} {uri}")

    async def _see_to(self, uri: str, inbox: Inbox) -> None:
        """Hear the post at *uri* and be done with it; what is given up waits for the next start."""
        author = uri.removeprefix("at://").partition("/")[0]
        async with self._turns.setdefault(author, asyncio.Lock()):
            try:
                with suppress(_NotThere):
                    post = await self._tried(lambda: self._post(uri), LATE_SECONDS)
                    if self._is_for_me(post):
                        await self._hear(post)
                await inbox.close(uri)
            except Exception:
                log.exception("%s cannot be heard", uri)

    async def _post(self, uri: str) -> "Post":
        post = await self.api.post(uri)
        if post is None:
            raise _NotThere(f"{uri} is not there")
        return post

    async def _tried(
        self, work: Callable[[], Awaitable[Done]], patience: float | None = None
    ) -> Done:
        """What comes of *work*, which is done again until nothing is in its way.

        What is not the server's trouble is raised, if it does not pass within *patience* seconds,
        PATIENCE_SECONDS if None.
        """
        began, waits = monotonic(), pauses()
        while True:
            try:
                async with self._room:
                    return await work()
            except Away as error:
                log.info("later: %s", error)
            except Exception as error:
                if monotonic() - began > (patience or PATIENCE_SECONDS):
                    raise
                log.warning("later: %s", error, exc_info=not isinstance(error, NotNow))
            await asyncio.sleep(next(waits))

    async def _hear(self, post: "Post") -> None:
        """Do what *post* asks, or tell its author why not; ignore what is not meant for the bot."""
        incoming = self._incoming(post)
        given = self.dispatch.parse(incoming)
        if given is None or await self._tried(lambda: self._is_unwanted(post)):
            return
        if await self._tried(lambda: self._is_talk(given, post)):
            return
        try:
            text = await self._tried(
                lambda: follow(self.dispatch, given, incoming, self.settings.per_day)
            )
        except NotNow as reason:
            text = str(reason)
        reply = getattr(post.record, "reply", None)
        exchanges = self._exchanges.get(reply.parent.uri, 0) if reply else 0
        if text is None or exchanges >= MOST_EXCHANGES:
            return
        record = Address.model_validate(incoming.address).reply(text)
        key = record_key(incoming.job, "reply")
        await self._tried(lambda: self.api.create(POST, key, record))
        self._exchanges[f"at://{self.api.me}/{POST}/{key}"] = exchanges + 1

    def _is_for_me(self, post: "Post") -> bool:
        """Whether *post* is a person's, new enough, and no block or mute stands in between."""
        author = post.author
        robot = any(label.val == "bot" for label in author.labels or ())
        if robot or author.did == self.api.me or not is_welcome(post):
            return False
        return is_new(datetime.fromisoformat(post.indexed_at).astimezone(UTC))

    async def _is_talk(self, given: Given | Reply, post: "Post") -> bool:
        """Whether somebody only talks: below a painting of the bot, of one that they quote, or
        among others, where the hashtag means the bot only with pictures."""
        if shown(post) or mentions(post, self.api.me):
            return False
        if isinstance(given, Reply):  # to what names prefix or hashtag
            return not addresses(post, self.api.me)
        if not given.explicit:
            return True
        if addresses(post, self.api.me) or given.command.recipe is None:
            return False
        about = await context_of(post, self.api)
        return about is None or not shown(about)

    async def _is_unwanted(self, post: "Post") -> bool:
        """Whether the author of *post* wants no bots, and does not speak to this one."""
        if addresses(post, self.api.me):
            return False
        return wants_no_bots(await self.api.profile(post.author.did))

    def _incoming(self, post: "Post") -> Incoming:
        reply = getattr(post.record, "reply", None)
        parent = Ref(uri=post.uri, cid=post.cid)
        root = Ref(uri=reply.root.uri, cid=reply.root.cid) if reply else parent
        address: dict[str, Any] = Address(
            post=parent,
            root=root,
            languages=tuple(getattr(post.record, "langs", None) or ()),
            labels=tuple(sorted(warnings_of(post))),
        ).model_dump()

        async def gather(wanted: Wanted) -> Sequence[Upload]:
            found = await pictures_for(wanted, post, self.api)
            # What is painted keeps the marks of what it is painted from.
            labels = warnings_of(post).union(*(warnings_of(one.post) for one in found))
            address["labels"] = sorted(labels)
            most = self.studio.settings.limits.picture_bytes
            return [one.upload(self.api, most, n) for n, one in enumerate(found, 1)]

        async def replied() -> str | None:
            """The job below whose post the bot said what *post* replies to."""
            earlier = await context_of(post, self.api)
            if earlier is None or earlier.author.did != self.api.me or not earlier.record.reply:
                return None
            return f"{FRONT}-{_event_of(earlier.record.reply.parent.uri)}"

        return Incoming(
            front=FRONT,
            event=_event_of(post.uri),
            person=f"{FRONT}:{post.author.did}",
            gather=gather,
            address=address,
            text=text_of(post),
            upload_bytes=MOST_BYTES,
            public=True,
            video=True,
            mentioned=mentions(post, self.api.me),
            forgotten=partial(forgotten, prefix=self.studio.settings.commands.prefix),
            replied=replied if reply else None,
        )


def _event_of(uri: str) -> str:
    """The address of a post as part of a job's id."""
    return hashlib.sha256(uri.encode()).hexdigest()[:32]
