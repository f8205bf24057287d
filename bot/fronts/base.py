"""What every front is: a chat, opened and closed with the studio, that shows and answers jobs."""

from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from pydantic import BaseModel, ValidationError

import bot.fronts
from bot.config import Section, Settings, with_sections
from bot.model import File, Job, Status
from stylize.plugins import PluginError, installed, modules

if TYPE_CHECKING:
    from bot.studio import Studio

Address = TypeVar("Address", bound=BaseModel)


class NotReady(Exception):
    """Why a part of the studio cannot work, and what to do."""


class Undeliverable(Exception):
    """A front can never show or answer this job, for the reason in the text."""


class FrontSettings(Section):
    """The section ``[name]`` of a front, where every key has a default.

    What is a SecretStr there is kept out of every log, and from the workers.
    """

    enabled: bool = True

    @property
    def active(self) -> bool:
        """Whether it is switched on and has what it cannot do without, such as a token."""
        return self.enabled


class Front:
    """A chat. The studio pushes to it; it calls the studio's methods.

    Whatever it is told may be told again after a crash, so all of it is idempotent under the job's
    id.
    """

    name: ClassVar[str]
    """Of its section in the settings, and of its jobs in the ledger."""
    Settings: ClassVar[type[FrontSettings]] = FrontSettings
    pace: float = 0.0
    """Seconds between two edits of what is shown of one job, at the least."""
    url: str | None = None
    """Where people open it in a browser, if they can, once it is open."""

    def __init__(self, studio: "Studio") -> None:
        self.studio = studio
        self.settings: Any = getattr(studio.settings, self.name)

    @classmethod
    async def check(cls, settings: Any) -> str:
        """Say in a few words that what an active front needs is there, or why it is off.

        Of the *settings* it gets its own section. Raises NotReady.
        """
        return "on" if settings.active else "off"

    async def open(self) -> None:
        """Let people in; OSError says why that cannot be."""

    async def close(self) -> None:
        """Leave. Nothing more is sent; what is unanswered waits for the next start."""

    def trouble(self) -> str | None:
        """What is wrong right now, in a sentence and from memory; None while all is well.

        A chat that is away is waited for, so the studio is not unwell for it.
        """
        return None

    async def show(self, job: Job, status: Status) -> None:
        """Show where a queued or running job stands.

        The studio keeps the pace. It tries again when this fails, until the person has seen
        something; Undeliverable ends that.
        """
        raise NotImplementedError

    async def answer(self, job: Job, status: Status) -> None:
        """Answer the job that ended, once.

        Raises Undeliverable when there is nobody to answer any more; after any other error the
        studio tries again.
        """
        raise NotImplementedError

    async def pause(self, job: Job, status: Status) -> None:
        """Tell that the studio closes, and that the queued or running job goes on later."""

    async def delete_before(self, moment: datetime) -> None:
        """Delete what the front itself keeps from before *moment*."""

    async def forget(self, person: str) -> None:
        """Delete what the front itself keeps of *person*."""

    async def unsay(self, person: str) -> int:
        """Delete what the bot posted in answer to *person*; returns how many posts.

        What is gone already is no error. Where a chat cannot, there is nothing to do, and what the
        front says of it is ``Incoming.forgotten``. Any error means that posts may be left.
        """
        return 0


def address_of(job: Job, kind: type[Address]) -> Address:
    """Where the answer of *job* belongs, as a front of this *kind* of address wrote it down.

    Raises Undeliverable when it cannot be read any more.
    """
    try:
        return kind.model_validate(job.address)
    except ValidationError:
        raise Undeliverable("where its answer belongs cannot be read any more") from None


async def stored(studio: "Studio", file: File) -> bytes:
    """The bytes of *file*, which came of a job. Raises Undeliverable when they are gone."""
    try:
        return await studio.read(file.key)
    except FileNotFoundError:
        raise Undeliverable(f"{file.key} is no longer in the store") from None


@cache
def found() -> dict[str, type[Front]]:
    """The fronts by name: those in folders beside this file, then those of installed packages.

    Raises PluginError for a front that cannot be used.
    """
    ours = [value for module in modules(bot.fronts) for value in vars(module).values()]
    fronts: dict[str, type[Front]] = {}
    for front in [*filter(_is_front, ours), *(front for _, front in installed("stylenet.fronts"))]:
        if not _is_front(front):
            raise PluginError(f"{front!r} stands among stylenet.fronts and is no Front.")
        if front.name in fronts or front.name in Settings.model_fields:
            raise PluginError(
                f"the front {front.__module__}.{front.__name__} is called {front.name}, as "
                "another section of the settings is. Uninstall it, or give it another name."
            )
        fronts[front.name] = front
    return fronts


@cache
def settings_with_fronts() -> type[Settings]:
    """The settings with a section for each front."""
    return with_sections({name: front.Settings for name, front in found().items()})


def _is_front(value: Any) -> bool:
    """One without a name is only there to be inherited from."""
    return isinstance(value, type) and issubclass(value, Front) and hasattr(value, "name")
