"""The door: orders and bytes in, paintings out, one at a time or several at once."""

import io
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from bot.config import Settings, Workers
from bot.model import Order, StoredPicture, Wishes
from bot.worker.painter import Painted, Painter
from stylize.media.film import Film
from stylize.recipes import Transfer
from tests.pictures import png, stripes

NO_FILM = np.frombuffer(Film().state(), np.uint8)
NAMES = tuple(StoredPicture(key=f"jobs/a/picture-{n}", name=f"{n}.png") for n in (1, 2))


def order(**recipe: object) -> Order:
    return Order(recipe=Transfer(**{"size": 64, "steps": 3, **recipe}), pictures=NAMES)


def pictures() -> list[bytes]:
    return [png(80, 60), stripes(60, 80)]


def paint(painter: Painter, wanted: Order) -> Painted:
    *_, painted = painter.paint(wanted, pictures())
    assert isinstance(painted, Painted)
    return painted


def test_how_far_a_painting_that_ends_by_itself_is_never_falls(tmp_path, monkeypatch):
    monkeypatch.setattr("bot.worker.painter.REPORT_SECONDS", 0)
    monkeypatch.setattr("stylize.convergence.SHARE", 0.3)
    wanted = order(steps="auto").model_copy(update={"wishes": Wishes(film=True)})
    *reports, painted = Painter(Settings(data=tmp_path)).paint(wanted, pictures())
    fractions = [report.step / report.steps for report in reports]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1 > fractions[-2]
    assert reports[0].place.startswith("step 1 of about ")
    assert reports[-1].place == f"step {len(reports)} of {len(reports)}"
    assert reports[-1].seconds_left == 0
    assert all(report.seconds_left >= 0 for report in reports[1:])
    with Image.open(io.BytesIO(painted.file("film"))) as film:
        film.seek(film.n_frames - 1)
        shown = np.asarray(film.convert("RGB"), np.int16)
    with Image.open(io.BytesIO(painted.file("result"))) as picture:
        assert np.abs(shown - np.asarray(picture, np.int16)).mean() < 12  # but for a GIF's colours


@pytest.mark.parametrize("encoder", [True, False])
def test_a_chat_without_gifs_gets_its_film_as_a_video_where_there_is_an_encoder(
    tmp_path, monkeypatch, encoder
):
    monkeypatch.setattr("bot.worker.record.can_encode", lambda: encoder)
    wanted = order().model_copy(update={"wishes": Wishes(film=True, video=True)})
    _, film = paint(Painter(Settings(data=tmp_path)), wanted).files
    assert (film.role, film.suffix) == ("film", ".mp4" if encoder else ".gif")
    assert film.data.startswith(b"GIF8") is not encoder


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_an_order_is_painted_in_either_precision(tmp_path, precision):
    settings = Settings(data=tmp_path, workers=Workers(precision=precision))
    painted = paint(Painter(settings), order())
    assert (painted.width, painted.height) == (64, 48)


def test_what_its_author_should_know_of_an_order_comes_with_the_painting(tmp_path):
    wanted = order().model_copy(update={"notes": ("I took `size` for plain talk.",)})
    assert paint(Painter(Settings(data=tmp_path)), wanted).notes == wanted.notes


PIXELS = np.full((3, 48, 64), 128, np.float32)
NO_CHECKPOINTS = {
    "nothing": {},
    "no-film": {"scale": 0, "pixels": PIXELS},
    "a-scale-too-far": {"scale": 7, "pixels": PIXELS, "film": NO_FILM},
    "before-the-first": {"scale": -1, "pixels": PIXELS, "film": NO_FILM},
    "grey": {"scale": 0, "pixels": PIXELS[0], "film": NO_FILM},
    "another-type": {"scale": 0, "pixels": PIXELS.astype(np.float64), "film": NO_FILM},
    "no-numbers": {"scale": 0, "pixels": PIXELS * np.nan, "film": NO_FILM},
    "objects": {"scale": 0, "pixels": np.array([PIXELS, None], dtype=object), "film": NO_FILM},
    "a-broken-film": {"scale": 0, "pixels": PIXELS, "film": np.zeros(9, np.uint8)},
}


@pytest.mark.parametrize("saved", NO_CHECKPOINTS.values(), ids=NO_CHECKPOINTS)
def test_a_checkpoint_that_is_none_is_not_painted_on_from(tmp_path, saved):
    buffer = io.BytesIO()
    np.savez(buffer, **saved)
    painter = Painter(Settings(data=tmp_path))
    *_, painted = painter.paint(order(), pictures(), buffer.getvalue())
    assert painted.file("result") == paint(painter, order()).file("result")


def test_orders_of_one_shape_are_painted_together(tmp_path, evaluated):
    painter = Painter(Settings(data=tmp_path, workers=Workers(together=2)))
    orders = [order(style_weight=1.0), order(style_weight=1000.0)]
    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(paint, [painter] * 2, orders))
    assert (2, 3, 48, 64) in evaluated
    assert found[0].file("result") != found[1].file("result")
