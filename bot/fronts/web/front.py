"""The room as a front of the studio: opens and closes it, and passes its news on."""

from datetime import datetime

from aiohttp import web

from bot.fronts.web.conversation import NAME, Conversation
from bot.fronts.web.feed import Feed
from bot.fronts.web.server import Server
from bot.model import Job, Status
from bot.studio import Studio

CLOSING_SECONDS = 2.0
IDLE_SECONDS = 75.0
"""How long a connection may be open without a whole request; proxies count on a minute."""


class Room:
    """The chat page; ``start`` it before the studio resumes its jobs."""

    name = NAME

    def __init__(self, studio: Studio) -> None:
        feed = Feed()
        self._studio = studio
        self._settings = studio.settings.room
        self._conversation = Conversation(studio, feed)
        self._runner = web.AppRunner(
            Server(studio, self._conversation, feed).app(),
            access_log=None,
            keepalive_timeout=IDLE_SECONDS,
            shutdown_timeout=CLOSING_SECONDS,
        )

    async def start(self) -> None:
        """Open the room to people and to the studio's news; OSError says why it cannot be."""
        self._studio.enlist(self)
        await self._runner.setup()
        host, port = self._settings.host, self._settings.port
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise OSError(
                f"the room cannot be opened at {host} port {port} ({error.strerror}); "
                "is it open already? Otherwise choose another port"
            ) from None

    async def stop(self) -> None:
        """Close the room; open pages notice and come back when it opens again."""
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        """Where the room is, once it is open."""
        host, port = self._runner.addresses[0][:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def show(self, job: Job, status: Status) -> None:
        """Show on every open page where a job stands."""
        await self._conversation.show(job, status)

    async def pause(self, job: Job, status: Status) -> None:
        """Say on every open page that a job goes on when the room opens again."""
        await self._conversation.pause(job, status)

    async def delete_before(self, moment: datetime) -> None:
        """Delete what was said before *moment*."""
        await self._conversation.delete_before(moment)

    async def answer(self, job: Job, status: Status) -> None:
        """Turn the acknowledgement of a job into its answer."""
        await self._conversation.answer(job, status)
