"""People on the network, and what the bot has posted there."""

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from atproto import AsyncClient, client_utils, models
from atproto.exceptions import BadRequestError

from bot.config import Settings
from bot.fronts.base import settings_with_fronts
from bot.fronts.bluesky import BlueskyFront
from tests.bot.fake_studio import FakeStudio, encode, painting
from tests.bot.fronts.bluesky.network import Network
from tests.patience import until

PHOTO = ("a cat on a sofa", 0.3)
WAVE = ("a great wave", 0.9)
"""Alt text, and how far the picture is painted: no two are alike."""
Picture = float | bytes
"""The file itself, or how far it is painted."""

names = (f"person{n}" for n in itertools.count())


def settings_for(network: Network, handle: str, data: Path | None = None, **more: Any) -> Settings:
    """Of a bot whose account is *handle*, with *more* in its section."""
    section = {
        "handle": handle,
        "password": "sesame",
        "service": network.pds,
        "directory": network.plc,
        "poll_seconds": 0.2,
        **more,
    }
    return settings_with_fronts()(bluesky=section, **({"data": data} if data else {}))


def environment(handle: str, server: str, **more: Any) -> dict[str, str]:
    """The same, for ``stylenet run``, where *server* is PDS and directory."""
    section = {
        "handle": handle,
        "password": "sesame",
        "service": server,
        "directory": server,
        "poll_seconds": 0.5,
        **more,
    }
    return {f"STYLENET_BLUESKY__{key.upper()}": str(value) for key, value in section.items()}


async def person(network: Network, name: str = "") -> AsyncClient:
    """Somebody new on the network, logged in."""
    name = name or next(names)
    client = AsyncClient(base_url=network.pds)
    account = {"handle": f"{name}.test", "email": f"{name}@mail.test", "password": "sesame"}
    await client.com.atproto.server.create_account(account)
    await client.login(account["handle"], "sesame", fetch_bsky_profile=False)
    return client


@dataclass
class World:
    """Ann and Ben, and the bot."""

    network: Network
    studio: FakeStudio
    front: BlueskyFront
    bot: AsyncClient
    ann: AsyncClient
    ben: AsyncClient

    async def post(
        self,
        text: str,
        *pictures: tuple[str, Picture],
        by: AsyncClient | None = None,
        mention: bool = True,
        reply_to: Any = None,
        **record: Any,
    ) -> Any:
        """Let somebody, by default Ann, mention the bot and say *text*; returns a reference."""
        client = by or self.ann
        said = client_utils.TextBuilder()
        if mention:
            said.mention("@stylenet", await self.did(self.bot)).text(" ")
        said.text(text)
        images = [await self.image(client, *picture) for picture in pictures]
        embed = models.AppBskyEmbedImages.Main(images=images) if images else None
        parent = reply_to and models.create_strong_ref(reply_to)
        root = record.pop("root", None)
        made = models.AppBskyFeedPost.Record(
            text=said.build_text(),
            facets=said.build_facets() or None,
            created_at=record.pop("created_at", client.get_current_time_iso()),
            embed=record.pop("embed", embed),
            reply=parent
            and models.AppBskyFeedPost.ReplyRef(
                parent=parent, root=models.create_strong_ref(root) if root else parent
            ),
            **record,
        )
        return await client.app.bsky.feed.post.create(await self.did(client), made)

    async def describe(self, client: AsyncClient, text: str) -> None:
        """Let somebody's profile say *text*, and wait until the bot sees it."""
        profile = {"$type": "app.bsky.actor.profile", "description": text}
        did = await self.did(client)
        data = {"repo": did, "collection": profile["$type"], "rkey": "self", "record": profile}
        await client.com.atproto.repo.put_record(data)

        async def is_seen() -> bool:
            return await self.front.api.profile(did) == text

        await until(is_seen, every=0.2)

    async def block(self, by: AsyncClient, whom: AsyncClient) -> None:
        block = {
            "$type": "app.bsky.graph.block",
            "subject": await self.did(whom),
            "createdAt": by.get_current_time_iso(),
        }
        data = {"repo": await self.did(by), "collection": block["$type"], "record": block}
        await by.com.atproto.repo.create_record(data)

    async def did(self, client: AsyncClient) -> str:
        return (await client.com.atproto.server.get_session()).did

    async def replies(self, post: Any, seen_by: AsyncClient | None = None) -> list[Any]:
        """What the bot has posted below *post*, as somebody sees it, by default Ann."""
        client = seen_by or self.ann
        try:
            thread = await client.app.bsky.feed.get_post_thread({"uri": post.uri, "depth": 2})
        except BadRequestError:  # it is not indexed yet
            return []
        me = await self.did(self.bot)
        below = getattr(thread.thread, "replies", None) or []
        posts = [one.post for one in below if hasattr(one, "post")]  # others are blocked
        return [post for post in posts if post.author.did == me]

    async def said(self, collection: str = "app.bsky.feed.post") -> list[Any]:
        """All records of the bot in *collection*, as its own server has them, seen or not."""
        which = {"repo": await self.did(self.bot), "collection": collection, "limit": 100}
        records: list[Any] = []
        while True:
            page = await self.bot.com.atproto.repo.list_records(which)
            records += [one.value for one in page.records]
            if not page.cursor:
                return records
            which["cursor"] = page.cursor

    @property
    def job(self) -> str:
        return list(self.studio.jobs)[-1]

    async def image(self, client: AsyncClient, alt: str, picture: Picture) -> Any:
        data = picture if isinstance(picture, bytes) else encode(painting(picture), "PNG")
        blob = await client.upload_blob(data)
        return models.AppBskyEmbedImages.Image(alt=alt, image=blob.blob)
