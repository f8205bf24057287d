"""Painting on a part of a picture: where it is, what stays, and what is refused."""

from pathlib import Path

import pytest
import torch

from stylize.compositing import composite, staying
from stylize.encoders import WeightsError
from stylize.frame import Frame
from stylize.media.picture import Picture, decode
from stylize.parts import map_in, regions_of
from stylize.recipes import Study, Transfer
from stylize.subject import FILE, NoSubject, session, subject_of
from stylize.tasks import tasks
from stylize.tasks.base import Checkpoint, Resources, Result

SAMPLES = Path("bot/fronts/web/static/samples")


def sample(name):
    return decode((SAMPLES / f"{name}.jpg").read_bytes())


def flat(height, width, level=128):
    return Picture(torch.full((3, height, width), level, dtype=torch.uint8))


def left_half(height, width):
    """A mask, white on its left."""
    pixels = torch.zeros(3, height, width, dtype=torch.uint8)
    pixels[..., : width // 2] = 255
    return Picture(pixels)


@pytest.mark.parametrize(
    ("name", "within", "without"),
    [
        ("astronaut", [(0.2, 0.45), (0.7, 0.4)], [(0.1, 0.1), (0.3, 0.9)]),
        ("chelsea", [(0.4, 0.4), (0.6, 0.6)], [(0.2, 0.97), (0.6, 0.95)]),
        ("coffee", [(0.5, 0.45), (0.85, 0.45)], [(0.05, 0.05), (0.5, 0.95)]),
        ("rocket", [(0.5, 0.505), (0.7, 0.505)], [(0.2, 0.2), (0.6, 0.8)]),
    ],
)
def test_the_subject_of_a_photograph_is_what_it_is_of(name, within, without):
    found = subject_of(sample(name))
    height, width = found.shape
    assert all(found[int(y * height), int(x * width)] > 0.9 for y, x in within)
    assert all(found[int(y * height), int(x * width)] < 0.1 for y, x in without)


def test_the_map_is_the_same_on_every_run():
    assert torch.equal(subject_of(sample("coffee")), subject_of(sample("coffee")))


def test_what_is_transparent_is_no_subject():
    """On white, as whoever posted it sees it: here a disc, and unseen around it a photograph."""
    photo = sample("coffee")
    height, width = photo.pixels.shape[1:]
    down, across = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    disc = torch.hypot(down - height / 2, across - width / 2) < height / 4
    found = subject_of(Picture(photo.pixels, disc.to(torch.uint8) * 255))
    assert found[:40].max() < 0.1
    assert found[160, 160] > 0.9


@pytest.mark.parametrize("picture", [flat(80, 120), flat(64, 64, 255)])
def test_a_picture_of_nothing_in_particular_is_refused_in_words(picture):
    with pytest.raises(NoSubject, match=r"no subject that stands out.*on=mask"):
        map_in([Transfer(on="background")], picture, None)


def test_a_damaged_network_is_not_believed(monkeypatch, tmp_path):
    damaged = tmp_path / "u2netp.onnx"
    damaged.write_bytes(FILE.read_bytes()[:-1])
    monkeypatch.setattr("stylize.subject.FILE", damaged)
    session.cache_clear()
    with pytest.raises(WeightsError, match=r"not the file it should be.*install stylenet again"):
        subject_of(sample("rocket"))


def test_each_part_has_its_own_place_and_styles():
    found = map_in([Transfer(on="subject")], sample("coffee"), None)
    [subject] = regions_of(Transfer(on="subject", blend=(3, 1)), found, 2)
    [background] = regions_of(Transfer(on="background"), found, 2)
    assert torch.equal(subject.guide, found)
    assert torch.equal(background.guide, 1 - subject.guide)
    assert (subject.shares, background.shares) == ((0.75, 0.25), (0.5, 0.5))
    first, second = regions_of(Transfer(on="background,subject"), found, 2)
    assert torch.equal(first.guide, background.guide)
    assert torch.equal(second.guide, subject.guide)
    assert (first.shares, second.shares) == ([1, 0], [0, 1])
    assert regions_of(Transfer(), found, 1) == []
    with pytest.raises(ValueError, match="needs 2 style images, one each: not 3"):
        regions_of(Transfer(on="subject,background"), found, 3)


def test_a_mask_says_where_to_paint_though_it_is_a_jpeg_or_transparent():
    mask, recipe, photo = left_half(40, 60), Transfer(on="mask"), flat(80, 120)
    [region] = regions_of(recipe, found := map_in([recipe], photo, mask), 1)
    assert region.guide is found
    assert (found[:, :30] == 1).all()
    assert (found[:, 30:] == 0).all()
    noisy = (mask.pixels.int() + torch.randint(-12, 12, (3, 40, 60))).clamp(0, 255)
    assert torch.equal(map_in([recipe], photo, Picture(noisy.to(torch.uint8))), found)
    seen = Picture(flat(40, 60, 255).pixels, mask.pixels[0])
    assert torch.equal(map_in([recipe], photo, seen), found)


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        (flat(80, 80), r"80×80, has other proportions than the content picture, 120×80: draw it"),
        (flat(40, 60, 5), "black all over: make it white where to paint"),
    ],
)
def test_a_mask_that_does_not_suit_is_refused(mask, words):
    with pytest.raises(ValueError, match=words):
        map_in([Transfer(on="mask")], flat(80, 120), mask)


