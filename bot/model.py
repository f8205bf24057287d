"""The words of the studio: what a job is, where it stands, and how it ended.

A job is one person's wish for one painting. These types cross processes as JSON, so they are
validated again wherever they arrive.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from stylize.media.formats import media_type_of
from stylize.recipes import AnyRecipe, Option, Recipe, Transfer

State = Literal["queued", "running", "done", "failed", "cancelled"]
Cause = Literal["refused", "broken", "gave_up"]
"""The order is at fault, the studio is, or the painter died of the job several times."""

JOB_ID = r"^[a-z0-9][a-z0-9-]{0,63}$"
"""A job id is part of keys and addresses, so it holds nothing that needs escaping."""

LONGEST_ALT = 1500
"""Of a picture's alt text, in characters."""


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True)
class Upload:
    """A picture that a person offers; its bytes are read only once the job is admitted."""

    name: str
    size: int
    """In bytes, as announced by whoever offers it."""
    read: Callable[[], Awaitable[bytes]]
    spoiler: bool = False
    """Whether it was posted hidden, to be seen only by who wishes to; so is what is made of it."""
    role: str = ""
    """What it is for, such as ``style``; where it says nothing that is known, its order tells."""
    alt: str = ""
    """What its owner says is to be seen, for those who cannot see it."""


class Wishes(_Data):
    """What is wished beside what the recipe makes: files of the same role."""

    film: Annotated[
        bool, Option("add the film of the painting", name="gif", label="Film of the painting")
    ] = False
    plot: Annotated[
        bool, Option("add a plot of the loss, term by term", label="Plot of the loss")
    ] = False
    video: bool = False
    """Whether animations are to be videos: some chats show no GIFs."""


NO_WISHES = Wishes()


class StoredPicture(_Data):
    """A picture in the store, under the name its owner gave it."""

    key: str = Field(pattern=r"^jobs/[a-z0-9-]{1,64}/picture-\d{1,2}$")
    name: str = Field(max_length=100)
    spoiler: bool = False
    """As of ``Upload``; orders of older versions tell it by the name alone."""
    alt: str = Field(default="", max_length=LONGEST_ALT)


class Order(_Data):
    """What a worker needs to know of a job: what to paint, nothing about people."""

    recipe: AnyRecipe
    pictures: tuple[StoredPicture, ...] = Field(min_length=1)
    """For a transfer the content image first, then the style images; what the painting begins
    as, where ``recipe.init`` is ``picture``, is last."""
    wishes: Wishes = NO_WISHES
    notes: tuple[str, ...] = ()
    """What the person should know of how their words were read; ``Outcome.notes`` repeats it."""
    upload_bytes: int | None = Field(default=None, gt=0)
    """What the chat takes of one file, where that is less than ``limits.upload_bytes``."""
    public: bool = False
    """Whether all the world sees the answer: then nothing explicit goes out."""

    @model_validator(mode="before")
    @classmethod
    def _read_film(cls, data: Any) -> Any:
        """Versions before knew one wish only, the film."""
        if not isinstance(data, dict) or "film" not in data:
            return data
        rest = {name: value for name, value in data.items() if name != "film"}
        return {"wishes": {"film": data["film"]}, **rest}

    @property
    def spoiler(self) -> bool:
        """Whether what is made of the pictures is hidden, as one of them was."""
        return any(picture.spoiler for picture in self.pictures)


UNREADABLE_ORDER = Order.model_construct(recipe=Transfer(), pictures=())
"""Stands where the order of a job is written in a way that this version cannot read."""


def read_order(job: str, written: object) -> Order:
    """The order of *job*, as this or another version wrote it down.

    Raises ValueError when it cannot be read, or names pictures of another job.
    """
    order = Order.model_validate(written)
    if not all(picture.key.startswith(f"jobs/{job}/") for picture in order.pictures):
        raise ValueError(f"the order of {job} names pictures of another job")
    return order


class Job(_Data):
    """An order, who asked for it, and where the answer belongs."""

    id: str = Field(pattern=JOB_ID)
    front: str
    person: str
    """Whose turn it takes, such as ``discord:80351110224678912``."""
    address: dict[str, Any]
    """Where the answer belongs; only the front that wrote it reads it."""
    order: Order
    created: datetime = Field(default_factory=lambda: datetime.now(UTC))


