"""Addresses of pictures in the room, and which bytes may be shown as a picture.

An address ``/media/<job>/<name>`` stands for the key ``jobs/<job>/<name>`` of the store. Only jobs
of the room have one: what was posted in another chat stays there.
"""

import re

from bot.model import JOB_ID

PREFIX = "room-"
"""Every job of the room begins so."""

EXAMPLES_URL = "/examples.jpg"

NAME = re.compile(r"picture-\d{1,2}|result\.png|film\.gif")

SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
)


def is_room_job(job: str) -> bool:
    """Whether this can be the id of a job of the room."""
    return job.startswith(PREFIX) and re.fullmatch(JOB_ID, job) is not None


def key_of(job: str, name: str) -> str | None:
    """The key in the store behind an address, or None when there can be no such picture."""
    return f"jobs/{job}/{name}" if is_room_job(job) and NAME.fullmatch(name) else None


def key_at(url: str) -> str | None:
    """The key of the picture at an address in the room, or None when it is no job's."""
    job, _, name = url.removeprefix("/media/").partition("/")
    return key_of(job, name)


def url_of(key: str) -> str:
    """The address of the picture with this *key*."""
    return f"/media/{key.removeprefix('jobs/')}"


def picture_url(job: str, number: int) -> str:
    """The address of an uploaded picture; the studio counts a job's pictures from 1."""
    return f"/media/{job}/picture-{number}"


def content_type(data: bytes) -> str | None:
    """What kind of picture this is by its first bytes; None when it is none we know."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[4:8] == b"ftyp":
        return {b"avi": "image/avif", b"hei": "image/heic"}.get(data[8:11])
    return next((kind for start, kind in SIGNATURES if data.startswith(start)), None)
