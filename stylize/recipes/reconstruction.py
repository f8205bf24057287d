"""What each layer keeps: content and style, reconstructed from what a layer sees of them."""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from stylize.recipes.base import Input, Recipe
from stylize.recipes.option import Option
from stylize.recipes.style import LARGEST, SMALLEST, Pooling, Size
from stylize.recipes.transfer import Transfer

ASPECT = 0.75
"""The shorter side over the longer one, as far as it is known before there is a picture."""
LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
"""The first of each block of VGG-19, as in figure 1 of the paper."""
ROWS = ("content", "style")


class Layers(Recipe):
    """Pictures from noise that have the features of the content at one layer, and the statistics of
    the style at one layer more each time (Gatys, Ecker & Bethge 2016, figure 1)."""

    about: ClassVar[str] = "show what each layer of the network keeps of a content and of a style"
    lacks: ClassVar[str] = "What the layers see is looked at for content and style apart"
    noun: ClassVar[str] = "sheet"
    film_size: ClassVar[int] = 640
    own: ClassVar[frozenset[str]] = frozenset({"size", "steps"})
    inputs: ClassVar[tuple[Input, ...]] = (
        Input("content", "the picture whose content to look at", label="a picture"),
        Input(
            "style",
            "the picture whose style to look at, where it is another one",
            least=0,
            label="another for its style",
            called="a picture whose style to look at",
        ),
    )
    task: Literal["layers"] = "layers"
    size: Size = Field(default=256, ge=SMALLEST, le=LARGEST)
    """The longer side of each picture on the sheet, in pixels."""
    steps: Annotated[int, Option("steps for each of the pictures", "100", label="Steps")] = Field(
        default=50, ge=1, le=500
    )
    rows: Annotated[
        Literal["both", "content", "style"],
        Option(
            "what to look at: content, style, or both",
            "style",
            label="Show",
            words={"both": "content and style", "content": "the content", "style": "the style"},
        ),
    ] = "both"
    """Of one picture alone, content and style are both its own."""
    pooling: Annotated[Pooling, Option("of VGG-19", "average", expert=True)] = "max"
    seed: Annotated[int, Option("another seed, another noise", "7", expert=True)] = Field(
        default=0, ge=0, le=2**63 - 1
    )

    @property
    def cost(self) -> float:
        """As of ``Recipe``: each step of each picture is one evaluation."""
        return len(self.looked_at) * len(LAYERS) * self.steps * self.size**2 * ASPECT / 1e6

    @property
    def looked_at(self) -> tuple[str, ...]:
        """Those of ``ROWS`` that the sheet has."""
        return ROWS if self.rows == "both" else (self.rows,)

    def check(self, count: int) -> None:
        """As of ``Recipe``. Raises ValueError, too, for a second picture where one row is shown."""
        super().check(count)
        if count > 1 and self.rows != "both":
            raise ValueError(f"the row of the {self.rows} is of one picture: give that alone")

    def told(self, names: Sequence[str]) -> str:
        """As of ``Recipe``."""
        said, first, last = self.named(names), LAYERS[0], LAYERS[-1]
        rows = {
            "content": f"{said['content']} out of each layer from {first} to {last} alone",
            "style": f"the style of {said['style'] or said['content']} out of one layer more each "
            f"time, from {first} to {last}",
        }
        shown = "; below, ".join(rows[row] for row in self.looked_at)
        return f"A sheet of reconstructions: {shown}"

    def compared(self, depth: int) -> Transfer:
        """What the picture at *depth*, 0 for relu1_1, is compared by: the content at this layer
        alone, the style at all from the first to this one, in equal parts."""
        return Transfer(
            content_layers=LAYERS[depth : depth + 1],
            style_layers=dict.fromkeys(LAYERS[: depth + 1], 1 / (depth + 1)),
            content_weight=1.0,
            style_weight=1.0,
            pooling=self.pooling,
        )
