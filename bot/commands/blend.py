"""``!blend``: one picture in the styles of several others."""

from typing import ClassVar

from bot.commands.paint import Paint


class Blend(Paint):
    name = "blend"
    about = "Paint a picture in a blend of several styles"
    label = "Blend of styles"
    usage = "`{prefix}blend 2 1`: a content picture and several styles, two parts to one"
    examples: ClassVar = {"{prefix}blend weights=1,3": "mostly the second style"}
    unnamed = "weights"
