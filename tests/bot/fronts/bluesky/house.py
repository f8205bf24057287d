"""The bot on the network as it is: studio, queue and worker, which only waits."""

import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import bot.fronts.connected
import bot.jobs.background
from bot.config import Settings
from bot.fronts.bluesky import BlueskyFront, hearing
from bot.fronts.bluesky.inbox import INBOX
from bot.jobs.ledger import Ledger
from bot.studio import Studio
from tests.bot.fronts.bluesky.network import Network
from tests.bot.fronts.bluesky.proxy import Proxy
from tests.bot.fronts.bluesky.world import World, person, settings_for
from tests.faults.quick_worker import running_worker
from tests.patience import until


@dataclass
class House(World):
    """A ``World`` whose studio is the real one, and whose bot can be sent away and come back."""

    studio: Studio
    settings: Settings
    proxy: Proxy
    """Between the bot and the network."""

    async def enter(self) -> None:
        """The bot starts with what is in the database, and has looked once what there is."""
        self.studio = await Studio(self.settings).__aenter__()
        self.front = BlueskyFront(self.studio)
        self.studio.enlist(self.front)
        await self.front.open()
        await self.studio.resume()

    async def leave(self) -> None:
        await self.front.close()
        await self.studio.__aexit__()

    @property
    def session(self) -> Any:
        """The bot's own, with its tokens."""
        return self.front.api._client._session  # noqa: SLF001

    def hold(self) -> None:
        """Let no painting be finished until ``go_on``."""
        (self.settings.data / "hold").touch()

    def go_on(self) -> None:
        (self.settings.data / "hold").unlink(missing_ok=True)

    async def taken(self, post: Any) -> None:
        """Wait until *post* has become a job, and is acknowledged."""

        async def is_taken() -> bool:
            job = await self.studio.job(job_of(post))
            return job is not None and job.address["acknowledged"]

        await until(is_taken, every=0.1)

    async def at_rest(self, post: Any) -> None:
        """Wait until *post* has become a job, and nothing more is to be done for it."""
        ledger, id = Ledger(self.studio.engine), job_of(post)

        async def is_at_rest() -> bool:
            return await ledger.get(id) is not None and id not in {
                job.id for job in await ledger.unanswered()
            }

        await until(is_at_rest, every=0.1)

    async def answers(self, post: Any) -> list[Any]:
        """The bot's records that reply to *post*."""
        posts = await self.said()
        return [said for said in posts if said.reply and said.reply.parent.uri == post.uri]

    async def all_is_heard(self) -> bool:
        """Whether the bot is done with all that it has noticed."""
        kept = await self.studio.recall(INBOX)
        return kept is not None and not json.loads(kept)["open"]

    async def answered(self, post: Any) -> Any:
        """The one answer to *post*, once nothing more is to be done for it."""
        await self.at_rest(post)
        (answer,) = await self.answers(post)
        return answer


def job_of(post: Any) -> str:
    return f"bluesky-{hashlib.sha256(post.uri.encode()).hexdigest()[:32]}"


@asynccontextmanager
async def housed(
    network: Network, folder: Path, worker: str = "tests.faults.quick_worker"
) -> AsyncIterator[House]:
    """A house that does not wait long before it tries anything again, with a *worker* beside."""
    bot_client, ann, ben = [await person(network) for _ in range(3)]
    handle = (await bot_client.com.atproto.server.get_session()).handle
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bot.jobs.background, "RETRY_SECONDS", (0.2, 0.5))
        patch.setattr(bot.fronts.connected, "RECONNECT_SECONDS", (0.2, 0.5))
        patch.setattr(hearing, "LATE_SECONDS", 5)
        async with Proxy(network) as proxy:
            more = {"service": proxy.url, "directory": proxy.url}
            settings = settings_for(network, handle, data=folder, **more)
            house = House(network, None, None, bot_client, ann, ben, settings, proxy)
            await house.enter()
            await until(lambda: house.studio.recall(INBOX), every=0.1)
            async with running_worker(settings, worker):
                yield house
            await house.leave()
