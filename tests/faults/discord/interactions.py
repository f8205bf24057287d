"""Slash commands and buttons: three seconds to acknowledge, fifteen minutes to say more."""

import itertools
import secrets
from dataclasses import dataclass, field
from typing import Any

from discord import Permissions

from tests.faults.discord import errors
from tests.faults.discord.cdn import Cdn
from tests.faults.discord.messages import Board, check_size
from tests.faults.discord.world import (
    BUTTON,
    CHAT_INPUT,
    SLASH_COMMAND,
    Channel,
    File,
    Message,
    User,
    snowflake,
)
from tests.patience import PATIENCE

ACKNOWLEDGE_SECONDS = 3
"""Discord's own. Where a test is not about them, a busy machine is given more."""
TOKEN_SECONDS = 15 * 60
MESSAGE, DEFER, DEFER_UPDATE, UPDATE = 4, 5, 6, 7
EPHEMERAL = 64
ATTACHMENT = 11


@dataclass
class Interaction:
    """One use of a command or a button."""

    person: User
    channel: Channel
    kind: int
    born: float
    id: int = field(default_factory=snowflake)
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    acknowledged: bool = False
    response: Message | None = None
    followups: list[Message] = field(default_factory=list)

    @property
    def said(self) -> list[str]:
        """All that the person reads of it now."""
        shown = [self.response, *self.followups]
        return [message.content for message in shown if message and message.content]


class Interactions:
    """What people use of the commands that the bot has registered."""

    def __init__(self, board: Board, cdn: Cdn) -> None:
        self._board = board
        self._cdn = cdn
        self._open: dict[str, Interaction] = {}
        self.commands: dict[str, dict[str, Any]] = {}
        self.acknowledge_seconds: float = PATIENCE

    def register(self, commands: list[dict[str, Any]]) -> list[dict[str, Any]]:
        ids = itertools.repeat(str(self._board.me.id))
        made = [{**one, "id": str(snowflake()), "application_id": next(ids)} for one in commands]
        self.commands = {one["name"]: one for one in made}
        return [{**one, "version": one["id"], "guild_id": None} for one in made]

    async def slash(self, channel: Channel, person: User, name: str, **given: Any) -> Interaction:
        """Use a command; files are given as a name and their bytes."""
        command = self.commands[name]
        types = {option["name"]: option["type"] for option in command.get("options", [])}
        options: list[dict[str, Any]] = []
        attached = {}
        for option, value in given.items():
            said = value
            if types[option] == ATTACHMENT:
                file = self._cdn.keep(*value)
                attached[str(file.id)] = file.payload()
                said = str(file.id)
            options.append({"name": option, "type": types[option], "value": said})
        data = {"id": command["id"], "name": name, "type": 1, "options": options}
        data["resolved"] = {"attachments": attached}
        return await self._use(channel, person, SLASH_COMMAND, {"data": data})

    async def click(self, message: Message, person: User, label: str) -> Interaction:
        """Press the button *label* below *message*."""
        rows = message.components
        (pressed,) = [one for row in rows for one in row["components"] if one["label"] == label]
        data = {"component_type": 2, "custom_id": pressed["custom_id"]}
        payload = {"data": data, "message": message.payload()}
        return await self._use(message.channel, person, BUTTON, payload)

    async def _use(
        self, channel: Channel, person: User, kind: int, payload: dict[str, Any]
    ) -> Interaction:
        used = Interaction(person, channel, kind, self._board.clock())
        self._open[used.token] = used
        permissions = str(channel.permissions().value)
        payload |= {
            "id": str(used.id),
            "application_id": str(self._board.me.id),
            "type": kind,
            "token": used.token,
            "version": 1,
            "channel_id": str(channel.id),
            "channel": {**channel.payload(), "permissions": permissions},
            "app_permissions": permissions,
            "attachment_size_limit": channel.upload_limit,
            "authorizing_integration_owners": {},
            "entitlements": [],
            "locale": "en-US",
        }
        if channel.guild is None:
            payload["user"] = person.payload()
        else:
            payload["guild_id"] = str(channel.guild.id)
            rights = str(Permissions.text().value & ~Permissions.elevated().value)
            member = {**person.member(), "user": person.payload(), "permissions": rights}
            payload["member"] = member
        await self._board.tell("INTERACTION_CREATE", payload)
        return used

    def expire(self, used: Interaction) -> None:
        """Let a quarter of an hour pass for this one."""
        used.born -= TOKEN_SECONDS

    async def acknowledge(
        self, token: str, body: dict[str, Any], files: list[File]
    ) -> dict[str, Any]:
        used = self._open.get(token)
        if used is None or self._board.clock() - used.born >= self.acknowledge_seconds:
            raise errors.unknown_interaction()
        if used.acknowledged:
            raise errors.already_acknowledged()
        said = body.get("data") or {}
        made: dict[str, Any] = {"id": str(used.id), "type": used.kind}
        if body["type"] in (MESSAGE, DEFER):
            used.response = await self._say(used, said, files)
            made["response_message_id"] = str(used.response.id)
            made["response_message_loading"] = body["type"] == DEFER
            made["response_message_ephemeral"] = used.response.ephemeral
        used.acknowledged = True
        resource = {"type": body["type"]}
        if used.response is not None:
            resource["message"] = used.response.payload()
        return {"interaction": made, "resource": resource}

    async def follow_up(self, token: str, body: dict[str, Any], files: list[File]) -> Message:
        """The first one after a deferred response takes its place."""
        used = self._valid(token)
        response = used.response
        if response is not None and not response.content and not response.files:
            await self._board.edit(response, body, files)
            return response
        message = await self._say(used, body, files)
        used.followups.append(message)
        return message

    def original(self, token: str) -> Message:
        used = self._valid(token)
        if used.response is None or used.response.deleted:
            raise errors.unknown_message()
        return used.response

    def _valid(self, token: str) -> Interaction:
        used = self._open.get(token)
        if used is None or not used.acknowledged:
            raise errors.unknown_webhook()
        if self._board.clock() - used.born > TOKEN_SECONDS:
            raise errors.invalid_token()
        return used

    async def _say(self, used: Interaction, body: dict[str, Any], files: list[File]) -> Message:
        """Neither permissions nor closed channels stand in the way of a response."""
        check_size(body, files, used.channel.upload_limit)
        message = Message(
            channel=used.channel,
            author=self._board.me,
            content=body.get("content") or "",
            files=tuple(files),
            components=body.get("components") or [],
            ephemeral=bool((body.get("flags") or 0) & EPHEMERAL),
            interaction=used.id,
            type=CHAT_INPUT,
        )
        self._board.note(message)
        if not message.ephemeral:
            await self._board.post(message)
        return message
