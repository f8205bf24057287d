"""Whole paintings with the real network, small: progress, resuming, odd pictures, wrong input."""

import hashlib

import pytest
import torch

from stylize.colours import grey, recolour
from stylize.descent import minimise
from stylize.encoders import load_encoder
from stylize.frame import Canvas
from stylize.inputs import NOISE, noise
from stylize.losses import gram_matrix
from stylize.media.picture import Picture, encode_png, fit, resize
from stylize.paint import choose_device, paint
from stylize.pyramid import Scale
from stylize.recipes import Texture, Transfer
from stylize.targets import measure

SMALL = Transfer(size=64, steps=4)


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
    frames = list(paint(Transfer(size=64, steps=5), photo, [stripes], encoder=encoder))
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
    recipe = Transfer(size=64, steps=25, optimizer=optimizer)
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
    recipe = Transfer(size=64, steps=4, init="noise", seed=7)
    there = load_encoder("vgg19")
    once, again = (
        digest(paint(recipe, photo, [stripes], encoder=there, device=device)) for _ in range(2)
    )
    assert once == again
    other = recipe.model_copy(update={"seed": 8})
    assert digest(paint(other, photo, [stripes], encoder=there, device=device)) != once


def test_resuming_gives_the_same_bytes_as_never_having_stopped(encoder, photo, stripes, two_scales):
    recipe = Transfer(size=64, steps=6)
    frames = list(paint(recipe, photo, [stripes], encoder=encoder))
    canvas = Canvas.of(frames[2])
    rest = list(paint(recipe, photo, [stripes], encoder=encoder, resume=canvas))
    assert [frame.step for frame in rest] == [4, 5, 6]
    assert digest(rest) == digest(frames[3:])


def test_resuming_a_finished_painting_gives_its_last_frame(encoder, photo, stripes, two_scales):
    *_, last = paint(SMALL, photo, [stripes], encoder=encoder)
    (frame,) = paint(SMALL, photo, [stripes], encoder=encoder, resume=Canvas.of(last))
    assert torch.equal(frame.pixels, last.pixels)
    assert (frame.step, frame.ends_scale) == (last.step, True)
    assert frame.losses == pytest.approx(last.losses, rel=1e-5)


@pytest.fixture
def soon(monkeypatch):
    """A painting that ends by itself does so sooner than is good, for tests to be quick."""
    monkeypatch.setattr("stylize.convergence.SHARE", 0.2)


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_a_painting_ends_by_itself_and_goes_on_from_a_scale_as_if_it_had_never_stopped(
    encoder, photo, stripes, optimizer, monkeypatch, soon
):
    monkeypatch.setattr("stylize.pyramid.COARSEST", 32)
    recipe = Transfer(size=64, optimizer=optimizer)
    frames = list(paint(recipe, photo, [stripes], encoder=encoder))
    assert len(frames) < recipe.max_steps
    (coarse, fine) = [frame for frame in frames if frame.ends_scale]
    assert (fine.step, fine.steps, fine.guessed) == (len(frames), len(frames), False)
    rest = list(paint(recipe, photo, [stripes], encoder=encoder, resume=Canvas.of(coarse)))
    told = [(frame.step, frame.steps, frame.guessed) for frame in frames]
    assert [(frame.step, frame.steps, frame.guessed) for frame in rest] == told[coarse.step :]
    assert digest(rest) == digest(frames[coarse.step :])
    (last,) = paint(recipe, photo, [stripes], encoder=encoder, resume=Canvas.of(fine))
    assert (last.step, last.steps, last.ends_scale) == (fine.step, fine.steps, True)
    assert torch.equal(last.pixels, fine.pixels)


def test_a_painting_that_ends_by_itself_is_the_one_of_so_many_steps(encoder, photo, stripes, soon):
    *_, auto = paint(Transfer(size=64), photo, [stripes], encoder=encoder)
    *_, given = paint(Transfer(size=64, steps=auto.step), photo, [stripes], encoder=encoder)
    assert 20 <= auto.step < Transfer().max_steps
    assert torch.equal(auto.pixels, given.pixels)


