"""People in rooms of a homeserver, who speak its API themselves, and the bot."""

import itertools
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import aiohttp

from bot.config import Settings
from bot.fronts.base import settings_with_fronts
from bot.fronts.matrix import MatrixFront
from tests.bot.fake_studio import FakeStudio, encode, painting
from tests.bot.fronts.matrix.homeserver import Homeserver
from tests.patience import until

COUNTER = itertools.count()


def settings_for(url: str, token: str, **more: Any) -> Settings:
    section = {"homeserver": url, "token": token, "edit_seconds": 0.1, **more}
    return settings_with_fronts()(matrix=section)


@dataclass
class Person:
    """An account, and what it does."""

    url: str
    id: str
    token: str
    session: aiohttp.ClientSession

    async def ask(self, method: str, path: str, **how: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", **how.pop("headers", {})}
        address = f"{self.url}/_matrix/{path}"
        async with self.session.request(method, address, headers=headers, **how) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def say(self, room: str, text: str, **content: Any) -> str:
        """Send a message; returns its id."""
        content = {"msgtype": "m.text", "body": text, **content}
        path = f"client/v3/rooms/{quote(room)}/send/m.room.message/t{next(COUNTER)}"
        return (await self.ask("PUT", path, json=content))["event_id"]

    async def show(self, room: str, name: str, data: bytes | None = None, **content: Any) -> str:
        """Post a picture; a caption is another ``body``."""
        data = encode(painting(0.5), "PNG") if data is None else data
        sent = await self.ask("POST", "media/v3/upload", data=data)
        shown = {"msgtype": "m.image", "filename": name, "url": sent["content_uri"], **content}
        return await self.say(room, shown.pop("body", name), **shown)

    async def create_room(self, *invited: str, public: bool = True, **more: Any) -> str:
        preset = "public_chat" if public else "private_chat"
        body = {"preset": preset, "invite": invited, **more}
        return (await self.ask("POST", "client/v3/createRoom", json=body))["room_id"]

    async def messages(self, room: str) -> list[dict[str, Any]]:
        """What was said in *room*, oldest first."""
        path = f"client/v3/rooms/{quote(room)}/messages?dir=b&limit=200"
        chunk = (await self.ask("GET", path))["chunk"]
        return [one for one in chunk[::-1] if one["type"] == "m.room.message"]

    async def members(self, room: str) -> list[str]:
        path = f"client/v3/rooms/{quote(room)}/joined_members"
        return list((await self.ask("GET", path))["joined"])


async def register(homeserver: Homeserver, session: aiohttp.ClientSession, name: str) -> Person:
    body = {"username": f"{name}{next(COUNTER)}", "password": "a long password"}
    body["auth"] = {"type": "m.login.dummy"}
    async with session.post(f"{homeserver.url}/_matrix/client/v3/register", json=body) as answer:
        told = await answer.json()
    return Person(homeserver.url, told["user_id"], told["access_token"], session)


@dataclass
class World:
    """A room with Ann, Ben and the bot."""

    homeserver: Homeserver
    studio: FakeStudio
    front: MatrixFront
    bot: Person
    ann: Person
    ben: Person
    room: str

    async def below(self, event: str, room: str | None = None) -> list[dict[str, Any]]:
        """What the bot has said below the message *event*, as it reads now."""
        messages = await self.ann.messages(room or self.room)
        said = [one for one in messages if one["sender"] == self.bot.id]
        edits = {
            one["content"]["m.relates_to"]["event_id"]: one["content"]["m.new_content"]
            for one in said
            if one["content"].get("m.new_content")
        }
        relation = [(one, one["content"].get("m.relates_to", {})) for one in said]
        return [
            {**one["content"], **edits.get(one["event_id"], {}), "id": one["event_id"]}
            for one, related in relation
            if related.get("m.in_reply_to", {}).get("event_id") == event
        ]

    async def told(self, event: str, room: str | None = None) -> str:
        """The one thing that the bot says below *event*."""
        [said] = await until(lambda: self.below(event, room))
        return said["body"]

    async def job(self) -> str:
        """The id of the newest job, once there is one that is acknowledged."""
        return await until(self._acknowledged)

    def _acknowledged(self) -> str | None:
        jobs = self.studio.jobs.values()
        return next((job.id for job in jobs if job.address["acknowledgement"]), None)
