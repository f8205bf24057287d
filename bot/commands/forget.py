"""``!forget``: deletes what is kept of this person, their pictures, paintings and jobs."""

from bot.commands.base import Command, Given, Incoming, Reply
from bot.studio import Studio


class Forget(Command):
    name = "forget"
    about = "Delete your pictures and paintings"
    usage = "`{prefix}forget` deletes your pictures and paintings"

    async def run(self, given: Given, incoming: Incoming, studio: Studio) -> Reply:
        return Reply(incoming.forgotten(await studio.forget(incoming.person)))
