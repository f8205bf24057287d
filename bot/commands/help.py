"""``!help``: what can be done here, written from the commands and options that there are."""

from pathlib import Path

from bot.commands.base import Command, Given, Incoming, Reply
from bot.commands.registry import all_options, commands
from bot.config import Settings
from bot.studio import Studio

EXAMPLES = Path(__file__).with_name("examples") / "help.jpg"
"""Columns of a content picture, a style and the painting."""


class Help(Command):
    name = "help"
    about = "What I can do, with examples"

    async def run(self, given: Given, incoming: Incoming, studio: Studio) -> Reply:
        return Reply(help_text(studio.settings), (EXAMPLES,))


def help_text(settings: Settings) -> str:
    """What can be done here, in Markdown that all chats show."""
    words = {
        "prefix": settings.commands.prefix,
        "hashtag": settings.commands.hashtag,
        "large": min(512, settings.painting.max_size),
    }
    painting = [one for one in commands().values() if one.recipe is not None]
    others = [one for one in commands().values() if one.recipe is None and one.usage]
    uses = [one.usage for one in painting] + [", ".join(one.usage for one in others)]
    examples = {written: does for one in painting for written, does in one.examples.items()}
    lines = [
        "**Post two pictures and I paint the first in the style of the second.**",
        *(f"• {usage.format(**words)}" for usage in uses),
        "",
        "**Options**, in any order, also as `size: 512` or `size 512`:",
        *(f"• `{option.example}`: {option.about}" for option in all_options(settings).values()),
        "",
        "**Examples**",
        *(f"`{written.format(**words)}`: {does}" for written, does in examples.items()),
    ]
    return "\n".join(lines)
