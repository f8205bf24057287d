"""Joining nested data of several paintings to that of a batch."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

import torch
from torch import Tensor

T = TypeVar("T")


def stacked(values: Sequence[T], like: Tensor) -> T:
    """The *values* of B paintings as one, with a leading dimension B wherever there are numbers.

    Tensors are stacked, numbers become tensors *like* the one given; mappings, tuples and
    dataclasses are entered. Whatever else there is must be the same in all. Their ``likeness`` must
    be equal.
    """
    joined: Any = values[0]
    if isinstance(joined, Tensor):
        joined = torch.stack(list(values))  # type: ignore[arg-type]
    elif isinstance(joined, int | float) and not isinstance(joined, bool):
        joined = like.new_tensor(values)
    elif isinstance(joined, Mapping):
        joined = {key: stacked([value[key] for value in values], like) for key in joined}  # type: ignore[index]
    elif isinstance(joined, tuple):
        joined = tuple(stacked(parts, like) for parts in zip(*values, strict=True))
    elif is_dataclass(joined) and not isinstance(joined, type):
        parts = {
            field.name: stacked([getattr(value, field.name) for value in values], like)
            for field in fields(joined)
        }
        joined = replace(joined, **parts)
    result: T = joined
    return result


def likeness(value: object) -> object:
    """Equal for values that can be ``stacked``: alike in all but tensors and numbers."""
    if isinstance(value, Tensor):
        return Tensor
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float
    if isinstance(value, Mapping):
        return tuple((key, likeness(value[key])) for key in sorted(value))
    if isinstance(value, tuple):
        return tuple(map(likeness, value))
    if is_dataclass(value) and not isinstance(value, type):
        parts = tuple(likeness(getattr(value, field.name)) for field in fields(value))
        return type(value), parts
    return value
