"""A comparison: two paintings side by side, in step, with their losses below them in the film."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from stylize.frame import Canvas, Frame
from stylize.media.curve import LossCurve
from stylize.media.film import Film, Pixels, encode_film
from stylize.media.picture import Picture, fit
from stylize.media.sheet import Sheet
from stylize.paint import paint
from stylize.recipes.base import only
from stylize.recipes.compare import FAVOURED, Compare
from stylize.recipes.transfer import Transfer
from stylize.tasks.base import Checkpoint, DamagedCheckpoint, Made, Resources, Result, State
from stylize.tasks.painting import canvas_of, state_of

FILM_SIZE = 560
"""Pixels: the width of the film."""
PLOT_HEIGHT = 260
"""Of the losses below the paintings, in the film."""

Inputs = Mapping[str, Sequence[Picture]]


@dataclass(frozen=True)
class CompareTask:
    """Paints both step for step; a scale that both have finished is a checkpoint."""

    recipe: type[Compare] = Compare

    def run(
        self, recipe: Compare, inputs: Inputs, resources: Resources, resume: State | None = None
    ) -> Iterator[Frame | Checkpoint | Result]:
        """As of ``Task``; each frame shows both."""
        work = _Work(recipe, inputs, resources)
        return work.events([None, None] if resume is None else work.take_up(resume))


@dataclass
class _Work:
    recipe: Compare
    inputs: Inputs
    resources: Resources
    film: Film = field(default_factory=lambda: Film(FILM_SIZE))
    seen: list[tuple[int, int]] = field(default_factory=list)
    """At which steps of both the frames of the film were kept."""
    curves: list[LossCurve] = field(default_factory=lambda: [LossCurve(), LossCurve()])

    def take_up(self, state: State) -> list[Canvas | None]:
        """Go on with what a checkpoint has kept; where both are. Raises DamagedCheckpoint."""
        try:
            self.film = Film.restore(state["kept"].tobytes())
            self.seen = [(int(one), int(other)) for one, other in state["seen"]]
            self.curves = [LossCurve.restore(state[f"loss{n}"].tobytes()) for n in (0, 1)]
        except (KeyError, ValueError, TypeError) as error:
            raise DamagedCheckpoint(f"the film of a comparison is damaged: {error}") from error
        return [canvas_of(state, recipe, f"{n}-") for n, recipe in enumerate(self.recipe.pair)]

    def events(self, canvases: Sequence[Canvas | None]) -> Iterator[Frame | Checkpoint | Result]:
        paintings = [
            self.painting(one, canvas)
            for one, canvas in zip(self.recipe.pair, canvases, strict=True)
        ]
        sheet, shown = self.sheet(), None
        for frames in _in_step(*paintings):
            shown = self.shown(sheet, frames)
            yield shown
            if shown.ends_scale and shown.scale < shown.scales - 1:
                yield Checkpoint(self.state(frames))
        yield Result(shown, self.files())

    def painting(self, recipe: Transfer, canvas: Canvas | None) -> Iterator[Frame]:
        with self.resources.evaluator() as evaluator:
            yield from paint(
                recipe,
                only(self.inputs["content"]),
                self.inputs["style"],
                init=only(self.inputs["start"]),
                encoder=self.resources.encoder(recipe.encoder, recipe.pooling),
                device=self.resources.device,
                resume=canvas,
                evaluator=evaluator,
            )

    def sheet(self) -> Sheet:
        height, width = self.inputs["content"][0].pixels.shape[-2:]
        return Sheet(fit(width, height, self.recipe.size), ("",), FAVOURED, ("", ""))

    def shown(self, sheet: Sheet, frames: Sequence[Frame]) -> Frame:
        """Both *frames* as one, which is kept for film and plot."""
        for place, frame in enumerate(frames):
            sheet.place(place, frame.pixels, frame.alpha)
            if self.curves[place].steps[-1:] != [frame.step]:  # it may have to wait for the other
                self.curves[place].add(frame)
        first, second = frames
        totals = {name: one.losses["total"] for name, one in zip(FAVOURED, frames, strict=True)}
        both = replace(
            first,
            step=first.step + second.step,
            steps=first.steps + second.steps,
            losses={**totals, "total": sum(totals.values())},
            weights={},
            pixels=sheet.pixels.float(),
            ends_scale=first.ends_scale and second.ends_scale,
            guessed=first.guessed or second.guessed,
            alpha=None,
        )
        kept = self.film.kept
        self.film.add(both)
        if self.film.kept > kept:
            self.seen.append((first.step, second.step))
        return both

    def state(self, frames: Sequence[Frame]) -> State:
        saved = {"kept": self.film.state()}
        saved |= {f"loss{n}": curve.state() for n, curve in enumerate(self.curves)}
        arrays = {name: np.frombuffer(data, np.uint8) for name, data in saved.items()}
        for n, frame in enumerate(frames):
            arrays |= state_of(Canvas.of(frame), f"{n}-")
        return {**arrays, "seen": np.array(self.seen)}

    def files(self) -> tuple[Made, ...]:
        """The film, in which the losses grow below the paintings, and the plot of them."""
        from stylize.media.plot import LossPlot, describe  # loads matplotlib

        curves = dict(zip(FAVOURED, self.curves, strict=True))
        width = self.film.frames[0].shape[1]
        below = LossPlot(
            {name.capitalize(): one for name, one in curves.items()}, width, PLOT_HEIGHT
        )
        frames: list[Pixels] = [
            np.concatenate([frame, below.pixels(*steps)])
            for frame, steps in zip(self.film.frames, self.seen, strict=True)
        ]
        said = "; ".join(f"{name}: {describe(curve)}" for name, curve in curves.items())
        film = encode_film(frames, self.resources.upload_bytes)
        return (
            Made("film", film, ".gif", "Both paintings while they grow, above the loss of each"),
            Made("plot", LossPlot(curves).png(), ".png", said),
        )


def _in_step(one: Iterator[Frame], other: Iterator[Frame]) -> Iterator[tuple[Frame, Frame]]:
    """The frames of both side by side; whose scale ends first waits for the other."""
    first: Frame | None = None
    second: Frame | None = None
    while True:
        waits = [frame is not None and frame.ends_scale for frame in (first, second)]
        both = all(waits)
        following = first if waits[0] and not both else next(one, None)
        first, second = following, second if waits[1] and not both else next(other, None)
        if first is None or second is None:
            return
        yield first, second


TASK = CompareTask()
