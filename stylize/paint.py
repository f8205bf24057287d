"""A recipe and pictures in, an iterator of frames out; the last frame is the painting."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from stylize.descent import minimise
from stylize.encoders import Encoder, check_layers
from stylize.picture import Picture, fit, resize
from stylize.pyramid import plan
from stylize.recipe import Recipe
from stylize.targets import measure


@dataclass(frozen=True)
class Frame:
    """The state of a painting after one step."""

    step: int
    """1-based, counted over all scales."""
    steps: int
    scale: int
    """0-based, the coarsest first."""
    scales: int
    losses: Mapping[str, float]
    """``content``, ``style``, ``total_variation``, unweighted, and the weighted ``total``."""
    pixels: Tensor
    """(3, h, w) float32 on the CPU, in 0..255."""
    ends_scale: bool
    """The last frame of its scale: worth keeping as a ``Canvas``."""


@dataclass(frozen=True)
class Canvas:
    """A finished scale. Resuming from it gives the same bytes as never having stopped."""

    scale: int
    pixels: Tensor
    """(3, h, w) float32, as in the frame that ended the scale."""


def choose_device(name: Literal["auto", "cpu", "cuda"]) -> torch.device:
    """The device called *name*; ``auto`` takes a GPU where there is one.

    Raises ValueError when ``cuda`` is asked for and torch finds none.
    """
    present = torch.cuda.is_available()
    if name == "cuda" and not present:
        raise ValueError("torch finds no CUDA device here: use the device 'cpu'.")
    return torch.device("cuda" if present and name != "cpu" else "cpu")


def paint(
    recipe: Recipe,
    content: Picture | None,
    styles: Sequence[Picture],
    *,
    encoder: Encoder,
    device: torch.device | str = "cpu",
    resume: Canvas | None = None,
) -> Iterator[Frame]:
    """Paint *content* in the manner of *styles*, one frame per optimiser step.

    Work happens as frames are asked for; closing the iterator cancels it.

    Raises ValueError for a transfer without content, no style at all, a layer that the encoder
    does not have, or another number of blend weights than styles.
    """
    if recipe.task == "transfer" and content is None:
        raise ValueError("a transfer needs a content image: give one, or ask for a texture.")
    if not styles:
        raise ValueError("give at least one style image.")
    recipe.shares(len(styles))
    check_layers(encoder, [*recipe.content_layers, *recipe.style_layers])
    if recipe.task == "texture":
        content = None
    return _paint(recipe, content, styles, encoder, torch.device(device), resume)


def _paint(
    recipe: Recipe,
    content: Picture | None,
    styles: Sequence[Picture],
    encoder: Encoder,
    device: torch.device,
    resume: Canvas | None,
) -> Iterator[Frame]:
    scales = plan(recipe.size, recipe.steps)
    encoder = encoder.to(device)
    pixels = None if resume is None else resume.pixels
    done = -1 if resume is None else resume.scale
    for scale in scales[done + 1 :]:
        sized = [_sized(style, scale.size).to(device) for style in styles]
        target = None if content is None else _sized(content, scale.size).to(device)
        shape = (scale.size, scale.size) if target is None else (target.shape[1], target.shape[2])
        if pixels is not None:
            start = resize(pixels, shape)
        elif recipe.init == "noise" or target is None:
            generator = torch.Generator().manual_seed(recipe.seed)
            start = torch.rand((3, *shape), generator=generator) * 255
        else:
            start = target
        targets = measure(recipe, encoder, target, sized)
        points = minimise(targets.losses, start.to(device), scale.steps, recipe.optimizer)
        for step, point in enumerate(points, start=1):
            pixels = point.pixels.cpu()
            yield Frame(
                step=scale.first + step,
                steps=recipe.steps,
                scale=scale.index,
                scales=len(scales),
                losses=point.losses,
                pixels=pixels,
                ends_scale=step == scale.steps,
            )


def _sized(picture: Picture, size: int) -> Tensor:
    height, width = picture.pixels.shape[1:]
    return resize(picture.pixels, fit(width, height, size))
