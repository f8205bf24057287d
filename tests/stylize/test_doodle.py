"""Doodles: each region is painted like its own, from maps that say so, whatever stops it."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from bot.config import Settings
from bot.model import Order, StoredPicture
from bot.worker.painter import Painted, Painter, Refusal, Saved
from stylize import pyramid
from stylize.maps import read_maps
from stylize.media.picture import Picture
from stylize.recipes import Doodle
from stylize.tasks import tasks
from stylize.tasks.base import Checkpoint, Resources, Result
from stylize.tasks.doodle import patched
from tests.stylize.maps import encoded, picture

BLUE, GOLD, RUST = (35, 80, 168), (248, 220, 80), (238, 138, 46)


def two(left=BLUE, right=GOLD, border=32):
    """A map, 64 high and 80 wide, of two regions side by side."""
    image = Image.new("RGB", (80, 64), left)
    image.paste(right, (border, 0, 80, 64))
    return image


def style():
    """Grey stripes across in the left half, red specks on cream in the right one: 64 × 80."""
    y, x = np.mgrid[0:64, 0:80]
    stripes = np.where(y[..., None] % 8 < 4, (60, 60, 70), (180, 180, 190))
    specks = np.where(((x * 7 + y * 13) % 11 < 3)[..., None], (190, 40, 30), (240, 225, 190))
    return Image.fromarray(np.where(x[..., None] < 40, stripes, specks).astype(np.uint8))


def photograph():
    y, x = np.mgrid[0:64, 0:80] * 3
    return Image.fromarray(np.stack([x, y, 250 - x], -1).astype(np.uint8))


GIVEN = (style(), two(border=40), two(GOLD, BLUE))
"""The style, its map, and one's own, which swaps the sides."""


def inputs(*images):
    pictures = [picture(image) for image in images or GIVEN]
    return Doodle().assign(pictures)


@pytest.fixture
def resources(encoder):
    return Resources(torch.device("cpu"), lambda name, pooling: encoder, 10_000_000)


def run(resources, given, resume=None, **recipe):
    recipe = Doodle(**{"size": 64, "steps": 4} | recipe)
    return list(tasks()[Doodle].run(recipe, given, resources, resume))


def test_each_region_is_painted_like_its_own(resources):
    *frames, result = run(resources, inputs(), init="noise", steps=12)
    painted = result.frame.pixels
    assert painted.shape == (3, 51, 64)  # the proportions of one's own map
    left, right = painted[:, :, :22].mean((1, 2)), painted[:, :, 30:].mean((1, 2))
    assert left[0] - left[2] > 40  # cream and red, from the style's right
    assert abs(right[0] - right[2]) < 20  # grey, from its left
    assert frames[-1].losses["style"] < frames[0].losses["style"] / 2
    assert frames[-1].losses["content"] == 0


def test_pieces_of_the_style_are_a_better_beginning_than_noise(resources):
    first = {init: run(resources, inputs(), init=init, steps=1)[0].losses["style"]
             for init in ("patches", "noise")}  # fmt: skip
    assert first["patches"] < first["noise"] / 4


@pytest.mark.parametrize("style_scale", [0.5, 1, 2])
def test_pieces_are_of_the_right_region_in_the_right_size(style_scale):
    given = inputs()
    maps = read_maps(given["style_map"][0], given["map"][0])
    recipe = Doodle(size=160, style_scale=style_scale)
    laid = patched(recipe, given["style"][0].pixels, maps).float()
    assert laid.shape == (3, 128, 160)
    assert (laid[0] - laid[2])[:, :60].min() > 0  # cream and red on the left
    assert (laid[0] - laid[2])[:, 68:].max() < 40  # and nothing of it on the right
    rows = laid[0, :, 110] > 120
    stripes = int((rows[1:] != rows[:-1]).sum())
    assert stripes == pytest.approx(16 / style_scale, abs=3)


