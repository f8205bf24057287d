"""Finding one's way in a channel: the channel itself, what to reply to, one's own messages."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import aiohttp
import discord
import tenacity

from bot.fronts.discord.address import Address
from bot.fronts.discord.refusals import Refusal, may_pass, refusal_of

log = logging.getLogger(__name__)

Result = TypeVar("Result")

LONGEST_TEXT = 2000
"""Of a message, in characters."""
SEARCHED = 300
"""How many messages are read to find one of one's own; it is among the first of them."""

LOST = (aiohttp.ClientError, OSError, TimeoutError)
"""What a request ends with when nobody knows whether Discord has heard it."""
TROUBLE = (discord.HTTPException, *LOST)
"""Whatever a request to Discord can end with."""
AGAIN_SECONDS = (1, 5, 15)
"""When to try again; all of it well within the minute for which Discord remembers a nonce."""


def channel_of(client: discord.Client, address: Address) -> discord.PartialMessageable:
    """The channel, without asking Discord whether it is still there."""
    return client.get_partial_messageable(address.channel, guild_id=address.guild)


async def can_reply(channel: discord.PartialMessageable, message: int | None) -> bool:
    """Whether *message* is still there and can be replied to."""
    if message is None:
        return False
    try:
        await channel.fetch_message(message)
    except (discord.NotFound, discord.Forbidden):
        return False
    return True


def reply_to(channel: discord.PartialMessageable, message: int) -> discord.MessageReference:
    """A reference that is quietly dropped when *message* is deleted meanwhile."""
    return channel.get_partial_message(message).to_reference(fail_if_not_exists=False)


def replies_to(message: discord.Message, other: int | None) -> bool:
    return message.reference is not None and message.reference.message_id == other


async def find_own(
    client: discord.Client,
    channel: discord.abc.Messageable,
    after: int,
    wanted: Callable[[discord.Message], bool],
) -> discord.Message | None:
    """The bot's first *wanted* message after the moment, or the message, *after*.

    Discord remembers the nonce of a message for minutes only; a bot that was away for longer looks
    here before it sends a message again.
    """
    async for message in channel.history(after=discord.Object(after), limit=SEARCHED):
        if client.user is not None and message.author.id == client.user.id and wanted(message):
            return message
    return None


async def patiently(
    request: Callable[[], Awaitable[Result]], pauses: Sequence[float] = ()
) -> Result:
    """Make a *request* that may be repeated, such as one with a nonce, until Discord takes it.

    Raises what it ends with when Discord refuses it, or does not take it even the last time.
    """

    async def once() -> Result:  # what tenacity calls must be seen to be asynchronous
        return await request()

    pauses = pauses or AGAIN_SECONDS
    retrying = tenacity.AsyncRetrying(
        retry=tenacity.retry_if_exception(_may_be_lost),
        wait=tenacity.wait_chain(*map(tenacity.wait_fixed, pauses)),
        stop=tenacity.stop_after_attempt(len(pauses) + 1),
        before_sleep=tenacity.before_sleep_log(log, logging.INFO),
        reraise=True,
    )
    return await retrying(once)


async def by_any(*ways: Callable[[], Awaitable[Result]]) -> Result:
    """Go the first of *ways* that Discord takes; each may be repeated, such as one with a nonce.

    Only a refusal leads to the next: after a fault on the way, nobody knows what was heard. Raises
    what the last one ends with.
    """
    for way in ways[:-1]:
        try:
            return await patiently(way)
        except discord.HTTPException as error:
            if refusal_of(error) is Refusal.PASSES:
                raise
            log.info("Discord refuses this way: %s", error)
    return await patiently(ways[-1])


def _may_be_lost(error: BaseException) -> bool:
    """Whether a fault on the way, not Discord itself, refuses: Discord would refuse again."""
    if isinstance(error, discord.HTTPException):
        return may_pass(error) and not isinstance(error, discord.NotFound)
    return isinstance(error, LOST)
