"""``!texture``: nothing but style."""

from typing import ClassVar

from bot.commands.paint import Paint
from stylize.recipes import Texture as Recipe


class Texture(Paint):
    name = "texture"
    about = "Make a texture of one or several styles, which repeats without a seam"
    label = "Texture"
    verb = "Make"
    usage = "`{prefix}texture`: style pictures only; I make a texture of them"
    examples: ClassVar = {"{prefix}texture tile=no": "with sides: not made to be repeated"}
    recipe = Recipe
    unnamed = "weights"
