"""A comparison: the same painting with the content and with the style in favour."""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from stylize.recipes.option import Option
from stylize.recipes.style import LARGEST, MOST_WEIGHT, SMALLEST, Size
from stylize.recipes.transfer import ContentRecipe, Transfer

FAVOURED = ("content in favour", "style in favour")


class Compare(ContentRecipe):
    """Two paintings that differ in α alone, as those of figure 4 of the paper do."""

    about: ClassVar[str] = "paint a content image twice: with it, and with the style in favour"
    noun: ClassVar[str] = "comparison"
    own: ClassVar[frozenset[str]] = frozenset({"size"})
    subject: ClassVar[str] = ""
    task: Literal["compare"] = "compare"
    size: Size = Field(default=384, ge=SMALLEST, le=LARGEST)
    """The longer side of each of the two, in pixels."""
    apart: Annotated[
        float,
        Option(
            "how far apart the two are in strength: 70 are 15 and 85",
            "50",
            label="Apart",
            words={"30": "a little", "70": "usual", "100": "as far as can be"},
        ),
    ] = Field(default=70.0, ge=1, le=100, allow_inf_nan=False)
    """Half of it is taken from the strength for the one, and added to it for the other."""
    on: Literal["everything"] = "everything"
    show: Literal["painting"] = "painting"

    @model_validator(mode="after")
    def _check_weights(self) -> Self:
        """Refuse now what could not be painted later."""
        if self.content_weight * self._factor > MOST_WEIGHT:
            raise ValueError("the content weighs too much for one that favours it: lower alpha")
        return self

    @property
    def _factor(self) -> float:
        """Between the content weight and that of either painting: 10 for 25 of strength."""
        return float(10 ** (self.apart / 50))

    @property
    def pair(self) -> tuple[Transfer, Transfer]:
        """What paints the one with the content in favour, and the other with the style."""
        same = {
            name: getattr(self, name)
            for name in Transfer.model_fields
            if name not in ("task", "content_weight")
        }
        first, second = (
            Transfer.model_validate({**same, "content_weight": self.content_weight * by})
            for by in (self._factor, 1 / self._factor)
        )
        return first, second

    def told(self, names: Sequence[str]) -> str:
        """As of ``Recipe``."""
        left, right = FAVOURED
        return f"{super().told(names)} twice: {left} on the left, {right} on the right"

    @property
    def cost(self) -> float:
        """As of ``Recipe``: that of both."""
        return sum(one.cost for one in self.pair)