def test_a_content_picture_keeps_its_forms(resources):
    disc = Image.new("RGB", (80, 64), (30, 30, 30))
    disc.paste((230, 230, 230), (10, 16, 30, 48))
    with_content = run(resources, inputs(*GIVEN, disc), content_weight=100, steps=2)
    assert with_content[-1].frame.losses["content"] > 0
    assert run(resources, inputs(), steps=2)[-1].frame.losses["content"] == 0
    painted = with_content[-1].frame.pixels.mean(0)
    assert painted[16:36, 10:22].mean() > painted[:10, :22].mean() + 20


def test_what_matched_what_is_shown_and_a_colour_without_a_partner_is_told(resources):
    image = two(GOLD, BLUE)
    image.paste(RUST, (0, 0, 20, 20))
    *_, result = run(resources, inputs(GIVEN[0], GIVEN[1], image), steps=1)
    [note] = result.notes
    assert note == "The orange of your map is not in the style's map: I took the nearest, yellow."
    [matches] = result.files
    assert (matches.role, matches.suffix) == ("matches", ".png")
    assert matches.alt == "Which regions matched: blue, yellow, orange like yellow"
    shown = np.asarray(Image.open(io.BytesIO(matches.data)))
    assert (np.abs(shown.astype(int) - BLUE).sum(-1) < 9).sum() > 1000
    assert run(resources, inputs(), steps=1)[-1].notes == ()


def test_a_doodle_goes_on_after_a_kill_as_if_it_had_never_stopped(resources, monkeypatch):
    monkeypatch.setattr(pyramid, "COARSEST", 64)
    events = run(resources, inputs(), size=128, steps=4)
    [saved] = [event for event in events if isinstance(event, Checkpoint)]
    resumed = run(resources, inputs(), resume=saved.state, size=128, steps=4)
    assert len(resumed) == 3  # two steps and the result
    assert torch.equal(resumed[-1].frame.pixels, events[-1].frame.pixels)
    assert resumed[-1].files == events[-1].files


def test_a_doodle_stops_between_steps(resources):
    recipe = Doodle(size=64, steps=4)
    events = tasks()[Doodle].run(recipe, inputs(), resources)
    assert next(events).step == 1
    events.close()
    assert next(events, None) is None


WRONG = {
    "one colour": ((style(), GIVEN[1], Image.new("RGB", (80, 64), BLUE)), "your map has only one"),
    "a photograph": ((style(), photograph(), GIVEN[2]), "the style's map looks like a photograph"),
}


@pytest.mark.parametrize(("given", "reason"), WRONG.values(), ids=WRONG)
def test_maps_that_are_none_are_refused_before_the_first_step(resources, given, reason):
    with pytest.raises(ValueError, match=reason):
        run(resources, inputs(*given))


def test_the_door_gives_the_painting_the_matches_and_the_note(tmp_path):
    image = two(GOLD, BLUE)
    image.paste(RUST, (0, 0, 20, 20))
    pictures = [encoded(one) for one in (GIVEN[0], GIVEN[1], image)]
    keys = tuple(StoredPicture(key=f"jobs/a/picture-{n}", name=f"{n}.png") for n in (1, 2, 3))
    order = Order(recipe=Doodle(size=64, steps=2), pictures=keys)
    painter = Painter(Settings(data=tmp_path))
    *before, painted = painter.paint(order, pictures)
    assert isinstance(painted, Painted)
    assert [made.role for made in painted.files] == ["result", "matches"]
    assert (painted.width, painted.height) == (64, 51)
    assert painted.notes[-1].startswith("The orange of your map")
    assert not any(isinstance(event, Saved) for event in before)  # one scale
    with pytest.raises(Refusal, match=r"^Your map has only one colour"):
        list(painter.paint(order, [*pictures[:2], encoded(Image.new("RGB", (64, 64), BLUE))]))


def test_a_photograph_style_and_maps_of_other_sizes_fit_each_other(resources):
    given = inputs(style().resize((200, 160)), two(border=40).resize((50, 40)), two(GOLD, BLUE))
    assert isinstance(given["style"][0], Picture)
    assert isinstance(run(resources, given, steps=1)[-1], Result)
