"""The answer to a job: one post in the thread, with the painting and what belongs to it."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from bot.commands.options import options_in
from bot.fronts import timeline
from bot.fronts.base import Undeliverable, stored
from bot.fronts.mastodon.address import Address
from bot.fronts.mastodon.api import GONE, Api, ApiError
from bot.fronts.mastodon.entities import Account, Limits
from bot.model import File, Job, Outcome
from bot.studio import Studio
from bot.texts import SORRY, alt_of, done

log = logging.getLogger(__name__)

REFUSED = (413, 415, 422)
"""What a server answers to a file, or to files together, that it does not take."""


@dataclass(frozen=True)
class Delivery:
    """Answers one *job*."""

    api: Api
    me: Account
    limits: Limits
    studio: Studio
    job: Job
    outcome: Outcome

    async def deliver(self) -> None:
        """Post the answer, unless an earlier try has. Raises Undeliverable."""
        address = Address.of(self.job)
        try:
            replies = tuple(await self.api.replies_by(self.me.id, address.post))
            if address.before is None:
                await self._note(address.model_copy(update={"before": replies}))
            elif {*replies} - {*address.before}:  # servers remember keys for an hour only
                return
            await self._post(address)
        except ApiError as error:
            if error.status in GONE:
                raise Undeliverable("the post that asked is gone") from None
            if error.status in REFUSED:
                raise Undeliverable(f"the server does not take it: {error}") from None
            raise

    async def _post(self, address: Address) -> None:
        result = self.outcome.file("result")
        if self.outcome.error is not None or result is None:
            await self._publish(address, self.outcome.error or SORRY, ())
            return
        order, settings = self.job.order, self.studio.settings
        text = done(order, self.outcome, options=options_in(order, settings.painting))
        main, note = await self._main(result)
        if main is None:
            await self._publish(address, timeline.TOO_LARGE, ())
            return
        beside, missing = await self._beside(self.outcome.beside)
        notes = [*note, *([timeline.left_out(missing)] if missing else [])]
        try:
            await self._publish(address, "\n".join([text, *notes]), (main, *beside))
        except ApiError as error:
            if error.status not in REFUSED:
                raise
            log.info("the server does not take these files together: %s", error)
            if not beside:
                await self._publish(address, timeline.REFUSED, ())
                return
            missing = [one.role for one in self.outcome.beside]
            notes = [*note, timeline.left_out(missing)]
            await self._publish(address, "\n".join([text, *notes]), (main,))

    async def _main(self, result: File) -> tuple[str | None, list[str]]:
        """The painting as it was uploaded, or its compressed copy, and what to say of that."""
        if media := await self._upload(result):
            return media, []
        copy = self.outcome.file("copy")
        return (await self._upload(copy) if copy else None), [timeline.A_COPY]

    async def _beside(self, files: Sequence[File]) -> tuple[list[str], list[str]]:
        """The other *files* as they were uploaded, and the roles of those that were not."""
        uploaded: list[str] = []
        missing: list[str] = []
        for file in files:
            room = len(uploaded) + 1 < self.limits.attachments
            if room and (media := await self._upload(file)):
                uploaded.append(media)
            else:
                missing.append(file.role)
        return uploaded, missing

    async def _upload(self, file: File) -> str | None:
        """The id of *file* on the server; None where it does not take it."""
        data = await stored(self.studio, file)
        if len(data) > self.limits.picture_bytes:
            return None
        alt = alt_of(file, self.job.order, self.limits.alt_characters)
        focus = Address.of(self.job).focus if file.role in ("result", "copy") else None
        name = f"{file.role}{PurePath(file.key).suffix}"
        try:
            return await self.api.upload(data, name, file.media_type, alt, focus)
        except ApiError as error:
            if error.status not in REFUSED:
                raise
            log.info("the server does not take the %s: %s", file.role, error)
            return None

    async def _publish(self, address: Address, text: str, media: Sequence[str]) -> None:
        fields = address.reply(text, self.limits) | ({"media_ids": [*media]} if media else {})
        # Another try with other files is another post.
        await self.api.publish(fields, f"{self.job.id}-{len(media)}")

    async def _note(self, address: Address) -> None:
        await self.studio.readdress(self.job.id, address.model_dump())
