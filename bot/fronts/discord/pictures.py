"""Which pictures belong to a command, and what to say where they do not suit it."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import discord

from bot.commands.base import CommandError
from bot.commands.pictures import Wanted
from bot.fronts.discord.channel import TROUBLE, patiently
from bot.fronts.discord.files import is_picture, name_of
from bot.fronts.discord.sources import (
    Found,
    Sight,
    avatar_of,
    look_at,
    unusable_files,
)
from bot.model import Upload

LOOKED_BACK = 10
"""How many messages of the channel are looked at for its newest picture."""
PAINTING = ("painting-", "SPOILER_painting-")
NO_NEWEST = (
    f"There is no picture in the last {LOOKED_BACK} messages here, so `last` finds none: attach "
    "your pictures, or reply to a message that has them."
)
UNSEEN = (
    "Discord does not show me the last messages here, so I cannot look for `last`: attach your "
    "pictures, or reply to a message that has them."
)
WHOM = (
    "I cannot tell whose avatar `content` means: choose the person from the list that Discord "
    "offers while you type `@` and the name."
)


@dataclass
class Gathering:
    """The pictures for a command as they are found, *least* to *most* of them."""

    least: int
    most: int
    own: list[Found] = field(default_factory=list)
    before: list[Found] = field(default_factory=list)
    """Those of other messages, which come first: one paints what somebody else has posted."""

    @property
    def missing(self) -> int:
        return max(0, self.least - len(self.own) - len(self.before))

    @property
    def room(self) -> int:
        """For how many of what is mostly talk: none where nothing is missing."""
        return self.most - len(self.own) - len(self.before) if self.missing else 0


@dataclass(frozen=True)
class Newest:
    """The newest pictures of a channel, those of one message, and who posted them."""

    found: list[Found]
    author: str

    def offer(self) -> str:
        """What to say to someone whose pictures are too few."""
        names = " and ".join(f"`{found.name}`" for found in self.found)
        are, them = ("picture here is", "it")
        if len(self.found) > 1:
            are, them = ("pictures here are", "them")
        return f"The newest {are} {names} by {self.author}: reply to {them}, or say `last`."


async def uploads_in(
    wanted: Wanted, message: discord.Message, me: discord.ClientUser, most: int
) -> list[Upload]:
    """The pictures that are *wanted*, of *most* bytes each, from *message* and around it.

    If those of the message are too few, the ones of the message that it replies to come before
    them or, where it says ``last``, the channel's newest. What is mostly talk, such as emoji, only
    fills up what is missing. Raises CommandError, which says what was seen and what to do, when
    they do not suit the command.
    """
    content = [] if wanted.content is None else [_avatar(wanted.content, message)]
    found = Gathering(wanted.least - len(content), wanted.most - len(content))
    mine = look_at(message)
    found.own += mine.enough(found.missing)
    earlier = await replied_to(message) if found.missing else None
    theirs = Sight() if earlier is None else _look_at(earlier, me)
    found.before += theirs.all_but_emoji(found.missing)
    found.own += mine.previews[: found.room]
    if found.missing and wanted.last:
        found.before = [*await _last(message, found.missing, me), *found.before]
    found.own += mine.emoji[: found.room]
    found.before += theirs.emoji[: found.room]
    pictures = [*content, *found.before, *found.own]
    try:
        wanted.check(len(pictures))
    except CommandError as error:
        if not found.missing:
            raise
        reasons = [*theirs.unusable, *mine.unusable, str(error)]
        if earlier is None and not wanted.last:
            with suppress(CommandError):
                newest = await _newest(message, found.missing, me)
                reasons += [newest.offer()] if newest else []
        raise CommandError("\n".join([*reasons, *wanted.notes])) from None
    return [picture.upload(most) for picture in pictures]


def check_types(files: Sequence[discord.Attachment]) -> None:
    """Raise CommandError unless each of *files* may be a picture."""
    if foreign := [name_of(file) for file in files if not is_picture(file)]:
        raise CommandError(unusable_files(foreign))


def _look_at(message: discord.Message, me: discord.ClientUser) -> Sight:
    """The pictures of *message*; of the bot's own answers the painting, not the film of it."""
    sight = look_at(message)
    if message.author.id != me.id:
        return sight
    files, *_ = sight.posted
    return Sight(posted=(files[:1],))


async def _last(message: discord.Message, most: int, me: discord.ClientUser) -> list[Found]:
    """What ``last`` means in *message*. Raises CommandError where there is no such picture."""
    newest = await _newest(message, most, me)
    if newest is None:
        raise CommandError(NO_NEWEST)
    return newest.found


async def _newest(message: discord.Message, most: int, me: discord.ClientUser) -> Newest | None:
    """The newest pictures before *message*, *most* of them; None if there are none.

    What the bot itself has posted counts if it is a painting. Raises CommandError when Discord does
    not show the channel.
    """

    async def look_back() -> list[discord.Message]:
        return [one async for one in message.channel.history(limit=LOOKED_BACK, before=message)]

    try:
        earlier = await patiently(look_back)
    except TROUBLE:
        raise CommandError(UNSEEN) from None
    for one in earlier:
        found = _look_at(one, me).all_but_emoji(1)[:most]
        if found and one.author.id != me.id:
            return Newest(found, discord.utils.escape_markdown(one.author.display_name))
        if found and found[0].name.startswith(PAINTING):
            return Newest(found, "me")
    return None


def _avatar(written: str, message: discord.Message) -> Found:
    """The avatar of the person who is *written* as a mention. Raises CommandError."""
    mention = re.fullmatch(r"<@!?(\d+)>", written)
    person = mention and discord.utils.get(message.mentions, id=int(mention[1]))
    if not person:
        raise CommandError(WHOM)
    return avatar_of(person)


async def replied_to(message: discord.Message) -> discord.Message | None:
    reference = message.reference
    if reference is None or reference.type is not discord.MessageReferenceType.reply:
        return None
    if isinstance(reference.resolved, discord.Message):
        return reference.resolved
    earlier = reference.message_id
    if reference.resolved is not None or earlier is None:  # it was deleted
        return None
    try:
        return await patiently(lambda: message.channel.fetch_message(earlier))
    except (discord.NotFound, discord.Forbidden):
        return None
