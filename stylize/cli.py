"""The command line: ``stylize transfer``, ``stylize texture``, ``stylize info``.

torch is imported only once there is something to paint, so that help and mistakes are answered
at once. Exit codes: 0 done, 1 failed, 2 wrong usage, 130 stopped with Ctrl-C, 143 with SIGTERM.
"""

import os
import platform
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from stylize.media.formats import FORMATS
from stylize.options import UsageError, build_parser, flag_of, given_in, pictures_in
from stylize.plugins import PluginError
from stylize.recipes import Recipe, known, options_of, usual_in
from stylize.recipes.base import only
from stylize.stopping import Stopping

if TYPE_CHECKING:
    import torch

    from stylize.frame import Frame
    from stylize.media.curve import LossCurve
    from stylize.media.film import Film
    from stylize.media.picture import Picture
    from stylize.tasks.base import Checkpoint, Made, Result

INPUT_BYTES = 200_000_000
INPUT_PIXELS = 150_000_000
"""Pictures here are the user's own, so the caps are wider than for strangers."""

FILM_BYTES = 10_000_000
"""What common chats let people upload."""


class Failure(Exception):
    """Something outside of this program is not as it should be; the message is one line."""


class Stopped(Exception):
    """A painting was ended before it was finished; the message is one line on what is kept."""


def main() -> None:
    """Entry point of the console script ``stylize``."""
    with Stopping() as stopping:
        try:
            run(sys.argv[1:], stopping)
            code, message = 0, ""
        except UsageError as error:
            code, message = 2, str(error)
        except (Failure, PluginError) as error:
            code, message = 1, str(error)
        except Stopped as stop:
            code, message = stopping.code, str(stop)
        except KeyboardInterrupt:
            code, message = stopping.code, "stopped; nothing was written."
        if message:
            print("stylize:", " ".join(message.split()), file=sys.stderr)
    sys.exit(code)


def run(arguments: list[str], stopping: Stopping) -> None:
    """Carry out one command line. Raises UsageError, Failure, Stopped or KeyboardInterrupt."""
    args = build_parser(known()).parse_args(arguments)
    if args.command == "info":
        _info(args)
        return
    recipe = make_recipe(args)
    paths = pictures_in(args, recipe)
    _check_paths(args, paths)
    _paint(args, recipe, paths, stopping)


def make_recipe(args: Namespace) -> Recipe:
    """The recipe that the options ask for; what they leave open is as usual.

    Raises UsageError.
    """
    kind = known()[args.command]
    try:
        recipe = kind.model_validate(usual_in(kind) | given_in(args, kind))
    except ValidationError as error:
        raise UsageError(_explain(error, kind)) from None
    try:
        recipe.check(len(pictures_in(args, recipe)))
    except ValueError as error:
        raise UsageError(f"{error}.") from None
    return recipe


