"""The Matrix front: hears in the rooms that it was invited to, and answers there."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from pydantic import Field, SecretStr

from bot.fronts.base import FrontSettings, Undeliverable, address_of
from bot.fronts.connected import Connected, Server, checking
from bot.fronts.matrix.address import FRONT, Address
from bot.fronts.matrix.api import GONE, LOST, Api, ApiError
from bot.fronts.matrix.delivery import Delivery
from bot.fronts.matrix.events import key_of
from bot.fronts.matrix.hearing import Hearing
from bot.model import Job, Outcome, Status
from bot.studio import Studio
from bot.texts import PAUSED, ended, going, noted

log = logging.getLogger(__name__)


class MatrixSettings(FrontSettings):
    """The section ``[matrix]``."""

    homeserver: Server = ""
    token: SecretStr = SecretStr("")
    edit_seconds: float = Field(default=10, ge=0.1)
    per_day: int = Field(default=20, ge=1)

    @property
    def active(self) -> bool:
        return self.enabled and bool(self.homeserver and self.token.get_secret_value())


class MatrixFront(Connected):
    """An account on a homeserver."""

    name = FRONT
    Settings = MatrixSettings
    settings: MatrixSettings
    trouble_of_servers = (ApiError, *LOST)

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio)
        self.pace = self.settings.edit_seconds  # each edit stays in the room's history
        self.api = _api(self.settings)

    @classmethod
    async def check(cls, settings: MatrixSettings) -> str:
        if not settings.active:
            missing = "no homeserver" if not settings.homeserver else "no token"
            return f"off: {missing} (docs/running.md says how)" if settings.enabled else "off"
        api = _api(settings)
        try:
            async with checking(settings.homeserver):
                await api.connect()
        finally:
            await api.close()
        return f"the token is that of {api.me}"

    async def close(self) -> None:
        await super().close()
        await self.api.close()

    async def show(self, job: Job, status: Status) -> None:
        """Send the acknowledgement or, where it is, edit it."""
        await self._ready.wait()
        await self._say(job, noted(going(status), job.order.notes))

    async def pause(self, job: Job, status: Status) -> None:
        """Say in the acknowledgement that the painting goes on later, if it is there."""
        if self._ready.is_set() and address_of(job, Address).acknowledgement is not None:
            await self._say(job, PAUSED)

    async def answer(self, job: Job, status: Status) -> None:
        """Reply with the painting, once, or with what went wrong; then calm the acknowledgement."""
        await self._ready.wait()
        address = address_of(job, Address)
        if status.state != "cancelled" and not address.answered:
            with _in_the_room():
                await Delivery(self.api, self.studio, job, status.outcome or Outcome()).deliver()
            await self._note(job, address.model_copy(update={"answered": True}))
        if address.acknowledgement is not None:
            await self._say(job, ended(status))

    async def _say(self, job: Job, text: str) -> None:
        """Have the acknowledgement of *job* say *text*."""
        address = address_of(job, Address)
        with _in_the_room():
            if address.acknowledgement is not None:
                await self.api.send(address.room, address.edit(text), str(uuid4()))
                return
            key = f"acknowledgement-{key_of(job.id)}"
            sent = await self.api.send(address.room, address.reply(text), key)
        await self._note(job, address.model_copy(update={"acknowledgement": sent}))

    async def _note(self, job: Job, address: Address) -> None:
        await self.studio.readdress(job.id, address.model_dump())

    @property
    def server(self) -> str:
        return self.settings.homeserver

    async def stay(self) -> None:
        await self.api.connect()
        self._ready.set()
        hearing = Hearing(self.api, self.studio, self.settings.per_day)
        while True:
            await hearing.listen()
            self._is_well()


def _api(settings: MatrixSettings) -> Api:
    return Api(settings.homeserver, settings.token.get_secret_value())


@contextmanager
def _in_the_room() -> Iterator[None]:
    """Raises Undeliverable where the bot may not speak any more."""
    try:
        yield
    except ApiError as error:
        if error.code in GONE:
            raise Undeliverable("the bot may not speak in the room any more") from None
        raise
