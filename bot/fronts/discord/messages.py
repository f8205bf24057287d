"""Messages that are meant for the bot: the hashtag, the prefix, a mention, or a direct message."""

import logging
import re
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import PurePath

import discord

from bot.commands.base import Given, Incoming, Reply
from bot.commands.dispatch import Dispatch
from bot.commands.pictures import Wanted
from bot.fronts.discord import texts
from bot.fronts.discord.address import FRONT, Address, person_id
from bot.fronts.discord.channel import LONGEST_TEXT, TROUBLE, by_any, patiently
from bot.fronts.discord.edits import Trace, Traces
from bot.fronts.discord.files import attached_files
from bot.fronts.discord.permissions import check_permissions
from bot.fronts.discord.pictures import replied_to, uploads_in
from bot.model import Upload

log = logging.getLogger(__name__)

EVENT_BEHIND = re.compile(r"-(\d+)\Z")
"""What asked for a file of an answer, at the end of the file's name."""

HEARD = (discord.MessageType.default, discord.MessageType.reply)


async def hear(
    message: discord.Message,
    me: discord.ClientUser,
    dispatch: Dispatch,
    traces: Traces,
    *,
    changed: bool = False,
) -> None:
    """Do what *message* asks, or tell its author why not; ignore what is not meant for the bot.

    One that was *changed* is heard if it was put right: see ``edits``.
    """
    if message.author.bot or message.webhook_id or message.type not in HEARD:
        return
    incoming = _incoming(message, me, dispatch)
    command = dispatch.parse(incoming)
    if command is None:
        return
    trace = traces.of(message.id)
    async with trace.turn:
        if not trace.is_new(message, changed=changed):
            return
        if changed and await dispatch.studio.status(incoming.job) is not None:
            trace.settled = True  # an earlier run has taken it
            return
        await _follow(command, incoming, message, dispatch, trace)


async def _follow(
    command: Given | Reply,
    incoming: Incoming,
    message: discord.Message,
    dispatch: Dispatch,
    trace: Trace,
) -> None:
    """Do what is asked and take an earlier refusal back, or refuse, in one reply for all times.

    A job that is taken is acknowledged by the studio, which shows where it stands.
    """
    result = command if isinstance(command, Reply) else await dispatch.follow(command, incoming)
    if isinstance(result, Reply) and result.refused:
        trace.reply = await _reply(message, result, dispatch, trace)
        return
    trace.settled = True
    refused, trace.reply = trace.reply, None
    if isinstance(result, Reply):
        await _reply(message, result, dispatch, trace)
    if refused is not None:
        await _take_back(refused)


def _incoming(message: discord.Message, me: discord.ClientUser, dispatch: Dispatch) -> Incoming:
    """The message without its mention of the bot, by name or by the role Discord gave it.

    Where the bot stands as the ``content``, its picture is meant.
    """
    names = [rf"<@!?{me.id}>"]
    if message.guild is not None and message.guild.self_role is not None:
        names.append(rf"<@&{message.guild.self_role.id}>")
    pattern = re.compile(rf"(content\s*[=:＝：]\s*)?(?:{'|'.join(names)})", re.IGNORECASE)
    mentioned = any(not found[1] for found in pattern.finditer(message.content))

    async def gather(wanted: Wanted) -> list[Upload]:
        place, guild = message.channel, message.guild
        if guild is not None and not isinstance(place, discord.PartialMessageable):
            check_permissions(place.permissions_for(guild.me), place)
        return await uploads_in(wanted, message, me, dispatch.studio.settings.limits.picture_bytes)

    return Incoming(
        front=FRONT,
        event=str(message.id),
        person=person_id(message.author.id),
        gather=gather,
        address=Address(
            guild=message.guild.id if message.guild else None,
            channel=message.channel.id,
            person=message.author.id,
            message=message.id,
        ).model_dump(),
        text=pattern.sub(lambda found: found[0] if found[1] else " ", message.content),
        mentioned=mentioned or isinstance(message.channel, discord.DMChannel),
        replied=partial(_job_of_reply, message, me) if _replies_to(me, message) else None,
        forgotten=texts.forgotten,
    )


def _replies_to(me: discord.ClientUser, message: discord.Message) -> bool:
    """Whether *message* replies to one of the bot's; where that is not at hand, the ping tells."""
    if message.reference is None:
        return False
    earlier = message.reference.resolved
    if isinstance(earlier, discord.Message):
        return earlier.author.id == me.id
    return me in message.mentions


async def _job_of_reply(message: discord.Message, me: discord.ClientUser) -> str | None:
    """The job that the bot's message is about to which *message* replies."""
    earlier = await replied_to(message)
    if earlier is None or earlier.author.id != me.id:
        return None
    names = [PurePath(file.filename).stem for file in earlier.attachments]
    events = [found[1] for name in names if (found := EVENT_BEHIND.search(name))]
    asked = earlier.reference.message_id if earlier.reference else None
    event = events[0] if events else asked
    return f"{FRONT}-{event}" if event is not None else None


def _may_attach(message: discord.Message) -> bool:
    guild = message.guild
    return guild is None or message.channel.permissions_for(guild.me).attach_files


async def _reply(
    message: discord.Message, reply: Reply, dispatch: Dispatch, trace: Trace
) -> discord.Message | None:
    """Say *reply* in the one that there is, or below the message, if need be without its files;
    where Discord does not take it there, privately; else leave a reaction.

    Returns the reply that says it now.
    """
    said = dispatch.unless_enough(reply.text, person_id(message.author.id))
    if said is None:
        return trace.reply
    said = said[:LONGEST_TEXT]
    nonce = f"{message.id}r" if trace.hearings == 1 else f"{message.id}r{trace.hearings}"

    async def below(*, shown: bool = False) -> discord.Message:
        return await message.channel.send(
            said,
            files=attached_files(reply) if shown else [],
            reference=message.to_reference(fail_if_not_exists=False),
            mention_author=False,
            nonce=nonce,
        )

    async def privately() -> discord.Message:
        return await message.author.send(said, nonce=nonce)

    async def silently() -> None:
        await message.add_reaction(texts.NO_VOICE)

    ways: list[Callable[[], Awaitable[discord.Message | None]]] = [below, privately, silently]
    if reply.files and _may_attach(message):
        ways.insert(0, partial(below, shown=True))
    if trace.reply:
        ways.insert(0, partial(trace.reply.edit, content=said))
    try:
        return await by_any(*ways)
    except TROUBLE as trouble:
        log.warning(
            "message %s: its author could not be told %r: %r", message.id, reply.text, trouble
        )
        return None


async def _take_back(refusal: discord.Message) -> None:
    """Delete a *refusal* that is true no more."""
    try:
        await patiently(refusal.delete)
    except TROUBLE as trouble:
        log.info("the refusal %s stays: %r", refusal.id, trouble)
