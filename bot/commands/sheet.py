"""Commands that have a sheet of several small paintings made, whose cells can be asked for."""

from dataclasses import replace

from bot.commands.base import Given, Incoming, Request
from bot.commands.paint import Paint
from bot.studio import Studio

CELLS = "Reply with a cell's name, as in `cell=A1`, to have it painted in full."


class PaintSheet(Paint):
    """As of ``Paint``; the answer says how to go on from it."""

    async def run(self, given: Given, incoming: Incoming, studio: Studio) -> Request:
        request = await super().run(given, incoming, studio)
        return replace(request, notes=(*request.notes, CELLS))
