"""What chats on public timelines have in common: short plain texts, and manners."""

import re
from datetime import UTC, datetime, timedelta

from bot import texts
from bot.commands.base import Given, Incoming, Reply
from bot.commands.dispatch import Dispatch
from bot.texts import shortened

NO_BOTS = "#nobot"
"""Who has it in their profile wants no bot to touch what they post."""
OLDEST = timedelta(days=1)
"""Of posts that are answered: nobody waits for an answer to what they said long ago."""
DAY = timedelta(days=1)
LONG_WAIT = 5 * 60
"""Seconds; a person who waits for longer is told so, once."""
ENOUGH = "That is the most for one day and person here: {} paintings. Ask again tomorrow."
ELSEWHERE = (
    "Here I see only your post and the one that it replies to: attach your pictures, or reply to "
    "a post that has them."
)
A_COPY = "• The PNG is too large for this server, so this is a compressed copy."
TOO_LARGE = (
    "It is done, but even a compressed copy is too large for this server. Ask for a "
    "smaller one with size."
)
REFUSED = (
    "It is done, but this server refuses to take it. Please ask once more later, or for "
    "another size."
)
ELLIPSIS = " …"
WORD_JOINER = "\u2060"
"""Is not seen, and makes a name of @ben that is nobody's."""


def is_new(moment: datetime) -> bool:
    """Whether what was posted at *moment* is still answered."""
    return datetime.now(UTC) - moment <= OLDEST


def wants_no_bots(profile: str) -> bool:
    """Whether somebody whose *profile* says so wants to be left alone."""
    return NO_BOTS in profile.lower()


def leaves_alone(whose: str) -> str:
    """What to say to somebody who asks for a painting of such a person's picture."""
    return (
        f"{whose} wants no bots ({NO_BOTS} in their profile), so I leave their pictures alone. "
        "Attach pictures of your own."
    )


async def follow(
    dispatch: Dispatch, given: Given | Reply, incoming: Incoming, per_day: int
) -> str | None:
    """Do what is asked; returns what to say, if anything: a job is acknowledged by the studio.

    One person has *per_day* jobs in 24 hours; those whom they made it forget do not count.
    """
    said = await follow_in_words(dispatch, given, incoming, per_day)
    return None if said is None else dispatch.unless_enough(said.text, incoming.person)


async def follow_in_words(
    dispatch: Dispatch, given: Given | Reply, incoming: Incoming, per_day: int
) -> Reply | None:
    """The same, but for what is not said to somebody who had many replies."""
    if isinstance(given, Reply):
        return given
    if given.command.recipe is not None:
        if await dispatch.studio.job(incoming.job) is not None:  # it was heard before
            return None
        asked = await dispatch.studio.asked(incoming.person, datetime.now(UTC) - DAY)
        if asked >= per_day:
            return Reply(ENOUGH.format(per_day), refused=True)
    result = await dispatch.follow(given, incoming)
    return result if isinstance(result, Reply) else None


def fitted(text: str, most: int) -> str:
    """*text* without Markdown, which a timeline shows as it is written, in *most* characters.

    It is cut between lines, or between words where one is too long. Whoever is named in it, by the
    person who asked, is not called by the bot.
    """
    text = re.sub(r"\*\*|`", "", text)
    text = re.sub(r"@(?=\w)", f"@{WORD_JOINER}", text)
    if len(text) <= most:
        return text
    whole = text[: most - len(ELLIPSIS)].rpartition("\n")[0]
    return whole + ELLIPSIS if whole else shortened(text, most)


def left_out(roles: list[str]) -> str:
    """What a person reads in place of the files under *roles*."""
    are, them = ("is", "it") if len(roles) == 1 else ("are", "them")
    return f"• The {' and '.join(roles)} {are} left out: this server does not take {them}."


def forgotten(jobs: int, posts: int | None, *, prefix: str) -> str:
    """As of ``Incoming``."""
    if posts is None:
        more = (
            "What I posted stays where it is: write "
            f"`{prefix}forget posts`, and I delete my answers to you, too."
        )
    elif posts == 0:
        more = "There is no post of mine that answers you."
    else:
        more = f"Deleted, too: {posts} post{'s' if posts > 1 else ''} of mine that answered you."
    return f"{texts.forgotten(jobs)} {more}"
