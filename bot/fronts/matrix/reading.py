"""Which pictures a message is about: in Matrix each is a message of its own."""

import re
from collections.abc import Sequence
from datetime import timedelta

from bot.commands.base import CommandError
from bot.commands.pictures import Wanted
from bot.fronts.fetching import NotFetched
from bot.fronts.matrix.api import LOST, Api
from bot.fronts.matrix.events import KINDS, Event
from bot.model import Upload

RECENT = timedelta(minutes=10)
"""How old the pictures may be that are posted before a request."""
NO_AVATARS = (
    "`content=@somebody` paints the avatar of a person in Discord. Here, post the picture itself."
)
HOW = "Post the pictures, one after the other, and then your request; or reply to a picture."


def words_of(event: Event, me: str, name: str) -> str:
    """What *event* says, without the bot's account *me* and, at the beginning, its *name*."""
    names = rf"{re.escape(me)}|\A\s*{re.escape(name)}(?!\w)"
    return re.sub(rf"(?:{names})\s*[:,]?", " ", event.said)


async def pictures_for(wanted: Wanted, event: Event, room: str, api: Api) -> list[Event]:
    """The messages whose pictures are *wanted* by *event*, in their order.

    Its own picture is the last of them. Where that is too little, the one that it replies to comes
    first and, where it replies to none, those that its sender posted right before. Raises
    CommandError, which says what was seen and what to do, when they do not suit.
    """
    if wanted.content is not None:
        raise CommandError(NO_AVATARS)
    found = [event] if event.file else []
    about = await api.event(room, event.replies_to)
    if about is not None and about.file and len(found) < wanted.least:
        found.insert(0, about)
    if len(found) < wanted.least:
        earlier = [one for one in await api.before(room, event.event_id) if one not in found]
        found = [*_run(earlier, event, wanted.most - len(found)), *found]
        if wanted.last and len(found) < wanted.least:
            found = [*[one for one in earlier if one.file][:1], *found]
    try:
        wanted.check(len(found))
    except CommandError as error:
        seen = [one for one in (about, event) if one is not None and one.kind in KINDS]
        reasons = [f"I see {KINDS[one.kind]}, which I cannot use." for one in seen]
        hint = HOW if len(found) < wanted.least else ""
        raise CommandError("\n".join(filter(None, [*reasons, str(error), hint]))) from None
    return found


def _run(earlier: Sequence[Event], event: Event, most: int) -> list[Event]:
    """The pictures that the sender of *event* posted right before it, oldest first.

    What others said in between does not count.
    """
    run: list[Event] = []
    theirs = (one for one in earlier if one.sender == event.sender and one.kind)
    for one in theirs:
        if one.file is None or one.said or event.moment - one.moment > RECENT or len(run) == most:
            break
        run.insert(0, one)
    return run


def upload_of(event: Event, api: Api, most: int) -> Upload:
    """Offer the picture of *event* to the studio, which takes *most* bytes."""
    name = event.content.filename or event.content.body or "picture"

    async def read() -> bytes:
        try:
            return await api.download(event.file or "", most)
        except NotFetched as reason:
            raise CommandError(f"I cannot fetch `{name}`: {reason}.") from None
        except LOST:
            raise CommandError(f"I could not fetch `{name}`. Please post it again.") from None

    return Upload(name, event.content.info.size, read)
