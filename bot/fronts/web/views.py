"""Jobs and messages as JSON: what the page and other programs see."""

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath
from typing import TypedDict

from bot.commands.registry import replies_to
from bot.fronts.web.media import PREFIX, key_at, url_of
from bot.model import Curve, File, Order, Outcome, State, Status
from bot.texts import alt_of

ANY_PICTURE = "image/*"
"""The type of a picture of which nobody has looked at the bytes."""
LONGEST_ALT = 1000
"""Of an alt text, in characters."""


class FileView(TypedDict):
    """What came of a job: what was asked for (role ``result``), and what is beside it. ``alt`` is
    for those who cannot see or hear it, and empty where nobody says it. ``seamless``: a picture
    that can be repeated."""

    role: str
    url: str
    media_type: str
    name: str
    alt: str
    seamless: bool


class CurveView(TypedDict):
    """The loss so far: its terms, as they count in the total, at some of the steps; and the first
    step of each scale."""

    steps: list[int]
    terms: dict[str, list[float]]
    scales: list[int]


class ReplyView(TypedDict):
    """Something that one may say in reply to an answer, and what a button for it says."""

    label: str
    text: str


class JobView(TypedDict):
    """A job: where it stands and what came of it. None is what does not apply, or not yet."""

    id: str
    state: State
    position: int | None
    wait: float | None
    progress: float
    step: int | None
    steps: int | None
    preview: str | None
    curve: CurveView | None
    files: list[FileView]
    result_url: str | None
    film_url: str | None
    error: str | None
    width: int
    height: int
    replies: list[ReplyView]


class PictureView(TypedDict):
    """A picture in a message, or another file that a reply shows: what it is there for (content,
    style, start, result, …), the name that its owner gave it, and what to say to those who cannot
    see it. What comes of a ``subject`` is the same picture, changed."""

    url: str
    role: str
    name: str
    alt: str
    media_type: str
    subject: bool


class MessageView(TypedDict):
    """A message of the chat."""

    id: int
    author: str
    text: str
    pictures: list[PictureView]
    job: JobView | None


def job_view(status: Status, order: Order | None = None) -> JobView:
    """A job's status as the page sees it; its *order* tells of files whose work does not, and
    what one may reply to its answer."""
    progress = status.progress if status.state == "running" else None
    outcome = status.outcome or Outcome()
    done = status.state == "done"
    files = [
        _file_view(status.job, file, alt_of(file, order, LONGEST_ALT) if order else file.alt)
        for file in outcome.files
        if done and file.role != "copy"
    ]
    replies = replies_to(order) if done and order else {}
    return JobView(
        id=status.job,
        state=status.state,
        position=status.position,
        wait=status.wait,
        progress=status.fraction,
        step=progress.step if progress else None,
        steps=progress.steps if progress else None,
        preview=_data_url(progress.preview) if progress and progress.preview else None,
        curve=_curve_view(progress.curve) if progress and progress.curve else None,
        files=files,
        result_url=_url(files, "result"),
        film_url=_url(files, "film"),
        error=outcome.error,
        width=outcome.width,
        height=outcome.height,
        replies=[ReplyView(label=said, text=text) for said, text in replies.items()],
    )


def _curve_view(curve: Curve) -> CurveView:
    terms = {name: list(values) for name, values in curve.terms.items()}
    return CurveView(steps=list(curve.steps), terms=terms, scales=list(curve.scales))


def _file_view(job: str, file: File, alt: str) -> FileView:
    role = "" if file.role == "result" else f"-{file.role}"
    name = f"stylenet-{job.removeprefix(PREFIX)}{role}{PurePath(file.key).suffix}"
    return FileView(
        role=file.role,
        url=url_of(file.key),
        media_type=file.media_type,
        name=name,
        alt=alt,
        seamless=file.seamless,
    )


def main_picture(job: JobView) -> PictureView | None:
    """What was asked for, as a picture of its message, if it is one."""
    for file in job["files"]:
        if file["role"] == "result" and file["media_type"].startswith("image/"):
            return PictureView(
                url=file["url"],
                role=file["role"],
                name=file["name"],
                alt=file["alt"],
                media_type=file["media_type"],
                subject=False,
            )
    return None


def _url(files: Sequence[FileView], role: str) -> str | None:
    return next((file["url"] for file in files if file["role"] == role), None)


def files_at(job: str, result_url: str | None, film_url: str | None) -> list[FileView]:
    """The files of an answer that an older version wrote down, at their addresses; each was called
    what it is.
    """
    urls = {"result": result_url, "film": film_url}
    files = [File.at(role, key_at(url) or url) for role, url in urls.items() if url]
    called = {"result": "Painting", "film": "Film"}
    return [_file_view(job, file, called[file.role]) for file in files]


def captions(roles: Sequence[str]) -> list[str]:
    """*roles* as people read them: ``Style``, or ``Style 1`` and ``Style 2``."""
    seen: Counter[str] = Counter()
    said = []
    for role in roles:
        seen[role] += 1
        number = f" {seen[role]}" if roles.count(role) > 1 else ""
        said.append(f"{role.replace('_', ' ').capitalize()}{number}")
    return said


def _data_url(jpeg: str) -> str:
    return f"data:image/jpeg;base64,{jpeg}"
