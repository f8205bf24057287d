"""Files in Discord: what they are really called, and which of them are certainly no pictures."""

import mimetypes
from pathlib import PurePath

import discord

from bot.commands.base import Reply
from bot.fronts.discord.texts import LONGEST_ALT

MOST_FILES = 10
"""In one message, says Discord."""
KNOWN = mimetypes.MimeTypes()
"""Python's own table, which is the same on every machine."""
OTHERS = frozenset(
    {".7z", ".docx", ".flac", ".gz", ".m4a", ".m4v", ".md", ".mkv", ".ogg", ".pptx", ".psd"}
    | {".rar", ".xlsx", ".xz", ".zst"}
)
"""Suffixes of what is no picture, and which that table does not know."""
ANYTHING = frozenset({"", "application/octet-stream", "binary/octet-stream", "unknown/unknown"})
"""Types that say nothing."""
FOREIGN = frozenset({"application", "audio", "font", "message", "model", "text", "video"})
"""Kinds of types that are no picture's."""
DRAWING = "image/svg+xml"


def attached_files(reply: Reply) -> list[discord.File]:
    """What is shown with *reply*, to be sent once."""
    shown = reply.files[:MOST_FILES]
    return [discord.File(file.path, description=file.alt[:LONGEST_ALT] or None) for file in shown]


def may_be_picture(name: str, claimed: str | None) -> bool:
    """Whether a file of this *name* and *claimed* type is worth a look.

    The type is a guess of whoever posted the file, and often missing or odd, so only what is
    certainly none is turned away here; about the rest the decoder judges, by the bytes.
    """
    suffix = PurePath(name).suffix.lower()
    guessed, packed = KNOWN.guess_type(f"file{suffix}", strict=False)
    types = {(claimed or "").partition(";")[0].strip().lower(), (guessed or "").lower()} - ANYTHING
    if DRAWING in types:
        return False
    if any(kind.startswith("image/") for kind in types):
        return True
    foreign = any(kind.partition("/")[0] in FOREIGN for kind in types)
    return not (foreign or packed or suffix in OTHERS)


def is_picture(file: discord.Attachment) -> bool:
    """Whether *file* is worth a look."""
    return may_be_picture(file.filename, file.content_type)


def name_of(file: discord.Attachment) -> str:
    """What its owner called *file*.

    Discord replaces most letters beyond ASCII in ``filename``; the name as it was is the ``title``,
    which has no suffix.
    """
    suffix = PurePath(file.filename).suffix
    title = file.title or ""
    if not title.strip():
        return plain(file.filename)
    return plain(title if title.lower().endswith(suffix.lower()) else title + suffix)


def plain(name: str) -> str:
    """A name without signs nobody can see and without those that end a quotation in Markdown."""
    return "".join(sign for sign in name if sign.isprintable() and sign != "`")[:100] or "picture"
