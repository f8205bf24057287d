"""The fake Discord's rules for messages: who may send, edit, read and delete what."""

import re
import time
from collections import defaultdict
from typing import Any

from tests.faults.discord import errors
from tests.faults.discord.gateway import Gateway
from tests.faults.discord.world import DEFAULT, DIRECT, REPLY, THREAD, Channel, File, Message, User

SNOWFLAKE = re.compile(r"\d{17,20}")
LONGEST = 2000
LONGEST_ALT = 1024
LONGEST_NONCE = 25
NONCE_SECONDS = 60
"""Discord says that it remembers a nonce for a few minutes; the fake is as forgetful as it may."""


class Board:
    """All channels and messages; the *gateway* announces what happens to them."""

    def __init__(self, me: User, gateway: Gateway) -> None:
        self.me = me
        self.tell = gateway.dispatch
        self.people: dict[int, User] = {}
        self.channels: dict[int, Channel] = {}
        self.said: list[Message] = []
        """All that the bot has ever said, the oldest first."""
        self._about: defaultdict[int, list[Message]] = defaultdict(list)
        self.clock = time.monotonic
        self._nonces: dict[tuple[int, str], tuple[float, Message]] = {}

    def channel(self, id: int) -> Channel:
        """Raises ApiError for a channel that is deleted or that the bot cannot see."""
        channel = self.channels.get(id)
        if channel is None or channel.deleted:
            raise errors.unknown_channel()
        if not channel.allows("view_channel"):
            raise errors.missing_access()
        return channel

    def direct(self, person: User) -> Channel:
        """The channel of the direct messages with *person*."""
        for channel in self.channels.values():
            if channel.person is person:
                return channel
        channel = Channel(person.name, person=person)
        self.channels[channel.id] = channel
        return channel

    def find(self, channel: Channel, id: int) -> Message:
        if channel.type != DIRECT and not channel.allows("read_message_history"):
            raise errors.missing_access()
        message = channel.messages.get(id)
        if message is None:
            raise errors.unknown_message()
        return message

    def history(
        self, channel: Channel, *, after: int, before: int | None, limit: int
    ) -> list[Message]:
        """Newest first, and nothing, without an error, for a bot that may not read it."""
        if channel.type != DIRECT and not channel.allows("read_message_history"):
            return []
        found = [
            message
            for message in channel.messages.values()
            if message.id > after and (before is None or message.id < before)
        ]
        found = found[:limit] if after else found[-limit:]
        return found[::-1]

    async def say(self, channel: Channel, body: dict[str, Any], files: list[File]) -> Message:
        """The bot sends a message, unless one with its nonce was sent a moment ago."""
        nonce = str(body.get("nonce") or "")
        if len(nonce) > LONGEST_NONCE:
            raise errors.invalid_form("nonce")
        known = self._nonces.get((channel.id, nonce))
        if known and body.get("enforce_nonce") and self.clock() - known[0] < NONCE_SECONDS:
            return known[1]
        self._check(channel, body, files)
        message = Message(
            channel=channel,
            author=self.me,
            content=body.get("content") or "",
            files=tuple(files),
            components=body.get("components") or [],
            replies_to=self._reference(channel, body),
            nonce=nonce or None,
        )
        message.type = DEFAULT if message.replies_to is None else REPLY
        if nonce:
            self._nonces[channel.id, nonce] = (self.clock(), message)
        self.note(message)
        await self.post(message)
        return message

    def note(self, message: Message) -> None:
        """Remember that the bot has said *message*, and about what: any id that it names."""
        self.said.append(message)
        named = " ".join([message.nonce or "", *(file.name for file in message.files)])
        ids = {int(digits) for digits in SNOWFLAKE.findall(named)}
        for id in ids | {message.replies_to or 0, message.interaction or 0}:
            self._about[id].append(message)

    def about(self, id: int) -> list[Message]:
        """All that the bot has ever said about the message or command *id*, wherever."""
        return self._about.get(id, [])

    async def post(self, message: Message) -> None:
        """Put *message* into its channel, whoever wrote it."""
        message.channel.messages[message.id] = message
        await self._announce("MESSAGE_CREATE", message)

    async def rewrite(self, message: Message, text: str) -> None:
        """Its author edits *message*."""
        message.history.append(message.content)
        message.content = text
        await self._announce("MESSAGE_UPDATE", message)

    async def _announce(self, event: str, message: Message) -> None:
        data = message.payload()
        guild = message.channel.guild
        if guild is not None:
            data |= {"guild_id": str(guild.id), "member": message.author.member()}
        await self.tell(event, data)

    async def edit(self, message: Message, body: dict[str, Any], files: list[File]) -> None:
        """What *body* does not name stays as it is."""
        if message.channel.locked:
            raise errors.thread_archived()
        check_size(body, files, message.channel.upload_limit)
        message.history.append(message.content)
        if body.get("content") is not None:
            message.content = body["content"]
        if "components" in body:
            message.components = body["components"]
            message.had_buttons |= bool(message.components)
        if "attachments" in body:
            kept = {int(one["id"]) for one in body["attachments"]}
            message.files = tuple(file for file in message.files if file.id in kept)
        message.files += tuple(files)
        if not message.ephemeral:
            await self._announce("MESSAGE_UPDATE", message)

    async def delete(self, message: Message) -> None:
        del message.channel.messages[message.id]
        message.deleted = True
        data = {"id": str(message.id), "channel_id": str(message.channel.id)}
        if message.channel.guild is not None:
            data["guild_id"] = str(message.channel.guild.id)
        await self.tell("MESSAGE_DELETE", data)

    def forget_nonces(self) -> None:
        """As time does."""
        self._nonces.clear()

    def _check(self, channel: Channel, body: dict[str, Any], files: list[File]) -> None:
        if channel.person is not None and not channel.person.dms_open:
            raise errors.closed_to_messages()
        if channel.locked:
            raise errors.thread_archived()
        speak = "send_messages_in_threads" if channel.type == THREAD else "send_messages"
        if not channel.allows(speak) or (files and not channel.allows("attach_files")):
            raise errors.missing_permissions()
        if body.get("message_reference") and not channel.allows("read_message_history"):
            raise errors.no_history_to_reply()
        check_size(body, files, channel.upload_limit)
        if not body.get("content") and not files:
            raise errors.empty_message()

    def _reference(self, channel: Channel, body: dict[str, Any]) -> int | None:
        reference = body.get("message_reference")
        if reference is None:
            return None
        id = int(reference["message_id"])
        if id in channel.messages:
            return id
        if reference.get("fail_if_not_exists", True):
            raise errors.invalid_form("message_reference: Unknown message")
        return None


def check_size(body: dict[str, Any], files: list[File], limit: int) -> None:
    """Raises ApiError for what is too long or too large."""
    if len(body.get("content") or "") > LONGEST:
        raise errors.invalid_form(f"content: Must be {LONGEST} or fewer in length.")
    if any(len(file.description or "") > LONGEST_ALT for file in files):
        raise errors.invalid_form(f"description: Must be {LONGEST_ALT} or fewer in length.")
    if any(len(file.data) > limit for file in files):
        raise errors.too_large()
