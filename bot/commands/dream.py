"""``!dream``: a network dreams into a picture."""

from typing import ClassVar

from bot.commands.paint import Paint
from stylize.recipes import Dream as Recipe


class Dream(Paint):
    name = "dream"
    about = "Let a network dream into a picture"
    label = "Dream"
    verb = "Dream"
    usage = "`{prefix}dream`: one picture to dream into, and one of what to dream of if you wish"
    examples: ClassVar = {"{prefix}dream layer=relu5_1 zoom=48": "creatures, and a fall into them"}
    recipe = Recipe
