"""What is in the fake Discord: servers, channels, people and what they said."""

import itertools
import mimetypes
import time
from dataclasses import dataclass, field
from typing import Any

import discord
from discord import Permissions

EPOCH = 1_420_070_400_000
"""Discord counts its milliseconds from the year 2015."""
ONE_MEGABYTE = 1 << 20

TEXT, DIRECT, THREAD = 0, 1, 11
SLASH_COMMAND, BUTTON = 2, 3
DEFAULT, REPLY, CHAT_INPUT = 0, 19, 20
SPOILER = 1 << 3

ENDINGS = ("Done in", "Cancelled.", "This did not work out.")
"""What is left in an acknowledgement when the answer is elsewhere."""

_counter = itertools.count()


def snowflake() -> int:
    """A new id; later ones are larger."""
    return (int(time.time() * 1000) - EPOCH) << 22 | next(_counter) & 0x3FFFFF


def in_iso(id: int) -> str:
    return discord.utils.snowflake_time(id).isoformat()


@dataclass
class User:
    name: str
    id: int = field(default_factory=snowflake)
    bot: bool = False
    dms_open: bool = True

    def payload(self) -> dict[str, Any]:
        return {
            "id": str(self.id),
            "username": self.name,
            "discriminator": "0",
            "global_name": None,
            "avatar": None,
            "bot": self.bot,
        }

    def member(self) -> dict[str, Any]:
        return {"roles": [], "joined_at": in_iso(self.id), "deaf": False, "mute": False, "flags": 0}


@dataclass
class Guild:
    name: str
    owner: User
    id: int = field(default_factory=snowflake)
    channels: list["Channel"] = field(default_factory=list, repr=False)
    permissions: Permissions = field(default_factory=Permissions.all_channel)

    def payload(self, me: User) -> dict[str, Any]:
        everyone = {
            "id": str(self.id),
            "name": "@everyone",
            "permissions": str(self.permissions.value),
            "position": 0,
            "color": 0,
            "colors": {"primary_color": 0},
            "hoist": False,
            "managed": False,
            "mentionable": False,
            "flags": 0,
        }
        members = [{**user.member(), "user": user.payload()} for user in (me, self.owner)]
        return {
            "id": str(self.id),
            "name": self.name,
            "owner_id": str(self.owner.id),
            "roles": [everyone],
            "members": members,
            "member_count": len(members),
            "channels": [one.payload_for(me) for one in self.channels if one.type == TEXT],
            "threads": [one.payload_for(me) for one in self.channels if one.type == THREAD],
            "emojis": [],
            "stickers": [],
            "features": [],
            "presences": [],
            "voice_states": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw_level": 0,
            "premium_tier": 0,
            "premium_subscription_count": 0,
            "preferred_locale": "en-US",
            "system_channel_flags": 0,
            "afk_timeout": 300,
            "large": False,
            "unavailable": False,
        }


