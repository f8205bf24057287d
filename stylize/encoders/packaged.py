"""Weights that come inside an installed package, believed only with the hash they should have."""

import hashlib
import importlib.util
import io
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

State = Mapping[str, Tensor]


class WeightsError(Exception):
    """The weights cannot be used. The message is a sentence that says what to do."""


def find(package: str, file: str) -> Path | None:
    """The path of *file* inside *package*, found without importing it; None if not installed."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / file


def load(path: Path, sha256: str, remedy: str) -> State:
    """The state dict in *path*, loaded without running code from it. Otherwise as ``read``."""
    content = read(path, sha256, remedy)
    state: State = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    return state


def read(path: Path, sha256: str, remedy: str) -> bytes:
    """The bytes of *path*.

    Raises WeightsError, ending in *remedy*, unless they have the hash *sha256*.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"cannot read {path} ({error.strerror}): {remedy}.") from error
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise WeightsError(
            f"{path} is not the file it should be (its sha256 begins with {found[:12]}, "
            f"expected {sha256[:12]}): {remedy}."
        )
    return content
