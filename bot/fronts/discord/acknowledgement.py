"""The message that shows a job's way: sent at once, edited while it is painted, tidied at last."""

import base64
import io

import discord

from bot.fronts.discord import words
from bot.fronts.discord.address import Address, event_of
from bot.fronts.discord.buttons import cancel_view
from bot.fronts.discord.channel import channel_of, find_own, is_closed, replies_to, reply_to
from bot.fronts.discord.client import Client
from bot.job import Job, Progress, Status
from bot.words import PAUSED


async def show_progress(client: Client, job: Job, status: Status) -> None:
    """Send the acknowledgement or, where it is, edit it.

    Where the bot may not post any more, or somebody has deleted the acknowledgement, nobody sees
    the progress; the answer has its own ways.
    """
    address = Address.of(job)
    text = words.progress(status)
    view = cancel_view(job, address.person)
    try:
        sent = await _sent_before(client, job, address)
        if sent is None:
            sent = await _send(client, job, address, text, view)
        else:
            message = channel_of(client, address).get_partial_message(sent)
            picture = _preview(job, status.progress)
            await message.edit(
                content=text,
                view=view,
                attachments=[picture] if picture else discord.utils.MISSING,
            )
    except discord.HTTPException as error:
        if is_closed(error):
            return
        raise
    if sent != address.acknowledgement:
        await client.studio.readdress(job.id, address.acknowledged(sent).model_dump())


async def show_pause(client: Client, job: Job) -> None:
    """Say in the acknowledgement, if there is one, that the painting goes on later."""
    address = Address.of(job)
    if address.acknowledgement is not None:
        message = channel_of(client, address).get_partial_message(address.acknowledgement)
        await message.edit(content=PAUSED)


async def tidy(client: Client, job: Job, status: Status) -> None:
    """Leave a calm channel: the answer stands for itself, unless it replies to this message."""
    address = Address.of(job)
    try:
        sent = await _sent_before(client, job, address)
        if sent is None:
            return
        message = channel_of(client, address).get_partial_message(sent)
        if status.state != "cancelled" and address.message is not None:
            await message.delete()
        else:
            await message.edit(content=words.ended(status), view=None, attachments=[])
    except discord.HTTPException as error:
        if not is_closed(error):
            raise


async def _send(
    client: Client, job: Job, address: Address, text: str, view: discord.ui.View
) -> int:
    channel = channel_of(client, address)
    sent = await channel.send(
        text,
        view=view,
        reference=reply_to(channel, event_of(job)),
        mention_author=False,
        nonce=_nonce(job),
    )
    return sent.id


async def _sent_before(client: Client, job: Job, address: Address) -> int | None:
    """The acknowledgement, which may have been sent, but not noted.

    So it is when the bot was killed in between, or Discord's response was lost. What this run has
    heard itself and not tried to acknowledge yet need not be searched for.
    """
    if address.acknowledgement is not None:
        return address.acknowledgement
    if event_of(job) in client.heard and client.heard.add(_nonce(job)):
        return None
    found = await find_own(
        client,
        channel_of(client, address),
        event_of(job),
        lambda message: replies_to(message, address.message) and is_acknowledgement(message),
    )
    return found.id if found else None


def _nonce(job: Job) -> str:
    return f"{event_of(job)}a"


def _preview(job: Job, progress: Progress | None) -> discord.File | None:
    if progress is None or progress.preview is None:
        return None
    data = io.BytesIO(base64.b64decode(progress.preview))
    return discord.File(data, "preview.jpg", spoiler=is_spoiler(job), description="So far")


def is_spoiler(job: Job) -> bool:
    """Whether a picture was posted as a spoiler; then the painting is one, too.

    Clients mark it by a flag; older ones, and orders that older versions took, by its name.
    """
    order = job.order
    return order.spoiler or any(one.name.startswith("SPOILER_") for one in order.pictures)


def is_acknowledgement(message: discord.Message) -> bool:
    """Tells it from the answer: only the acknowledgement has a button."""
    return bool(message.components)
