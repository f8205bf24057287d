"""Responding to interactions: slash commands and buttons."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import discord

from bot.fronts.discord.channel import patiently

ALREADY_ACKNOWLEDGED, UNKNOWN_INTERACTION = 40060, 10062
AT_ONCE = (0, 0, 0)

Response = TypeVar("Response")


async def respond(response: Callable[[], Awaitable[Response]]) -> Response | None:
    """Give a *response* to an interaction, for which Discord allows three seconds.

    While nobody knows whether Discord has heard it, it is given again. None when it had been, or
    may have been: an interaction is unknown after its three seconds, also when discord.py has spent
    them on trying again. The original response, if there is one, tells.
    """
    try:
        return await patiently(response, AT_ONCE)
    except discord.HTTPException as error:
        if error.code in (ALREADY_ACKNOWLEDGED, UNKNOWN_INTERACTION):
            return None
        raise
