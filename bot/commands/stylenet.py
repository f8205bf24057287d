"""``!stylenet``, and what a hashtag or a mention asks for: one picture in the style of another."""

from typing import ClassVar

from bot.commands.paint import Paint


class Stylenet(Paint):
    name = "stylenet"
    about = "Paint a picture in the style of another"
    label = "One style"
    usage = "`{hashtag}` anywhere in your message, or `{prefix}stylenet`: content first, then style"
    examples: ClassVar = {
        "{prefix}stylenet strength=70 gif": "bolder, with the film",
        "{hashtag} size={large} init=noise seed=3": "larger, from noise",
        "{prefix}stylenet colours=content style_scale=2": (
            "broad strokes in the content's colours"
        ),
        "{prefix}stylenet init=picture": "content, style, and a picture to begin with",
    }
    most: ClassVar = {"style": 1}
    too_many = "For several styles, use `blend`."
    refused: ClassVar = {
        "weights": "`weights` mix several styles: use `blend` with one number per style."
    }