def test_max_steps_bound_a_painting_that_ends_by_itself(encoder, photo, stripes):
    frames = list(paint(Transfer(size=64, max_steps=7), photo, [stripes], encoder=encoder))
    assert [frame.step for frame in frames] == list(range(1, 8))
    assert frames[-1].ends_scale


@pytest.fixture
def starts(monkeypatch):
    """What the descent at each scale begins with."""
    found = []

    def noted(evaluate, start, *rest):
        found.append(start)
        return minimise(evaluate, start, *rest)

    monkeypatch.setattr("stylize.paint.minimise", noted)
    return found


def test_a_finer_scale_begins_with_half_of_the_detail(encoder, photo, stripes, two_scales, starts):
    frames = list(paint(SMALL, photo, [stripes], encoder=encoder))
    content = resize(photo.pixels, (48, 64))
    style = resize(stripes.pixels, fit(*reversed(stripes.pixels.shape[1:]), 64))
    begun = recolour(content, style)
    detail = begun - resize(resize(begun, (24, 32)), (48, 64))
    assert detail.abs().max() > 20
    assert torch.allclose(starts[1], resize(frames[2].pixels, (48, 64)) + detail / 2, atol=1e-3)


def test_where_there_is_no_detail_a_finer_scale_begins_with_the_coarser_one_enlarged(
    encoder, stripes, two_scales, starts
):
    frames = list(paint(SMALL, plain((90, 90, 90), 48, 64), [stripes], encoder=encoder))
    assert torch.allclose(starts[1], resize(frames[2].pixels, (48, 64)), atol=1e-3)


def test_noise_is_seeded_and_stays_in_the_box():
    assert torch.equal(noise((40, 60), seed=1), noise((40, 60), seed=1))
    assert not torch.equal(noise((40, 60), seed=1), noise((40, 60), seed=2))
    assert noise((40, 60), seed=1).std() == pytest.approx(NOISE, rel=0.01)
    assert noise((16, 16), seed=1).mean() == pytest.approx(127.5, abs=NOISE)


def test_nothing_is_painted_before_the_first_frame_or_after_closing(encoder, photo, stripes):
    evaluated = []

    class Watched:
        layers = encoder.layers
        receptive_field = staticmethod(encoder.receptive_field)

        def __call__(self, pixels, layers, *, wraps=False):
            evaluated.append(pixels.shape)
            return encoder(pixels, layers, wraps=wraps)

        def to(self, device):
            return self

    frames = paint(SMALL, photo, [stripes], encoder=Watched())
    assert evaluated == []
    next(frames)
    seen = len(evaluated)
    frames.close()
    assert len(evaluated) == seen
    assert list(frames) == []


def test_a_painting_begins_in_the_colours_of_its_style(encoder, photo, stripes):
    recipe = SMALL.model_copy(update={"optimizer": "adam", "steps": 1})  # moves by 6 at most
    first = next(paint(recipe, photo, [stripes], encoder=encoder))
    style = stripes.pixels.float().mean((1, 2))
    assert torch.allclose(first.pixels.mean((1, 2)), style, atol=12)
    assert not torch.allclose(photo.pixels.float().mean((1, 2)), style, atol=12)


def test_a_texture_is_square_and_needs_no_content(encoder, rings):
    *_, last = paint(Texture(size=64, steps=3), None, [rings], encoder=encoder)
    assert tuple(last.pixels.shape) == (3, 64, 64)
    assert last.losses["content"] == 0


def test_a_blend_shows_both_of_its_styles(encoder, photo, stripes, rings):
    def gram(pixels):
        return gram_matrix(encoder(pixels, ["relu3_1"])["relu3_1"])

    def painted(blend):
        recipe = Transfer(size=64, steps=10, blend=blend)
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
        recipe = Transfer(size=64, steps=12, style_weight=weight)
        *_, last = paint(recipe, photo, [stripes], encoder=encoder)
        losses.append(last.losses)
    assert losses[0]["content"] < losses[1]["content"]
    assert losses[0]["style"] > losses[1]["style"]


