"""``!sweep``: one painting with one or two options at several values each, on one sheet."""

from bot.commands.paint import Paint
from stylize.recipes import Sweep as Recipe


class Sweep(Paint):
    name = "sweep"
    about = "Paint a sheet that shows what one or two options do"
    label = "Sweep"
    usage = "`{prefix}sweep strength=20,50,80`: options as lists"
    recipe = Recipe
