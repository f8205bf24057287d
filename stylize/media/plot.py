"""Loss curves ─► a picture of them: each term over the steps, on a logarithmic axis.

matplotlib takes a second to load, so only what plots imports this module. Figures are made without
``pyplot``, whose state all threads would share.
"""

import io
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from stylize.media.curve import LossCurve

WIDTH, HEIGHT = 960, 600
"""Of a plot on its own, in pixels: readable at the width of a phone, about two fifths of that."""
DPI = 100
FONT, SMALLEST_FONT = 20.0, 11.0
"""In points, of a plot that wide, and of a narrow one."""
INK, FAINT = "#6b6157", "#e4ddd3"
COLOURS = {
    "total": "#29241f",
    "content": "#2f6f9f",
    "style": "#b3362b",
    "total_variation": "#5d8a4a",
}
OTHERS = ("#8a5a9e", "#c2852c", "#3f8f8b", "#8b6b52")
"""Colours of further terms, in their order."""


class LossPlot:
    """A panel for each of *curves*, by its title, side by side on one scale."""

    def __init__(
        self, curves: Mapping[str, LossCurve], width: int = WIDTH, height: int = HEIGHT
    ) -> None:
        """*width* and *height* are in pixels. Raises ValueError for a curve without a step."""
        if not all(curve.steps for curve in curves.values()):
            raise ValueError("a plot needs the losses of at least one step")
        self._curves = list(curves.values())
        figure = Figure((width / DPI, height / DPI), dpi=DPI, layout="constrained")
        self._figure, self._canvas = figure, _canvas_of(figure)
        font = max(SMALLEST_FONT, FONT * width / len(curves) ** 0.25 / WIDTH)
        self._panels = panels = figure.subplots(1, len(curves), sharey=True, squeeze=False)[0]
        self._lines = [
            _lines(panel, curve) for panel, curve in zip(panels, self._curves, strict=True)
        ]
        for panel, title in zip(panels, curves, strict=True):
            _dress(panel, title, font)
        if all(
            value > 0 for one in self._curves for found in one.terms.values() for value in found
        ):
            panels[0].set_yscale("log")
            panels[0].yaxis.set_major_formatter(lambda value, position: f"{value:g}")
        for panel, curve in zip(panels, self._curves, strict=True):
            _mark_scales(panel, curve, 0.8 * font)
        panels[0].set_ylabel("loss, weighted", size=0.8 * font)
        figure.legend(
            handles=self._lines[0],
            loc="outside lower center",
            ncols=len(self._lines[0]),
            fontsize=0.8 * font,
            frameon=False,
        )

    def png(self) -> bytes:
        """The plot as a PNG; the same curves give the same bytes."""
        buffer = io.BytesIO()
        self._figure.savefig(buffer, format="png", metadata={"Software": None})
        return buffer.getvalue()

    def pixels(self, *steps: int) -> NDArray[np.uint8]:
        """(H, W, 3), RGB: as it was after these *steps*, one a curve, on the axes of the whole."""
        self._canvas.restore_region(self._ground)
        for panel, lines, curve, step in zip(
            self._panels, self._lines, self._curves, steps, strict=True
        ):
            for line, values in zip(lines, curve.terms.values(), strict=True):
                line.set_data(*_broken(curve, values, step))
            for line in sorted(lines, key=Line2D.get_zorder):
                panel.draw_artist(line)
        return np.asarray(self._canvas.buffer_rgba())[..., :3].copy()

    @cached_property
    def _ground(self) -> Any:
        """All but the lines, drawn once: to draw it takes longer than many lines do."""
        lines = [line for panel in self._lines for line in panel]
        for line in lines:
            line.set_visible(False)
        self._canvas.draw()
        for line in lines:
            line.set_visible(True)
        return self._canvas.copy_from_bbox(self._figure.bbox)


def describe(curve: LossCurve) -> str:
    """A plot of *curve* for those who cannot see it: where each term begins and ends."""
    first, last = curve.steps[0], curve.steps[-1]
    said = [
        f"{_words(name)} from {values[0]:.3g} to {values[-1]:.3g}"
        for name, values in curve.terms.items()
    ]
    count = len({mark.size for mark in curve.marks})
    sizes = f" at {count} sizes" if count > 1 else ""
    return f"The loss from step {first} to {last}{sizes}: {', '.join(said)}"


def _canvas_of(figure: Figure) -> Any:  # most of its methods are without types
    return FigureCanvasAgg(figure)


def _lines(panel: Axes, curve: LossCurve) -> list[Line2D]:
    others = iter(OTHERS * len(curve.terms))
    return [
        panel.plot(
            *_broken(curve, values, curve.steps[-1]),
            color=COLOURS.get(name) or next(others),
            linewidth=2.6 if name == "total" else 1.8,
            marker="o" if len(curve.steps) == 1 else None,
            label=_words(name),
            zorder=2 if name == "total" else 3,
        )[0]
        for name, values in curve.terms.items()
    ]


def _broken(
    curve: LossCurve, values: Sequence[float], until: int
) -> tuple[list[float], list[float]]:
    """Steps *until* one and their *values*, with a gap before each new scale: its pictures, and so
    its losses, are others."""
    begins = {mark.step for mark in curve.marks}
    x: list[float] = []
    y: list[float] = []
    for step, value in zip(curve.steps, values, strict=True):
        if step > until:
            break
        gap = [float("nan")] if step in begins else []
        x += [*gap, step]
        y += [*gap, value]
    return x, y


def _dress(panel: Axes, title: str, font: float) -> None:
    small = 0.8 * font
    panel.set_title(title, size=font, loc="left")
    panel.set_xlabel("step", size=small)
    panel.tick_params(labelsize=small)
    panel.margins(x=0.02, y=0.08)
    panel.grid(axis="y", color=FAINT, linewidth=0.8)
    panel.spines[["top", "right"]].set_visible(False)


def _mark_scales(panel: Axes, curve: LossCurve, size: float) -> None:
    """Where each scale begins, and how large its pictures are."""
    for mark in curve.marks if len(curve.marks) > 1 else ():
        panel.axvline(mark.step, color=INK, linewidth=0.9, linestyle=":", zorder=1)
        if len({mark.size for mark in curve.marks}) == 1:
            continue  # the parts of a sheet
        panel.annotate(
            f"{mark.size} px",
            (mark.step, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(4, -2),
            textcoords="offset points",
            va="top",
            size=size,
            color=INK,
        )


def _words(name: str) -> str:
    return name.replace("_", " ")
