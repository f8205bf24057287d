"""What commands and fronts exchange: what was heard, what is said back, and the command itself."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from bot.commands.options import CommandError, wishes_in
from bot.commands.pictures import Wanted
from bot.config import Settings
from bot.model import Order, Request, Upload
from bot.studio import Studio
from stylize.recipes import Input, Option, Recipe

__all__ = [
    "Attachment",
    "Command",
    "CommandError",
    "Given",
    "Incoming",
    "NotNow",
    "Reply",
    "Request",
]


class NotNow(Exception):
    """What is asked for cannot be done yet, by nobody's fault here: the front tries again later.

    Fronts raise it where they gather or read pictures.
    """


@dataclass(frozen=True)
class Incoming:
    """What a front has heard of a person: a message, or a form."""

    front: str
    event: str
    """What the front calls it; one event asks for one job."""
    person: str
    """As of ``Job.person``."""
    gather: Callable[[Wanted], Awaitable[Sequence[Upload]]]
    """Finds the pictures that a command wants. Raises CommandError where it cannot, NotNow where it
    cannot yet; whether they suit the command is checked by the command itself, too."""
    forgotten: Callable[[int, int | None], str]
    """What to say once so many jobs of the person, and what the front keeps, are deleted; and so
    many posts of the bot, or None where nobody asked for that."""
    address: dict[str, Any] = field(default_factory=dict)
    """Where the answer belongs; only the front reads it."""
    text: str = ""
    mentioned: bool = False
    """Whether it is meant for the bot even without prefix or hashtag."""
    replied: Callable[[], Awaitable[str | None]] | None = None
    """Where it may reply to something of the bot's: finds the job that this is about, if any."""
    upload_bytes: int | None = None
    """What the chat takes of one file, where that is less than ``limits.upload_bytes``."""
    public: bool = False
    """Whether all the world sees the answer."""
    video: bool = False
    """Whether the chat shows animations as videos, and no GIFs."""

    @property
    def job(self) -> str:
        """The id of the job that it asks for, if it does."""
        return f"{self.front}-{self.event}"

    def request(self, given: "Given", recipe: Recipe, uploads: Sequence[Upload]) -> Request:
        """The job that is asked for: *recipe* with *uploads*, and what was wished with it."""
        return Request(
            id=self.job,
            front=self.front,
            person=self.person,
            address=self.address,
            recipe=recipe,
            uploads=uploads,
            wishes=wishes_in(given.options).model_copy(update={"video": self.video}),
            notes=given.notes,
            upload_bytes=self.upload_bytes,
            public=self.public,
        )


@dataclass(frozen=True)
class Attachment:
    """A file that is shown with a reply: a picture, a film, a sound."""

    path: Path
    alt: str
    """For those who cannot see or hear it."""


@dataclass(frozen=True)
class Reply:
    """What is said back."""

    text: str
    files: tuple[Attachment, ...] = ()
    """To show with it, where the front may."""
    refused: bool = False
    """Whether the text says why it was not done."""
    fault: bool = False
    """Whether that is the studio's fault."""


class Command(ABC):
    """Something that people can ask for, in every front.

    What it wants of pictures and options decides what its form looks like and how its text is read;
    one without options has its text left alone.
    """

    name: ClassVar[str] = ""
    """One word in lower case; a class without a name is only there to be inherited from."""
    about: ClassVar[str] = ""
    """What it does, for a form: 1 to 100 characters."""
    label: ClassVar[str] = ""
    """What a choice of forms calls it, where its name would not do."""
    verb: ClassVar[str] = ""
    """What a button says that does it, such as ``Paint``."""
    usage: ClassVar[str] = ""
    """Its words in the help, where ``{prefix}`` and ``{hashtag}`` stand for what they are here."""
    examples: ClassVar[Mapping[str, str]] = {}
    """More for the help: what to write, and what that does."""
    recipe: ClassVar[type[Recipe] | None] = None
    """What it has painted, if it does: its form is then acknowledged for all to see."""
    unnamed: ClassVar[str] = ""
    """The option whose value may stand without its name, as in ``!blend 2 1``. Where there is no
    other, whatever is said is its value."""

    def inputs(self, settings: Settings) -> tuple[Input, ...]:
        """The pictures that belong to it, in their order."""
        return ()

    def options(self, settings: Settings) -> dict[str, Option]:
        """The options that it has a use for, by name; everyday ones come first."""
        return {}

    def known(self, settings: Settings) -> dict[str, Option]:
        """All options that are read in its text, with those that it then refuses in words."""
        return self.options(settings)

    def written(self, settings: Settings) -> dict[str, Option]:
        """The options that it has a use for in a message, where forms may have other ways."""
        return self.options(settings)

    def replies(self, order: Order) -> dict[str, str]:
        """What one may ask of this command in reply to the answer to *order*: texts, by what a
        button for them says."""
        return {}

    @abstractmethod
    async def run(self, given: "Given", incoming: Incoming, studio: Studio) -> Reply | Request:
        """Do what is asked, or say what is to be painted.

        Raises CommandError, which tells the person what to do, and ``Refused``.
        """


@dataclass(frozen=True)
class Given:
    """A command as somebody gave it, with its options read."""

    command: Command
    options: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    """What the person should know of how their words were read."""
    explicit: bool = True
    """Whether prefix, hashtag or name ask for it; else it was only said to the bot."""
