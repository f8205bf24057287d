"""A recipe and pictures in, an iterator of frames out; the last frame is the painting."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import torch
from torch import Tensor

from stylize.colours import even
from stylize.convergence import Course, Tally
from stylize.descent import Objective, Point, minimise
from stylize.encoders import Encoder
from stylize.evaluate import Evaluate, Evaluator, evaluate
from stylize.frame import Canvas, Frame
from stylize.inputs import Compared, Finish, Inputs
from stylize.media.picture import Picture, visible_part
from stylize.pyramid import Scale, plan
from stylize.recipes.style import StyleRecipe
from stylize.regions import Region
from stylize.targets import Targets, measure

Measure = Callable[..., Targets]
"""``measure``, or what stands in for it."""

DETAIL = 0.5
"""How much of the fine detail that a painting began with comes back at the next scale, 0 to 1."""


def choose_device(name: Literal["auto", "cpu", "cuda"]) -> torch.device:
    """The device called *name*; ``auto`` takes a GPU where there is one.

    Raises ValueError when ``cuda`` is asked for and torch finds none.
    """
    present = torch.cuda.is_available()
    if name == "cuda" and not present:
        raise ValueError("torch finds no CUDA device here: use the device 'cpu'.")
    return torch.device("cuda" if present and name != "cpu" else "cpu")


def repeatable() -> None:
    """Have the same work give the same bytes on every run."""
    torch.backends.cudnn.deterministic = True  # algorithms are chosen by rule and not by race
    torch.backends.cudnn.allow_tf32 = False  # float32 means float32; bfloat16 is the fast one


def is_out_of_memory(error: BaseException) -> bool:
    """Whether *error*, raised while painting, says that the device's memory was too small."""
    # Of a CPU's memory torch raises a plain RuntimeError.
    kinds = (MemoryError, torch.OutOfMemoryError)
    return isinstance(error, kinds) or "DefaultCPUAllocator" in str(error)


def paint(
    recipe: StyleRecipe,
    content: Picture | None,
    styles: Sequence[Picture],
    *,
    encoder: Encoder,
    init: Picture | None = None,
    regions: Sequence[Region] = (),
    device: torch.device | str = "cpu",
    resume: Canvas | None = None,
    evaluator: Evaluator = evaluate,
    measure: Measure = measure,
) -> Iterator[Frame]:
    """Paint *content* in the manner of *styles*, one frame per optimiser step.

    *init*, of any size, is what the painting begins as where the recipe's ``init`` is ``picture``,
    or ``patches``, which whoever calls this has laid out.
    Where there are *regions*, each has its own styles in place of the recipe's blend, and what none
    of them covers stays the content. Their guides are of any size; without content, the painting
    has the proportions of theirs.

    Work happens as frames are asked for; closing the iterator cancels it. *evaluator* evaluates the
    loss; paintings in several threads that are given one ``Batcher`` are evaluated as a batch.
    *measure* makes the loss of what is compared; paintings may share what it measures.

    Raises ValueError for a transfer without content, no style at all, a picture to begin with that
    is missing or not asked for, a layer that the encoder does not have, another number of blend
    weights or shares than styles, or a canvas of a scale that this recipe does not have.
    """
    if recipe.task == "transfer" and content is None:
        raise ValueError("a transfer needs a content image: give one, or ask for a texture.")
    if not styles:
        raise ValueError("give at least one style image.")
    if recipe.init == "picture" and init is None:
        raise ValueError("init=picture needs one more picture, to begin with: give it.")
    if recipe.init == "patches" and init is None and content is None:
        raise ValueError("init=patches needs the pieces, laid out: give them as init.")
    if recipe.init not in ("picture", "patches") and init is not None:
        raise ValueError(f"a painting that begins with {recipe.init} needs no picture for that.")
    if not regions:
        recipe.shares(len(styles))
    if any(len(region.shares) != len(styles) for region in regions):
        raise ValueError("give each region one share for each style image.")
    if missing := {*recipe.content_layers, *recipe.style_layers}.difference(encoder.layers):
        raise ValueError(f"this encoder lacks {', '.join(sorted(missing))}: load {recipe.encoder}.")
    scales = plan(recipe.size, recipe.most_steps)
    if resume is not None and resume.scale not in range(len(scales)):
        raise ValueError(
            f"cannot resume after scale {resume.scale}: this recipe has {len(scales)}."
        )
    repeatable()
    placed = any(region.style_guides for region in regions)  # over whole style images
    inputs = Inputs(
        recipe=recipe,
        content=None if recipe.task == "texture" else content,
        styles=[style if placed else visible_part(style) for style in styles],
        init=init,
        device=torch.device(device),
        regions=regions,
    )
    return _Painter(inputs, encoder.to(inputs.device), scales, evaluator, measure).frames(resume)


