"""Whole paintings with the real network, small: progress, resuming, odd pictures, wrong input."""

import hashlib

import pytest
import torch

from stylize.encoders import load_encoder
from stylize.losses import gram_matrix
from stylize.paint import NOISE, Canvas, choose_device, noise, paint
from stylize.picture import Picture, encode_png, fit, resize
from stylize.pyramid import Scale
from stylize.recipe import Recipe

SMALL = Recipe(size=64, steps=4)


@pytest.fixture
def two_scales(monkeypatch):
    """A pyramid of 32 and 64 pixels; the real one begins higher up than tests can afford."""
    monkeypatch.setattr(
        "stylize.paint.plan", lambda size, steps: (Scale(0, 32, 0, 3), Scale(1, size, 3, steps - 3))
    )


def digest(frames):
    return [hashlib.sha256(frame.pixels.numpy().tobytes()).hexdigest() for frame in frames]


def plain(colour, height=40, width=64):
    return Picture(torch.tensor(colour, dtype=torch.uint8).view(3, 1, 1).expand(3, height, width))


def test_frames_tell_how_far_the_painting_is(encoder, photo, stripes, two_scales):
    frames = list(paint(Recipe(size=64, steps=5), photo, [stripes], encoder=encoder))
    assert [frame.step for frame in frames] == [1, 2, 3, 4, 5]
    assert {frame.steps for frame in frames} == {5}
    assert [frame.scale for frame in frames] == [0, 0, 0, 1, 1]
    assert {frame.scales for frame in frames} == {2}
    assert [frame.ends_scale for frame in frames] == [False, False, True, False, True]
    assert [tuple(frame.pixels.shape) for frame in frames[2:4]] == [(3, 24, 32), (3, 48, 64)]
    for frame in frames:
        assert list(frame.losses) == ["content", "style", "total_variation", "total"]
        assert frame.pixels.dtype == torch.float32
        assert frame.pixels.min() >= 0
        assert frame.pixels.max() <= 255


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_a_painting_takes_on_the_style(encoder, device, photo, stripes, optimizer):
    recipe = Recipe(size=64, steps=25, optimizer=optimizer)
    there = load_encoder("vgg19")
    first, *_, last = paint(recipe, photo, [stripes], encoder=there, device=device)
    assert last.losses["style"] < first.losses["style"] / 5
    saved, wanted, unpainted = (
        gram_matrix(encoder(pixels, ["relu3_1"])["relu3_1"])
        for pixels in (
            last.pixels.round(),  # as in the PNG
            _sized(stripes),
            photo.pixels.float(),
        )
    )
    assert (saved - wanted).norm() < 0.6 * (unpainted - wanted).norm()


def test_the_same_recipe_gives_the_same_bytes(encoder, device, photo, stripes):
    recipe = Recipe(size=64, steps=4, init="noise", seed=7)
    there = load_encoder("vgg19")
    once, again = (
        digest(paint(recipe, photo, [stripes], encoder=there, device=device)) for _ in range(2)
    )
    assert once == again
    other = recipe.model_copy(update={"seed": 8})
    assert digest(paint(other, photo, [stripes], encoder=there, device=device)) != once


def test_resuming_gives_the_same_bytes_as_never_having_stopped(encoder, photo, stripes, two_scales):
    recipe = Recipe(size=64, steps=6)
    frames = list(paint(recipe, photo, [stripes], encoder=encoder))
    canvas = Canvas(frames[2].scale, frames[2].pixels)
    rest = list(paint(recipe, photo, [stripes], encoder=encoder, resume=canvas))
    assert [frame.step for frame in rest] == [4, 5, 6]
    assert digest(rest) == digest(frames[3:])


def test_resuming_a_finished_painting_gives_its_last_frame(encoder, photo, stripes, two_scales):
    *_, last = paint(SMALL, photo, [stripes], encoder=encoder)
    (frame,) = paint(
        SMALL, photo, [stripes], encoder=encoder, resume=Canvas(last.scale, last.pixels)
    )
    assert torch.equal(frame.pixels, last.pixels)
    assert (frame.step, frame.ends_scale) == (last.step, True)
    assert frame.losses == pytest.approx(last.losses, rel=1e-5)


def test_noise_is_seeded_and_stays_in_the_box():
    assert torch.equal(noise((40, 60), seed=1), noise((40, 60), seed=1))
    assert not torch.equal(noise((40, 60), seed=1), noise((40, 60), seed=2))
    assert noise((40, 60), seed=1).std() == pytest.approx(NOISE, rel=0.01)
    assert noise((16, 16), seed=1).mean() == pytest.approx(127.5, abs=NOISE)


def test_nothing_is_painted_before_the_first_frame_or_after_closing(encoder, photo, stripes):
    looks = []

    class Watched:
        layers = encoder.layers
        grain = staticmethod(encoder.grain)

        def __call__(self, pixels, layers):
            looks.append(pixels.shape)
            return encoder(pixels, layers)

        def to(self, device):
            return self

    frames = paint(SMALL, photo, [stripes], encoder=Watched())
    assert looks == []
    next(frames)
    seen = len(looks)
    frames.close()
    assert len(looks) == seen
    assert list(frames) == []


