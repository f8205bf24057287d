"""State dicts in files, read without running code from them, and those that are downloaded once."""

import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from urllib.error import URLError

import torch

from stylize.encoders.packaged import State, WeightsError

SILENT_SECONDS = 60.0
"""For how long a server may send nothing."""


def fetch(
    url: str,
    *,
    name: str,
    keep: Callable[[str], bool],
    check: Callable[[Path], object],
    instead: str,
    sha256_prefix: str | None = None,
) -> Path:
    """What torchvision publishes at *url*, fetched once: the path of a cached file of what is kept.

    Of its tensors only those are cached, under ``$TORCH_HOME`` (by default ``~/.cache/torch``),
    whose keys are to *keep*, and only if *check* reads the file without raising. *sha256_prefix* is
    what the hash of the download must begin with, by default the one in its name, as torchvision
    has it: ``vgg19-dcbb9e9d.pth``.

    Raises WeightsError, which tells what to do *instead*, when there is no network, no space, or
    the hash is wrong.
    """
    prefix = sha256_prefix or Path(url).stem.rpartition("-")[2]
    folder = Path(torch.hub.get_dir()) / "stylenet"
    cached = folder / f"{name}-{prefix}.pth"
    if cached.exists():
        return cached
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as work:
            whole, part = Path(work) / "whole.pth", Path(work) / "part.pth"
            with _bounded(SILENT_SECONDS):
                torch.hub.download_url_to_file(url, str(whole), prefix, progress=False)
            state = read(whole, instead)
            torch.save({key: value for key, value in state.items() if keep(key)}, part)
            check(part)  # never cache what cannot be used
            part.replace(cached)
    except (URLError, HTTPException, OSError) as error:
        raise WeightsError(
            f"cannot download {url} ({getattr(error, 'reason', error)}): check the network and "
            f"the space in {folder}, or {instead}."
        ) from error
    except RuntimeError as error:  # torch.hub's word for a wrong hash
        raise WeightsError(
            f"what {url} sent is not what was expected ({error}): try again later, or {instead}."
        ) from error
    return cached


@contextmanager
def _bounded(seconds: float) -> Iterator[None]:
    """Whoever opens a connection meanwhile waits no longer than *seconds* for each answer.

    torch.hub would wait for ever, and takes no bound.
    """
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def read(path: Path, instead: str) -> State:
    """The state dict in *path*. Raises WeightsError, which tells what to do *instead*."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise WeightsError(
            f"cannot read the weights {path} ({error.strerror or error}): check the path, "
            f"or {instead}."
        ) from error
    except Exception as error:  # torch's reader fails on a damaged file in any way it likes
        raise WeightsError(
            f"{path} is not a readable state dict: it is damaged or cut short, or was not saved "
            "by torch.save. Delete it and fetch it again."
        ) from error
    if not isinstance(state, Mapping):
        raise WeightsError(f"{path} holds a {type(state).__name__}, not a state dict.")
    return state
