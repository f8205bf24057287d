"""Bluesky, and whatever else speaks the AT protocol: a mention is answered in its thread."""

from bot.fronts.bluesky.front import BlueskyFront

__all__ = ["BlueskyFront"]
