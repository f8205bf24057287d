"""What was said to the bot since it last looked, each post heard once."""

import hashlib
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from bot.commands.base import Given, Incoming, Reply
from bot.commands.dispatch import Dispatch
from bot.commands.pictures import Wanted
from bot.fronts.mastodon.address import FRONT, Address, person_of
from bot.fronts.mastodon.api import GONE, Api, ApiError
from bot.fronts.mastodon.entities import Account, Limits, Post
from bot.fronts.mastodon.reading import (
    by_no_friend_of_bots,
    context_of,
    pictures_for,
    text_of,
)
from bot.fronts.timeline import follow, forgotten, is_new
from bot.model import Upload
from bot.studio import Studio

if TYPE_CHECKING:
    from bot.fronts.mastodon.front import MastodonSettings

log = logging.getLogger(__name__)


@dataclass
class Hearing:
    """Hears for the account *me*."""

    api: Api
    me: Account
    limits: Limits
    studio: Studio
    settings: "MastodonSettings"
    dispatch: Dispatch = field(init=False)

    def __post_init__(self) -> None:
        self.dispatch = Dispatch(self.studio)

    async def catch_up(self) -> None:
        """Hear all that was said since the last time, oldest first; where the bot stopped is kept.

        At the very first time only what is new from then on.
        """
        await self._hear_after("mentions", self._mentions)
        if self.settings.hashtag:
            await self._hear_after("hashtag", self._tagged)

    async def _hear_after(
        self, name: str, said: Callable[[str | None], Awaitable[Sequence[tuple[str, Post | None]]]]
    ) -> None:
        key = f"{FRONT} {name}"
        since = await self.studio.recall(key)
        if since is None:
            newest = await said(None)
            await self.studio.remember(key, newest[-1][0] if newest else "0")
            return
        for id, post in await said(since):
            if post is not None:
                await self.hear(post)
            await self.studio.remember(key, id)

    async def _mentions(self, since: str | None) -> Sequence[tuple[str, Post | None]]:
        return [(one.id, one.status) for one in await self.api.mentions(since)]

    async def _tagged(self, since: str | None) -> Sequence[tuple[str, Post | None]]:
        hashtag = self.studio.settings.commands.hashtag.removeprefix("#")
        return [(post.id, post) for post in await self.api.tagged(hashtag, since)]

    async def hear(self, post: Post) -> None:
        """Do what *post* asks, or tell its author why not; ignore what is not meant for the bot."""
        if not self._is_for_me(post):
            return
        incoming = self._incoming(post)
        given = self.dispatch.parse(incoming)
        if given is None or await self._is_talk(given, post):
            return
        text = await follow(self.dispatch, given, incoming, self.settings.per_day)
        if text is not None:
            await self._say(text, incoming)

    def _is_for_me(self, post: Post) -> bool:
        """Whether *post* is a person's, new enough, and not by somebody who wants no bots."""
        if post.account.bot or post.account.id == self.me.id:
            return False
        if not is_new(post.created_at):
            return False
        return post.mentions_account(self.me.id) or not by_no_friend_of_bots(post)

    async def _is_talk(self, given: Given | Reply, post: Post) -> bool:
        """Whether somebody only talks below a painting: apps put the bot's name into each reply."""
        if isinstance(given, Reply) or given.explicit or post.media_attachments:
            return False
        if post.in_reply_to_id is None:
            return False
        try:
            return (await self.api.post(post.in_reply_to_id)).account.id == self.me.id
        except ApiError as error:
            if error.may_pass:
                raise
            return True

    async def _say(self, text: str, incoming: Incoming) -> None:
        address = Address.model_validate(incoming.address)
        try:
            await self.api.publish(address.reply(text, self.limits), f"{incoming.job}-reply")
        except ApiError as error:
            if error.status not in GONE:
                raise
            log.info("%s: the post is gone", incoming.job)

    def _incoming(self, post: Post) -> Incoming:
        mentioned = post.mentions_account(self.me.id)
        address: dict[str, Any] = Address(
            post=post.id,
            acct=post.account.acct,
            visibility=post.visibility,
            language=post.language,
            warning=post.spoiler_text,
            sensitive=post.sensitive,
        ).model_dump()

        async def gather(wanted: Wanted) -> Sequence[Upload]:
            found = await pictures_for(wanted, post, self.api)
            if found:  # what is painted keeps the marks of what it is painted from
                warnings = [one.warning for one in found if one.warning]
                address["warning"] = address["warning"] or (warnings[0] if warnings else "")
                address["sensitive"] = any(one.sensitive for one in found) or post.sensitive
                address["focus"] = found[0].focus
            most = self.studio.settings.limits.picture_bytes
            return [one.upload(self.api, most) for one in found]

        async def replied() -> str | None:
            """The job below whose post the bot said what *post* replies to."""
            earlier = await context_of(post, self.api)
            if earlier is None or earlier.account.id != self.me.id:
                return None
            address["warning"] = address["warning"] or earlier.spoiler_text
            return f"{FRONT}-{event_of(earlier.in_reply_to_id or '')}"

        return Incoming(
            front=FRONT,
            event=event_of(post.id),
            person=person_of(post.account.acct, self.api.instance),
            gather=gather,
            address=address,
            text=text_of(post),
            mentioned=mentioned,
            forgotten=partial(forgotten, prefix=self.studio.settings.commands.prefix),
            upload_bytes=self.limits.picture_bytes,
            public=post.visibility != "direct",
            replied=replied if post.in_reply_to_id else None,
        )


def event_of(post: str) -> str:
    """The id of a post as part of a job's: Mastodon's are numbers, those of relatives are not."""
    if re.fullmatch(r"[0-9]{1,40}", post):
        return post
    return hashlib.sha256(post.encode()).hexdigest()[:32]
