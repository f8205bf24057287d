"""Dreams through the painter's door: films and checkpoints as the worker keeps them."""

import io

import pytest
from PIL import Image

from bot.config import Limits, Settings
from bot.model import Order, StoredPicture, Wishes
from bot.worker.painter import Painted, Painter, Refusal, Saved
from stylize.recipes import Dream
from tests.pictures import png, stripes

SHORT = {"size": 72, "octaves": 2, "octave_scale": 1.1, "steps": 2, "layer": "relu3_1"}
KEYS = ("jobs/a/picture-1", "jobs/a/picture-2")


@pytest.fixture
def painter(tmp_path):
    return Painter(Settings(data=tmp_path))


def order(*, film: bool = False, **recipe: object) -> Order:
    pictures = tuple(StoredPicture(key=key, name="sea.png") for key in KEYS[:1])
    return Order(recipe=Dream(**SHORT | recipe), pictures=pictures, wishes=Wishes(film=film))


def painted(painter: Painter, wanted: Order, checkpoint: bytes | None = None) -> Painted:
    *_, last = painter.paint(wanted, [png(80, 60)], checkpoint)
    assert isinstance(last, Painted)
    return last


def frames_of(film: bytes | None) -> int:
    assert film is not None
    return Image.open(io.BytesIO(film)).n_frames


def test_a_fall_has_a_film_without_being_asked_for_one(painter):
    assert [made.role for made in painted(painter, order()).files] == ["result"]
    for film in (False, True):
        found = painted(painter, order(zoom=3, film=film))
        assert [made.role for made in found.files] == ["result", "film"]
        assert frames_of(found.file("film")) == 4


def test_gif_alone_shows_the_dream_being_dreamt(painter):
    assert frames_of(painted(painter, order(film=True)).file("film")) == 4


def test_from_every_checkpoint_the_same_files_come(painter):
    wanted = order(zoom=2, film=True)
    *events, last = painter.paint(wanted, [png(80, 60)])
    saved = [event.data for event in events if isinstance(event, Saved)]
    assert len(saved) == 4
    for checkpoint in saved:
        assert painted(painter, wanted, checkpoint) == last


def test_a_fall_fits_the_upload_limit(tmp_path):
    small = Settings(data=tmp_path, limits=Limits(upload_bytes=100_000))
    found = painted(Painter(small), order(zoom=16, size=160)).file("film")
    assert found is not None
    assert len(found) <= 100_000


def test_a_guide_is_the_second_picture(painter):
    wanted = order()
    guided = wanted.model_copy(
        update={"pictures": tuple(StoredPicture(key=key, name="sea.png") for key in KEYS)}
    )
    *_, found = painter.paint(guided, [png(80, 60), stripes(60, 80)])
    assert found.file("result") != painted(painter, wanted).file("result")


def test_a_network_that_cannot_be_downloaded_is_told(painter, tmp_path, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        raise OSError("no route to host")

    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("torch.hub.download_url_to_file", fail)
    with pytest.raises(Refusal, match=r"does not have the encoder `googlenet`\. Try again without"):
        painted(painter, order(encoder="googlenet", layer="inception4a"))
