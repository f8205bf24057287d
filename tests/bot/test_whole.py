"""The whole studio as people start it: real processes, real weights, small pictures, real kills."""

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image

from tests.bot.processes import RunningStudio, gone
from tests.patience import until
from tests.pictures import animated_gif, bomb, jpeg, png, stripes


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[RunningStudio]:
    async with RunningStudio(tmp_path / "data") as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningStudio]:
    """One studio for all the tests that do not kill it."""
    async with RunningStudio(tmp_path_factory.mktemp("shared") / "data") as running:
        yield running


CONTENT, STYLE = ("cat.png", png(96, 64)), ("wave.png", stripes(80, 80))
LONG, STRIP = "!stylenet size=384 steps=24", ("strip.png", png(192, 48))
"""Two scales and some seconds: time enough to be killed in the middle, yet few pixels."""


async def test_two_pictures_become_a_painting_and_a_film(shared):
    posted = await shared.post("my cat #stylenet size=64 steps=4 gif", CONTENT, STYLE)
    assert "next" in posted["reply"]
    end = await shared.wait_for_end(posted["job"]["id"])
    assert (end["state"], end["progress"], end["error"]) == ("done", 1.0, None)
    painting = Image.open(io.BytesIO(await shared.get(end["result_url"])))
    assert (painting.format, painting.size) == ("PNG", (64, 43))
    film = Image.open(io.BytesIO(await shared.get(end["film_url"])))
    assert film.format == "GIF"
    assert film.n_frames > 1
    [answer] = await shared.answers(posted["job"]["id"])
    assert answer["job"]["result_url"] == end["result_url"]


async def test_blend_texture_and_the_same_bytes_again(shared):
    texts = ["!texture size=64 steps=2 seed=5"] * 2 + ["!texture size=64 steps=2 seed=6"]
    jobs = [(await shared.post(text, STYLE))["job"]["id"] for text in texts]
    blend = await shared.post(
        "!blend 2 1 size=64 steps=2", CONTENT, STYLE, ("dots.png", png(50, 50))
    )
    ends = [await shared.wait_for_end(job) for job in [*jobs, blend["job"]["id"]]]
    assert [end["state"] for end in ends] == ["done"] * 4
    one, same, other = [await shared.get(end["result_url"]) for end in ends[:3]]
    assert one == same != other


async def test_a_dream_and_the_film_that_falls_into_it(shared):
    text = "!dream size=64 octaves=1 steps=2 layer=relu3_1 zoom=2"
    posted = await shared.post(text, CONTENT)
    end = await shared.wait_for_end(posted["job"]["id"])
    assert (end["state"], end["error"]) == ("done", None)
    assert Image.open(io.BytesIO(await shared.get(end["result_url"]))).size == (64, 43)
    assert Image.open(io.BytesIO(await shared.get(end["film_url"]))).n_frames == 3


async def test_a_sweep_becomes_a_sheet_and_its_cell_a_painting(shared):
    asked = "!sweep seed=1,2 init=noise strength=70 size=64 steps=1"
    sheet = await shared.post(asked, CONTENT, STYLE)
    end = await shared.wait_for_end(sheet["job"]["id"])
    assert (end["state"], end["error"]) == ("done", None)
    shown = Image.open(io.BytesIO(await shared.get(end["result_url"])))
    assert shown.width > 2 * 64
    [answer] = await shared.answers(sheet["job"]["id"])
    assert "`cell=A1`" in answer["text"]
    assert [one["text"] for one in answer["job"]["replies"]] == ["cell=A1", "cell=B1"]
    cell = await shared.post("cell=B1 size=64 steps=1")
    alone = await shared.post(
        "!stylenet seed=2 init=noise strength=70 size=64 steps=1", CONTENT, STYLE
    )
    one, same = [
        await shared.get((await shared.wait_for_end(posted["job"]["id"]))["result_url"])
        for posted in (cell, alone)
    ]
    assert one == same


async def test_a_painting_begins_as_the_last_picture_in_the_contents_hues(shared):
    start = ("start.png", stripes(50, 90))
    asked = "!stylenet init=picture colours=luminance style_scale=0.5 size=64 steps=2"
    posted = await shared.post(asked, CONTENT, STYLE, start)
    end = await shared.wait_for_end(posted["job"]["id"])
    assert (end["state"], end["error"]) == ("done", None)
    painting = Image.open(io.BytesIO(await shared.get(end["result_url"])))
    assert painting.size == (64, 43)


async def test_a_mask_says_where_to_paint_and_its_map_comes_along(shared):
    mask = Image.new("L", (96, 64))
    mask.paste(255, (0, 0, 48, 64))
    buffer = io.BytesIO()
    mask.save(buffer, "PNG")
    asked = "!stylenet on=mask show=map size=96 steps=2"
    posted = await shared.post(asked, CONTENT, STYLE, ("mask.png", buffer.getvalue()))
    end = await shared.wait_for_end(posted["job"]["id"])
    assert (end["state"], end["error"]) == ("done", None)
    content = Image.open(io.BytesIO(CONTENT[1])).convert("RGB")
    urls = {file["role"]: file["url"] for file in end["files"]}
    painting, shown = [
        Image.open(io.BytesIO(await shared.get(urls[role]))) for role in ("result", "map")
    ]
    right, left = (50, 0, 96, 64), (0, 0, 46, 64)
    assert painting.crop(right).tobytes() == content.crop(right).tobytes()
    assert painting.crop(left).tobytes() != content.crop(left).tobytes()
    assert shown.convert("L").crop(left).getextrema() == (255, 255)
    assert shown.convert("L").crop(right).getextrema() == (0, 0)


