"""What was said to the bot since it last looked, each post heard once."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.commands.base import Given, Incoming, Reply
from bot.commands.dispatch import Dispatch
from bot.commands.pictures import Wanted
from bot.fronts.bluesky.address import FRONT, MOST_BYTES, POST, Address, Ref, now
from bot.fronts.bluesky.api import Api, record_key
from bot.fronts.bluesky.reading import (
    context_of,
    mentions,
    pictures_for,
    shown,
    text_of,
    warnings_of,
)
from bot.fronts.timeline import follow, forgotten, is_new
from bot.model import Upload
from bot.studio import Studio

if TYPE_CHECKING:
    from atproto_client.models.app.bsky.feed.defs import PostView as Post

log = logging.getLogger(__name__)

POSITION = f"{FRONT} notifications"
"""Under this the moment is kept up to which all was heard."""


@dataclass
class Hearing:
    """Hears for the account of *api*; one person has *per_day* jobs in 24 hours."""

    api: Api
    studio: Studio
    per_day: int
    dispatch: Dispatch = field(init=False)
    _heard: set[str] = field(init=False, default_factory=set)
    """Posts of the moment up to which all was heard."""

    def __post_init__(self) -> None:
        self.dispatch = Dispatch(self.studio)

    async def catch_up(self) -> None:
        """Hear all that was said since the last time, oldest first.

        At the very first time only what is new from then on.
        """
        since = await self.studio.recall(POSITION)
        if since is None:
            await self.studio.remember(POSITION, since := now())
        for moment, uri in await self.api.notifications(since):
            if uri in self._heard:
                continue
            if (post := await self.api.post(uri)) is not None:
                await self.hear(post)
            if moment != since:
                self._heard.clear()
            self._heard.add(uri)
            await self.studio.remember(POSITION, since := moment)

    async def hear(self, post: "Post") -> None:
        """Do what *post* asks, or tell its author why not; ignore what is not meant for the bot."""
        if not self._is_for_me(post):
            return
        incoming = self._incoming(post)
        given = self.dispatch.parse(incoming)
        if given is None or self._is_talk(given, post):
            return
        text = await follow(self.dispatch, given, incoming, self.per_day)
        if text is not None:
            reply = Address.model_validate(incoming.address).reply(text)
            await self.api.create(POST, record_key(incoming.job, "reply"), reply)

    def _is_for_me(self, post: "Post") -> bool:
        """Whether *post* is a person's, new enough, and by nobody who has blocked the bot."""
        author = post.author
        robot = any(label.val == "bot" for label in author.labels or ())
        if robot or author.did == self.api.me or (author.viewer and author.viewer.blocked_by):
            return False
        return is_new(datetime.fromisoformat(post.indexed_at).astimezone(UTC))

    def _is_talk(self, given: Given | Reply, post: "Post") -> bool:
        """Whether somebody only talks below a painting of the bot, or quotes it."""
        explicit = isinstance(given, Given) and given.explicit
        return not explicit and not shown(post) and not mentions(post, self.api.me)

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
            return [one.upload(self.api, most) for one in found]

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
            mentioned=mentions(post, self.api.me),
            forgotten=forgotten,
            replied=replied if reply else None,
        )


def _event_of(uri: str) -> str:
    """The address of a post as part of a job's id."""
    return hashlib.sha256(uri.encode()).hexdigest()[:32]
