"""A small Mastodon for the tests: a server that speaks its API, two people, and the bot."""

from dataclasses import dataclass, field
from typing import Any

import aiohttp
from mastodon_mock.config import (
    DatabaseConfig,
    MastodonMockConfig,
    SeedAccount,
    SeedConfig,
)
from mastodon_mock.testing.server import MockServer

from bot.config import Settings
from bot.fronts.base import settings_with_fronts
from bot.fronts.mastodon import MastodonFront
from bot.fronts.mastodon.entities import Post
from tests.bot.fake_studio import FakeStudio, encode, painting

PHOTO = ("photo.png", "a cat on a sofa")
WAVE = ("wave.png", "a great wave")
BOT = "stylenet"
SEED = SeedConfig(
    accounts=[
        SeedAccount(username=BOT, bot=True, access_token="bot_token"),
        SeedAccount(username="ann", access_token="ann_token"),
        SeedAccount(username="ben", access_token="ben_token", note="<p>I paint. #NoBot</p>"),
        SeedAccount(username="robot", access_token="robot_token", bot=True),
    ]
)


def server() -> MockServer:
    return MockServer(
        config=MastodonMockConfig(database=DatabaseConfig(path=":memory:"), seed=SEED)
    )


def settings_for(address: str, **more: Any) -> Settings:
    section = {"instance": address, "token": "bot_token", "poll_seconds": 0.2, **more}
    return settings_with_fronts()(mastodon=section)


@dataclass
class World:
    """People who post, and what the bot has posted."""

    address: str
    studio: FakeStudio
    front: MastodonFront
    session: aiohttp.ClientSession = field(default_factory=aiohttp.ClientSession)

    async def ask(self, method: str, path: str, by: str, **how: Any) -> Any:
        headers = {"Authorization": f"Bearer {by}_token", **how.pop("headers", {})}
        asking = self.session.request(method, self.address + path, headers=headers, **how)
        async with asking as response:
            response.raise_for_status()
            return await response.json()

    async def attach(self, name: str, alt: str, by: str, focus: str | None = None) -> str:
        form = aiohttp.FormData()
        form.add_field("file", encode(painting(0.5), "PNG"), filename=name)
        form.add_field("description", alt)
        if focus:
            form.add_field("focus", focus)
        return (await self.ask("POST", "/api/v2/media", by, data=form))["id"]

    async def post(
        self, text: str, *files: tuple[str, str], by: str = "ann", focus: str | None = None, **more
    ) -> Post:
        """Let somebody post *text* with *files*, by default Ann."""
        media = [await self.attach(*file, by, focus) for file in files]
        said = {"status": text, "media_ids": media, **more}
        return Post.model_validate(await self.ask("POST", "/api/v1/statuses", by, json=said))

    async def replies(self, post: Post) -> list[Any]:
        """What the bot has posted below *post*."""
        found = await self.ask("GET", f"/api/v1/statuses/{post.id}/context", "bot")
        return [one for one in found["descendants"] if one["account"]["username"] == BOT]

    async def fault(self, method: str, path: str, status: int, times: int = 1, **more: Any) -> None:
        rule = {
            "match": {"methods": [method], "path": path},
            "effect": {"type": "status", "status": status, **more},
            "count": times,
        }
        await self.ask("POST", "/api/v1/_mock/faults", "bot", json=rule)
