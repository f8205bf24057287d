"""Where a job's answer belongs in Discord: kept with the job, so it outlives a restart."""

from datetime import timedelta
from typing import Self

import discord
from pydantic import BaseModel, ConfigDict

from bot.fronts.discord.refusals import Refusal
from bot.model import Job

FRONT = "discord"

CLOCKS_DIFFER = timedelta(minutes=5)
"""By how much this machine's clock may be wrong."""


class Address(BaseModel):
    """All numbers are Discord's ids, which it calls snowflakes."""

    model_config = ConfigDict(frozen=True)

    guild: int | None
    """None in a direct message."""
    channel: int
    person: int
    message: int | None = None
    """The message that asked; None for a slash command."""
    acknowledgement: int | None = None
    """The bot's message that shows the progress."""
    tried: int | None = None
    """A moment before the last try to answer, as an id that a message of that moment would have."""
    privately: bool = False
    """Whether that try was a direct message; then the answer is never sought elsewhere again."""
    answered: bool = False
    refusal: Refusal = Refusal.CLOSED
    """Why the answer became a direct message, where it did."""
    put_off: int = 0
    """How often Discord has refused the answer for now; see ``Refusal.BUSY``."""

    @classmethod
    def of(cls, job: Job) -> Self:
        return cls.model_validate(job.address)

    @property
    def anchor(self) -> int | None:
        """What the answer replies to: the message that asked, or the slash command's response."""
        return self.message or self.acknowledgement

    def acknowledged(self, message: int) -> Self:
        return self.model_copy(update={"acknowledgement": message})

    @property
    def link(self) -> str:
        """Where people find what the answer is about."""
        return f"https://discord.com/channels/{self.guild or '@me'}/{self.channel}/{self.anchor}"

    def postponed(self) -> Self:
        return self.model_copy(update={"put_off": self.put_off + 1})

    def trying(self, *, privately: bool) -> Self:
        """This address, with the try to answer that begins now."""
        now = discord.utils.utcnow() - CLOCKS_DIFFER
        tried = discord.utils.time_snowflake(now)
        return self.model_copy(update={"tried": tried, "privately": privately})


def event_of(job: Job) -> int:
    """The message or interaction that asked for *job*."""
    return int(job.id.removeprefix(f"{FRONT}-"))


def person_id(user: int) -> str:
    """A Discord user as the studio knows them."""
    return f"{FRONT}:{user}"