@dataclass(frozen=True)
class _Painter:
    """Everything that stays the same from the first frame to the last."""

    inputs: Inputs
    encoder: Encoder
    scales: Sequence[Scale]
    evaluator: Evaluator
    measure: Measure

    @property
    def recipe(self) -> StyleRecipe:
        return self.inputs.recipe

    def frames(self, resume: Canvas | None) -> Iterator[Frame]:
        """Every frame, or those after *resume*; of a finished painting its last frame."""
        finished = -1 if resume is None else resume.scale
        pixels = None if resume is None else resume.pixels
        course = self.course(resume)
        for scale in self.scales[finished + 1 :]:
            finish = self.inputs.finish(scale)
            course.begin(scale)
            for point in self.descent(scale, pixels):
                course.advance(point.total)
                frame = self.frame(scale, course, point, finish)
                pixels = frame.pixels
                yield frame
                if course.ends_scale:
                    break
        if resume is not None and finished == len(self.scales) - 1:
            yield self.finished(resume)

    def finished(self, canvas: Canvas) -> Frame:
        """The last frame of a painting that was finished before."""
        scale = self.scales[-1]
        targets = self.targets(self.inputs.compared(scale))
        start = self.inputs.worked_on(canvas.pixels, scale)
        point = Objective(self.evaluation(targets))(start)
        course = self.course(canvas)
        course.begin(scale)
        frame = self.frame(scale, course, point, self.inputs.finish(scale))
        return replace(frame, pixels=canvas.pixels, ends_scale=True)

    def course(self, resume: Canvas | None) -> Course:
        """Counts the steps, from the beginning or from *resume*."""
        auto = self.recipe.steps == "auto"
        tally = None if resume is None else Tally(resume.step, resume.steps)
        return Course(self.scales, auto=auto, tally=tally)

    def descent(self, scale: Scale, pixels: Tensor | None) -> Iterator[Point]:
        """The points of *scale*, which begins with *pixels*, a coarser one's, where there is one.

        A method of its own, so that the pictures compared do not stay in memory with the targets.
        """
        compared = self.inputs.compared(scale)
        targets = self.targets(compared)
        start = self.inputs.beginning(scale, compared)
        if pixels is not None:
            start = compared.surround(self.enlarged(pixels, scale, start))
        evaluation, optimizer = self.evaluation(targets), self.recipe.optimizer
        return minimise(evaluation, start, scale.steps, optimizer, targets.colours)

    def targets(self, compared: Compared) -> Targets:
        """The loss of a painting that is *compared* so."""
        return self.measure(
            self.recipe,
            self.encoder,
            compared.content,
            compared.styles,
            guide=compared.guide,
            style_guides=compared.style_guides,
            regions=compared.regions,
        )

    def evaluation(self, targets: Targets) -> Evaluate:
        """The loss, and its gradient, as a function of the picture that is worked on."""
        evaluate = partial(self.evaluator, targets)
        return partial(_evaluate_grey, evaluate) if self.inputs.in_grey else evaluate

    def enlarged(self, pixels: Tensor, scale: Scale, beginning: Tensor) -> Tensor:
        """What work at *scale* begins with where a coarser one ended with *pixels*: (3, h, w).

        Enlarging makes no detail finer than a coarse pixel, and descent is slow to find any. A part
        of it is borrowed from what the painting would have been begun as at this scale.
        """
        resized = self.inputs.resized
        coarse = resized(beginning, (pixels.shape[1], pixels.shape[2]))
        detail = beginning - resized(coarse, self.inputs.shape(scale))
        return self.inputs.worked_on(pixels, scale) + DETAIL * detail

    def frame(self, scale: Scale, course: Course, point: Point, finish: Finish) -> Frame:
        """The frame of *point*, to which the last step of *course* led."""
        return Frame(
            step=course.tally.step,
            steps=course.tally.steps,
            scale=scale.index,
            scales=len(self.scales),
            losses=point.losses,
            pixels=finish(point.pixels).cpu(),
            ends_scale=course.ends_scale,
            alpha=None if finish.alpha is None else finish.alpha.round().to(torch.uint8),
            guessed=course.guessed,
            weights=self.recipe.term_weights,
            seamless=self.recipe.seamless,
        )


def _evaluate_grey(evaluate: Evaluate, pixels: Tensor) -> tuple[Mapping[str, Tensor], Tensor]:
    """Evaluate *pixels* as a grey picture: what its channels differ by does not count."""
    terms, gradient = evaluate(even(pixels))
    return terms, even(gradient)
