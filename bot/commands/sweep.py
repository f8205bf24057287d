"""``!sweep``: one painting with one or two options at several values each, on one sheet."""

from typing import ClassVar

from bot.commands.sheet import PaintSheet
from stylize.recipes import Sweep as Recipe


class Sweep(PaintSheet):
    name = "sweep"
    about = "Paint a sheet that shows what one or two options do"
    label = "Sweep"
    usage = "`{prefix}sweep strength=20,50,80`: one or two options as lists, on one sheet"
    examples: ClassVar = {
        "{prefix}sweep strength=20,50,80 style_scale=0.5,1,2": "what both do, on one sheet",
        "{prefix}sweep seed=1,2,3,4 init=noise": "one painting from four beginnings",
    }
    recipe = Recipe
