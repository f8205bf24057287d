"""The command line: ``stylize transfer``, ``stylize texture``, ``stylize info``.

torch is imported only once there is something to paint, so that help and mistakes are answered
at once. Exit codes: 0 done, 1 failed, 2 wrong usage, 130 stopped with Ctrl-C.
"""

import os
import platform
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from stylize.options import UsageError, build_parser, option_of
from stylize.recipe import MOST_STYLES, Recipe, content_weight

if TYPE_CHECKING:
    import torch

    from stylize.paint import Frame
    from stylize.picture import Picture

INPUT_BYTES = 200_000_000
INPUT_PIXELS = 150_000_000
"""Pictures here are the user's own, so the caps are wider than for strangers."""

FILM_BYTES = 10_000_000
"""What common chats let people upload."""


class Failure(Exception):
    """Something outside of this program is not as it should be; the message is one line."""


def main() -> None:
    """Entry point of the console script ``stylize``."""
    try:
        run(sys.argv[1:])
        code, message = 0, ""
    except UsageError as error:
        code, message = 2, str(error)
    except Failure as error:
        code, message = 1, str(error)
    except KeyboardInterrupt:
        code, message = 130, "stopped; nothing was written."
    if message:
        print("stylize:", " ".join(message.split()), file=sys.stderr)
    sys.exit(code)


def run(arguments: list[str]) -> None:
    """Carry out one command line. Raises UsageError or Failure."""
    args = build_parser().parse_args(arguments)
    if args.command == "info":
        _info(args)
        return
    recipe = make_recipe(args)
    _check_paths(args)
    _paint(args, recipe)


def make_recipe(args: Namespace) -> Recipe:
    """The recipe that the options ask for; what they leave open keeps the recipe's defaults.

    Raises UsageError.
    """
    given = {
        name: value
        for name, value in vars(args).items()
        if name in Recipe.model_fields and value is not None
    }
    if isinstance(given.get("init"), Path):
        given["init"] = "picture"
    if getattr(args, "strength", None) is not None:
        if "content_weight" in given:
            raise UsageError("--strength and --alpha both set the content weight: give one.")
        given["content_weight"] = content_weight(args.strength)
    try:
        recipe = Recipe(task=args.command, **given)
    except ValidationError as error:
        raise UsageError(_explain(error)) from None
    if len(args.styles) > MOST_STYLES:
        raise UsageError(f"{len(args.styles)} style images are too many: give up to {MOST_STYLES}.")
    try:
        recipe.shares(len(args.styles))
    except ValueError as error:
        raise UsageError(f"--blend: {error}.") from None
    return recipe


