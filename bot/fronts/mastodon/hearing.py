"""What was said to the bot since it last looked, each post heard once."""

import hashlib
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any

from cachetools import TTLCache

from bot.commands.base import Given, Incoming, NotNow, Reply
from bot.commands.dispatch import Dispatch
from bot.commands.pictures import Wanted
from bot.fronts.mastodon.address import FRONT, Address, person_of
from bot.fronts.mastodon.api import Api, ApiError, Away, Listed
from bot.fronts.mastodon.edits import Again, Kept, look_of, may_be_edited, was_edited_in_time
from bot.fronts.mastodon.entities import Account, Limits, Post
from bot.fronts.mastodon.reading import (
    by_no_friend_of_bots,
    context_of,
    pictures_for,
    text_of,
)
from bot.fronts.timeline import follow_in_words, forgotten, is_new
from bot.model import Upload
from bot.studio import Studio

if TYPE_CHECKING:
    from bot.fronts.mastodon.front import MastodonSettings

log = logging.getLogger(__name__)

PATIENCE = timedelta(minutes=5)
"""For pictures from another server; the bot's own is waited for as long as a post is new."""
DAY_SECONDS = 24 * 60 * 60
MOST_EXCHANGES = 10
"""Of replies to replies, besides paintings: what goes on for longer is another bot."""


@dataclass
class Hearing:
    """Hears for the account *me*."""

    api: Api
    me: Account
    limits: Limits
    studio: Studio
    settings: "MastodonSettings"
    dispatch: Dispatch = field(init=False)
    again: Again = field(init=False)
    looked: float = -inf
    """The moment when posts were last looked at again."""
    _exchanges: TTLCache[str, int] = field(default_factory=lambda: TTLCache(10_000, DAY_SECONDS))
    """By the bot's replies, how many came one after another."""

    def __post_init__(self) -> None:
        self.dispatch = Dispatch(self.studio)
        self.again = Again(self.studio)

    async def catch_up(self) -> None:
        """Hear all that was said since the last time, oldest first; where the bot stopped is kept.

        At the very first time only what is new from then on.
        """
        await self._hear_after("mentions", self.api.mentions)
        if self.settings.hashtag:
            hashtag = self.studio.settings.commands.hashtag.removeprefix("#")
            await self._hear_after("hashtag", partial(self.api.tagged, hashtag))
        if monotonic() - self.looked >= self.settings.poll_seconds:
            await self._look_again()
            self.looked = monotonic()

    async def _look_again(self) -> None:
        """Hear again what was put right since, or could not be heard to the end."""
        for kept in await self.again.all():
            try:
                post = await self.api.post(kept.post)
            except Away as error:
                await self.api.me()  # raises where it is not this post alone
                log.warning("%s is looked at later: %s", kept.post, error)
                if not is_new(kept.since):
                    await self.again.drop(kept.post)
                continue
            except ApiError:  # it is gone
                await self.again.drop(kept.post)
                continue
            if kept.look is None or (kept.look != look_of(post) and was_edited_in_time(post)):
                await self.hear(post, kept)
            elif not may_be_edited(post):
                await self.again.drop(kept.post)

    async def _hear_after(self, name: str, said: Callable[[str | None], Awaitable[Listed]]) -> None:
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

    async def hear(self, post: Post, earlier: Kept | None = None) -> None:
        """Do what *post* asks, or tell its author why not; ignore what is not meant for the bot.

        Whatever is in the way of that holds up nobody else: the post is looked at again later. It
        was heard *earlier*, where it was put right by editing, or not heard to the end.
        """
        person = person_of(post.account.acct, self.api.instance)
        kept = earlier or Kept(post=post.id, person=person, since=datetime.now(UTC))
        try:
            heard = await self._hear(post, kept) if self._is_for_me(post) else None
        except Exception as error:
            log.warning(
                "%s is heard later: %r", post.id, error, exc_info=not isinstance(error, NotNow)
            )
            await self.again.keep(kept)
            return
        if heard is not None:
            await self.again.keep(heard)
        elif earlier is not None:
            await self.again.drop(post.id)

    async def _hear(self, post: Post, kept: Kept) -> Kept | None:
        """Returns what is kept of a post that may be put right."""
        incoming = self._incoming(post)
        given = self.dispatch.parse(incoming)
        if given is None or await self._is_talk(given, post):
            return None
        try:
            said = await follow_in_words(self.dispatch, given, incoming, self.settings.per_day)
        except Away:
            raise
        except NotNow as reason:  # somebody else's server
            if datetime.now(UTC) - kept.since < PATIENCE:
                raise
            said = Reply(str(reason), refused=True)
        reply = None if said is None else await self._say(said, incoming, post, kept)
        if kept.reply is not None and reply != kept.reply:
            await self._take_back(kept.reply)
        if said is None or not said.refused or not may_be_edited(post):
            return None
        return kept.model_copy(update={"look": look_of(post), "reply": reply})

    def _is_for_me(self, post: Post) -> bool:
        """Whether *post* is a person's, new enough, and not by somebody who wants no bots."""
        if post.account.bot or post.account.id == self.me.id:
            return False
        if post.muted or not is_new(post.created_at):
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
        except Away:
            raise
        except ApiError:
            return True

    async def _say(self, said: Reply, incoming: Incoming, post: Post, kept: Kept) -> str | None:
        """Reply to *post*, once for each of its looks; returns the bot's post, if there is one.

        Where an earlier try was not seen to its end, its reply may be there: servers remember keys
        for an hour only.
        """
        look = look_of(post)
        if kept.look is None and (earlier := await self.api.replies_by(self.me.id, post.id)):
            return earlier[-1]
        exchanges = self._exchanges.get(post.in_reply_to_id or "", 0)
        text = self.dispatch.unless_enough(said.text, incoming.person)
        if text is None or exchanges >= MOST_EXCHANGES:
            return kept.reply
        address = Address.model_validate(incoming.address)
        try:
            reply = await self.api.publish(
                address.reply(text, self.limits), f"{incoming.job}-reply-{look}"
            )
        except Away:
            raise
        except ApiError as error:
            log.info("%s: cannot be replied to: %s", incoming.job, error)
            return None
        self._exchanges[reply.id] = exchanges + 1
        return reply.id

    async def _take_back(self, refusal: str) -> None:
        """Delete a *refusal* that is true no more."""
        try:
            await self.api.delete(refusal)
        except ApiError as error:
            log.info("the refusal %s stays: %s", refusal, error)

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
