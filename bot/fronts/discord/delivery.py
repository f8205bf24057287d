"""The answer: one message with the painting, sent once, however often it has to be tried."""

import io
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, NoReturn

import discord

from bot.commands.options import options_in
from bot.fronts.base import Undeliverable, stored
from bot.fronts.discord import texts
from bot.fronts.discord.acknowledgement import is_acknowledgement, is_spoiler
from bot.fronts.discord.address import Address, event_of
from bot.fronts.discord.channel import (
    LONGEST_TEXT,
    can_reply,
    channel_of,
    find_own,
    patiently,
    replies_to,
    reply_to,
)
from bot.fronts.discord.client import Client
from bot.fronts.discord.files import MOST_FILES
from bot.fronts.discord.refusals import Refusal, may_pass, refusal_of
from bot.model import File, Job, Outcome
from bot.texts import SORRY, alt_of, done

log = logging.getLogger(__name__)

MOST_PUT_OFF = 8
"""How often Discord may put one answer off before it counts as refused; that takes 20 minutes."""
PLACES = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread


@dataclass(frozen=True)
class Parcel:
    """One way of sending an answer: a text, and files as names, bytes and alt texts."""

    text: str
    files: tuple[tuple[str, bytes, str], ...] = ()


class Delivery:
    """Brings the outcome of one job to the person who asked for it."""

    def __init__(self, client: Client, job: Job, outcome: Outcome) -> None:
        self._client = client
        self._job = job
        self._outcome = outcome
        self._address = Address.of(job)
        self._nonce = f"{event_of(job)}p"

    async def deliver(self) -> None:
        """Post the answer where the job was asked for or, if Discord does not let it, privately.

        That it was delivered is noted at once: whatever fails from here on, it is not sent again.
        Raises Undeliverable, having left a sign, when Discord refuses both; anything else that it
        raises may pass.
        """
        refused = None
        if not self._address.privately:
            refused = await self._refused(self._post_in_channel)
            if refused is None:
                return
            self._address = self._address.model_copy(update={"refusal": refusal_of(refused)})
        reason = refused.text if refused else "refused before"
        if self._address.guild is None:
            await self._give_up(f"direct messages are closed: {reason}")
        refused = await self._refused(self._send_privately)
        if refused is not None:
            channel = self._address.channel
            await self._give_up(f"channel {channel}: {reason}; direct message: {refused.text}")

    async def _refused(self, way: Callable[[], Awaitable[None]]) -> discord.HTTPException | None:
        """Deliver in this *way*; returns what Discord refuses it with for good."""
        try:
            await way()
        except discord.HTTPException as error:
            if not self._is_final(error):
                if refusal_of(error) is Refusal.BUSY:
                    await self._note(self._address.postponed())
                raise
            return error
        await self._note(self._address.model_copy(update={"answered": True}))
        return None

    def _is_final(self, error: discord.HTTPException) -> bool:
        """Whether it is no use to try the same again."""
        if refusal_of(error) is Refusal.BUSY:
            return self._address.put_off >= MOST_PUT_OFF
        return not may_pass(error)

    async def _give_up(self, reason: str) -> NoReturn:
        """Leave a reaction at the message that asked, if one did. Raises Undeliverable."""
        address = self._address
        if address.message is not None:
            asked = channel_of(self._client, address).get_partial_message(address.message)
            try:
                await patiently(lambda: asked.add_reaction(texts.NO_VOICE))
            except discord.HTTPException as error:
                if refusal_of(error) is Refusal.PASSES:
                    raise
        raise Undeliverable(reason)

    async def _post_in_channel(self) -> None:
        """Reply, which notifies the person; where that cannot be, mention them."""
        address = self._address
        channel = channel_of(self._client, address)
        anchor = address.anchor if await can_reply(channel, address.anchor) else None
        notified = anchor is not None and anchor == address.message
        guild = self._client.get_guild(address.guild) if address.guild else None
        await self._send_once(
            channel,
            opening="" if notified or address.guild is None else f"<@{address.person}> ",
            limit=guild.filesize_limit if guild else discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES,
            reference=reply_to(channel, anchor) if anchor else None,
        )

    async def _send_privately(self) -> None:
        """Send the answer as a direct message, since the channel does not take it."""
        address = self._address
        channel = await self._client.create_dm(discord.Object(address.person))
        await self._send_once(
            channel,
            opening=texts.elsewhere(address.channel, address.refusal),
            limit=discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES,
            privately=True,
        )

    async def _send_once(
        self,
        channel: discord.abc.Messageable,
        *,
        opening: str,
        limit: int,
        privately: bool = False,
        reference: discord.MessageReference | None = None,
    ) -> None:
        """Send the first parcel that Discord takes, unless an earlier try has done so.

        Where it takes no files, or not these, the person reads why. The moment of the try is noted
        before it is made, and only after what followed the try before was searched: so no answer is
        ever overlooked.
        """
        if await self._is_answered(channel):
            return
        parcels = await self._parcels(opening, limit)
        await self._note(self._address.trying(privately=privately))
        refusal = Refusal.TOO_LARGE
        for parcel in parcels:
            if any(len(data) > limit for _, data, _ in parcel.files):
                continue
            try:
                await self._send(channel, parcel, reference)
                return
            except discord.HTTPException as error:
                refusal = refusal_of(error)
                if not parcel.files or refusal is Refusal.CLOSED or not self._is_final(error):
                    raise
                log.warning("Discord refuses its files: %s", error)
                if refusal is not Refusal.TOO_LARGE:
                    break
        await self._send(channel, Parcel(opening + texts.refused(refusal)), reference)

    async def _send(
        self,
        channel: discord.abc.Messageable,
        parcel: Parcel,
        reference: discord.MessageReference | None,
    ) -> None:
        person = discord.Object(self._address.person)
        how: dict[str, Any] = {"reference": reference} if reference else {}
        mark = "" if reference or parcel.files else f"\n{self._address.link}"  # of what it is about
        await channel.send(
            parcel.text[: LONGEST_TEXT - len(mark)] + mark,
            files=[self._attach(*file) for file in parcel.files],
            nonce=self._nonce,
            allowed_mentions=discord.AllowedMentions(users=[person], replied_user=True),
            **how,
        )

    async def _note(self, address: Address) -> None:
        await self._client.studio.readdress(self._job.id, address.model_dump())
        self._address = address

    async def _is_answered(self, channel: discord.abc.Messageable) -> bool:
        """Whether an earlier try has arrived: the gateway has told of it, or it is there."""
        if self._nonce in self._client.seen:
            return True
        if self._address.tried is None:
            return False
        found = await find_own(self._client, channel, self._address.tried, self._is_answer)
        return found is not None

    def _is_answer(self, message: discord.Message) -> bool:
        if is_acknowledgement(message) or message.id == self._address.acknowledgement:
            return False
        names = [PurePath(file.filename).stem for file in message.attachments]
        name = f"painting-{event_of(self._job)}"
        return (
            replies_to(message, self._address.anchor)
            or name in names
            or f"SPOILER_{name}" in names
            or message.content.endswith(self._address.link)
        )

    async def _parcels(self, opening: str, limit: int) -> list[Parcel]:
        """The ways of sending the answer as it is, the best first; of what is beside the result
        as many files as one message takes, each within *limit* bytes."""
        outcome = self._outcome
        result = outcome.file("result")
        if outcome.error is not None or result is None:
            return [Parcel(opening + (outcome.error or SORRY))]
        order, settings = self._job.order, self._client.studio.settings
        text = opening + done(order, outcome, options=options_in(order, settings.painting))
        painting = await self._file("painting", result)
        others = outcome.beside
        files = [(other.role, await self._file(other.role, other)) for other in others]
        fitting = [(role, file) for role, file in files if len(file[1]) <= limit]
        beside, surplus = fitting[: MOST_FILES - 1], fitting[MOST_FILES - 1 :]
        large = [role for role, file in files if len(file[1]) > limit]
        notes = [*texts.left_out(large), *texts.surplus([role for role, _ in surplus])]
        copies = [(text, painting)]
        if copy := outcome.file("copy"):
            copies.append((f"{text}\n{texts.A_COPY}", await self._file("painting", copy)))
        parcels = [
            Parcel("\n".join([said, *notes]), (painting, *(file for _, file in beside)))
            for said, painting in copies
        ]
        if beside:
            notes = texts.left_out([other.role for other in others])
            parcels += [Parcel("\n".join([said, *notes]), (painting,)) for said, painting in copies]
        return parcels

    async def _file(self, name: str, file: File) -> tuple[str, bytes, str]:
        data = await stored(self._client.studio, file)
        name = f"{name}-{event_of(self._job)}{PurePath(file.key).suffix}"
        return name, data, alt_of(file, self._job.order, texts.LONGEST_ALT)

    def _attach(self, name: str, data: bytes, alt: str) -> discord.File:
        return discord.File(
            io.BytesIO(data),
            name,
            spoiler=is_spoiler(self._job) or (self._address.privately and self._is_restricted()),
            description=alt,
        )

    def _is_restricted(self) -> bool:
        """Whether it was asked for where only adults look: elsewhere it is seen only if wished."""
        channel = self._client.get_channel(self._address.channel)
        return isinstance(channel, PLACES) and channel.is_nsfw()