async def test_a_picture_without_a_subject_is_answered_in_words(shared):
    flat = io.BytesIO()
    Image.new("RGB", (80, 60), (90, 120, 160)).save(flat, "PNG")
    asked = "!stylenet on=subject size=64 steps=2"
    posted = await shared.post(asked, ("sky.png", flat.getvalue()), STYLE)
    end = await shared.wait_for_end(posted["job"]["id"])
    assert end["state"] == "failed"
    assert end["error"].startswith("I find no subject that stands out")


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (("notes.png", b"just some words, not a picture\n" * 20), "text file"),
        (("half.jpg", jpeg(200, 150)[:1000]), "cut short"),
        (("bomb.png", bomb()), "pixel"),
        (("dot.png", png(1, 1)), "1×1"),
        (("thin.png", png(20_000, 10)), "20000×10"),
        (("empty.png", b""), "empty"),
    ],
    ids=["text", "truncated", "bomb", "dot", "thin", "empty"],
)
async def test_bad_pictures_are_named_and_explained(bad, words, shared):
    posted = await shared.post("!stylenet size=64 steps=1", CONTENT, bad)
    error = posted["reply"]
    if "job" in posted:
        end = await shared.wait_for_end(posted["job"]["id"])
        assert end["state"] == "failed"
        error = end["error"]
        [answer] = await shared.answers(posted["job"]["id"])
        assert error in answer["text"]
    assert bad[0] in error
    assert words in error
    assert error.endswith((".", "!"))


async def test_only_the_first_frame_of_an_animation_is_used_and_said_so(shared):
    posted = await shared.post("#stylenet size=64 steps=1", ("hop.gif", animated_gif()), STYLE)
    end = await shared.wait_for_end(posted["job"]["id"])
    assert end["state"] == "done"
    [answer] = await shared.answers(posted["job"]["id"])
    assert "first frame" in answer["text"]


async def test_cancel_stops_a_painting_and_the_next_one_starts(shared):
    first = (await shared.post("!stylenet size=512 steps=1000", CONTENT, STYLE))["job"]["id"]
    second = (await shared.post("!stylenet size=64 steps=1", CONTENT, STYLE))["job"]["id"]
    await shared.wait_for_step(first, 0.001)
    await shared.cancel(first)
    assert (await shared.wait_for_end(first))["state"] == "cancelled"
    assert (await shared.wait_for_end(second))["state"] == "done"


async def test_the_chat_process_never_loads_torch(shared):
    await until(lambda: "is ready on" in shared.log())
    maps = Path(f"/proc/{shared.process.pid}/maps").read_text()
    assert "libtorch" not in maps
    worker_maps = [Path(f"/proc/{pid}/maps").read_text() for pid in shared.workers()]
    assert all("libtorch" in worker for worker in worker_maps)


async def test_a_killed_worker_is_replaced_and_goes_on_from_its_last_scale(studio):
    job = (await studio.post(LONG, STRIP, STYLE))["job"]["id"]
    await until(studio.checkpoint(job).exists)
    studio.kill_workers()
    assert (await studio.wait_for_end(job))["state"] == "done"
    assert f"job {job}: painting on from a checkpoint" in studio.log()
    assert len(await studio.answers(job)) == 1


async def test_a_killed_bot_takes_its_workers_along_and_answers_after_a_restart(studio):
    running = (await studio.post(LONG, STRIP, STYLE))["job"]["id"]
    waiting = (await studio.post("!stylenet size=64 steps=1", CONTENT, STYLE))["job"]["id"]
    await studio.wait_for_step(running, 0.1)
    workers = studio.workers()
    await studio.kill()
    await gone(workers)
    await studio.start()
    for job in (running, waiting):
        assert (await studio.wait_for_end(job))["state"] == "done"
        assert len(await studio.answers(job)) == 1


async def test_everything_killed_at_once_loses_nothing(studio):
    jobs = [
        (await studio.post(f"!stylenet size=128 steps=20 seed={n}", STRIP, STYLE))["job"]["id"]
        for n in range(3)
    ]
    await studio.wait_for_step(jobs[0], 0.2)
    studio.kill_workers()
    await studio.kill()
    await studio.start()
    for job in jobs:
        assert (await studio.wait_for_end(job))["state"] == "done"
        assert len(await studio.answers(job)) == 1


async def test_a_polite_stop_hands_back_what_is_running(tmp_path):
    async with RunningStudio(tmp_path / "data", STYLENET_WORKERS__GRACE_SECONDS="0") as studio:
        job = (await studio.post(LONG, STRIP, STYLE))["job"]["id"]
        await until(studio.checkpoint(job).exists)
        workers = studio.workers()
        assert await studio.stop() == 0
        await gone(workers)
        await studio.start(STYLENET_WORKERS__GRACE_SECONDS="100")  # a slow machine closes slowly
        assert (await studio.wait_for_end(job))["state"] == "done"
        assert f"job {job}: painting on from a checkpoint" in studio.log()
        assert await studio.stop() == 0
        assert "Traceback" not in studio.log()