def _explain(error: ValidationError) -> str:
    problem = error.errors(include_url=False)[0]
    field, *inside = problem["loc"] or ("",)
    reason = problem["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    value = "" if isinstance(problem["input"], dict | tuple | list) else f" {problem['input']}"
    where = f" ({inside[0]})" if inside and isinstance(inside[0], str) else ""
    return f"{option_of(str(field))}{value}{where}: {reason}."


def _check_paths(args: Namespace) -> None:
    """Find out before hours of painting whether the results can be written."""
    inputs = _inputs(args)
    for option, path, suffix in (("-o", args.output, ".png"), ("--gif", args.gif, ".gif")):
        if path is None:
            continue
        if path.suffix.lower() != suffix:
            raise UsageError(f"{option} {path}: the name must end in {suffix}.")
        if any(path.exists() and source.exists() and path.samefile(source) for source in inputs):
            raise UsageError(f"{option} {path}: that would overwrite one of the pictures.")
        if path.is_dir():
            raise Failure(f"cannot write {path}: it is a directory.")
        try:
            with tempfile.TemporaryFile(dir=path.parent):
                pass
        except OSError as error:
            raise Failure(f"cannot write {path}: {error.strerror} ({path.parent}).") from error


def _inputs(args: Namespace) -> list[Path]:
    """Every picture to read: the content, the styles, and what to begin with."""
    if args.command == "texture":
        return list(args.styles)
    return [args.content, *args.styles, *([args.init] if isinstance(args.init, Path) else [])]


def _paint(args: Namespace, recipe: Recipe) -> None:
    started = time.monotonic()
    pictures = [_open(path) for path in _inputs(args)]
    if not args.quiet:
        for note in filter(None, (picture.note for picture in pictures)):
            print("stylize:", note, file=sys.stderr)
    content, styles, init = recipe.assign(pictures)

    from stylize.encoders import WeightsError, choose_dtype, load_encoder
    from stylize.film import Film
    from stylize.paint import choose_device, paint
    from stylize.picture import encode_png

    film = Film() if args.gif else None
    try:
        device = choose_device(args.device)
        encoder = load_encoder(
            recipe.encoder,
            weights=args.weights,
            pooling=recipe.pooling,
            dtype=choose_dtype(device, args.precision),
        )
        with _out_of_memory_explained(recipe), _progress(recipe, args.quiet) as report:
            for frame in paint(recipe, content, styles, init=init, encoder=encoder, device=device):
                report(frame)
                if film is not None:
                    film.add(frame)
    except (ValueError, FloatingPointError, WeightsError) as error:
        raise Failure(str(error)) from error
    painting = encode_png(frame.pixels, frame.alpha)
    reel = film.encode(FILM_BYTES) if film else None
    _write(args.output, painting)
    if reel is not None:
        _write(args.gif, reel)
    if not args.quiet:
        height, width = frame.pixels.shape[1:]
        seconds = time.monotonic() - started
        print(f"{args.output}: {width}×{height}, {frame.step} steps, {seconds:.0f} s on {device}")


def _open(path: Path) -> "Picture":
    from stylize.decode import PictureError
    from stylize.picture import decode

    try:
        with path.open("rb") as file:
            data = file.read(INPUT_BYTES + 1)
        return decode(data, str(path), max_bytes=INPUT_BYTES, max_pixels=INPUT_PIXELS)
    except OSError as error:
        raise Failure(f"cannot read {path}: {error.strerror}.") from error
    except PictureError as error:
        raise Failure(str(error)) from error


def _write(path: Path, data: bytes) -> None:
    """Write *path* as a whole or not at all."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        partial.write_bytes(data)
        partial.replace(path)
    except OSError as error:
        raise Failure(f"cannot write {path}: {error.strerror}.") from error
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _out_of_memory_explained(recipe: Recipe) -> Iterator[None]:
    from stylize.paint import is_out_of_memory

    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        raise Failure(f"out of memory: use a --size below {recipe.size}.") from error


@contextmanager
def _progress(recipe: Recipe, quiet: bool) -> Iterator[Callable[["Frame"], None]]:
    """A function that takes each frame and draws a bar, or does nothing off a terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda frame: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    from stylize.pyramid import plan

    # A step costs in proportion to the picture's area: only so is the time left honest.
    scales = plan(recipe.size, recipe.steps)
    work = sum(scale.size**2 * scale.steps for scale in scales)
    columns = (
        BarColumn(),
        TextColumn("step {task.fields[step]}/{task.fields[steps]}"),
        TextColumn("loss {task.fields[loss]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=work, step=0, steps=recipe.steps, loss="…")

        def report(frame: "Frame") -> None:
            loss = f"{frame.losses['total']:.4g}"
            bar.update(task, advance=scales[frame.scale].size ** 2, step=frame.step, loss=loss)

        yield report


def _info(args: Namespace) -> None:
    import PIL
    import torch

    from stylize.encoders import WeightsError, load_encoder
    from stylize.paint import choose_device

    rows = {
        "stylize": version("stylenet"),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "pillow": PIL.__version__,
        "device": _describe(choose_device("auto")),
    }
    for name, value in rows.items():
        print(f"{name:<9}{value}")
    try:
        load_encoder("vgg19", weights=args.weights)
    except WeightsError as error:
        raise Failure(str(error)) from error
    print(f"{'weights':<9}{args.weights}, verified")


def _describe(device: "torch.device") -> str:
    import torch

    if device.type == "cuda":
        return f"cuda, {torch.cuda.get_device_name(device)}"
    return f"cpu, {torch.get_num_threads()} threads"
