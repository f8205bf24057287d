"""The Mastodon front: hears of mentions, and answers in their threads."""

import asyncio
import logging
from contextlib import suppress
from math import inf

from pydantic import Field, SecretStr

from bot.fronts.base import FrontSettings, NotReady, Undeliverable, address_of
from bot.fronts.connected import Connected, Server, checking, pauses
from bot.fronts.mastodon.address import FRONT, Address, person_of
from bot.fronts.mastodon.api import GONE, LOST, Api, ApiError
from bot.fronts.mastodon.delivery import Delivery
from bot.fronts.mastodon.edits import Again
from bot.fronts.mastodon.entities import Account, Limits
from bot.fronts.mastodon.hearing import Hearing
from bot.fronts.timeline import LONG_WAIT
from bot.model import Job, Outcome, Status
from bot.studio import Studio
from bot.texts import queued

log = logging.getLogger(__name__)

TROUBLE = (ApiError, *LOST)
LOGIN_REFUSED = (
    "the server refuses the token; copy it again from Preferences › Development › your application"
)
EDITED = "status.update"
EVENTS = ("notification", "update", EDITED)


class MastodonSettings(FrontSettings):
    """The section ``[mastodon]``."""

    instance: Server = ""
    token: SecretStr = SecretStr("")
    hashtag: bool = False
    per_day: int = Field(default=20, ge=1)
    poll_seconds: float = Field(default=60, ge=0.1)

    @property
    def active(self) -> bool:
        return self.enabled and bool(self.instance and self.token.get_secret_value())


class MastodonFront(Connected):
    """An account on a server that speaks Mastodon's API."""

    name = FRONT
    Settings = MastodonSettings
    settings: MastodonSettings
    trouble_of_servers = TROUBLE

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio)
        self.api = Api(self.settings.instance, self.settings.token.get_secret_value())
        self.me: Account
        self.limits = Limits()

    @classmethod
    async def check(cls, settings: MastodonSettings) -> str:
        if not settings.active:
            missing = "no instance" if not settings.instance else "no token"
            return f"off: {missing} (docs/running.md says how)" if settings.enabled else "off"
        api = Api(settings.instance, settings.token.get_secret_value())
        try:
            async with checking(settings.instance):
                me = await _me(api)
        finally:
            await api.close()
        hint = "" if me.bot else "; tick “This is an automated account” in its profile"
        return f"the token is that of {me.acct}{hint}"

    async def close(self) -> None:
        await super().close()
        await self.api.close()

    async def show(self, job: Job, status: Status) -> None:
        """Acknowledge with a like, once; a timeline has no progress. A long wait is told once."""
        await self._ready.wait()
        address = address_of(job, Address)
        try:
            if not address.acknowledged:
                await self.api.favourite(address.post)
                address = await self._note(job, address.model_copy(update={"acknowledged": True}))
            if not address.told and (status.wait or 0) > LONG_WAIT:
                reply = address.reply(queued(status), self.limits)
                await self.api.publish(reply, f"{job.id}-wait")
                await self._note(job, address.model_copy(update={"told": True}))
        except ApiError as error:
            if error.status in GONE:
                raise Undeliverable("the post that asked is gone") from None
            raise

    async def answer(self, job: Job, status: Status) -> None:
        """Reply with the painting, once, or with what went wrong."""
        await self._ready.wait()
        address_of(job, Address)
        if status.state != "cancelled":
            outcome = status.outcome or Outcome()
            await Delivery(self.api, self.me, self.limits, self.studio, job, outcome).deliver()

    async def unsay(self, person: str) -> int:
        """Found among all that the bot has posted: jobs may be forgotten long since."""
        await self._ready.wait()
        answers = [
            post.id
            async for post in self.api.posts_by(self.me.id)
            if person in (person_of(one.acct, self.api.instance) for one in post.mentions)
        ]
        for post in answers:
            await self.api.delete(post)
        return len(answers)

    async def forget(self, person: str) -> None:
        await Again(self.studio).forget(person)

    async def _note(self, job: Job, address: Address) -> Address:
        await self.studio.readdress(job.id, address.model_dump())
        return address

    @property
    def server(self) -> str:
        return self.settings.instance

    async def stay(self) -> None:
        """Hear what was said since the last time, and then whenever the stream rings or time is up.

        The stream is a bell only: what it rings for is read from the list of notifications, which
        misses nothing that was said while the bot was away.
        """
        self.me, self.limits = await _me(self.api), await self.api.limits()
        self._ready.set()
        hearing = Hearing(self.api, self.me, self.limits, self.studio, self.settings)
        rung = asyncio.Event()
        bell = asyncio.create_task(self._ring(rung, hearing), name=f"{self.name} stream")
        try:
            while True:
                await hearing.catch_up()
                self._is_well()
                with suppress(TimeoutError):
                    await asyncio.wait_for(rung.wait(), self.settings.poll_seconds)
                rung.clear()
        finally:
            bell.cancel()
            await asyncio.gather(bell, return_exceptions=True)

    async def _ring(self, rung: asyncio.Event, hearing: Hearing) -> None:
        """Set *rung* at each event of the stream; where there is none, it rests with the clock.

        A stream that breaks may mean that the server started anew, and takes something else now.
        """
        hashtag = self.studio.settings.commands.hashtag.removeprefix("#")
        tag = hashtag if self.settings.hashtag else None
        waits = pauses()
        while True:
            try:
                async with self.api.stream(self.limits.streaming, tag) as events:
                    waits = pauses()
                    self.limits = hearing.limits = await self.api.limits()
                    rung.set()  # something may have been said before
                    async for event in events:
                        if event in EVENTS:
                            hearing.looked = -inf if event == EDITED else hearing.looked
                            rung.set()
            except Exception as error:
                known = isinstance(error, TROUBLE)
                every = self.settings.poll_seconds
                log.info("no stream, so I look every %g s: %r", every, error, exc_info=not known)
            await asyncio.sleep(next(waits))


async def _me(api: Api) -> Account:
    """Whose token it is. Raises NotReady where the server refuses it."""
    try:
        return await api.me()
    except ApiError as error:
        if error.status in (401, 403):
            raise NotReady(f"{LOGIN_REFUSED}: {error}") from None
        if error.status in GONE:
            raise NotReady(f"{api.instance} does not speak Mastodon's API: {error}") from None
        raise
