"""Works whose files are no paintings: the painter's door takes and gives them like any other."""

from typing import ClassVar, Literal

import pytest

from bot.config import Settings
from bot.model import File, Order, Outcome, StoredPicture
from bot.worker import painter as module
from bot.worker.painter import Painted, Painter, Refusal
from bot.worker.worker import Worker
from stylize.media.formats import media_type_of
from stylize.recipes import Input, Recipe
from stylize.tasks.base import Made, Result
from tests.pictures import png

SOUND = Made("result", b"OggS", ".opus", alt="The sea, as it sounds")
SHEET = Made("sheet", b"a sheet", ".webp")


class Chime(Recipe):
    inputs: ClassVar[tuple[Input, ...]] = (Input("content", "what to hear", most=20),)
    task: Literal["chime"] = "chime"


class Work:
    """Gives these files, whatever it is given."""

    recipe = Chime

    def __init__(self, *files: Made) -> None:
        self.files = files

    def run(self, recipe, inputs, resources, resume=None):
        assert resources.upload_bytes >= sum(len(file.data) for file in self.files)
        yield Result(files=self.files)


@pytest.fixture
def offer(monkeypatch):
    """Lets the painter know a work that gives *files*."""

    def offer(*files: Made) -> None:
        monkeypatch.setattr(module, "tasks", lambda: {Chime: Work(*files)})

    return offer


def order(count: int = 1) -> Order:
    keys = [f"jobs/a/picture-{number}" for number in range(1, count + 1)]
    pictures = tuple(StoredPicture(key=key, name="sea.png") for key in keys)
    return Order(recipe=Chime(), pictures=pictures)


def work(tmp_path, pictures: list[bytes]) -> Painted:
    *_, painted = Painter(Settings(data=tmp_path)).paint(order(len(pictures)), pictures)
    assert isinstance(painted, Painted)
    return painted


async def test_a_sound_and_a_sheet_are_kept_as_what_they_are(settings, store, offer, monkeypatch):
    async def report(*_: object) -> None: ...

    monkeypatch.setattr("bot.worker.worker.DBOS.write_stream_async", report)
    offer(SOUND, SHEET)
    await store.put("jobs/a/picture-1", png(64, 48))
    outcome = await Worker(settings).paint("a", order())
    assert (outcome.error, outcome.width) == (None, 0)
    assert outcome.files == (
        File(role="result", key="jobs/a/result.opus", media_type="audio/ogg", alt=SOUND.alt),
        File(role="sheet", key="jobs/a/sheet.webp", media_type="image/webp"),
    )
    assert [await store.get(file.key) for file in outcome.files] == [SOUND.data, SHEET.data]


@pytest.mark.parametrize(
    "files",
    [
        (),
        (SHEET,),
        (SOUND, SOUND),
        (SOUND, Made("picture-1", b"over an upload", "")),
        (SOUND, Made("sheet", b"", "/../b.png")),
    ],
    ids=["none", "no result", "twice", "an upload's name", "a path"],
)
def test_files_that_cannot_be_kept_apart_are_the_works_fault(tmp_path, offer, files):
    offer(*files)
    with pytest.raises(RuntimeError, match="a work needs a result"):
        work(tmp_path, [png(64, 48)])


def test_a_picture_that_cannot_be_read_is_named_however_many_there_are(tmp_path, offer):
    offer(SOUND)
    with pytest.raises(Refusal, match=r"^Picture 12 \(sea\.png\)"):
        work(tmp_path, [png(64, 48)] * 11 + [b"none"])


def test_the_outcome_of_a_version_before_lists_its_files():
    result, film = "jobs/a/result.png", "jobs/a/film.gif"
    written = {"result": result, "shared": result, "film": film, "width": 64, "suffix": ".png"}
    outcome = Outcome.model_validate(written)
    assert [(file.role, file.key) for file in outcome.files] == [("result", result), ("film", film)]
    copy = Outcome.model_validate(written | {"shared": "jobs/a/copy.jpg", "film": None})
    assert [file.role for file in copy.files] == ["result", "copy"]
    assert [file.media_type for file in copy.files] == ["image/png", "image/jpeg"]
    assert Outcome.model_validate({"error": "No.", "result": None}).files == ()
    assert Outcome.model_validate(outcome.model_dump(mode="json")) == outcome


def test_what_a_file_is_does_not_hang_on_the_machine(monkeypatch):
    monkeypatch.setattr("mimetypes.guess_type", lambda *_: (None, None))
    suffixes = (".png", ".jpg", ".avif", ".gif", ".mp4", ".opus", ".unheard")
    assert [media_type_of(suffix) for suffix in suffixes] == [
        *("image/png", "image/jpeg", "image/avif", "image/gif", "video/mp4", "audio/ogg"),
        "application/octet-stream",
    ]
