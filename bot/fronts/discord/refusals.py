"""What it means when Discord refuses a request: does it pass, and if not, what is at fault?

The numbers are Discord's, from its list of JSON error codes:
https://docs.discord.com/developers/topics/opcodes-and-status-codes#json
"""

from enum import StrEnum

import discord

TOO_MANY_REQUESTS, CONTENT_TOO_LARGE, SERVER_ERROR = 429, 413, 500


class Refusal(StrEnum):
    """Why Discord did not do what was asked."""

    PASSES = "passes"
    """A fault on the way, a rate limit, or a Discord in trouble: nobody has decided anything."""
    BUSY = "busy"
    """Not now, says Discord itself; later it may, and when it has said so often, it will not."""
    CLOSED = "closed"
    """The place is gone, or the bot may not do this there."""
    TOO_LARGE = "too large"
    EXPLICIT = "explicit"
    """Discord's filter takes a file for an explicit picture."""
    MODERATED = "moderated"
    """Rules of the server, or Discord's filter for links, object to the words."""
    FILES = "files"
    """Discord takes no file there, or not this one."""
    FINAL = "final"
    """Anything else that would be refused again."""


_CODES: dict[Refusal, frozenset[int]] = {
    Refusal.BUSY: frozenset(
        (
            20016,  # slowmode
            20022,  # edits of announcements
            20028,  # writes in the channel
            20029,  # writes in the server
            30046,  # edits of messages older than an hour
            40001,  # the token is not valid; its owner may put in another
            40003,  # direct messages opened too fast
            40004,  # messages are disabled for a while
            40006,  # this feature is disabled for a while
            40062,  # the service limits a resource
            40333,  # Cloudflare stands between
            50014,  # the token, again
            110000,  # an index is not there yet
            110001,  # the application is not there yet
            130000,  # overloaded
        )
    ),
    Refusal.CLOSED: frozenset(
        (
            10003,  # unknown channel
            10004,  # unknown server
            10008,  # unknown message
            10013,  # unknown user
            40007,  # banned
            40058,  # a forum, which has no messages of its own
            50001,  # no access
            50003,  # not in a direct message
            50007,  # the person takes no direct messages
            50008,  # not a text channel
            50009,  # the channel wants a higher level of verification
            50013,  # no permission
            50024,  # not in this type of channel
            50033,  # a recipient who cannot be one
            50055,  # a server that cannot be one
            50083,  # an archived thread
            50095,  # the server is not there for this country
            50278,  # no server in common
            160002,  # no reply without reading the history
            160005,  # a locked thread
        )
    ),
    Refusal.TOO_LARGE: frozenset((40005, 50045)),
    Refusal.EXPLICIT: frozenset((20009,)),
    Refusal.MODERATED: frozenset((200000, 200001, 240000)),
    Refusal.FILES: frozenset(
        (
            30015,  # too many files
            50046,  # an invalid file
            50110,  # the same
            50123,  # an invalid type of file
            50138,  # a picture that cannot be made small enough
            50146,  # the upload is not found
            400001,  # uploads are limited in this server
        )
    ),
}
_MEANINGS = {code: refusal for refusal, codes in _CODES.items() for code in codes}


def refusal_of(error: discord.HTTPException) -> Refusal:
    """What Discord means by *error*.

    What comes without a code of Discord's is from something between, such as a proxy, and passes;
    where Discord says 0 for a code, it has refused all the same, if not for a stated reason.
    """
    if error.status >= SERVER_ERROR:
        return Refusal.PASSES
    if error.code in _MEANINGS:
        return _MEANINGS[error.code]
    if error.status == CONTENT_TOO_LARGE:
        return Refusal.TOO_LARGE
    if error.code == 0:
        said = error.status != TOO_MANY_REQUESTS and _is_json(error)
        return Refusal.BUSY if said else Refusal.PASSES
    if error.status == TOO_MANY_REQUESTS:
        return Refusal.BUSY
    if isinstance(error, discord.NotFound | discord.Forbidden):
        return Refusal.CLOSED
    return Refusal.FINAL


def may_pass(error: discord.HTTPException) -> bool:
    """Whether the same request may be taken later."""
    return refusal_of(error) in (Refusal.PASSES, Refusal.BUSY)


def _is_json(error: discord.HTTPException) -> bool:
    return str(error.response.headers.get("Content-Type", "")).startswith("application/json")
