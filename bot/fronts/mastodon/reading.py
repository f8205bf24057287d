"""What a post says and shows: its words without HTML, its pictures, and those that it is about."""

from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import PurePosixPath

from yarl import URL

from bot.commands.base import CommandError, NotNow
from bot.commands.pictures import Wanted
from bot.fronts.fetching import NotFetched, fetch
from bot.fronts.mastodon.api import LOST, Api, ApiError, Away
from bot.fronts.mastodon.entities import Attachment, Post
from bot.fronts.timeline import ELSEWHERE, leaves_alone, wants_no_bots
from bot.model import Upload

KINDS = {
    "gifv": "an animation that the server has made a video of",
    "video": "a video",
    "audio": "a sound",
    "unknown": "a file that the server cannot show",
}
"""What is attached and is no picture."""


class _Words(HTMLParser):
    """The words of a post, in lines."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "br":
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("p", "li", "blockquote"):
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def words_of(html: str) -> str:
    """The text of *html*."""
    words = _Words()
    words.feed(html)
    words.close()
    return "".join(words.parts).strip()


def text_of(post: Post) -> str:
    """What *post* says, without the accounts that it mentions: they stand at its beginning."""
    text = words_of(post.content)
    for mention in sorted(post.mentions, key=lambda one: len(one.acct), reverse=True):
        for name in (mention.acct, mention.acct.partition("@")[0]):
            text = text.replace(f"@{name}", " ")
    return text


def by_no_friend_of_bots(post: Post) -> bool:
    """Whether the profile of who wrote *post* asks bots to stay away."""
    return wants_no_bots(words_of(post.account.note))


@dataclass(frozen=True)
class Found:
    """A picture, and the post that shows it."""

    picture: Attachment
    post: Post

    @property
    def warning(self) -> str:
        """The content warning that it stands behind."""
        return self.post.spoiler_text

    @property
    def sensitive(self) -> bool:
        return self.post.sensitive or bool(self.post.spoiler_text)

    @property
    def focus(self) -> str | None:
        """Its focal point, such as ``0.1,-0.5``."""
        meta = self.picture.meta
        return f"{meta.focus.x},{meta.focus.y}" if meta and meta.focus else None

    def upload(self, api: Api, most: int) -> Upload:
        """Offer it to the studio, which takes *most* bytes."""
        address = self.picture.url or self.picture.preview_url or ""
        name = PurePosixPath(URL(address).path).name or "picture"

        async def read() -> bytes:
            try:
                return await fetch(address, most, trusted=URL(api.instance).host)
            except NotFetched as reason:
                raise CommandError(f"I cannot fetch `{name}`: {reason}.") from None
            except LOST:
                raise NotNow(
                    f"Its server did not give me `{name}`, though I asked again and again. Please "
                    "post it again later."
                ) from None

        alt = self.picture.description or ""
        return Upload(name, 0, read, spoiler=self.sensitive, alt=alt)


async def pictures_for(wanted: Wanted, post: Post, api: Api) -> list[Found]:
    """The pictures that are *wanted*, from *post* and what it is about.

    If those of the post are too few, the ones of the post that it quotes or replies to come before
    them. Raises CommandError, which says what was seen and what to do, when they do not suit.
    """
    if wanted.last or wanted.content is not None:
        raise CommandError(ELSEWHERE)
    posts = [post]
    if len(_shown(post)) < wanted.enough and (about := await context_of(post, api)):
        if by_no_friend_of_bots(about) and about.account.id != post.account.id:
            raise CommandError(leaves_alone(about.account.acct))
        posts.insert(0, about)
    found = [one for each in posts for one in _shown(each)]
    try:
        wanted.check(len(found))
    except CommandError as error:
        reasons = [reason for each in posts for reason in _unusable(each)]
        raise CommandError("\n".join([*dict.fromkeys(reasons), str(error)])) from None
    return found


def _shown(post: Post) -> list[Found]:
    return [Found(one, post) for one in post.media_attachments if one.type == "image"]


def _unusable(post: Post) -> list[str]:
    """What of *post* might have been meant as a picture, and is none."""
    reasons = [
        f"I see {KINDS.get(one.type, 'a file of another kind')}, which I cannot use."
        for one in post.media_attachments
        if one.type != "image"
    ]
    if post.card is not None and not post.media_attachments:
        reasons.append("The preview of a link is no picture of a post.")
    return reasons


async def context_of(post: Post, api: Api) -> Post | None:
    """The post that *post* quotes or replies to, if it is there."""
    if post.quote is not None and post.quote.quoted_status is not None:
        return post.quote.quoted_status
    if post.in_reply_to_id is None:
        return None
    try:
        return await api.post(post.in_reply_to_id)
    except Away:
        raise
    except ApiError:
        return None
