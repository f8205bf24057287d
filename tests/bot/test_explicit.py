"""What is explicit does not go out in public: asked of the real network, of harmless pictures."""

from pathlib import Path

import pytest

from bot.config import Limits, Settings
from bot.model import Order, StoredPicture
from bot.worker import explicit
from bot.worker.explicit import Check
from bot.worker.painter import Painted, Painter, Refusal
from stylize.media.picture import decode
from stylize.recipes import Transfer

SAMPLES = Path(__file__).parents[2] / "bot/fronts/web/static/samples"
BARELY = 0.02
"""A threshold that one of the harmless samples reaches: it shows a face, and some skin."""


def pixels(name: str):
    return decode((SAMPLES / f"{name}.jpg").read_bytes()).pixels


def paint(tmp_path, threshold: float, *, public: bool, content: str = "astronaut"):
    names = [StoredPicture(key=f"jobs/a/picture-{n}", name=f"{n}.jpg") for n in (1, 2)]
    order = Order(recipe=Transfer(size=64, steps=1), pictures=names, public=public)
    data = [(SAMPLES / f"{name}.jpg").read_bytes() for name in (content, "dots")]
    painter = Painter(Settings(data=tmp_path, limits=Limits(explicit=threshold)))
    *_, painted = painter.paint(order, data)
    return painted


def test_a_score_tells_skin_from_fur():
    check = Check(BARELY)
    assert check.score(pixels("chelsea")) < BARELY < check.score(pixels("astronaut")) < 0.5
    assert check.finds(pixels("astronaut"))
    assert not check.finds(pixels("chelsea"))


def test_what_is_explicit_is_refused_in_public_and_nowhere_else(tmp_path):
    with pytest.raises(Refusal, match=r"I do not post in public\. .* ask with other pictures"):
        paint(tmp_path, BARELY, public=True)
    assert isinstance(paint(tmp_path, BARELY, public=False), Painted)
    assert isinstance(paint(tmp_path, 0.8, public=True), Painted)


def test_a_painting_that_turns_out_explicit_is_held_back(tmp_path, monkeypatch):
    sizes = []

    def finds(check, picture):
        sizes.append(max(picture.shape))
        return max(picture.shape) == 64  # the painting alone

    monkeypatch.setattr(Check, "finds", finds)
    with pytest.raises(Refusal, match="explicit"):
        paint(tmp_path, 0.8, public=True)
    assert len(sizes) == 3


def test_the_check_can_be_switched_off_and_may_be_missing(monkeypatch):
    assert not Check(1.0).finds(pixels("astronaut"))
    monkeypatch.setattr(explicit, "LIBRARY", "a_library_that_is_not_there")
    assert not Check(BARELY).is_on
