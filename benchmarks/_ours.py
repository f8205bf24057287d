"""This project as a process of its own, saving its frames as the peers save theirs.

``python -m benchmarks._ours CONTENT STYLE FOLDER --every 2`` paints the same picture twice: the
first time as somebody does who just started the program, the second time as a bot does that has
its network at hand. Frames are ``FOLDER/1_0002.png`` and so on; the time a file was written is
the time of its frame. Each painting is announced by the line ``painting``.
"""

import argparse
from pathlib import Path
from typing import Any

import torch

from benchmarks.judge import CONTENT_LAYER, CONTENT_WEIGHT, GRAM_LAYERS, STYLE_WEIGHT
from stylize.encoders import Encoder, choose_dtype, load_encoder
from stylize.losses import Content, Style
from stylize.media.picture import Picture, decode, encode_png
from stylize.paint import paint
from stylize.recipes import Transfer
from stylize.recipes.style import StyleRecipe


def matched(
    content: Picture,
    style: Picture,
    encoder: Encoder,
    device: torch.device | str = "cpu",
    **options: Any,
) -> StyleRecipe:
    """The recipe that minimises at *content*'s size what the peers do and the judge measures.

    Our losses are relative errors: here each weight brings back what its error was divided by.
    At coarser scales, whose norms are others, it is that only roughly. *device* is where *encoder*
    is.
    """
    settings: dict[str, Any] = {"mean_weight": 0, "total_variation": 0, **options}
    recipe = Transfer(
        size=max(content.pixels.shape),
        content_layers=(CONTENT_LAYER,),
        style_layers=dict.fromkeys(GRAM_LAYERS, 1.0),
        **settings,
    )
    compared = [picture.pixels.to(device, torch.float32) for picture in (content, style)]
    (content_norm,) = Content.of(recipe, encoder, compared[0]).norms.values()
    style_norms = Style.of(recipe, encoder, compared[1:]).norms
    return Transfer(
        size=recipe.size,
        content_layers=recipe.content_layers,
        content_weight=2 * CONTENT_WEIGHT * float(content_norm),
        style_weight=4 * STYLE_WEIGHT,
        style_layers={layer: float(norm) for layer, norm in style_norms.items()},
        **settings,
    )


def main() -> None:
    """Paint twice, at the content's own size."""
    parser = argparse.ArgumentParser(description="Paint a picture and save its frames.")
    for name in ("content", "style", "folder"):
        parser.add_argument(name, type=Path, metavar=name.upper())
    parser.add_argument("--every", type=int, default=2, metavar="N", help="save each Nth frame")
    parser.add_argument("--steps", type=int, help="of the optimiser; by default the recipe's own")
    args = parser.parse_args()
    content, style = (decode(path.read_bytes()) for path in (args.content, args.style))
    steps = {} if args.steps is None else {"steps": args.steps}
    encoder = load_encoder("vgg19", dtype=choose_dtype(torch.device("cpu")))
    recipe = matched(content, style, encoder, **steps)
    for painting in (1, 2):
        print("painting", flush=True)
        for frame in paint(recipe, content, [style], encoder=encoder):
            finished = frame.step == frame.steps
            if frame.scale == frame.scales - 1 and (frame.step % args.every == 0 or finished):
                path = args.folder / f"{painting}_{frame.step:04d}.png"
                path.write_bytes(encode_png(frame.pixels))


if __name__ == "__main__":
    main()