@dataclass
class Channel:
    name: str
    guild: Guild | None = None
    person: User | None = None
    """Whom a direct message is with."""
    parent: "Channel | None" = None
    """The channel that a thread belongs to."""
    id: int = field(default_factory=snowflake)
    messages: dict[int, "Message"] = field(default_factory=dict, repr=False)
    denied: Permissions = field(default_factory=Permissions.none)
    """What the bot may not do here."""
    locked: bool = False
    deleted: bool = False
    restricted: bool = False
    """To adults."""
    upload_limit: int = 10 * ONE_MEGABYTE

    @property
    def type(self) -> int:
        if self.guild is None:
            return DIRECT
        return TEXT if self.parent is None else THREAD

    def allows(self, permission: str) -> bool:
        """Whether the bot has *permission* here; who cannot see a channel can do nothing in it."""
        seen = self.allows("view_channel") if permission != "view_channel" else True
        base = self.guild.permissions if self.guild else Permissions.all()
        return seen and getattr(base, permission) and not getattr(self.denied, permission)

    def permissions(self) -> Permissions:
        base = self.guild.permissions if self.guild else Permissions.all()
        return Permissions(base.value & ~self.denied.value)

    def payload(self) -> dict[str, Any]:
        common = {"id": str(self.id), "type": self.type, "last_message_id": None, "flags": 0}
        if self.person is not None:
            return {**common, "recipients": [self.person.payload()]}
        assert self.guild is not None
        place = {"name": self.name, "guild_id": str(self.guild.id), "position": 0, "topic": None}
        if self.parent is not None:
            return {
                **common,
                **place,
                "parent_id": str(self.parent.id),
                "owner_id": str(self.guild.owner.id),
                "message_count": len(self.messages),
                "member_count": 1,
                "thread_metadata": {
                    "archived": self.locked,
                    "locked": self.locked,
                    "auto_archive_duration": 1440,
                    "archive_timestamp": in_iso(self.id),
                },
            }
        return {
            **common,
            **place,
            "nsfw": self.restricted,
            "parent_id": None,
            "rate_limit_per_user": 0,
        }

    def payload_for(self, me: User) -> dict[str, Any]:
        """With what the bot may not do here, as the gateway tells it of a channel of a server."""
        denial = {"id": str(me.id), "type": 1, "allow": "0", "deny": str(self.denied.value)}
        return {**self.payload(), "permission_overwrites": [denial]}


@dataclass(frozen=True)
class File:
    name: str
    data: bytes = field(repr=False)
    url: str
    id: int
    description: str | None
    spoiler: bool = False
    """Whether its flag is set; an old client gives it a name instead."""

    def payload(self) -> dict[str, Any]:
        return {
            "id": str(self.id),
            "filename": self.name,
            "size": len(self.data),
            "url": self.url,
            "proxy_url": self.url,
            "content_type": mimetypes.guess_type(self.name)[0],
            "description": self.description,
            "flags": SPOILER if self.spoiler or self.name.startswith("SPOILER_") else 0,
        }


@dataclass
class Message:
    channel: Channel
    author: User
    content: str = ""
    files: tuple[File, ...] = ()
    embeds: tuple[dict[str, Any], ...] = ()
    components: list[Any] = field(default_factory=list)
    replies_to: int | None = None
    nonce: str | None = None
    ephemeral: bool = False
    interaction: int | None = None
    """The slash command that this message responds to."""
    type: int = DEFAULT
    id: int = field(default_factory=snowflake)
    history: list[str] = field(default_factory=list)
    """What it said before each edit."""
    reactions: list[str] = field(default_factory=list)
    deleted: bool = False

    had_buttons: bool = False

    def __post_init__(self) -> None:
        self.had_buttons = bool(self.components)

    @property
    def is_acknowledgement(self) -> bool:
        """Of the bot's own: it has, or had, the button that cancels a job.

        So is a command's response for all to see, unless it was edited to say what went wrong.
        """
        for_all = self.interaction is not None and not self.ephemeral
        return self.had_buttons or (
            for_all and (not self.history or self.content.startswith(ENDINGS))
        )

    def payload(self) -> dict[str, Any]:
        data: dict[str, Any] = {
            "id": str(self.id),
            "channel_id": str(self.channel.id),
            "author": self.author.payload(),
            "content": self.content,
            "timestamp": in_iso(self.id),
            "edited_timestamp": in_iso(snowflake()) if self.history else None,
            "type": self.type,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "attachments": [file.payload() for file in self.files],
            "embeds": list(self.embeds),
            "components": self.components,
            "pinned": False,
            "flags": 64 if self.ephemeral else 0,
        }
        if self.nonce is not None:
            data["nonce"] = self.nonce
        if self.replies_to is not None:
            data["message_reference"] = {
                "type": 0,
                "message_id": str(self.replies_to),
                "channel_id": str(self.channel.id),
            }
            earlier = self.channel.messages.get(self.replies_to)
            data["referenced_message"] = earlier.payload() if earlier else None
        return data
