"""A recipe and pictures in, an iterator of frames out; the last frame is the painting."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Literal

import torch
from torch import Tensor

from stylize.descent import BRIGHTEST, DARKEST, Objective, Point, minimise
from stylize.encoders import Encoder
from stylize.evaluate import Evaluate, Look, evaluate
from stylize.guides import guide_of
from stylize.palette import even, grey, is_grey, recolour, tint
from stylize.picture import Picture, alpha_at, fit, resize, visible_part
from stylize.pyramid import Scale, plan
from stylize.recipe import LONGEST_STYLE, Recipe
from stylize.space import Space
from stylize.targets import Targets, measure

NOISE = 10.0
"""Standard deviation, in 0..255, of the noise to start from; of stronger noise, grain stays."""
DETAIL = 0.5
"""How much of the fine detail that a painting began with comes back at the next scale, 0 to 1."""


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
    """(3, h, w) float32 on the CPU, in 0..255. Not to be written to: painting goes on from it."""
    ends_scale: bool
    """The last frame of its scale: worth keeping as a ``Canvas``."""
    alpha: Tensor | None = None
    """(h, w) uint8 on the CPU: that of the content, where it is transparent somewhere."""


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


def is_out_of_memory(error: BaseException) -> bool:
    """Whether *error*, raised while painting, says that the device's memory was too small."""
    # Of a CPU's memory torch raises a plain RuntimeError.
    kinds = (MemoryError, torch.OutOfMemoryError)
    return isinstance(error, kinds) or "DefaultCPUAllocator" in str(error)


def paint(
    recipe: Recipe,
    content: Picture | None,
    styles: Sequence[Picture],
    *,
    encoder: Encoder,
    init: Picture | None = None,
    device: torch.device | str = "cpu",
    resume: Canvas | None = None,
    look: Look = evaluate,
) -> Iterator[Frame]:
    """Paint *content* in the manner of *styles*, one frame per optimiser step.

    *init*, of any size, is what the painting begins as where the recipe's ``init`` is ``picture``.

    Work happens as frames are asked for; closing the iterator cancels it. *look* evaluates the
    loss; paintings in several threads that are given one ``Together`` are evaluated as a batch.

    Raises ValueError for a transfer without content, no style at all, a picture to begin with that
    is missing or not asked for, a layer that the encoder does not have, another number of blend
    weights than styles, or a canvas of a scale that this recipe does not have.
    """
    if recipe.task == "transfer" and content is None:
        raise ValueError("a transfer needs a content image: give one, or ask for a texture.")
    if not styles:
        raise ValueError("give at least one style image.")
    if recipe.init == "picture" and init is None:
        raise ValueError("init=picture needs one more picture, to begin with: give it.")
    if recipe.init != "picture" and init is not None:
        raise ValueError(f"a painting that begins with {recipe.init} needs no picture for that.")
    recipe.shares(len(styles))
    if missing := {*recipe.content_layers, *recipe.style_layers}.difference(encoder.layers):
        raise ValueError(f"this encoder lacks {', '.join(sorted(missing))}: load {recipe.encoder}.")
    scales = plan(recipe.size, recipe.steps)
    if resume is not None and resume.scale not in range(len(scales)):
        raise ValueError(
            f"cannot resume after scale {resume.scale}: this recipe has {len(scales)}."
        )
    # cuDNN is to choose algorithms by rule and not by race: the same bytes on every run.
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.allow_tf32 = False  # float32 means float32; bfloat16 is the fast one
    painter = _Painter(
        recipe=recipe,
        content=content if recipe.task == "transfer" else None,
        styles=[visible_part(style) for style in styles],
        init=init,
        encoder=encoder.to(torch.device(device)),
        device=torch.device(device),
        scales=scales,
        look=look,
    )
    return painter.frames(resume)


