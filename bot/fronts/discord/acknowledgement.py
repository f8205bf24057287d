"""The message that shows a job's way: sent at once, edited while it is painted, tidied at last."""

import base64
import io
import logging
from functools import partial

import discord

from bot.fronts.discord import texts
from bot.fronts.discord.address import Address, event_of
from bot.fronts.discord.buttons import cancel_view
from bot.fronts.discord.channel import channel_of, find_own, patiently, replies_to, reply_to
from bot.fronts.discord.client import Client
from bot.fronts.discord.refusals import Refusal, may_pass, refusal_of
from bot.model import Job, Progress, Status
from bot.texts import PAUSED, ended

log = logging.getLogger(__name__)


async def show_progress(client: Client, job: Job, status: Status) -> None:
    """Send the acknowledgement or, where it is, edit it.

    What Discord refuses for good, such as a preview that its filter takes for explicit, or any word
    where the bot may not post any more, is not tried again: nobody sees the progress then, but the
    answer has its own ways.
    """
    if _progress_key(job) in client.blocked:
        return
    address = Address.of(job)
    try:
        sent = await _sent_before(client, job, address)
        if sent is None:
            sent = await _send(client, job, address, texts.progress(job.order, status))
        else:
            await _edit(client, job, sent, status)
    except discord.HTTPException as error:
        if refusal_of(error) is Refusal.PASSES:
            raise
        client.blocked.add(_progress_key(job), for_now=may_pass(error))
        if _progress_key(job) not in client.blocked:
            raise
        log.info("job %s: Discord refuses its progress: %s", job.id, error)
        return
    client.blocked.remove(_progress_key(job))
    if sent != address.acknowledgement:
        await client.studio.readdress(job.id, address.acknowledged(sent).model_dump())


async def show_pause(client: Client, job: Job) -> None:
    """Say in the acknowledgement, if there is one, that the painting goes on later."""
    address = Address.of(job)
    if address.acknowledgement is not None:
        message = channel_of(client, address).get_partial_message(address.acknowledgement)
        await message.edit(content=PAUSED)


async def tidy(client: Client, job: Job, status: Status, *, told: bool = True) -> None:
    """Leave a calm channel: the answer stands for itself, unless it replies to this message.

    A job whose person could not be *told* otherwise is told of here. What Discord does not let the
    bot tidy stays as it is.
    """
    address = Address.of(job)
    text = ended(status) if told else texts.UNTOLD

    async def leave_calm() -> None:
        sent = await _sent_before(client, job, address)
        if sent is None:
            return
        message = channel_of(client, address).get_partial_message(sent)
        if told and status.state != "cancelled" and address.message is not None:
            await message.delete()
        else:
            await message.edit(content=text, view=None, attachments=[])

    try:
        await patiently(leave_calm)
    except discord.HTTPException as error:
        if refusal_of(error) is Refusal.PASSES:
            raise


async def _send(client: Client, job: Job, address: Address, text: str) -> int:
    channel = channel_of(client, address)
    sent = await channel.send(
        text,
        view=cancel_view(job, address.person),
        reference=reply_to(channel, event_of(job)),
        mention_author=False,
        nonce=_nonce(job),
    )
    return sent.id


async def _edit(client: Client, job: Job, sent: int, status: Status) -> None:
    """Show where the job stands, with the newest preview unless Discord has refused one."""
    address = Address.of(job)
    message = channel_of(client, address).get_partial_message(sent)
    edit = partial(
        message.edit,
        content=texts.progress(job.order, status),
        view=cancel_view(job, address.person),
    )
    picture = None if _previews_key(job) in client.blocked else _preview(job, status.progress)
    if picture is not None:
        try:
            await edit(attachments=[picture])
            return
        except discord.HTTPException as error:
            if may_pass(error) or refusal_of(error) is Refusal.CLOSED:
                raise
            log.info("job %s: Discord refuses its preview: %s", job.id, error)
            client.blocked.add(_previews_key(job))
    await edit()


async def _sent_before(client: Client, job: Job, address: Address) -> int | None:
    """The acknowledgement, which may have been sent, but not noted.

    So it is when the bot was killed in between, or Discord's response was lost. What this run has
    seen itself and not tried to acknowledge yet need not be searched for.
    """
    if address.acknowledgement is not None:
        return address.acknowledgement
    if event_of(job) in client.seen and client.seen.add(_nonce(job)):
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


def _progress_key(job: Job) -> str:
    """Stands for all of the progress among what Discord has refused."""
    return f"{job.id} progress"


def _previews_key(job: Job) -> str:
    """Stands for the previews there."""
    return f"{job.id} previews"


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
