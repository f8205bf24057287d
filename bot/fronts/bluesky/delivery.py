"""The answer to a job: one post in the thread, with the painting and what belongs to it."""

import logging
from dataclasses import dataclass
from typing import Any

from bot.commands.options import options_in
from bot.fronts import timeline
from bot.fronts.base import Undeliverable, stored
from bot.fronts.bluesky.address import MOST_BYTES, POST, Address
from bot.fronts.bluesky.api import Api, ApiError, Away, record_key
from bot.fronts.bluesky.reading import is_welcome
from bot.model import File, Job, Outcome
from bot.studio import Studio
from bot.texts import SORRY, alt_of, done

log = logging.getLogger(__name__)

MOST_PICTURES = 4
LONGEST_ALT, LONGEST_FILM_ALT = 2000, 1000
"""Of an alt text, in characters."""
STILL = ("image/png", "image/jpeg", "image/webp")
"""What a post shows: of an animation it would be the first frame."""
VIDEO = "video/mp4"
"""A post shows one, and nothing beside it: the film comes in a post of its own."""
THE_FILM = "And here is its film."

Embed = dict[str, Any]
"""What a post shows beside its text."""


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
            text, pictures, film = await self._content()
            await self._post("answer", address.reply(text, pictures))
            if film is not None:
                await self._post("film", address.reply(THE_FILM, film))
        except Away:
            raise
        except ApiError as error:
            log.warning("the server refuses the painting: %s", error)
            too_large = error.status == 413
            text = timeline.TOO_LARGE if too_large else timeline.REFUSED
            await self._post("answer", address.reply(text))

    async def _post(self, what: str, reply: Embed) -> None:
        await self.api.create(POST, record_key(self.job.id, what), reply)

    async def _content(self) -> tuple[str, Embed | None, Embed | None]:
        """What to say, the pictures to show, and the film, if there are any."""
        result = self.outcome.file("result")
        if self.outcome.error is not None or result is None:
            return self.outcome.error or SORRY, None, None
        order, settings = self.job.order, self.studio.settings
        lines = [done(order, self.outcome, options=options_in(order, settings.painting))]
        copy = self.outcome.file("copy")
        shown: list[Embed] = []
        film: Embed | None = None
        missing: list[str] = []
        for file in (copy or result, *self.outcome.beside):
            room = len(shown) < MOST_PICTURES and file.media_type in STILL
            if room and (picture := await self._picture(file)):
                shown.append(picture)
            elif file.media_type == VIDEO and film is None and (video := await self._video(file)):
                film = video
            else:
                missing.append(file.role)
        if missing[:1] in (["result"], ["copy"]):
            return timeline.TOO_LARGE, None, None
        if copy:
            lines.append(timeline.A_COPY)
        if missing:
            lines.append(timeline.left_out(missing))
        return "\n".join(lines), {"$type": "app.bsky.embed.images", "images": shown}, film

    async def _picture(self, file: File) -> Embed | None:
        """The picture *file* as a post shows it; None where it is too large."""
        data = await stored(self.studio, file)
        if len(data) > MOST_BYTES:  # servers take more than they show
            return None
        alt = alt_of(file, self.job.order, LONGEST_ALT)
        picture: Embed = {"alt": alt, "image": await self._uploaded(data)}
        if file.role in ("result", "copy") and self.outcome.width:
            picture["aspectRatio"] = {"width": self.outcome.width, "height": self.outcome.height}
        return picture

    async def _video(self, file: File) -> Embed | None:
        """The film *file* as a post shows it; None where the server does not take it."""
        data = await stored(self.studio, file)
        try:
            blob = await self._uploaded(data)
        except Away:
            raise
        except ApiError as error:
            log.warning("the server refuses the film: %s", error)
            return None
        width, height = size_of(data)
        return {
            "$type": "app.bsky.embed.video",
            "video": blob,
            "alt": alt_of(file, self.job.order, LONGEST_FILM_ALT),
            "aspectRatio": {"width": width, "height": height},
            "presentation": "gif",
        }

    async def _uploaded(self, data: bytes) -> Embed:
        """What a record refers to *data* by, once they are uploaded."""
        blob: Embed = (await self.api.upload(data)).model_dump(by_alias=True)
        return blob


def size_of(mp4: bytes) -> tuple[int, int]:
    """Width and height of a film, as the header of its track ends (ISO/IEC 14496-12, 8.3.2)."""
    name = mp4.index(b"tkhd")
    end = name - 4 + int.from_bytes(mp4[name - 4 : name], "big")
    width, height = mp4[end - 8 : end - 4], mp4[end - 4 : end]  # both 16.16
    return int.from_bytes(width[:2], "big"), int.from_bytes(height[:2], "big")


async def check_reachable(api: Api, address: Address) -> None:
    """Raise Undeliverable where the post that asked is gone, or its author wants no answer."""
    post = await api.post(address.post.uri)
    if post is None:
        raise Undeliverable("the post that asked is gone, or its author has blocked the bot")
    if not is_welcome(post):
        raise Undeliverable("the author of the post that asked is muted")