def test_total_variation_smooths(encoder, photo, stripes):
    rough, smooth = (
        list(
            paint(Transfer(size=64, steps=8, total_variation=tv), photo, [stripes], encoder=encoder)
        )
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
    recipe = Transfer(size=64, steps=3, optimizer=optimizer, total_variation=0.1)
    for frame in paint(recipe, ODD[content], [ODD[style]], encoder=encoder):
        assert frame.pixels.isfinite().all()
        assert all(value == value for value in frame.losses.values())
    assert encode_png(frame.pixels)


@pytest.mark.parametrize("weights", [(0, 1e12, 1e12), (1e12, 1e-12, 1e-12), (1e12, 1e12, 1e12)])
def test_extreme_weights_are_painted_without_nan(encoder, photo, stripes, weights):
    content, style, layer = weights
    recipe = Transfer(
        size=64,
        steps=3,
        content_weight=content,
        style_weight=style,
        style_layers={"relu3_1": layer},
    )
    first, *_, last = paint(recipe, photo, [stripes], encoder=encoder)
    assert last.pixels.isfinite().all()
    assert last.losses["total"] <= first.losses["total"] < float("inf")


# ---------------------------------------------------------------- colours, strokes, beginnings


def chroma(pixels):
    return pixels - grey(pixels)


@pytest.mark.parametrize("init", ["content", "noise", "picture"])
def test_painted_in_luminance_every_frame_has_the_contents_hues(
    encoder, device, photo, stripes, rings, two_scales, init
):
    # L-BFGS soon turns stripes of two tones to black and white, which leave no room for chroma.
    recipe = Transfer(size=64, steps=5, colours="luminance", init=init, optimizer="adam")
    begin = rings if init == "picture" else None
    there = load_encoder("vgg19")
    for frame in paint(recipe, photo, [stripes], init=begin, encoder=there, device=device):
        wanted = chroma(resize(photo.pixels, tuple(frame.pixels.shape[1:])))
        found = chroma(frame.pixels)
        room = torch.minimum(frame.pixels.amin(0), 255 - frame.pixels.amax(0)) > 0.1
        assert room.float().mean() > 0.3  # elsewhere there is less chroma, of the same hue
        torch.testing.assert_close(found * room, wanted * room, rtol=0, atol=0.01)
        assert (found.norm(dim=0) <= wanted.norm(dim=0) + 0.01).all()


def test_painted_in_luminance_the_style_is_approached(encoder, photo, stripes):
    recipe = Transfer(size=64, steps=15, colours="luminance")
    first, *_, last = paint(recipe, photo, [stripes], encoder=encoder)
    assert last.losses["style"] < first.losses["style"] / 3
    assert (grey(last.pixels) - grey(photo.pixels.float())).abs().mean() > 5


@pytest.mark.parametrize("colours", ["content", "luminance"])
def test_a_painting_in_the_contents_colours_stays_nearer_to_them(encoder, photo, stripes, colours):
    def painted(**fields):
        *_, last = paint(Transfer(size=64, steps=15, **fields), photo, [stripes], encoder=encoder)
        return (last.pixels.mean((1, 2)) - photo.pixels.float().mean((1, 2))).norm()

    assert painted(colours=colours) < 0.75 * painted()


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_resuming_gives_the_same_bytes_in_luminance(encoder, photo, stripes, two_scales, optimizer):
    recipe = Transfer(size=64, steps=6, colours="luminance", optimizer=optimizer)
    frames = list(paint(recipe, photo, [stripes], encoder=encoder))
    canvas = Canvas.of(frames[2])
    assert digest(paint(recipe, photo, [stripes], encoder=encoder, resume=canvas)) == digest(
        frames[3:]
    )
    canvas = Canvas.of(frames[-1])
    (again,) = paint(recipe, photo, [stripes], encoder=encoder, resume=canvas)
    assert torch.equal(again.pixels, frames[-1].pixels)
    assert again.losses == pytest.approx(frames[-1].losses, rel=1e-3)


@pytest.mark.parametrize("colours", ["content", "luminance"])
@pytest.mark.parametrize("content", ODD)
def test_odd_colours_are_painted_without_nan(encoder, stripes, content, colours):
    recipe = Transfer(size=64, steps=2, colours=colours)
    for style in (*ODD.values(), stripes):
        for frame in paint(recipe, ODD[content], [style], encoder=encoder):
            assert frame.pixels.isfinite().all()
            assert 0 <= frame.pixels.min() <= frame.pixels.max() <= 255


@pytest.mark.parametrize(
    ("size", "scale", "shape"), [(64, 1, (48, 64)), (64, 2, (96, 128)), (64, 0.25, (16, 16))]
)
def test_styles_are_seen_at_their_scale(encoder, photo, stripes, size, scale, shape):
    seen = []

    def watched(recipe, encoder, content, styles, **guides):
        seen.extend(tuple(style.shape[1:]) for style in styles)
        return measure(recipe, encoder, content, styles, **guides)

    recipe = Transfer(size=size, steps=1, style_scale=scale)
    next(paint(recipe, photo, [stripes], encoder=encoder, measure=watched))
    assert seen == [shape]


def test_a_style_is_enlarged_so_far_and_no_further(encoder, photo, stripes, monkeypatch):
    monkeypatch.setattr("stylize.recipes.style.LONGEST_STYLE", 100)
    (frame,) = paint(Transfer(size=64, steps=1, style_scale=4), photo, [stripes], encoder=encoder)
    (same,) = paint(
        Transfer(size=64, steps=1, style_scale=100 / 64), photo, [stripes], encoder=encoder
    )
    assert torch.equal(frame.pixels, same.pixels)


def test_a_painting_begins_as_the_picture_it_is_given(encoder, photo, stripes, rings, two_scales):
    recipe = Transfer(size=64, steps=4, init="picture", style_weight=1e-6)
    first, *_ = paint(recipe, photo, [stripes], init=rings, encoder=encoder)
    start = resize(rings.pixels, (24, 32))
    assert (first.pixels - start).abs().mean() < 15
    assert (first.pixels - resize(photo.pixels, (24, 32))).abs().mean() > 40


def test_a_picture_to_begin_with_is_given_if_and_only_if_asked_for(encoder, photo, stripes, rings):
    with pytest.raises(ValueError, match="needs one more picture"):
        paint(Transfer(init="picture"), photo, [stripes], encoder=encoder)
    with pytest.raises(ValueError, match="begins with noise needs no picture"):
        paint(Transfer(init="noise"), photo, [stripes], init=rings, encoder=encoder)


def test_wrong_input_is_refused_before_anything_is_painted(encoder, photo, stripes):
    def asked(recipe, content, styles, **options):
        paint(recipe, content, styles, encoder=encoder, **options)

    with pytest.raises(ValueError, match="a transfer needs a content image"):
        asked(SMALL, None, [stripes])
    with pytest.raises(ValueError, match="at least one style"):
        asked(SMALL, photo, [])
    with pytest.raises(ValueError, match="one weight per style image: 1, not 2"):
        asked(Transfer(blend=(1, 1)), photo, [stripes])
    with pytest.raises(ValueError, match=r"this encoder lacks b0_dw, b1_exp.*: load lite"):
        asked(Transfer(encoder="lite"), photo, [stripes])
    with pytest.raises(ValueError, match=r"scale 3.* has 1"):
        asked(SMALL, photo, [stripes], resume=Canvas(3, torch.zeros(3, 8, 8), 3, 4))


def test_a_device_is_chosen(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device("auto") == choose_device("cpu") == torch.device("cpu")
    with pytest.raises(ValueError, match="no CUDA device"):
        choose_device("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert choose_device("auto") == choose_device("cuda") == torch.device("cuda")
    assert choose_device("cpu") == torch.device("cpu")
