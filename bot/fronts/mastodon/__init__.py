"""Mastodon and its relatives: a mention with pictures is answered in its thread."""

from bot.fronts.mastodon.front import MastodonFront

__all__ = ["MastodonFront"]
