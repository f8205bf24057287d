"""What the bot must be allowed to do in a channel before it takes a job there."""

import discord

from bot.commands.base import CommandError
from bot.fronts.discord import texts

NEEDED = ("read_message_history", "attach_files")
"""Besides seeing the channel and speaking in it, without which Discord withholds these, too."""


def check_permissions(permissions: discord.Permissions, channel: object) -> None:
    """Raise CommandError, naming what is missing, unless the bot could answer in *channel*."""
    speak = "send_messages_in_threads" if isinstance(channel, discord.Thread) else "send_messages"
    basic = [name for name in ("view_channel", speak) if not getattr(permissions, name)]
    missing = basic or [name for name in NEEDED if not getattr(permissions, name)]
    if missing:
        raise CommandError(texts.missing(missing, getattr(channel, "mention", "this channel")))
