"""Responding to interactions: slash commands and buttons."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import discord

from bot.fronts.discord.channel import LOST

ALREADY_ACKNOWLEDGED = 40060

Response = TypeVar("Response")


async def respond(response: Callable[[], Awaitable[Response]]) -> Response | None:
    """Give a *response* to an interaction, for which Discord allows three seconds.

    While nobody knows whether Discord has heard it, it is given again; None when it had been.
    """
    for last in (False, False, False, True):
        try:
            return await response()
        except discord.HTTPException as error:
            if error.code == ALREADY_ACKNOWLEDGED:
                return None
            if error.code or last:
                raise
        except LOST:
            if last:
                raise
    return None
