"""``!study``: one picture in each of several styles, on one sheet."""

from typing import ClassVar

from bot.commands.sheet import PaintSheet
from stylize.recipes import Study as Recipe
from stylize.recipes.style import MOST_STYLES


class Study(PaintSheet):
    name = "study"
    about = "Paint one picture in each of several styles, on a sheet"
    label = "Study of styles"
    usage = "`{prefix}study`: a content picture and several styles, each for itself, on one sheet"
    recipe = Recipe
    most: ClassVar = {"style": MOST_STYLES}