@dataclass(frozen=True)
class _Painter:
    """Everything that stays the same from the first frame to the last."""

    recipe: Recipe
    content: Picture | None
    styles: Sequence[Picture]
    init: Picture | None
    encoder: Encoder
    device: torch.device
    scales: Sequence[Scale]
    look: Look

    def frames(self, resume: Canvas | None) -> Iterator[Frame]:
        """Every frame, or those after *resume*; of a finished painting its last frame."""
        finished = -1 if resume is None else resume.scale
        pixels = None if resume is None else resume.pixels
        for scale in self.scales[finished + 1 :]:
            hues, alpha = self.hues(scale), self.alpha(scale)
            for step, point in enumerate(self.descent(scale, pixels), start=1):
                frame = self.frame(scale, step, point, hues, alpha)
                pixels = frame.pixels
                yield frame
        if resume is not None and finished == len(self.scales) - 1:
            yield self.finished(resume)

    def finished(self, canvas: Canvas) -> Frame:
        """The last frame of a painting that was finished before."""
        scale = self.scales[-1]
        targets = self.targets(scale, *self.compared(scale))
        point = Objective(self.evaluation(targets))(self.worked_on(canvas.pixels, scale))
        frame = self.frame(scale, scale.steps, point, None, self.alpha(scale))
        return replace(frame, pixels=canvas.pixels)

    def descent(self, scale: Scale, pixels: Tensor | None) -> Iterator[Point]:
        """The points of *scale*, which begins with *pixels*, a coarser one's, where there is one.

        A method of its own, so that the pictures compared do not stay in memory with the targets.
        """
        content, styles = self.compared(scale)
        targets = self.targets(scale, content, styles)
        start = self.beginning(scale, content, styles)
        if pixels is not None:
            start = self.enlarged(pixels, scale, start)
        evaluation, optimizer = self.evaluation(targets), self.recipe.optimizer
        return minimise(evaluation, start, scale.steps, optimizer, targets.colours)

    def targets(self, scale: Scale, content: Tensor | None, styles: Sequence[Tensor]) -> Targets:
        """The loss at *scale*, given what ``compared`` returned: what is invisible has no part."""
        return measure(
            self.recipe,
            self.encoder,
            content,
            styles,
            guide=self.guide(scale),
            style_guides=self.style_guides(scale),
        )

    @cached_property
    def in_grey(self) -> bool:
        """Whether luminance alone is painted, as a grey picture.

        So it is where hues are the content's, and where the pictures whose colours the painting
        takes are grey: a network that was trained on colours makes up its own.
        """
        models = self.styles if self.recipe.colours == "style" else [self.content]
        return self.recipe.colours == "luminance" or all(
            model is not None and is_grey(model.pixels) for model in models
        )

    def evaluation(self, targets: Targets) -> Evaluate:
        """The loss, and its gradient, as a function of the picture that is worked on."""
        look = partial(self.look, targets)
        return partial(_look_at_grey, look) if self.in_grey else look

    def worked_on(self, pixels: Tensor, scale: Scale) -> Tensor:
        """*pixels*, (3, H, W), as work at *scale* begins with them: (3, h, w), grey if that is all.

        They may be the painting at a coarser scale. Nothing else is carried over, which is what
        makes a ``Canvas`` enough to resume.
        """
        pixels = resize(pixels, self.shape(scale)).to(self.device)
        return grey(pixels) if self.in_grey else pixels

    def beginning(self, scale: Scale, content: Tensor | None, styles: Sequence[Tensor]) -> Tensor:
        """(3, h, w) that a whole painting begins as at *scale*, given what ``compared`` returned.

        The content has the colours of the styles from the start: they are what the first steps
        would change. ``docs/method.md`` has the steps that this saves.
        """
        if self.init is not None:
            return self.worked_on(self.init.pixels, scale)
        if content is None or self.recipe.init == "noise":
            return self.worked_on(noise(self.shape(scale), self.recipe.seed), scale)
        guide = self.guide(scale)
        recoloured = [
            share * recolour(content, style, guide, style_guide)
            for share, style, style_guide in zip(
                self.recipe.shares(len(styles)), styles, self.style_guides(scale), strict=True
            )
        ]
        return torch.stack(recoloured).sum(0)

    def enlarged(self, pixels: Tensor, scale: Scale, beginning: Tensor) -> Tensor:
        """What work at *scale* begins with where a coarser one ended with *pixels*: (3, h, w).

        Enlarging makes no detail finer than a coarse pixel, and descent is slow to find any. A part
        of it is borrowed from what the painting would have been begun as at this scale.
        """
        coarse = resize(beginning, (pixels.shape[1], pixels.shape[2]))
        detail = beginning - resize(coarse, self.shape(scale))
        return self.worked_on(pixels, scale) + DETAIL * detail

    def content_at(self, scale: Scale) -> Tensor | None:
        """The content (3, h, w) as seen at *scale*, from its original pixels."""
        if self.content is None:
            return None
        return resize(self.content.pixels, self.shape(scale)).to(self.device)

    def alpha(self, scale: Scale) -> Tensor | None:
        """The content's alpha (h, w) at *scale*, where it is transparent somewhere."""
        return None if self.content is None else alpha_at(self.content, self.shape(scale))

    def guide(self, scale: Scale) -> Tensor | None:
        """How much each pixel of the content, and of the painting, counts at *scale*, (h, w)."""
        return guide_of(self.alpha(scale), self.device)

    def style_guides(self, scale: Scale) -> Sequence[Tensor | None]:
        """The same of each style image, (h, w) as it is compared with at *scale*."""
        return [
            guide_of(alpha_at(style, self.style_shape(style, scale)), self.device)
            for style in self.styles
        ]

    def hues(self, scale: Scale) -> Tensor | None:
        """The content (3, h, w) at *scale* where a painting in grey takes its hues from it."""
        return self.content_at(scale) if self.recipe.colours == "luminance" else None

    def compared(self, scale: Scale) -> tuple[Tensor | None, Sequence[Tensor]]:
        """Content and styles as they are compared with at *scale*, each (3, h, w).

        Each style image comes from its original pixels. It is as long as the painting, times
        ``style_scale``, whatever its own proportions: then a brush stroke takes up as much of the
        one as of the other. It is never longer than both the painting and ``LONGEST_STYLE``.
        """
        content = self.content_at(scale)
        styles = [
            resize(style.pixels, self.style_shape(style, scale)).to(self.device)
            for style in self.styles
        ]
        if self.in_grey:
            content = None if content is None else grey(content)
            styles = [grey(style) for style in styles]
        if content is not None and self.recipe.colours != "style":
            guide = self.guide(scale)
            styles = [
                recolour(style, content, style_guide, guide)
                for style, style_guide in zip(styles, self.style_guides(scale), strict=True)
            ]
        return content, styles

    def style_shape(self, style: Picture, scale: Scale) -> tuple[int, int]:
        """(h, w) of a style image as it is compared with at *scale*."""
        size = min(max(scale.size, LONGEST_STYLE), round(scale.size * self.recipe.style_scale))
        return _fitted(style, size)

    def shape(self, scale: Scale) -> tuple[int, int]:
        """(h, w) of the painting at *scale*."""
        if self.content is None:
            return scale.size, scale.size
        return _fitted(self.content, scale.size)

    def frame(
        self, scale: Scale, step: int, point: Point, hues: Tensor | None, alpha: Tensor | None
    ) -> Frame:
        """The frame after *step* steps at *scale*, in *hues* and with *alpha* if there are any."""
        pixels = point.pixels
        if self.in_grey:
            pixels = even(pixels)
        if hues is not None:
            pixels = tint(pixels, hues)
        return Frame(
            step=scale.first + step,
            steps=self.recipe.steps,
            scale=scale.index,
            scales=len(self.scales),
            losses=point.losses,
            pixels=pixels.cpu(),
            ends_scale=step == scale.steps,
            alpha=None if alpha is None else alpha.round().to(torch.uint8),
        )


def _look_at_grey(look: Evaluate, pixels: Tensor) -> tuple[Mapping[str, Tensor], Tensor]:
    """Evaluate *pixels* as a grey picture: what its channels differ by does not count."""
    terms, gradient = look(even(pixels))
    return terms, even(gradient)


def _fitted(picture: Picture, size: int) -> tuple[int, int]:
    height, width = picture.pixels.shape[1:]
    return fit(width, height, size)


def noise(shape: tuple[int, int], seed: int) -> Tensor:
    """(3, h, w) noise around mid-grey with a spectrum of 1/f, as photographs have it.

    Of white noise, which the paper begins with, the grain is the last thing to go: the network
    hardly sees it. Drawn on the CPU, whose generator gives the same numbers beside every device.
    """
    white = torch.randn(3, *shape, generator=torch.Generator().manual_seed(seed))
    space = Space(shape, torch.eye(3))
    pink = space.scale(space.scale(white))
    return (127.5 + NOISE * pink / pink.std()).clamp(DARKEST, BRIGHTEST)