def test_a_texture_is_square_and_needs_no_content(encoder, rings):
    *_, last = paint(Recipe(task="texture", size=64, steps=3), None, [rings], encoder=encoder)
    assert tuple(last.pixels.shape) == (3, 64, 64)
    assert last.losses["content"] == 0


def test_a_blend_shows_both_of_its_styles(encoder, photo, stripes, rings):
    def gram(pixels):
        return gram_matrix(encoder(pixels, ["relu3_1"])["relu3_1"])

    def painted(blend):
        recipe = Recipe(size=64, steps=10, blend=blend)
        *_, last = paint(recipe, photo, [stripes, rings], encoder=encoder)
        return gram(last.pixels)

    striped, both, ringed = (painted(blend) for blend in [(1, 1e-6), (1, 1), (1e-6, 1)])
    stripes_only, rings_only = (gram(_sized(style)) for style in (stripes, rings))
    assert (both - stripes_only).norm() < (ringed - stripes_only).norm()
    assert (both - rings_only).norm() < (striped - rings_only).norm()


def _sized(style):
    height, width = style.pixels.shape[1:]
    return resize(style.pixels, fit(width, height, 64))


def test_more_style_weight_means_less_content(encoder, photo, stripes):
    losses = []
    for weight in (0.01, 10_000):
        recipe = Recipe(size=64, steps=12, style_weight=weight)
        *_, last = paint(recipe, photo, [stripes], encoder=encoder)
        losses.append(last.losses)
    assert losses[0]["content"] < losses[1]["content"]
    assert losses[0]["style"] > losses[1]["style"]


def test_total_variation_smooths(encoder, photo, stripes):
    rough, smooth = (
        list(paint(Recipe(size=64, steps=8, total_variation=tv), photo, [stripes], encoder=encoder))
        for tv in (1e-9, 1e5)
    )
    assert smooth[-1].losses["total_variation"] < rough[-1].losses["total_variation"] / 2


BARS = torch.arange(40 * 64).view(40, 64) // 3 % 2 * 255

ODD = {
    "black": plain((0, 0, 0)),
    "white": plain((255, 255, 255)),
    "one colour": plain((200, 30, 90)),
    "hard edges": Picture(
        ((torch.arange(64 * 40).view(40, 64) // 3 % 2) * 255).byte().expand(3, 40, 64)
    ),
    "a strip": plain((10, 200, 100), height=16, width=128),
}


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
@pytest.mark.parametrize("content", ODD)
@pytest.mark.parametrize("style", ["black", "white", "hard edges"])
def test_odd_pictures_are_painted_without_nan(encoder, content, style, optimizer):
    recipe = Recipe(size=64, steps=3, optimizer=optimizer, total_variation=0.1)
    for frame in paint(recipe, ODD[content], [ODD[style]], encoder=encoder):
        assert frame.pixels.isfinite().all()
        assert all(value == value for value in frame.losses.values())
    assert encode_png(frame.pixels)


@pytest.mark.parametrize("weights", [(0, 1e12, 1e12), (1e12, 1e-12, 1e-12), (1e12, 1e12, 1e12)])
def test_extreme_weights_are_painted_without_nan(encoder, photo, stripes, weights):
    content, style, layer = weights
    recipe = Recipe(
        size=64,
        steps=3,
        content_weight=content,
        style_weight=style,
        style_layers={"relu3_1": layer},
    )
    first, *_, last = paint(recipe, photo, [stripes], encoder=encoder)
    assert last.pixels.isfinite().all()
    assert last.losses["total"] <= first.losses["total"] < float("inf")


def test_wrong_input_is_refused_before_anything_is_painted(encoder, photo, stripes):
    def asked(recipe, content, styles, **options):
        paint(recipe, content, styles, encoder=encoder, **options)

    with pytest.raises(ValueError, match="a transfer needs a content image"):
        asked(SMALL, None, [stripes])
    with pytest.raises(ValueError, match="at least one style"):
        asked(SMALL, photo, [])
    with pytest.raises(ValueError, match="2 weights for 1 style images"):
        asked(Recipe(blend=(1, 1)), photo, [stripes])
    with pytest.raises(ValueError, match="relu4_1"):
        asked(Recipe(style_layers={"relu41": 1}), photo, [stripes])
    with pytest.raises(ValueError, match="relu4_2"):
        asked(Recipe(content_layers=("relu42",)), photo, [stripes])
    with pytest.raises(ValueError, match=r"scale 3.* has 1"):
        asked(SMALL, photo, [stripes], resume=Canvas(3, torch.zeros(3, 8, 8)))


def test_a_device_is_chosen(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device("auto") == choose_device("cpu") == torch.device("cpu")
    with pytest.raises(ValueError, match="no CUDA device"):
        choose_device("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert choose_device("auto") == choose_device("cuda") == torch.device("cuda")
    assert choose_device("cpu") == torch.device("cpu")
