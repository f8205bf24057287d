"""What a post says and shows: its words, its pictures, and those of the post that it is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp

from bot.commands.base import CommandError, NotNow
from bot.commands.pictures import Wanted
from bot.fronts.bluesky.api import Api, ApiError, Away
from bot.fronts.fetching import NotFetched
from bot.fronts.timeline import ELSEWHERE, leaves_alone, wants_no_bots
from bot.model import Upload
from bot.texts import shortened

if TYPE_CHECKING:
    from atproto_client.models.app.bsky.feed.defs import PostView as Post

LONGEST_NAME = 40
LOST = (aiohttp.ClientError, OSError, TimeoutError)
KINDS = {
    "app.bsky.embed.video": "I see a video, which I cannot use.",
    "app.bsky.embed.external": "The preview of a link is no picture of a post.",
}
"""What is embedded and is no picture."""
WARNING_LABELS = frozenset({"porn", "sexual", "nudity", "graphic-media"})
"""Of authors and moderators: what is painted of such a picture has them, too."""


def is_welcome(post: "Post") -> bool:
    """Whether neither its author and the bot block each other, nor the bot's owner mutes them."""
    viewer = post.author.viewer
    return not (viewer and (viewer.blocked_by or viewer.blocking or viewer.muted))


def mentions(post: "Post", did: str) -> bool:
    """Whether *post* mentions the account *did*."""
    return any(who == did for _, _, who in _mentions(post))


def addresses(post: "Post", did: str) -> bool:
    """Whether *post* mentions the account *did*, quotes it or replies to it."""
    return mentions(post, did) or any(uri.startswith(f"at://{did}/") for uri in _about(post))


def text_of(post: "Post") -> str:
    """What *post* says, without the accounts that it mentions."""
    data = str(post.record.text).encode()  # facets count bytes
    for start, end, _ in sorted(_mentions(post), reverse=True):
        data = data[:start] + b" " + data[end:]
    return data.decode(errors="ignore")


def _mentions(post: "Post") -> list[tuple[int, int, str]]:
    """From where to where, in bytes, whom."""
    return [
        (facet.index.byte_start, facet.index.byte_end, feature.did)
        for facet in getattr(post.record, "facets", None) or ()
        for feature in facet.features
        if feature.py_type == "app.bsky.richtext.facet#mention"
    ]


def warnings_of(post: "Post") -> set[str]:
    """The labels of *post* that warn of what is to be seen."""
    return {label.val for label in post.labels or ()} & WARNING_LABELS


@dataclass(frozen=True)
class Found:
    """A picture, and the post that shows it."""

    picture: Any
    """One of ``app.bsky.embed.images``."""
    post: "Post"

    def upload(self, api: Api, most: int, number: int) -> Upload:
        """Offer it to the studio, which takes *most* bytes, as the picture with this *number*."""
        cid = self.picture.image.ref.link
        name = shortened(self.picture.alt or f"picture {number}", LONGEST_NAME)  # it has none

        async def read() -> bytes:
            try:
                return await api.blob(self.post.author.did, cid, most)
            except NotFetched as reason:
                raise CommandError(f"I cannot fetch `{name}`: {reason}.") from None
            except (*LOST, ValueError):
                raise NotNow(
                    f"Its server did not give me `{name}`, though I asked again and again. Please "
                    "post it again later."
                ) from None

        return Upload(
            name,
            self.picture.image.size or 0,
            read,
            spoiler=bool(warnings_of(self.post)),
            alt=self.picture.alt or "",
        )


async def pictures_for(wanted: Wanted, post: "Post", api: Api) -> list[Found]:
    """The pictures that are *wanted*, from *post* and what it is about.

    If those of the post are too few, the ones of the post that it quotes or replies to come before
    them. Raises CommandError, which says what was seen and what to do, when they do not suit.
    """
    if wanted.last or wanted.content is not None:
        raise CommandError(ELSEWHERE)
    posts = [post]
    if len(shown(post)) < wanted.enough and (about := await context_of(post, api)):
        if about.author.did not in (post.author.did, api.me) and wants_no_bots(
            await api.profile(about.author.did)
        ):
            raise CommandError(leaves_alone(about.author.handle))
        posts.insert(0, about)
    found = [one for each in posts for one in shown(each)]
    try:
        wanted.check(len(found))
    except CommandError as error:
        reasons = [KINDS[kind] for each in posts for kind in _embedded(each) if kind in KINDS]
        raise CommandError("\n".join([*dict.fromkeys(reasons), str(error)])) from None
    return found


def shown(post: "Post") -> list[Found]:
    """The pictures of *post*."""
    return [
        Found(picture, post)
        for part in _parts(post)
        if part.py_type == "app.bsky.embed.images"
        for picture in part.images
    ]


def _embedded(post: "Post") -> Sequence[str]:
    return [part.py_type for part in _parts(post)]


def _parts(post: "Post") -> list[Any]:
    """What is embedded in *post*, each by itself."""
    embed = getattr(post.record, "embed", None)
    if embed is None:
        return []
    if embed.py_type == "app.bsky.embed.recordWithMedia":
        return [embed.media, embed.record]
    return [embed]


def _about(post: "Post") -> list[str]:
    """The addresses of what *post* quotes and replies to."""
    quoted = [part.record.uri for part in _parts(post) if part.py_type == "app.bsky.embed.record"]
    reply = getattr(post.record, "reply", None)
    return [*quoted, *([reply.parent.uri] if reply else [])]


async def context_of(post: "Post", api: Api) -> "Post | None":
    """The post that *post* quotes or replies to, if it is there."""
    uris = _about(post)
    try:
        return await api.post(uris[0]) if uris else None
    except Away:
        raise
    except ApiError:  # what is quoted is no post
        return None
