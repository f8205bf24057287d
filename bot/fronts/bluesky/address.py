"""Where a job's answer belongs, and how it is to be marked: kept with the job."""

from datetime import UTC, datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from bot.fronts.timeline import fitted
from bot.model import Job

FRONT = "bluesky"
POST = "app.bsky.feed.post"
LIKE = "app.bsky.feed.like"
CHARACTERS = 300
"""Of a post. The server counts what people see as one, which is never more."""

MOST_BYTES = 2_000_000
"""Of a picture in a post."""


class Ref(BaseModel):
    """One version of a record."""

    model_config = ConfigDict(frozen=True)

    uri: str
    cid: str


class Address(BaseModel):
    """A post that asked, and what its answer takes over from it."""

    model_config = ConfigDict(frozen=True)

    post: Ref
    root: Ref
    """What the thread began with."""
    languages: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    """What warns of the pictures, such as ``nudity``."""
    acknowledged: bool = False
    told: bool = False
    """Whether a long wait was told of."""

    @classmethod
    def of(cls, job: Job) -> Self:
        return cls.model_validate(job.address)

    def reply(self, text: str, embed: dict[str, Any] | None = None) -> dict[str, Any]:
        """A post that replies with *text*, cut to what one holds, and marked as this one is."""
        record: dict[str, Any] = {
            "$type": POST,
            "text": fitted(text, CHARACTERS),
            "createdAt": now(),
            "reply": {"root": self.root.model_dump(), "parent": self.post.model_dump()},
        }
        if self.languages:
            record["langs"] = list(self.languages)
        if self.labels:
            values = [{"val": label} for label in self.labels]
            record["labels"] = {"$type": "com.atproto.label.defs#selfLabels", "values": values}
        if embed is not None:
            record["embed"] = embed
        return record

    def like(self) -> dict[str, Any]:
        """A like of the post."""
        return {"$type": LIKE, "subject": self.post.model_dump(), "createdAt": now()}


def now() -> str:
    return stamp(datetime.now(UTC))


def stamp(moment: datetime) -> str:
    """As records and servers write a moment, so that the texts are in order, too."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
