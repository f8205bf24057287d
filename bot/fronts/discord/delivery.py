"""The answer: one message with the painting, sent once, however often it has to be tried."""

import io
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import discord

from bot.fronts.discord import words
from bot.fronts.discord.acknowledgement import is_acknowledgement, is_spoiler
from bot.fronts.discord.address import Address, event_of
from bot.fronts.discord.channel import (
    can_reply,
    channel_of,
    find_own,
    is_closed,
    replies_to,
    reply_to,
)
from bot.fronts.discord.client import Client
from bot.job import Job, Outcome
from bot.studio import Undeliverable
from bot.words import SORRY, done

LONGEST_TEXT = 2000
CONTENT_TOO_LARGE = 413
ENTITY_TOO_LARGE = 40005


@dataclass(frozen=True)
class Parcel:
    """One way of sending an answer: a text, and files as names with their bytes."""

    text: str
    files: tuple[tuple[str, bytes], ...] = ()


class Delivery:
    """Brings the outcome of one job to the person who asked for it."""

    def __init__(self, client: Client, job: Job, outcome: Outcome) -> None:
        self._client = client
        self._job = job
        self._outcome = outcome
        self._address = Address.of(job)
        self._nonce = f"{event_of(job)}p"

    async def deliver(self) -> None:
        """Post the answer where the job was asked for or, if that is closed, to the person.

        That it was delivered is noted at once: whatever fails from here on, it is not sent again.
        Raises Undeliverable when neither way is open.
        """
        if self._address.privately:
            await self._send_privately("it was closed before")
        else:
            try:
                await self._post_in_channel()
            except discord.HTTPException as error:
                if not is_closed(error):
                    raise
                await self._send_privately(error.text)
        await self._note(self._address.model_copy(update={"answered": True}))

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

    async def _send_privately(self, reason: str) -> None:
        """Send the answer as a direct message, the channel being closed for *reason*."""
        address = self._address
        try:
            channel = await self._client.create_dm(discord.Object(address.person))
            if channel.id == address.channel:
                raise Undeliverable(f"direct messages are closed: {reason}")
            await self._send_once(
                channel,
                opening=f"I cannot post in <#{address.channel}> any more. ",
                limit=discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES,
                privately=True,
            )
        except discord.HTTPException as error:
            if not is_closed(error):
                raise
            raise Undeliverable(
                f"channel {address.channel}: {reason}; direct message: {error.text}"
            ) from None

    async def _send_once(
        self,
        channel: discord.abc.Messageable,
        *,
        opening: str,
        limit: int,
        privately: bool = False,
        reference: discord.MessageReference | None = None,
    ) -> None:
        """Send the first parcel that is small enough, unless an earlier try has done so.

        The moment of the try is noted before it is made, and only after what followed the try
        before was searched: so no answer is ever overlooked.
        """
        if await self._is_answered(channel):
            return
        parcels = await self._parcels(opening)
        await self._note(self._address.trying(privately=privately))
        for parcel in parcels:
            if any(len(data) > limit for _, data in parcel.files):
                continue
            try:
                await self._send(channel, parcel, reference)
                return
            except discord.HTTPException as error:
                too_large = error.status == CONTENT_TOO_LARGE or error.code == ENTITY_TOO_LARGE
                if not too_large or not parcel.files:
                    raise

    async def _send(
        self,
        channel: discord.abc.Messageable,
        parcel: Parcel,
        reference: discord.MessageReference | None,
    ) -> None:
        person = discord.Object(self._address.person)
        how: dict[str, Any] = {"reference": reference} if reference else {}
        await channel.send(
            parcel.text[:LONGEST_TEXT],
            files=[self._attach(name, data) for name, data in parcel.files],
            nonce=self._nonce,
            allowed_mentions=discord.AllowedMentions(users=[person], replied_user=True),
            **how,
        )

    async def _note(self, address: Address) -> None:
        await self._client.studio.readdress(self._job.id, address.model_dump())
        self._address = address

    async def _is_answered(self, channel: discord.abc.Messageable) -> bool:
        """Whether an earlier try has arrived: the gateway has told of it, or it is there."""
        if self._nonce in self._client.heard:
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
        replies = replies_to(message, self._address.anchor)
        return replies or name in names or f"SPOILER_{name}" in names

    async def _parcels(self, opening: str) -> list[Parcel]:
        """The ways of sending the answer, the best first, the last without any file."""
        outcome = self._outcome
        if outcome.error is not None or outcome.result is None:
            return [Parcel(opening + (outcome.error or SORRY))]
        settings = self._client.studio.settings
        text = opening + done(outcome, options=words.spell(self._job.order, settings.painting))
        painting = await self._file("painting", outcome.result)
        film = [await self._file("film", outcome.film)] if outcome.film else []
        copies = [(text, painting)]
        if outcome.shared is not None and outcome.shared != outcome.result:
            copies.append((f"{text}\n{words.A_COPY}", await self._file("painting", outcome.shared)))
        parcels = [Parcel(said, (copy, *film)) for said, copy in copies]
        if film:
            parcels += [Parcel(f"{said}\n{words.NO_FILM}", (copy,)) for said, copy in copies]
        return [*parcels, Parcel(opening + words.TOO_LARGE)]

    async def _file(self, name: str, key: str) -> tuple[str, bytes]:
        try:
            data = await self._client.studio.read(key)
        except FileNotFoundError:
            raise Undeliverable(f"{key} is no longer in the store") from None
        return f"{name}-{event_of(self._job)}{PurePath(key).suffix}", data

    def _attach(self, name: str, data: bytes) -> discord.File:
        return discord.File(
            io.BytesIO(data),
            name,
            spoiler=is_spoiler(self._job),
            description=words.describe(self._job.order),
        )
