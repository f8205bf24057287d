"""``!forget``: deletes what is kept of this person, their pictures, paintings and jobs.

``!forget posts`` deletes, where a chat lets it, what the bot posted in answer to them as well.
"""

import logging
import re

from bot.commands.base import Command, Given, Incoming, NotNow, Reply
from bot.config import Settings
from bot.studio import Studio
from bot.texts import forgotten
from stylize.recipes import Option, values

log = logging.getLogger(__name__)

LEFT = (
    "The server does not let me delete all my posts right now: write `{prefix}forget posts` again "
    "in half an hour."
)


def _names_posts(text: str) -> bool:
    return "posts" in re.findall(r"\w+", text)


POSTS = Option(
    "delete my posts that answer you, too",
    "posts",
    name="posts",
    field="posts",
    value=values.Value(_names_posts, "nothing more", r"(?:(?:all|my|your|the)\s+)*posts", bool),
)


class Forget(Command):
    name = "forget"
    about = "Delete your pictures and paintings"
    usage = "`{prefix}forget` deletes your pictures and paintings"
    unnamed = "posts"

    def known(self, settings: Settings) -> dict[str, Option]:
        """Forms do without: the chats that have them cannot do it."""
        return {POSTS.name: POSTS}

    def written(self, settings: Settings) -> dict[str, Option]:
        return self.known(settings)

    async def run(self, given: Given, incoming: Incoming, studio: Studio) -> Reply:
        """What is kept goes first: that never fails for a server's sake. Raises NotNow."""
        jobs = await studio.forget(incoming.person)
        if not given.options.get(POSTS.name):
            return Reply(incoming.forgotten(jobs, None))
        try:
            posts = await studio.unsay(incoming.front, incoming.person)
        except NotNow:
            raise
        except Exception:
            log.warning("cannot delete what was posted", exc_info=True)
            return Reply(f"{forgotten(jobs)} {LEFT.format(prefix=studio.settings.commands.prefix)}")
        return Reply(incoming.forgotten(jobs, posts))
