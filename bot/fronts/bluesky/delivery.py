"""The answer to a job: one post in the thread, with the painting and what belongs to it."""

import logging
from dataclasses import dataclass
from typing import Any

from bot.commands.options import options_in
from bot.fronts import timeline
from bot.fronts.base import Undeliverable
from bot.fronts.bluesky.address import MOST_BYTES, POST, Address
from bot.fronts.bluesky.api import Api, ApiError, Away, record_key
from bot.fronts.bluesky.reading import is_welcome
from bot.model import File, Job, Outcome
from bot.studio import Studio
from bot.texts import SORRY, alt_of, done

log = logging.getLogger(__name__)

MOST_PICTURES = 4
LONGEST_ALT = 2000
"""Of an alt text, in characters."""
STILL = ("image/png", "image/jpeg", "image/webp")
"""What a post shows: of an animation it would be the first frame."""


@dataclass(frozen=True)
class Delivery:
    """Answers one *job*."""

    api: Api
    studio: Studio
    job: Job
    outcome: Outcome

    async def deliver(self) -> None:
        """Post the answer, once: the key of its record is made from the job's id.

        Raises Undeliverable.
        """
        address = Address.of(self.job)
        await check_reachable(self.api, address)
        try:
            await self._post(address, *await self._content())
        except Away:
            raise
        except ApiError as error:
            log.warning("the server refuses the painting: %s", error)
            too_large = error.status == 413
            await self._post(address, timeline.TOO_LARGE if too_large else timeline.REFUSED)

    async def _post(self, address: Address, text: str, embed: dict[str, Any] | None = None) -> None:
        reply = address.reply(text, embed)
        await self.api.create(POST, record_key(self.job.id, "answer"), reply)

    async def _content(self) -> tuple[str, dict[str, Any] | None]:
        """What to say, and the pictures to show, if there are any."""
        result = self.outcome.file("result")
        if self.outcome.error is not None or result is None:
            return self.outcome.error or SORRY, None
        settings = self.studio.settings
        lines = [done(self.outcome, options=options_in(self.job.order, settings.painting))]
        copy = self.outcome.file("copy")
        shown: list[dict[str, Any]] = []
        missing: list[str] = []
        for file in (copy or result, *self.outcome.beside):
            room = len(shown) < MOST_PICTURES and file.media_type in STILL
            if room and (picture := await self._picture(file)):
                shown.append(picture)
            else:
                missing.append(file.role)
        if missing[:1] in (["result"], ["copy"]):
            return timeline.TOO_LARGE, None
        if copy:
            lines.append(timeline.A_COPY)
        if missing:
            lines.append(timeline.left_out(missing))
        return "\n".join(lines), {"$type": "app.bsky.embed.images", "images": shown}

    async def _picture(self, file: File) -> dict[str, Any] | None:
        """The picture *file* as a post shows it; None where it is too large."""
        try:
            data = await self.studio.read(file.key)
        except FileNotFoundError:
            raise Undeliverable(f"{file.key} is no longer in the store") from None
        if len(data) > MOST_BYTES:  # servers take more than they show
            return None
        alt = alt_of(file, self.job.order, LONGEST_ALT)
        blob = (await self.api.upload(data)).model_dump(by_alias=True)
        picture: dict[str, Any] = {"alt": alt, "image": blob}
        if file.role in ("result", "copy") and self.outcome.width:
            picture["aspectRatio"] = {"width": self.outcome.width, "height": self.outcome.height}
        return picture


async def check_reachable(api: Api, address: Address) -> None:
    """Raise Undeliverable where the post that asked is gone, or its author wants no answer."""
    post = await api.post(address.post.uri)
    if post is None:
        raise Undeliverable("the post that asked is gone, or its author has blocked the bot")
    if not is_welcome(post):
        raise Undeliverable("the author of the post that asked is muted")
