"""The bot in Discord: it listens for pictures, shows the painting grow, and replies with it."""

from bot.fronts.discord.front import DiscordFront

__all__ = ["DiscordFront"]
