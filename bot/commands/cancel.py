"""``!cancel``: stops this person's jobs, those that wait and those that run."""

from bot.commands.base import Command, Given, Incoming, Reply
from bot.studio import Studio


class Cancel(Command):
    name = "cancel"
    about = "Cancel your jobs"
    usage = "`{prefix}cancel` stops your jobs"

    async def run(self, given: Given, incoming: Incoming, studio: Studio) -> Reply:
        match await studio.cancel_all(incoming.person):
            case 0:
                text = "There is nothing to cancel: none of your jobs waits or runs."
            case 1:
                text = "Cancelled your job."
            case jobs:
                text = f"Cancelled your {jobs} jobs."
        return Reply(text)
