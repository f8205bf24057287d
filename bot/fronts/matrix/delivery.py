"""The answer to a job: a message with the painting, and one for each file beside it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from bot.commands.options import options_in
from bot.fronts import timeline
from bot.fronts.base import stored
from bot.fronts.matrix.address import Address
from bot.fronts.matrix.api import Api
from bot.fronts.matrix.events import key_of
from bot.model import File, Job, Outcome
from bot.studio import Studio
from bot.texts import SORRY, done

LONGEST_ALT = 1500
"""Of an alt text, in characters."""


@dataclass(frozen=True)
class Delivery:
    """Answers one *job*."""

    api: Api
    studio: Studio
    job: Job
    outcome: Outcome

    async def deliver(self) -> None:
        """Send the answer, once: the server knows each message by a key made of the job's id."""
        address = Address.of(self.job)
        async for role, content in self._messages(address):
            await self.api.send(address.room, content, f"{role}-{key_of(self.job.id)}")

    async def _messages(self, address: Address) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """What to send, each under a role of its own: the painting with the words first."""
        result = self.outcome.file("result")
        if self.outcome.error is not None or result is None:
            yield "answer", address.reply(self.outcome.error or SORRY, ping=True)
            return
        order, settings = self.job.order, self.studio.settings
        lines = [done(order, self.outcome, options=options_in(order, settings.painting))]
        copy = self.outcome.file("copy")
        painting = await self._shown(copy or result)
        others = [(file.role, await self._shown(file)) for file in self.outcome.beside]
        if copy:
            lines.append(timeline.A_COPY)
        if missing := [role for role, shown in others if shown is None]:
            lines.append(timeline.left_out(missing))
        text = "\n".join(lines) if painting else timeline.TOO_LARGE
        yield "answer", address.reply(text, ping=True, **(painting or {}))
        for role, shown in others:
            if shown is not None:
                yield role, address.reply(str(shown["filename"]), **shown)

    async def _shown(self, file: File) -> dict[str, Any] | None:
        """How a message shows *file*; None where the server takes no file of this size."""
        data = await stored(self.studio, file)
        if self.api.file_bytes is not None and len(data) > self.api.file_bytes:
            return None
        name = file.key.rpartition("/")[2]
        info: dict[str, Any] = {"mimetype": file.media_type, "size": len(data)}
        if file.role in ("result", "copy") and self.outcome.width:
            info |= {"w": self.outcome.width, "h": self.outcome.height}
        kind = file.media_type.partition("/")[0]
        return {
            "msgtype": f"m.{kind}" if kind in ("image", "video", "audio") else "m.file",
            "filename": name,
            "url": await self.api.upload(data, name, file.media_type),
            "info": info,
        }
