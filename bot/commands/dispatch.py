"""From what a front has heard to what it says back: once, the same for all fronts.

A front gives ``parse`` an ``Incoming``, ``run`` the command that was found, and ``submit`` the
request that came of it; a form skips ``parse``. Whatever goes wrong is a ``Reply`` in words, but
for what a front itself wants to try again (``NotNow``).
"""

import logging
from collections.abc import Awaitable
from fnmatch import fnmatchcase
from typing import TypeVar

from bot.commands.base import CommandError, Given, Incoming, NotNow, Reply
from bot.commands.grammar import parse
from bot.commands.throttle import Throttle
from bot.model import Request, Status
from bot.studio import Refused, Studio
from bot.texts import SORRY

log = logging.getLogger(__name__)

REPLIES_PER_MINUTE = 6
"""To one person, besides acknowledgements and paintings; somebody who learns needs fewer."""
ENOUGH = (
    "That was a lot for one minute, so for the next one I stay silent, unless you ask for a "
    "painting that I can paint."
)
BLOCKED = "This studio's owner has asked me not to work for you."

Done = TypeVar("Done")


class Dispatch:
    """Does for a front what people ask of *studio*."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self.replies = Throttle(REPLIES_PER_MINUTE, 60)

    def parse(self, incoming: Incoming) -> Given | Reply | None:
        """Read a message: None when it is not meant for the bot, or by somebody whom the owner has
        blocked; a reply when it cannot be read.
        """
        if self._is_blocked(incoming.person):
            return None
        try:
            return parse(
                incoming.text,
                self.studio.settings,
                mentioned=incoming.mentioned,
                replied=incoming.replied is not None,
            )
        except CommandError as refusal:
            return Reply(str(refusal), refused=True)

    async def run(self, given: Given, incoming: Incoming) -> Reply | Request:
        """Do what is asked, or say what is to be painted."""
        if self._is_blocked(incoming.person):  # a form expects a reply
            return Reply(BLOCKED, refused=True)
        return await _in_words(given.command.run(given, incoming, self.studio), incoming.job)

    async def submit(self, request: Request) -> Reply | Status:
        """Have it painted: where the job stands, or a reply when it is not taken."""
        return await _in_words(self.studio.submit(request), request.id)

    async def follow(self, given: Given, incoming: Incoming) -> Reply | Status:
        """Both of them."""
        result = await self.run(given, incoming)
        return result if isinstance(result, Reply) else await self.submit(result)

    def _is_blocked(self, person: str) -> bool:
        blocked = self.studio.settings.limits.blocked
        return any(fnmatchcase(person, pattern) for pattern in blocked)

    def unless_enough(self, text: str, person: str) -> str | None:
        """What to say for *text*: nothing at all to a person who had many replies.

        The last reply before the silence announces it. What they ask is done all the same.
        """
        if self.replies.closed(person):
            return None
        return f"{text}\n\n{ENOUGH}" if self.replies.note(person) else text


async def _in_words(doing: Awaitable[Done], what: str) -> Done | Reply:
    """What came of *doing*, or a reply that says why nothing did."""
    try:
        return await doing
    except (CommandError, Refused) as refusal:
        return Reply(str(refusal), refused=True)
    except NotNow:
        raise
    except Exception:
        log.exception("%s could not be followed", what)
        return Reply(SORRY, refused=True, fault=True)
