"""Messages that are meant for the bot: the hashtag, the prefix, a mention, or a direct message."""

import logging
import re
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import discord

from bot.commands import Cancel, Command, Forget, Help, Paint, help_text, parse
from bot.fronts import EXAMPLES
from bot.fronts.discord import texts
from bot.fronts.discord.address import Address, job_id, person_id
from bot.fronts.discord.channel import LONGEST_TEXT, TROUBLE, by_any, patiently
from bot.fronts.discord.edits import Trace, Traces
from bot.fronts.discord.permissions import check_permissions
from bot.fronts.discord.pictures import uploads_in
from bot.fronts.discord.submission import submit
from bot.options import CommandError
from bot.studio import Refused, Studio
from bot.texts import SORRY, cancelled
from bot.throttle import Throttle

log = logging.getLogger(__name__)

HEARD = (discord.MessageType.default, discord.MessageType.reply)


async def hear(
    message: discord.Message,
    me: discord.ClientUser,
    studio: Studio,
    replies: Throttle,
    traces: Traces,
    *,
    changed: bool = False,
) -> None:
    """Do what *message* asks, or tell its author why not; ignore what is not meant for the bot.

    One that was *changed* is heard if it was put right: see ``edits``. Whoever gets very many
    *replies* gets none for a while; what they ask is done all the same.
    """
    if message.author.bot or message.webhook_id or message.type not in HEARD:
        return
    command: Command | CommandError | None
    try:
        command = _command_in(message, me, studio)
    except CommandError as refusal:
        command = refusal
    if command is None:
        return
    trace = traces.of(message.id)
    async with trace.turn:
        if not trace.is_new(message, changed=changed):
            return
        if changed and await studio.status(job_id(message.id)) is not None:
            trace.settled = True  # an earlier run has taken it
            return
        await _follow(command, message, me, studio, replies, trace)


async def _follow(
    command: Command | CommandError,
    message: discord.Message,
    me: discord.ClientUser,
    studio: Studio,
    replies: Throttle,
    trace: Trace,
) -> None:
    """Do what is asked and take an earlier refusal back, or refuse, in one reply for all times."""
    said, picture = None, None
    try:
        match command:
            case CommandError():
                raise command
            case Paint():
                await _paint(command, message, me, studio)
            case Help():
                settings = studio.settings
                said = help_text(
                    settings.painting, settings.commands.prefix, settings.commands.hashtag
                )
                picture = EXAMPLES if _may_attach(message) else None
            case _:
                said = await _obey(command, message, studio)
    except (CommandError, Refused) as refusal:
        trace.reply = await _reply(message, str(refusal), replies, trace)
        return
    except Exception:
        log.exception("message %s could not be followed", message.id)
        trace.reply = await _reply(message, SORRY, replies, trace)
        return
    trace.settled = True
    refused, trace.reply = trace.reply, None
    if said is not None:
        await _reply(message, said, replies, trace, picture=picture)
    if refused is not None:
        await _take_back(refused)


def _command_in(message: discord.Message, me: discord.ClientUser, studio: Studio) -> Command | None:
    """Read the message without its mention of the bot, by name or by the role Discord gave it.

    Where the bot stands as the ``content``, its picture is meant.
    """
    names = [rf"<@!?{me.id}>"]
    if message.guild is not None and message.guild.self_role is not None:
        names.append(rf"<@&{message.guild.self_role.id}>")
    pattern = re.compile(rf"(content\s*[=:＝：]\s*)?(?:{'|'.join(names)})", re.IGNORECASE)
    text = pattern.sub(lambda found: found[0] if found[1] else " ", message.content)
    mentioned = any(not found[1] for found in pattern.finditer(message.content))
    return parse(
        text,
        studio.settings.painting,
        prefix=studio.settings.commands.prefix,
        hashtag=studio.settings.commands.hashtag,
        mentioned=mentioned or isinstance(message.channel, discord.DMChannel),
    )


async def _paint(
    paint: Paint, message: discord.Message, me: discord.ClientUser, studio: Studio
) -> None:
    """Submit the job; the studio then shows where it stands, which acknowledges it."""
    if message.guild is not None and not isinstance(message.channel, discord.PartialMessageable):
        check_permissions(message.channel.permissions_for(message.guild.me), message.channel)
    uploads = await uploads_in(paint, message, me, studio.settings.limits.picture_bytes)
    address = Address(
        guild=message.guild.id if message.guild else None,
        channel=message.channel.id,
        person=message.author.id,
        message=message.id,
    )
    await submit(studio, message.id, address, paint, uploads)


async def _obey(command: Cancel | Forget, message: discord.Message, studio: Studio) -> str:
    """Carry out a command that paints nothing; returns what to say."""
    person = person_id(message.author.id)
    match command:
        case Cancel():
            return cancelled(await studio.cancel_all(person))
        case Forget():
            return texts.forgotten(await studio.forget(person))


def _may_attach(message: discord.Message) -> bool:
    guild = message.guild
    return guild is None or message.channel.permissions_for(guild.me).attach_files


async def _reply(
    message: discord.Message,
    text: str,
    replies: Throttle,
    trace: Trace,
    *,
    picture: Path | None = None,
) -> discord.Message | None:
    """Say *text* in the reply that there is, or below the message, if need be without the
    *picture*; where Discord does not take it there, privately; else leave a reaction.

    Returns the reply that says it now.
    """
    said = texts.unless_enough(text, person_id(message.author.id), replies)
    if said is None:
        return trace.reply
    said = said[:LONGEST_TEXT]
    nonce = f"{message.id}r" if trace.hearings == 1 else f"{message.id}r{trace.hearings}"

    async def below(picture: Path | None = None) -> discord.Message:
        return await message.channel.send(
            said,
            files=[discord.File(picture)] if picture else [],
            reference=message.to_reference(fail_if_not_exists=False),
            mention_author=False,
            nonce=nonce,
        )

    async def privately() -> discord.Message:
        return await message.author.send(said, nonce=nonce)

    async def silently() -> None:
        await message.add_reaction(texts.NO_VOICE)

    ways: list[Callable[[], Awaitable[discord.Message | None]]] = [below, privately, silently]
    if picture:
        ways.insert(0, partial(below, picture))
    if trace.reply:
        ways.insert(0, partial(trace.reply.edit, content=said))
    try:
        return await by_any(*ways)
    except TROUBLE as trouble:
        log.warning("message %s: its author could not be told %r: %r", message.id, text, trouble)
        return None


async def _take_back(refusal: discord.Message) -> None:
    """Delete a *refusal* that is true no more."""
    try:
        await patiently(refusal.delete)
    except TROUBLE as trouble:
        log.info("the refusal %s stays: %r", refusal.id, trouble)
