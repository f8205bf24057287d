"""``!texture``: nothing but style."""

from bot.commands.paint import Paint
from stylize.recipes import Texture as Recipe


class Texture(Paint):
    name = "texture"
    about = "Make a texture of one or several styles"
    label = "Texture"
    verb = "Make"
    usage = "`{prefix}texture`: style pictures only; I make a texture of them"
    recipe = Recipe
    unnamed = "weights"
