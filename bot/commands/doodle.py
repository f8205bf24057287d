"""``!doodle``: a map in flat colours, painted region by region in a style whose map is known."""

from bot.commands.paint import Paint
from stylize.recipes import Doodle as Recipe


class Doodle(Paint):
    name = "doodle"
    about = "Paint your own map of colours in a style, region by region"
    label = "Doodle"
    usage = "`{prefix}doodle`: a style, its map in flat colours, your own map"
    recipe = Recipe
