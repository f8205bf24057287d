"""What is said in a room, as the server tells it: https://spec.matrix.org/latest/client-server-api/."""

import hashlib
import re
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, Field, ValidationError

PICTURES = ("m.image", "m.file")
"""The kinds of messages that may be pictures; what a file is, the decoder says."""
KINDS = {"m.video": "a video", "m.audio": "a sound"}
"""Those that are none."""


class Reference(BaseModel):
    event_id: str


class Relation(BaseModel):
    """To another message."""

    rel_type: str = ""
    event_id: str | None = None
    in_reply_to: Reference | None = Field(default=None, alias="m.in_reply_to")
    is_falling_back: bool = False
    """Whether it replies to a message only because older clients know no threads."""


class Info(BaseModel):
    size: int = Field(default=0, ge=0)


class Mentions(BaseModel):
    user_ids: tuple[str, ...] = ()


class Content(BaseModel):
    msgtype: str = ""
    body: str = ""
    filename: str | None = None
    url: str = ""
    info: Info = Info()
    relation: Relation = Field(default=Relation(), alias="m.relates_to")
    mentions: Mentions = Field(default=Mentions(), alias="m.mentions")


class Event(BaseModel):
    """A message in a room."""

    event_id: str
    type: str
    sender: str
    origin_server_ts: int
    state_key: str | None = None
    """Whom it is about, where it is a change of who is in the room."""
    content: Content

    @property
    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.origin_server_ts / 1000, UTC)

    @property
    def kind(self) -> str:
        """Such as ``m.image``; empty where it is no message, or was deleted."""
        return self.content.msgtype if self.type == "m.room.message" else ""

    @property
    def file(self) -> str | None:
        """The address of the picture that it shows, such as ``mxc://example.org/abc``, if any."""
        return self.content.url or None if self.kind in PICTURES else None

    @property
    def said(self) -> str:
        """Its words: those of a message, or the caption of a file, without what it replies to."""
        body, named = self.content.body, self.content.filename
        if self.kind == "m.text":
            return re.sub(r"\A(>.*\n)+\n?", "", body) if self.replies_to else body
        return body if named not in (None, body) else ""

    @property
    def replies_to(self) -> str | None:
        """The message that it replies to; in a thread, only where that was chosen."""
        relation = self.content.relation
        if relation.in_reply_to is None or relation.is_falling_back:
            return None
        return relation.in_reply_to.event_id

    @property
    def thread(self) -> str | None:
        """The message that its thread began with."""
        relation = self.content.relation
        return relation.event_id if relation.rel_type == "m.thread" else None

    def addresses(self, person: str, name: str) -> bool:
        """Whether it is said to *person*, whose *name* is shown in the room.

        Clients name those whom one replies to, too, whatever is said to them.
        """
        listed = person in self.content.mentions.user_ids and self.replies_to is None
        return listed or person in self.said or self.said.startswith(name)


def events_in(listed: list[Any]) -> list[Event]:
    """The messages among what the library has read; what is none is left out."""
    events = []
    for one in listed:
        try:
            events.append(Event.model_validate(one.source))
        except ValidationError:  # anybody may send anything
            continue
    return events


def key_of(event: str) -> str:
    """The id of an event as part of a job's: those of Matrix have capitals and signs."""
    return hashlib.sha256(event.encode()).hexdigest()[:32]