def test_a_part_is_laid_over_the_rest_without_a_halo():
    """A dark disc before a light ground, whose soft rim mixes both; the ground is painted black."""
    down, across = torch.meshgrid(torch.arange(96.0), torch.arange(128.0), indexing="ij")
    ground = ((torch.hypot(down - 48, across - 64) - 30) / 4).clamp(-1, 1) / 2 + 0.5
    dark, light = 40.0, 250.0
    photo = (dark + ground * (light - dark)).expand(3, -1, -1)
    painted = torch.zeros(3, 96, 128)
    plain = composite(painted, photo, ground)
    clean = composite(painted, staying(photo, ground), ground)
    assert plain.max() > dark + 30  # the halo that there would be
    assert clean.max() < dark + 4
    assert torch.equal(staying(photo, ground)[:, ground == 0], photo[:, ground == 0])
    assert torch.equal(staying(photo, torch.zeros(96, 128)), photo)


def work(encoder, recipe, pictures, resume=None):
    resources = Resources(torch.device("cpu"), lambda name, pooling: encoder, 1_000_000)
    return list(tasks()[Transfer].run(recipe, recipe.assign(pictures), resources, resume))


def test_the_map_is_shown_beside_the_painting(encoder, photo, stripes):
    recipe = Transfer(size=64, steps=2, on="mask", show="map")
    *_, result = work(encoder, recipe, [photo, stripes, left_half(48, 64)])
    [made] = result.files
    assert (made.role, made.suffix) == ("map", ".png")
    assert made.alt == "A map of the picture, white where it was painted."
    shown = decode(made.data).pixels
    assert (shown[..., :30] == 255).all()
    assert (shown[..., 34:] == 0).all()
    painted = result.frame.pixels
    assert torch.equal(painted[..., 40:], photo.pixels[..., 40:].float())
    assert (painted[..., :24] - photo.pixels[..., :24]).abs().mean() > 5


def test_a_painting_on_the_subject_goes_on_from_its_checkpoint(
    encoder, stripes, rings, monkeypatch
):
    monkeypatch.setattr("stylize.pyramid.COARSEST", 32)
    recipe = Transfer(size=64, steps=4, on="subject,background", show="map")
    pictures = [sample("coffee"), stripes, rings]
    events = work(encoder, recipe, pictures)
    [checkpoint] = [event for event in events if isinstance(event, Checkpoint)]
    resumed = work(encoder, recipe, pictures, checkpoint.state)
    assert len([one for one in resumed if isinstance(one, Frame)]) == 2
    for one, other in zip(events[-3:], resumed[-3:], strict=True):
        assert type(one) is type(other)
    assert isinstance(events[-1], Result)
    assert torch.equal(events[-1].frame.pixels, resumed[-1].frame.pixels)
    assert events[-1].files == resumed[-1].files


def test_the_map_of_the_subject_can_be_had_with_a_painting_of_everything(encoder, stripes):
    photo = sample("coffee")
    *_, plain = work(encoder, Transfer(size=64, steps=1), [photo, stripes])
    *_, shown = work(encoder, Transfer(size=64, steps=1, show="map"), [photo, stripes])
    assert torch.equal(shown.frame.pixels, plain.frame.pixels)
    assert shown.files[0].alt == "A map of the picture, white where its subject is."
    assert plain.files == ()


def test_every_painting_of_a_study_is_on_the_part(encoder, photo, stripes, rings):
    recipe = Study(size=64, steps=1, on="mask", show="map")
    pictures = recipe.assign([photo, stripes, rings, left_half(48, 64)])
    resources = Resources(torch.device("cpu"), lambda name, pooling: encoder, 1_000_000)
    *_, result = tasks()[Study].run(recipe, pictures, resources)
    assert [made.role for made in result.files] == ["map"]
    whole = photo.pixels[:, 8:40, 40:60]
    sheet = result.frame.pixels
    windows = sheet.unfold(1, 32, 1).unfold(2, 20, 1)
    close = (windows - whole[:, None, None]).abs().amax((0, 3, 4)) < 1
    assert close.sum() == 2


def test_nothing_is_painted_where_there_is_no_subject(encoder, stripes):
    with pytest.raises(NoSubject):
        work(encoder, Transfer(size=64, steps=2, on="subject"), [flat(48, 64), stripes])
