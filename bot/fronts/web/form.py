"""The form that a message arrives in, read while it streams in and never kept beyond its bounds.

A picture above the limit is counted to its end but not kept: the studio then refuses it in words,
by name and size. Only a body far above everything is cut off.
"""

import asyncio
import re
from dataclasses import dataclass, field

from aiohttp import BodyPartReader, web

from bot.model import Upload

MOST_TEXT = 4000
"""Characters in a message."""

SPARE_BYTES = 1_000_000
"""What a body may hold beside pictures."""

PART_BYTES = 200
"""What a part counts beside its content, so that there is an end to empty ones, too."""

UPLOAD_SECONDS = 300
"""How long a body may take to arrive."""


@dataclass
class Form:
    """What one message holds."""

    text: str = ""
    uploads: list[Upload] = field(default_factory=list)
    reply_to: str = ""
    """The job to whose answer it replies, if it does."""


@dataclass(frozen=True)
class Bounds:
    """How much of a form is kept: *pictures* of *picture_bytes* each."""

    pictures: int
    picture_bytes: int

    @property
    def body_bytes(self) -> int:
        """Where a body is cut off: there is room for one picture twice too large."""
        return (self.pictures + 1) * self.picture_bytes + SPARE_BYTES


async def read_form(request: web.Request, bounds: Bounds) -> Form:
    """Read a message from *request*.

    Raises HTTPRequestEntityTooLarge, HTTPUnsupportedMediaType, HTTPBadRequest or, when it does not
    arrive in time, HTTPRequestTimeout.
    """
    if (request.content_length or 0) > bounds.body_bytes:
        raise _too_large(bounds)
    try:
        async with asyncio.timeout(UPLOAD_SECONDS):
            return await _read(request, bounds)
    except TimeoutError:
        raise web.HTTPRequestTimeout(
            text=f"your pictures take too long: {UPLOAD_SECONDS / 60:.0f} minutes are the most"
        ) from None


async def _read(request: web.Request, bounds: Bounds) -> Form:
    if request.content_type == "application/x-www-form-urlencoded":  # a text without pictures
        given = await request.post()
        return Form(_checked(str(given.get("text", ""))), reply_to=str(given.get("reply_to", "")))
    if request.content_type != "multipart/form-data":
        raise web.HTTPUnsupportedMediaType(text="send multipart/form-data with text and file")
    try:
        return await _read_parts(request, bounds)
    except ValueError as error:
        raise web.HTTPBadRequest(text=f"the form is broken: {error}") from None


async def _read_parts(request: web.Request, bounds: Bounds) -> Form:
    form = Form()
    left = bounds.body_bytes
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            raise web.HTTPBadRequest(text="a part of the form is a form itself")
        is_file = part.filename is not None
        keep = bounds.picture_bytes if len(form.uploads) < bounds.pictures else 0
        data, size = await _read_part(part, keep if is_file else SPARE_BYTES, left)
        if size > left:
            raise _too_large(bounds)
        left -= size + PART_BYTES
        if is_file and (size or part.filename):
            form.uploads.append(_upload(part.filename or "", data, size, part.name or ""))
        elif part.name == "text":
            form.text = _checked(data.decode(errors="replace"))
        elif part.name == "reply_to":
            form.reply_to = data.decode(errors="replace")
    return form


async def _read_part(part: BodyPartReader, keep: int, most: int) -> tuple[bytes, int]:
    """Read a part, *most* bytes at most: its content, empty when above *keep*, and its size."""
    data = bytearray()
    size = 0
    while size <= most and (chunk := await part.read_chunk(65536)):
        size += len(chunk)
        if size <= keep:
            data += chunk
        else:
            data.clear()
    return bytes(data), size


def _upload(name: str, data: bytes, size: int, role: str) -> Upload:
    async def read() -> bytes:
        return data

    return Upload(_plain(name), size, read, role=role)


def _plain(name: str) -> str:
    """A file's name without folders, signs nobody can see and Markdown's signs."""
    last = re.split(r"[\\/]", name)[-1]
    return (
        "".join(sign for sign in last if sign.isprintable() and sign not in "`*")[:100] or "picture"
    )


def _checked(text: str) -> str:
    if len(text) > MOST_TEXT:
        raise web.HTTPRequestEntityTooLarge(
            MOST_TEXT, len(text), text=f"your text is too long: {MOST_TEXT} characters are the most"
        )
    return text.replace("\0", "").strip()  # PostgreSQL cannot keep it


def _too_large(bounds: Bounds) -> web.HTTPRequestEntityTooLarge:
    megabytes = bounds.picture_bytes / 1e6
    return web.HTTPRequestEntityTooLarge(
        bounds.body_bytes,
        text=f"your pictures are far too large: each may have {megabytes:.0f} MB",
    )
