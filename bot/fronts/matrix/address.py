"""Where a job's answer belongs: kept with the job."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from bot.fronts.timeline import fitted
from bot.model import Job

FRONT = "matrix"
LONGEST_TEXT = 20_000
"""Characters of a message; an event may have 65 kB."""


class Address(BaseModel):
    """A message that asked, and what the bot has sent below it."""

    model_config = ConfigDict(frozen=True)

    room: str
    event: str
    sender: str
    thread: str | None = None
    """The message that the thread began with, where it was asked in one."""
    acknowledgement: str | None = None
    """The message that shows how far the painting is."""
    answered: bool = False

    @classmethod
    def of(cls, job: Job) -> Self:
        return cls.model_validate(job.address)

    def reply(self, text: str, *, ping: bool = False, **content: Any) -> dict[str, Any]:
        """A message that replies with *text*; with *ping*, its person is told of it.

        It is a notice, which other bots do not answer, unless *content* says otherwise.
        """
        relation: dict[str, Any] = {"m.in_reply_to": {"event_id": self.event}}
        if self.thread is not None:
            relation |= {"rel_type": "m.thread", "event_id": self.thread}
        mentions = {"user_ids": [self.sender]} if ping else {}
        return {**_notice(text), **content, "m.relates_to": relation, "m.mentions": mentions}

    def edit(self, text: str) -> dict[str, Any]:
        """What makes *text* of the acknowledgement."""
        relation = {"rel_type": "m.replace", "event_id": self.acknowledgement}
        new = {**_notice(text), "m.mentions": {}}
        return {**_notice(f"* {text}"), "m.new_content": new, "m.relates_to": relation}


def _notice(text: str) -> dict[str, Any]:
    return {"msgtype": "m.notice", "body": fitted(text, LONGEST_TEXT)}
