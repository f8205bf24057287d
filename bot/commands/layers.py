"""``!layers``: what each layer of the network keeps of a content and of a style, on one sheet."""

from typing import ClassVar

from bot.commands.paint import Paint
from stylize.recipes.reconstruction import Layers as Recipe


class Layers(Paint):
    name = "layers"
    about = "Show what each layer of the network keeps of a content and of a style"
    label = "What the layers see"
    verb = "Look"
    usage = "`{prefix}layers`: one picture, or content and style: what each layer keeps of them"
    examples: ClassVar = {
        "{prefix}layers rows=style": "the style of one picture alone",
        "{prefix}layers pooling=average": "as the paper pools",
    }
    recipe = Recipe
