"""Addresses of files in the room.

An address ``/media/<job>/<name>`` stands for the key ``jobs/<job>/<name>`` of the store. Only jobs
of the room have one: what was posted in another chat stays there.
"""

import re
from pathlib import PurePath

from bot.model import JOB_ID
from stylize.media import formats

PREFIX = "room-"
"""Every job of the room begins so."""

SHOWN_URL = "/shown/"
"""Where files lie that are shown with a reply, by their names."""
FORMER_EXAMPLES_URL = "/examples.jpg"
"""Where the only one lay that there was: messages from before name it."""

NAME = re.compile(r"(?!checkpoint)[a-z0-9-]+(\.[a-z0-9]+)?")


def is_room_job(job: str) -> bool:
    """Whether this can be the id of a job of the room."""
    return job.startswith(PREFIX) and re.fullmatch(JOB_ID, job) is not None


def key_of(job: str, name: str) -> str | None:
    """The key in the store behind an address, or None when there can be no such file."""
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


def media_type_of(name: str, data: bytes) -> str | None:
    """As what a file may be shown: as a picture by its first bytes; what a job has made, as video
    or sound by its name. None when it may only be saved.
    """
    if kind := formats.kind_of(data):
        return kind.media_type
    made = formats.media_type_of(PurePath(name).suffix)
    return made if made.startswith(("video/", "audio/")) else None
