"""The pictures that a message shows, wherever in it they are: the one place that knows them all.

Attachments come first, then what is embedded (linked pictures, GIFs of the picker, galleries), then
stickers; previews of linked pages and custom emoji are mostly talk. All but the attachments are
read from Discord's own copies, see ``fetching``.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

import discord

from bot.commands.base import CommandError
from bot.fronts.discord.channel import TROUBLE, patiently
from bot.fronts.discord.fetching import NotGiven, TooLarge, fetch, is_discords
from bot.fronts.discord.files import is_picture, may_be_picture, name_of, plain
from bot.model import Upload
from stylize.media.formats import SUPPORTED

HIDDEN = re.compile(r"\|\|(.+?)\|\|", re.DOTALL)
LINK = re.compile(r"https?://[^\s<>|]+", re.IGNORECASE)
EMOJI = re.compile(r"<(a?):(\w{1,32}):(\d{15,20})>")
MOST_REASONS = 4
"""How many things that are of no use a reply names, of each kind; it has 2000 characters."""
POSTED = ("image", "gifv")
"""Embeds of links to pictures themselves."""
ATTACHED = re.compile(r"/(?:ephemeral-)?attachments/\d+/(\d+)/")


@dataclass(frozen=True)
class Found:
    """A picture that somebody shows."""

    name: str
    url: str
    """From where Discord hands it out."""
    spoiler: bool = False
    file: discord.Attachment | None = None
    original: str | None = None
    """From where Discord has it."""
    preview: bool = False
    """Whether it only illustrates a page that is linked to."""

    @property
    def identity(self) -> str:
        """The same for the same picture, be it an attachment or embedded."""
        attached = ATTACHED.search(self.original or self.url)
        return attached[1] if attached else self.original or self.url

    def upload(self, most: int) -> Upload:
        """Offer it to the studio, which takes *most* bytes."""

        async def read() -> bytes:
            try:
                if self.file is not None:
                    return await patiently(self.file.read)
                return await patiently(lambda: fetch(self.url, most))
            except TooLarge:
                raise CommandError(
                    f"`{self.name}` has more than {most / 1e6:.0f} MB, and I take no larger "
                    "pictures. Post a smaller one as a file."
                ) from None
            except (NotGiven, *TROUBLE):
                again = "Please post it again" + ("." if self.file else ", as a file.")
                raise CommandError(f"Discord did not give me `{self.name}`. {again}") from None

        size = self.file.size if self.file else 0
        alt = (self.file.description if self.file else None) or ""
        return Upload(name=self.name, size=size, read=read, spoiler=self.spoiler, alt=alt)


@dataclass(frozen=True)
class Sight:
    """What one message shows, each picture once, and why the rest is of no use, in sentences."""

    posted: tuple[tuple[Found, ...], ...] = ()
    """Attachments, what is embedded, stickers."""
    previews: tuple[Found, ...] = ()
    """Of pages that are linked to."""
    emoji: tuple[Found, ...] = ()
    unusable: tuple[str, ...] = ()

    def enough(self, needed: int) -> list[Found]:
        """What was posted: the attachments and, only while those are too few, what follows."""
        return _fill(self.posted, needed)

    def all_but_emoji(self, needed: int) -> list[Found]:
        """The same, and at last the previews."""
        return _fill((*self.posted, self.previews), needed)


def look_at(message: discord.Message) -> Sight:
    """The pictures of *message* and of what it forwards."""
    parts: list[Any] = [message, *message.message_snapshots]
    files = [file for part in parts for file in part.attachments]
    foreign = [name_of(file) for file in files if not is_picture(file)]
    stickers = [sticker for part in parts for sticker in part.stickers]
    lottie = [one for one in stickers if one.format is discord.StickerFormatType.lottie]
    embeds = [_of_embed(embed, part.content) for part in parts for embed in part.embeds]
    media = [_of_media(*one) for part in parts for one in _media(part.components, hidden=False)]
    embedded = [one for one in (*embeds, *media) if isinstance(one, Found)]
    useless = dict.fromkeys(one for one in (*embeds, *media) if isinstance(one, str))
    *posted, previews, emoji = _once(
        [attached(file) for file in files if is_picture(file)],
        [one for one in embedded if not one.preview],
        [Found(plain(one.name), one.url) for one in stickers if one not in lottie],
        [one for one in embedded if one.preview],
        [found for part in parts for found in _emoji(part.content)],
    )
    return Sight(
        posted=tuple(posted),
        previews=previews,
        emoji=emoji,
        unusable=(
            *([unusable_files(foreign)] if foreign else []),
            *[*useless][:MOST_REASONS],
            *(said for part in parts for said in _without_preview(part)),
            *(_lottie(plain(sticker.name)) for sticker in lottie),
        ),
    )


def attached(file: discord.Attachment) -> Found:
    """The picture that was posted as *file*."""
    return Found(name_of(file), file.url, file.is_spoiler(), file)


def avatar_of(person: discord.User | discord.Member) -> Found:
    """The avatar of *person*, as it is where they were mentioned."""
    asset = person.display_avatar.replace(size=1024, static_format="png")
    return Found(f"{plain(person.display_name)}'s avatar", asset.url)


def unusable_files(names: list[str]) -> str:
    """What to say of files that are no pictures."""
    quoted = " and ".join(f"`{name[:40]}`" for name in names)
    return f"I cannot use {quoted}: I read {SUPPORTED} pictures."


def _fill(groups: Iterable[tuple[Found, ...]], needed: int) -> list[Found]:
    found: list[Found] = []
    for group in groups:
        if len(found) < needed:
            found += group
    return found


def _once(*groups: list[Found]) -> list[tuple[Found, ...]]:
    """The *groups* with each picture where it comes first; a spoiler anywhere is one there."""
    hidden = {found.identity for group in groups for found in group if found.spoiler}
    seen: set[str] = set()
    kept = []
    for group in groups:
        new = {found.identity: found for found in group if found.identity not in seen}
        seen |= set(new)
        kept.append(tuple(replace(one, spoiler=key in hidden) for key, one in new.items()))
    return kept


def _of_embed(embed: discord.Embed, text: str) -> Found | str | None:
    """The picture of *embed*, which belongs to *text*, or a sentence about why it has none."""
    if embed.type == "video":
        return f"The link to {_host(embed.url)} shows a video, and I take pictures."
    media = embed.image or embed.thumbnail
    if not media or media.url is None:
        return None
    if not is_discords(media.proxy_url):
        return _no_copy(media.url)
    return Found(
        name=_name_in(media.url),
        url=media.proxy_url or "",
        spoiler=media.flags.spoiler or _is_hidden(embed.url, text),
        original=media.url,
        preview=embed.type not in POSTED and embed.url is not None,
    )


def _media(
    components: Iterable[Any], *, hidden: bool
) -> Iterator[tuple[discord.UnfurledMediaItem, bool]]:
    """All media in *components* and in what they hold, each with whether it is a spoiler."""
    for component in components:
        spoiler = hidden or getattr(component, "spoiler", False)
        match component:
            case discord.MediaGalleryComponent():
                for item in component.items:
                    yield item.media, hidden or item.spoiler
            case discord.ThumbnailComponent() | discord.FileComponent():
                yield component.media, spoiler
            case discord.SectionComponent():
                yield from _media([component.accessory], hidden=spoiler)
            case discord.Container():
                yield from _media(component.children, hidden=spoiler)


def _of_media(media: discord.UnfurledMediaItem, spoiler: bool) -> Found | str:
    name = _name_in(media.url)
    if not may_be_picture(name, media.content_type):
        return unusable_files([name])
    if not is_discords(media.proxy_url):
        return _no_copy(media.url)
    return Found(name, media.proxy_url or "", spoiler or media.flags.spoiler, original=media.url)


def _emoji(text: str) -> Iterator[Found]:
    hidden = " ".join(HIDDEN.findall(text))
    for animated, name, id in EMOJI.findall(text):
        emoji = discord.PartialEmoji(name=name, animated=bool(animated), id=int(id))
        yield Found(f"{name} (emoji)", emoji.url, spoiler=str(emoji) in hidden)


def _is_hidden(link: str | None, text: str) -> bool:
    """Whether *link* stands in *text* as a spoiler; one that is not found counts with its like."""
    hidden = LINK.findall(" ".join(HIDDEN.findall(text)))
    return bool(hidden) and link not in LINK.findall(HIDDEN.sub(" ", text))


def _without_preview(part: Any) -> list[str]:
    """What to say of the links in a text of which Discord shows nothing at all."""
    previews = {str(embed.url).rstrip("/") for embed in part.embeds if _shows_something(embed)}
    links = [link for link in LINK.findall(part.content) if link.rstrip("/") not in previews]
    hosts = list(dict.fromkeys(_host(link) for link in links))
    if not hosts:
        return []
    more = [f"{len(hosts) - MOST_REASONS} more"] if len(hosts) > MOST_REASONS else []
    return [
        "I follow no links, and Discord shows no picture of "
        f"{' and '.join([*hosts[:MOST_REASONS], *more])}: post the picture itself."
    ]


def _shows_something(embed: discord.Embed) -> bool:
    return embed.type == "video" or bool(embed.image or embed.thumbnail)


def _no_copy(url: str) -> str:
    return f"Discord has no copy of the picture at {_host(url)}: post the picture itself."


def _lottie(name: str) -> str:
    return (
        f"The sticker `{name}` is a Lottie animation, which I cannot read: "
        "I take stickers that are PNG, APNG or GIF."
    )


def _host(url: str | None) -> str:
    try:
        return f"`{plain(urlsplit(url or '').hostname or '?')[:60]}`"
    except ValueError:
        return "`?`"


def _name_in(url: str) -> str:
    """What a picture at *url* is called there."""
    try:
        name = PurePosixPath(unquote(urlsplit(url).path)).name
    except ValueError:
        name = ""
    return plain(name) if "." in name else f"picture of {_host(url).strip('`')}"
