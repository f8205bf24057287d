"""The Bluesky front: hears of mentions, and answers in their threads."""

import asyncio
import logging
from typing import Any

from pydantic import Field, SecretStr

from bot.fronts.base import FrontSettings, address_of
from bot.fronts.bluesky.address import FRONT, LIKE, POST, Address
from bot.fronts.bluesky.api import Api, ApiError, record_key
from bot.fronts.bluesky.delivery import Delivery, check_reachable
from bot.fronts.bluesky.hearing import Hearing
from bot.fronts.connected import Connected, Server, checking
from bot.fronts.timeline import LONG_WAIT
from bot.model import Job, Outcome, Status
from bot.studio import Studio
from bot.texts import queued

log = logging.getLogger(__name__)


class BlueskySettings(FrontSettings):
    """The section ``[bluesky]``."""

    handle: str = ""
    password: SecretStr = SecretStr("")
    service: Server = "https://bsky.social"
    directory: Server = "https://plc.directory"
    hashtag: bool = False
    per_day: int = Field(default=20, ge=1)
    poll_seconds: float = Field(default=10, ge=0.1)

    @property
    def active(self) -> bool:
        return self.enabled and bool(self.handle and self.password.get_secret_value())


class BlueskyFront(Connected):
    """An account on a server of the AT protocol."""

    name = FRONT
    Settings = BlueskySettings
    settings: BlueskySettings
    trouble_of_servers = (ApiError,)

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio)
        self.api = _api(self.settings)

    @classmethod
    async def check(cls, settings: BlueskySettings) -> str:
        if not settings.active:
            missing = "no password" if settings.handle else "no account"
            return f"off: {missing} (docs/running.md says how)" if settings.enabled else "off"
        api = _api(settings)
        async with checking(settings.service):
            await api.connect()
        return f"logged in as {settings.handle}"

    async def show(self, job: Job, status: Status) -> None:
        """Acknowledge with a like, once; a timeline has no progress. A long wait is told once."""
        await self._ready.wait()
        address = address_of(job, Address)
        if not address.acknowledged:
            await self.api.create(LIKE, record_key(job.id, "like"), address.like())
            address = await self._note(job, acknowledged=True)
        if not address.told and (status.wait or 0) > LONG_WAIT:
            await check_reachable(self.api, address)
            reply = address.reply(queued(status))
            await self.api.create(POST, record_key(job.id, "wait"), reply)
            await self._note(job, acknowledged=True, told=True)

    async def answer(self, job: Job, status: Status) -> None:
        """Reply with the painting, once, or with what went wrong."""
        await self._ready.wait()
        address_of(job, Address)
        if status.state != "cancelled":
            await Delivery(self.api, self.studio, job, status.outcome or Outcome()).deliver()

    async def unsay(self, person: str) -> int:
        """Found among all that the bot has posted: jobs may be forgotten long since."""
        await self._ready.wait()
        theirs = f"at://{person.removeprefix(f'{FRONT}:')}/"
        answers = [
            key
            async for key, post in self.api.records(POST)
            if post.reply and post.reply.parent.uri.startswith(theirs)
        ]
        for key in answers:
            await self.api.delete(POST, key)
        return len(answers)

    async def _note(self, job: Job, **changes: Any) -> Address:
        address = Address.of(job).model_copy(update=changes)
        await self.studio.readdress(job.id, address.model_dump())
        return address

    @property
    def server(self) -> str:
        return self.settings.service

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            self._hearing = Hearing(self.api, self.studio, self.settings, tasks)
            await super().run()

    async def stay(self) -> None:
        await self.api.connect()
        self._ready.set()
        while True:
            await self._hearing.catch_up()
            self._is_well()
            await asyncio.sleep(self.settings.poll_seconds)


def _api(settings: BlueskySettings) -> Api:
    password = settings.password.get_secret_value()
    return Api(settings.service, settings.handle, password, settings.directory)
