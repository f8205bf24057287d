"""Where a job's answer belongs, and how it is to be marked: kept with the job."""

from typing import Self

from pydantic import BaseModel, ConfigDict
from yarl import URL

from bot.fronts.mastodon.entities import Limits
from bot.fronts.timeline import fitted
from bot.model import Job
from bot.texts import shortened

FRONT = "mastodon"


class Address(BaseModel):
    """A post that asked, and what its answer takes over from it."""

    model_config = ConfigDict(frozen=True)

    post: str
    acct: str
    """Whose post it is: the answer mentions them."""
    visibility: str
    language: str | None = None
    warning: str = ""
    """The content warning."""
    sensitive: bool = False
    focus: str | None = None
    """The focal point of the content image."""
    acknowledged: bool = False
    told: bool = False
    """Whether a long wait was told of."""
    before: tuple[str, ...] | None = None
    """The bot's own replies below the post before its answer was first tried; None: it was not.
    Whatever else there is of the bot is the answer."""

    @classmethod
    def of(cls, job: Job) -> Self:
        """The address of *job*; what is made of sensitive pictures is sensitive, too."""
        address = cls.model_validate(job.address)
        sensitive = address.sensitive or job.order.spoiler
        return address.model_copy(update={"sensitive": sensitive})

    def reply(self, text: str, limits: Limits) -> dict[str, object]:
        """A post that replies with *text*, cut to *limits*, and marked as what it replies to is.

        Of a mention only the name before the second @ counts, of a content warning all: one from a
        server where posts are longer leaves half of the room to the text.
        """
        mention = len(f"@{self.acct.partition('@')[0]} ")
        warning = shortened(self.warning, limits.characters // 2)
        room = limits.characters - mention - len(warning)
        fields = {
            "status": f"@{self.acct} {fitted(text, room)}",
            "in_reply_to_id": self.post,
            "visibility": self.visibility,
            "language": self.language,
            "spoiler_text": warning or None,
            "sensitive": self.sensitive or None,
        }
        return {name: value for name, value in fields.items() if value is not None}


def person_of(acct: str, instance: str) -> str:
    """The account *acct*, as the server at *instance* calls it, as the studio knows it: with its
    server's name."""
    return f"{FRONT}:{acct}" + ("" if "@" in acct else f"@{URL(instance).host}")