class _Told(BaseModel):
    """What a worker tells; a newer one may tell more than this process knows to read."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Curve(_Told):
    """The loss so far: its terms, as they count in the total, at some of the steps."""

    steps: tuple[int, ...]
    terms: dict[str, tuple[float, ...]]
    """The ``total`` first; one value for each of *steps*."""
    scales: tuple[int, ...]
    """The first step of each scale."""


class Progress(_Told):
    """One report of a worker about a running job."""

    step: int
    steps: int
    scale: int
    scales: int
    loss: float | None = None
    preview: str | None = None
    """A small JPEG, base64."""
    curve: Curve | None = None
    """Comes with a preview."""
    seconds_left: float | None = None
    guessed: bool = False
    """Whether ``steps`` is a guess; ``step / steps`` never falls nevertheless."""

    @property
    def place(self) -> str:
        """Where it is, in words, such as ``step 12 of about 70``."""
        about = "about " if self.guessed else ""
        return f"step {self.step} of {about}{self.steps}"

    def repeated(self) -> Self:
        """The same report once more, as a sign of life, without its picture and curve."""
        return self.model_copy(update={"preview": None, "curve": None})


class File(_Told):
    """A file that came of a job."""

    role: str
    """``result``: what was asked for. ``copy``: the same within the chat's upload limit, where the
    result is above it. ``film``: of its being made. ``plot``: of its loss. Others
    as the work says."""
    key: str
    media_type: str
    alt: str = ""
    """For those who cannot see or hear it, where the work says it; otherwise its order tells."""

    seamless: bool = False
    """Whether it is a picture that can be repeated: its opposite sides meet."""

    @classmethod
    def at(cls, role: str, key: str, alt: str = "", *, seamless: bool = False) -> Self:
        """The file at *key*, whose suffix tells what it is."""
        media_type = media_type_of(PurePath(key).suffix)
        return cls(role=role, key=key, media_type=media_type, alt=alt, seamless=seamless)


class Outcome(_Told):
    """How a job ended, as its worker tells it.

    ``error`` is a sentence for the person who asked; when it is set there are no files.
    """

    files: tuple[File, ...] = ()
    """What came of it, each under a role of its own."""
    notes: tuple[str, ...] = ()
    """What the person should know, such as that only a GIF's first frame was used."""
    width: int = 0
    height: int = 0
    seconds: float = 0.0
    gpu_bytes: int | None = None
    """The most memory of the GPU that was in use meanwhile; None without a GPU."""
    error: str | None = None
    cause: Cause | None = None
    """What led to the error; None also where an older version wrote it down."""

    @model_validator(mode="before")
    @classmethod
    def _read_keys(cls, data: Any) -> Any:
        """Versions before wrote three keys: of the result, of a copy that may be the result itself,
        and of the film."""
        if not isinstance(data, dict) or "files" in data:
            return data
        result, copy, film = (data.get(name) for name in ("result", "shared", "film"))
        keys = {"result": result, "copy": None if copy == result else copy, "film": film}
        return data | {
            "files": [
                File.at(role, key) if isinstance(key, str) else key
                for role, key in keys.items()
                if key
            ]
        }

    @property
    def beside(self) -> list[File]:
        """What came of it beside what was asked for."""
        return [file for file in self.files if file.role not in ("result", "copy")]

    def file(self, role: str) -> File | None:
        """The file under *role*, if there is one."""
        return next((file for file in self.files if file.role == role), None)


@dataclass(frozen=True)
class Request:
    """What a command asks of the studio: a job, before its pictures are read."""

    id: str
    """Of the job; the same one again changes nothing."""
    front: str
    person: str
    address: dict[str, Any]
    """As of ``Job``."""
    recipe: Recipe
    uploads: Sequence[Upload]
    """In the order of ``Order.pictures``."""
    wishes: Wishes = NO_WISHES
    notes: tuple[str, ...] = ()
    upload_bytes: int | None = None
    public: bool = False
    """As of ``Order``, both."""

    def job(self, pictures: Sequence[StoredPicture]) -> Job:
        """The job, once its uploads are kept as *pictures*."""
        order = Order(
            recipe=self.recipe,
            pictures=tuple(pictures),
            wishes=self.wishes,
            notes=self.notes,
            upload_bytes=self.upload_bytes,
            public=self.public,
        )
        return Job(
            id=self.id,
            front=self.front,
            person=self.person,
            address=self.address,
            order=order,
        )


@dataclass(frozen=True)
class Status:
    """Where a job stands right now."""

    job: str
    state: State
    position: int | None = None
    """While queued: 1 is next."""
    wait: float | None = None
    """While queued: seconds until it starts, guessed from the paintings before; None if unknown."""
    progress: Progress | None = None
    outcome: Outcome | None = None
    waited: float | None = None
    """Once it has ended: seconds from the request until a worker took it, if one did."""

    @property
    def fraction(self) -> float:
        """0 before the first step, 1 when done."""
        if self.state == "done":
            return 1.0
        return self.progress.step / self.progress.steps if self.progress else 0.0

    @property
    def ended(self) -> bool:
        return self.state in ("done", "failed", "cancelled")
