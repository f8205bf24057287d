"""What the bot says on a timeline: plain text, within the server's limit."""

import re

from bot.fronts.mastodon.entities import Limits
from bot.texts import shortened

A_COPY = "• The PNG is too large for this server, so this is a compressed copy."
TOO_LARGE = (
    "Your painting is done, but even a compressed copy is too large for this server. Ask for a "
    "smaller one with size."
)
ELLIPSIS = " …"


def plain(text: str) -> str:
    """*text* without Markdown, which a timeline shows as it is written."""
    return re.sub(r"\*\*|`", "", text)


def fitted(text: str, acct: str, limits: Limits, warning: str = "") -> str:
    """*text* without Markdown, cut to what the server takes beside the mention of *acct*.

    Of a mention only the name before the second @ counts, of a content warning all.
    """
    room = limits.characters - len(f"@{acct.partition('@')[0]} ") - len(warning)
    return shortened_lines(plain(text), room)


def shortened_lines(text: str, most: int) -> str:
    """*text* in *most* characters, cut between lines, or between words where one is too long."""
    if len(text) <= most:
        return text
    kept = text[: most - len(ELLIPSIS)]
    whole = kept.rpartition("\n")[0]
    return whole + ELLIPSIS if whole else shortened(text, most)


def left_out(roles: list[str]) -> str:
    """What a person reads in place of the files under *roles*."""
    are = "is" if len(roles) == 1 else "are"
    return f"• The {' and '.join(roles)} {are} left out: this server does not take {_it(roles)}."


def _it(roles: list[str]) -> str:
    return "it" if len(roles) == 1 else "them"


def forgotten(jobs: int) -> str:
    """What to say when all is forgotten: beside them, this front keeps nothing of a person."""
    if jobs == 0:
        return "I keep nothing of yours."
    kept = "your job, its" if jobs == 1 else f"your {jobs} jobs, their"
    return f"Deleted: {kept} pictures and paintings. What I posted stays: report or mute it."