def _explain(error: ValidationError, kind: type[Recipe]) -> str:
    problem = error.errors(include_url=False)[0]
    field, *inside = problem["loc"] or ("",)
    reason = problem["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    if not field:  # it is about the whole
        return f"{reason}."
    value = "" if isinstance(problem["input"], dict | tuple | list) else f" {problem['input']}"
    where = f" ({inside[0]})" if inside and isinstance(inside[0], str) else ""
    flags = [flag_of(one) for one in options_of(kind).values() if one.field == field]
    return f"{flags[-1] if flags else field}{value}{where}: {reason}."


def _check_paths(args: Namespace, pictures: list[Path]) -> None:
    """Find out before hours of painting whether the results can be written."""
    written = (
        ("-o", args.output, FORMATS),
        ("--gif", args.gif, [".gif"]),
        ("--plot", args.plot, [".png"]),
    )
    for option, path, suffixes in written:
        if path is None:
            continue
        if path.suffix.lower() not in suffixes:
            *others, last = suffixes
            choice = f"{', '.join(others)} or {last}" if others else last
            raise UsageError(f"{option} {path}: the name must end in {choice}.")
        if any(path.exists() and source.exists() and path.samefile(source) for source in pictures):
            raise UsageError(f"{option} {path}: that would overwrite one of the pictures.")
        if path.is_dir():
            raise Failure(f"cannot write {path}: it is a directory.")
        try:
            with tempfile.TemporaryFile(dir=path.parent):
                pass
        except OSError as error:
            raise Failure(f"cannot write {path}: {error.strerror} ({path.parent}).") from error


def _paint(args: Namespace, recipe: Recipe, paths: list[Path], stopping: Stopping) -> None:
    started = time.monotonic()
    pictures = [_open(path) for path in paths]
    inputs = recipe.assign(pictures)
    if not args.quiet:
        for note in _notes(args, pictures, only(inputs["content"])):
            print("stylize:", note, file=sys.stderr)

    from stylize.encoders import WeightsError, choose_dtype, load_encoder
    from stylize.media.curve import LossCurve
    from stylize.media.film import Film
    from stylize.paint import choose_device
    from stylize.progress import progress
    from stylize.tasks import tasks
    from stylize.tasks.base import Resources

    film, curve = Film(recipe.film_size) if args.gif else None, LossCurve()
    try:
        device = choose_device(args.device)
        dtype = choose_dtype(device, args.precision)
        load = partial(load_encoder, weights=args.encoder_weights, dtype=dtype)
        any_size = sys.maxsize  # a folder takes every file
        resources = Resources(device, lambda name, pooling: load(name, pooling=pooling), any_size)
        with _out_of_memory_explained(recipe), progress(recipe, args.quiet) as report:
            events = tasks()[type(recipe)].run(recipe, inputs, resources)
            frame, result = _last(events, report, film, curve, stopping)
    except (ValueError, FloatingPointError, WeightsError) as error:
        raise Failure(str(error)) from error
    _save(args, frame, film, curve)
    beside = {_beside(args.output, made): made for made in result.files}
    for path, made in beside.items():
        _write(path, made.data)
    if not args.quiet:
        for note in result.notes:
            print("stylize:", note, file=sys.stderr)
    height, width = frame.pixels.shape[1:]
    if stopping.signal:
        kept = f"{args.output} holds the {recipe.noun} so far, {width}×{height}"
        filmed = f", and {args.gif} the film of it" if film else ""
        filmed += "".join(f", and {path} the {made.role}" for path, made in beside.items())
        about = "about " if frame.guessed else ""
        raise Stopped(f"stopped after step {frame.step} of {about}{frame.steps}: {kept}{filmed}.")
    if not args.quiet:
        seconds = time.monotonic() - started
        print(f"{args.output}: {width}×{height}, {frame.step} steps, {seconds:.0f} s on {device}")


def _beside(output: Path, made: "Made") -> Path:
    """Where a file goes that came of a work beside its picture."""
    return output.with_name(f"{output.stem}-{made.role}{made.suffix}")


def _last(
    events: "Iterator[Frame | Checkpoint | Result]",
    report: Callable[["Frame"], None],
    film: "Film | None",
    curve: "LossCurve",
    stopping: Stopping,
) -> "tuple[Frame, Result]":
    """The last frame, or the last before Ctrl-C, once there is one, and what came beside it."""
    from stylize.frame import Frame
    from stylize.tasks.base import Checkpoint, Result

    last: Frame | None = None
    result = Result()
    so_far: Callable[[], Result] | None = None
    try:
        for event in events:
            match event:
                case Frame():
                    last = event
                    report(event)
                    curve.add(event)
                    if film is not None:
                        film.add(event)
                case Checkpoint():
                    so_far = event.so_far
                case Result():
                    last, result = event.frame or last, event
        stopping.saving = True
    except KeyboardInterrupt:
        if last is None:
            raise
        if film is not None:
            film.add(replace(last, steps=last.step))  # a film ends with what is kept
        if so_far is not None:
            result = so_far()
            last = replace(result.frame or last, step=last.step)
    if last is None:
        raise Failure("this work shows no picture, and the shell knows how to keep nothing else.")
    return last, result


def _notes(args: Namespace, pictures: list["Picture"], content: "Picture | None") -> Iterator[str]:
    """What the user may not expect of pictures and painting, a sentence each."""
    for picture in pictures:
        if picture.note:
            yield picture.note
    transparent = content is not None and content.alpha is not None
    if transparent and not FORMATS[args.output.suffix.lower()].keeps_alpha:
        yield f"{args.output} will be white where {args.content} is transparent: a PNG keeps that."


def _save(args: Namespace, frame: "Frame", film: "Film | None", curve: "LossCurve") -> None:
    """Write the painting, the plot of its loss if it is asked for, and the film if there is one.

    Raises Failure; Stopped where the painting was written and there was no time for the film.
    """
    from stylize.media.picture import encode_as

    _write(args.output, encode_as(frame.pixels, frame.alpha, args.output.suffix.lower()))
    if args.plot:
        _plot(args.plot, curve)
    if film is None:
        return
    try:
        _write(args.gif, film.encode(FILM_BYTES))
    except KeyboardInterrupt:
        raise Stopped(f"stopped; {args.output} was written, {args.gif} was not.") from None


def _plot(path: Path, curve: "LossCurve") -> None:
    """Write a plot of *curve*. Raises Failure where there is nothing to plot."""
    if not curve.steps:
        raise Failure(f"this work has no loss to plot: {path} was not written.")
    from stylize.media.plot import LossPlot  # loads matplotlib

    _write(path, LossPlot({"": curve}).png())


def _open(path: Path) -> "Picture":
    from stylize.media.decode import PictureError
    from stylize.media.picture import decode

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
        smaller = getattr(recipe, "size", "what it is")
        raise Failure(f"out of memory: use a --size below {smaller}.") from error


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
        load_encoder("vgg19", weights=args.encoder_weights)
    except WeightsError as error:
        raise Failure(str(error)) from error
    print(f"{'weights':<9}{args.encoder_weights}, verified")


def _describe(device: "torch.device") -> str:
    import torch

    if device.type == "cuda":
        return f"cuda, {torch.cuda.get_device_name(device)}"
    return f"cpu, {torch.get_num_threads()} threads"
