"""``!compare``: one painting with the content and with the style in favour, side by side."""

from typing import ClassVar

from bot.commands.paint import Paint
from stylize.recipes.compare import Compare as Recipe


class Compare(Paint):
    name = "compare"
    about = "Paint a picture twice: with the content, and with the style in favour"
    label = "Content or style"
    usage = "`{prefix}compare`: content and style: both in favour, side by side, with the film"
    examples: ClassVar = {"{prefix}compare apart=90": "further apart"}
    most: ClassVar = {"style": 1}
    too_many = "To mix several styles, use `blend`."
    recipe = Recipe
