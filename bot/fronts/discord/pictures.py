"""Which of the files in a message are pictures, and whether they suit the command."""

from collections.abc import Sequence
from pathlib import PurePath

import discord

from bot.commands import Paint, check_pictures
from bot.fronts.discord.channel import TROUBLE, patiently
from bot.job import Upload
from bot.options import CommandError

TYPES = {f"image/{name}" for name in ("png", "jpeg", "webp", "gif", "bmp", "x-ms-bmp", "tiff")}
SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff"}


def is_picture(file: discord.Attachment) -> bool:
    """Judge by the type that Discord claims or, since that may be missing, by the name."""
    claimed = (file.content_type or "").partition(";")[0]
    return claimed in TYPES or PurePath(file.filename.lower()).suffix in SUFFIXES


async def files_for(
    paint: Paint, message: discord.Message, me: discord.ClientUser
) -> list[discord.Attachment]:
    """The files of *message*; if those are too few, first those of the message it replies to.

    So one can paint what somebody else has posted: the earlier picture is the content. Of the
    bot's own answers it is the painting alone, not the film of it.
    """
    files = _files_of(message)
    if sum(map(is_picture, files)) < paint.least:
        earlier = await _replied_to(message)
        if earlier is not None:
            theirs = _files_of(earlier)
            files = [*(theirs[:1] if earlier.author.id == me.id else theirs), *files]
    return files


def check_types(files: Sequence[discord.Attachment]) -> None:
    """Raise CommandError unless each of *files* is a picture."""
    if foreign := [file for file in files if not is_picture(file)]:
        raise CommandError(_unusable(foreign))


def uploads_for(paint: Paint, files: Sequence[discord.Attachment]) -> list[Upload]:
    """The pictures among *files*. Raises CommandError when they do not suit the command."""
    pictures = [file for file in files if is_picture(file)]
    try:
        check_pictures(paint, len(pictures))
    except CommandError as error:
        others = [file for file in files if not is_picture(file)]
        if not others or len(pictures) >= paint.least:
            raise
        raise CommandError(f"{_unusable(others)}\n{error}") from None
    return [_upload(picture) for picture in pictures]


def _unusable(files: Sequence[discord.Attachment]) -> str:
    names = " and ".join(f"`{file.filename[:40]}`" for file in files)
    return f"I cannot use {names}: I read PNG, JPEG, WebP, GIF, BMP and TIFF pictures."


def _files_of(message: discord.Message) -> list[discord.Attachment]:
    forwarded = [file for snapshot in message.message_snapshots for file in snapshot.attachments]
    return [*message.attachments, *forwarded]


async def _replied_to(message: discord.Message) -> discord.Message | None:
    reference = message.reference
    if reference is None or reference.type is not discord.MessageReferenceType.reply:
        return None
    if isinstance(reference.resolved, discord.Message):
        return reference.resolved
    earlier = reference.message_id
    if reference.resolved is not None or earlier is None:  # it was deleted
        return None
    try:
        return await patiently(lambda: message.channel.fetch_message(earlier))
    except (discord.NotFound, discord.Forbidden):
        return None


def _upload(file: discord.Attachment) -> Upload:
    async def read() -> bytes:
        try:
            return await patiently(file.read)
        except TROUBLE:
            raise CommandError(
                f"Discord did not give me `{file.filename}`. Please post it again."
            ) from None

    return Upload(name=file.filename, size=file.size, read=read, spoiler=file.is_spoiler())
