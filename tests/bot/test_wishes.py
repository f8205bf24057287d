"""What is wished beside a painting: asked for in words, kept over a kill, and given as files."""

import io

import pytest
from PIL import Image

from bot.commands.grammar import parse
from bot.commands.options import WISHES, options_in, wishes_in
from bot.config import Settings
from bot.model import Order, Progress, StoredPicture, Wishes
from bot.worker.painter import Painted, Painter, Saved
from bot.worker.record import NO_LOSS, Record
from stylize.recipes import Transfer
from stylize.tasks.base import Checkpoint, Made
from tests.pictures import png, stripes

NAMES = tuple(StoredPicture(key=f"jobs/a/picture-{n}", name=f"{n}.png") for n in (1, 2))
PICTURES = [png(64, 16), stripes(32, 32)]
RECIPE = Transfer(size=384, steps=4)
"""Two scales, of few pixels."""


def order(**wishes: bool) -> Order:
    return Order(recipe=RECIPE, pictures=NAMES, wishes=Wishes(**wishes))


@pytest.fixture
def painter(tmp_path) -> Painter:
    return Painter(Settings(data=tmp_path))


def test_each_wish_is_written_as_its_name_and_spelled_again():
    settings = Settings()
    for name, option in WISHES.items():
        given = parse(f"!stylenet {name}", settings)
        wishes = wishes_in(given.options)
        assert wishes.model_dump() == Wishes().model_dump() | {option.field: True}
        asked = Order(recipe=Transfer(size=256), pictures=NAMES, wishes=wishes)
        assert options_in(asked, settings.painting) == name


def test_an_order_of_a_version_that_knew_the_film_only_is_read():
    written = order(film=True).model_dump(mode="json")
    assert written["wishes"] == {"film": True, "plot": False, "video": False}
    del written["wishes"]
    assert Order.model_validate(written | {"film": True}).wishes == Wishes(film=True)
    assert Order.model_validate(written | {"film": False}).wishes == Wishes()


def test_a_plot_comes_with_the_painting_and_tells_what_is_to_be_seen(painter):
    *events, painted = painter.paint(order(plot=True), PICTURES)
    assert isinstance(painted, Painted)
    assert [made.role for made in painted.files] == ["result", "plot"]
    plot = painted.files[1]
    assert Image.open(io.BytesIO(plot.data)).format == "PNG"
    assert plot.alt.startswith("The loss from step 1 to 4 at 2 sizes: total from ")
    reports = [event for event in events if isinstance(event, Progress)]
    curves = [event.curve for event in reports if event.curve]
    assert set(curves[0].terms) == {"total", "content", "style", "total_variation"}
    assert all(report.repeated().curve is None for report in reports)


def test_after_a_kill_plot_and_film_are_as_if_nothing_had_happened(painter):
    asked = order(plot=True, film=True)
    *events, whole = painter.paint(asked, PICTURES)
    [saved] = [event for event in events if isinstance(event, Saved)]
    *_, resumed = painter.paint(asked, PICTURES, saved.data)
    assert isinstance(resumed, Painted)
    assert resumed.files == whole.files


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        ("!layers size=64 steps=2 plot gif", ["result", "film", "plot"]),
        ("!compare size=384 steps=4", ["result", "film", "plot"]),  # both are always made
    ],
)
def test_sheets_of_layers_and_comparisons_go_through_the_door(painter, text, roles):
    settings = Settings()
    given = parse(text, settings)
    recipe, wishes = given.command.read(given, settings), wishes_in(given.options)
    asked = Order(recipe=recipe, pictures=NAMES, wishes=wishes)
    *events, whole = painter.paint(asked, PICTURES)
    assert [made.role for made in whole.files] == roles
    assert whole.files[-1].alt.startswith(("The loss", "content in favour: The loss"))
    assert "10 sizes" not in whole.files[-1].alt
    saved = [event for event in events if isinstance(event, Saved)]
    *_, resumed = painter.paint(asked, PICTURES, saved[len(saved) // 2].data)
    assert resumed.files == whole.files


def test_a_checkpoint_of_a_version_without_plots_goes_on(painter):
    record = Record(Wishes(plot=True))
    saved = record.save(Checkpoint({}))
    state, kept = Record.restore(saved, record.wishes)
    assert (state, kept.curve.steps) == ({}, [])


def test_what_a_work_makes_itself_is_not_made_twice_and_no_loss_is_told():
    record = Record(Wishes(plot=True))
    assert record.files(10**6, []) == []
    assert record.notes == (NO_LOSS,)
    assert Record(Wishes()).notes == ()
    made = [Made("film", b"", ".gif")]
    assert Record(Wishes(film=True)).files(10**6, made) == []
