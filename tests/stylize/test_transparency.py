"""Whole paintings of pictures that are transparent in places, and of greys."""

import pytest
import torch

from stylize.colours import grey, mean_and_covariance
from stylize.frame import Canvas
from stylize.media.film import Film
from stylize.media.picture import Picture, alpha_at, decode, encode_preview, visible_part
from stylize.paint import paint
from stylize.recipes import Texture, Transfer

SMALL = Transfer(size=64, steps=4)


def disc(height, width):
    """Visibility, 0..1, with a soft rim: 1 in the middle, 0 at the corners."""
    down, across = torch.meshgrid(
        torch.linspace(-1, 1, height), torch.linspace(-1, 1, width), indexing="ij"
    )
    return (1.5 - 1.5 * torch.hypot(down, across)).clamp(0, 1)


def soft_disc(height=48, width=64):
    """A content: dark stripes in a disc with a soft rim, what lies around continued, unseen."""
    alpha = (disc(height, width) * 255).round().to(torch.uint8)
    stripes = (torch.arange(width) % 8 < 4).to(torch.uint8)
    colours = torch.stack([30 + 20 * stripes, 20 + 0 * stripes, 26 + 9 * stripes])
    return Picture(colours[:, None, :].expand(3, height, width).contiguous(), alpha)


def visible_mean(frame, picture):
    """The mean colour (3,) of what is seen of *frame*, painted from *picture*."""
    mean, _ = mean_and_covariance(frame.pixels, alpha_at(picture, frame.pixels.shape[1:]))
    return mean.flatten()


def test_a_content_visible_by_half_all_over_is_painted_as_if_it_were_opaque(
    encoder, photo, stripes
):
    veiled = Picture(photo.pixels, torch.full(photo.pixels.shape[1:], 128, dtype=torch.uint8))
    *_, opaque = paint(SMALL, photo, [stripes], encoder=encoder)
    *_, painted = paint(SMALL, veiled, [stripes], encoder=encoder)
    assert (painted.pixels - opaque.pixels).abs().mean() < 0.5
    assert (painted.alpha == 128).all()
    assert opaque.alpha is None


def test_a_dark_shape_keeps_its_colours_up_to_its_rim(encoder, rings):
    content = soft_disc()
    recipe = Transfer(size=64, steps=10, colours="content")
    *_, painted = paint(recipe, content, [rings], encoder=encoder)
    wanted, _ = mean_and_covariance(content.pixels.float(), content.alpha)
    assert (visible_mean(painted, content) - wanted.flatten()).abs().max() < 6
    rim = (painted.alpha > 0) & (painted.alpha < 128)
    assert painted.pixels[:, rim].mean() < 50  # not the light of a ground that nobody sees


def test_a_sticker_paints_like_what_is_seen_of_it(encoder, photo, stripes):
    """Beyond its edge there is white, which no longer counts for anything."""
    padded = torch.full((3, 200, 240), 255, dtype=torch.uint8)
    padded[:, 70:130, 80:160] = stripes.pixels
    alpha = torch.zeros(200, 240, dtype=torch.uint8)
    alpha[70:130, 80:160] = 255
    *_, painted = paint(SMALL, photo, [Picture(padded, alpha)], encoder=encoder)
    *_, same = paint(SMALL, photo, [stripes], encoder=encoder)
    assert torch.equal(painted.pixels, same.pixels)


@pytest.mark.parametrize("task", ["transfer", "texture"])
def test_a_round_sticker_has_the_colours_of_its_inside(encoder, photo, rings, task):
    round_ = Picture(rings.pixels, (disc(72, 72) > 0.1).to(torch.uint8) * 255)
    content = photo if task == "transfer" else None
    *_, painted = paint(
        (Transfer if task == "transfer" else Texture)(size=64, steps=30, content_weight=0.1),
        content,
        [round_],
        encoder=encoder,
    )
    wanted, _ = mean_and_covariance(rings.pixels.float(), round_.alpha)
    assert (painted.pixels.mean((1, 2)) - wanted.flatten()).abs().max() < 15


def test_a_transparent_painting_resumes_to_the_same_bytes(encoder, stripes):
    recipe = Transfer(size=384, steps=3)
    frames = list(paint(recipe, soft_disc(), [stripes], encoder=encoder))
    (end,) = [frame for frame in frames if frame.ends_scale and frame.scale == 0]
    resumed = list(paint(recipe, soft_disc(), [stripes], encoder=encoder, resume=Canvas.of(end)))
    assert torch.equal(resumed[-1].pixels, frames[-1].pixels)
    assert torch.equal(resumed[-1].alpha, frames[-1].alpha)


def chroma(frame):
    """The most by which channels of a pixel differ, as saved."""
    saved = frame.pixels.round()
    return (saved.amax(0) - saved.amin(0)).max().item()


def in_grey(picture):
    return Picture(grey(picture.pixels.float()).round().to(torch.uint8).contiguous(), picture.alpha)


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_greys_and_a_grey_style_paint_in_grey(encoder, photo, stripes, rings, optimizer):
    recipe = Transfer(size=64, steps=6, optimizer=optimizer)
    for content in (photo, in_grey(photo), soft_disc()):
        frames = paint(recipe, content, [in_grey(stripes), in_grey(rings)], encoder=encoder)
        assert {chroma(frame) for frame in frames} == {0}


@pytest.mark.parametrize("colours", ["content", "luminance"])
def test_a_grey_content_that_gives_its_colours_is_painted_in_grey(encoder, photo, stripes, colours):
    recipe = Transfer(size=64, steps=6, colours=colours)
    assert {chroma(f) for f in paint(recipe, in_grey(photo), [stripes], encoder=encoder)} == {0}


def test_a_grey_texture_is_grey_from_its_noise_on(encoder, stripes, rings):
    recipe = Texture(size=64, steps=6)
    assert {chroma(f) for f in paint(recipe, None, [in_grey(stripes)], encoder=encoder)} == {0}
    started = Transfer(size=64, steps=3, init="picture")
    frames = paint(started, in_grey(rings), [in_grey(stripes)], init=rings, encoder=encoder)
    assert {chroma(frame) for frame in frames} == {0}


def test_one_style_in_colours_is_enough_for_colours(encoder, photo, stripes, rings):
    *_, last = paint(SMALL, in_grey(photo), [in_grey(stripes), rings], encoder=encoder)
    assert chroma(last) > 20


def test_progress_and_film_show_a_transparent_painting_on_white(encoder, stripes):
    *_, last = paint(SMALL, soft_disc(), [stripes], encoder=encoder)
    film = Film()
    film.add(last)
    for shown in (encode_preview(last.pixels, last.alpha), film.encode(1_000_000)):
        corner = decode(shown).pixels[:, 0, 0].int()
        assert (255 - corner).max() < 8


@pytest.mark.parametrize(
    ("span", "shape"), [((70, 130, 80, 160), (60, 80)), ((3, 5, 100, 140), (16, 40))]
)
def test_margins_in_which_nothing_is_visible_are_left_out(span, shape):
    top, bottom, left, right = span
    alpha = torch.zeros(200, 240, dtype=torch.uint8)
    alpha[top:bottom, left:right] = 200
    alpha[0, 0] = 3  # a speck nobody sees
    found = visible_part(Picture(torch.zeros(3, 200, 240, dtype=torch.uint8), alpha))
    assert found.pixels.shape == (3, *shape)
    assert found.alpha.shape == shape
    assert (found.alpha == 200).sum() == (bottom - top) * (right - left)
