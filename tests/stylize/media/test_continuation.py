"""Where a picture is transparent: what is seen is as it is, what is hidden has no say."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from stylize.media.continuation import VISIBLE, continued
from stylize.media.decode import to_bitmap

SIZES = st.tuples(st.integers(16, 70), st.integers(16, 70))


def file(colours, alpha, kind="PNG", **options):
    image = Image.fromarray(np.dstack([colours, alpha]))
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def noise(shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (*shape, 3), np.uint8)


def disc(side, rim):
    """Alpha of a disc, soft over *rim* pixels."""
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    return np.clip((side / 3 - np.hypot(x, y)) / rim * 255 + 128, 0, 255).astype(np.uint8)


pictures = SIZES.flatmap(
    lambda shape: st.tuples(
        st.integers(0, 99).map(lambda seed: noise(shape, seed)),
        arrays.arrays(np.uint8, shape, elements=st.integers(0, 255), fill=st.sampled_from([0, 7])),
    )
).filter(lambda picture: picture[1].max() >= VISIBLE)


@pytest.mark.parametrize("alpha", [VISIBLE, 128, 254])
def test_a_picture_that_is_evenly_see_through_has_the_pixels_of_its_opaque_twin(alpha):
    colours = noise((40, 60))
    even = np.full((40, 60), alpha, np.uint8)
    bitmap = to_bitmap(file(colours, even))
    assert np.array_equal(bitmap.pixels, colours)
    assert np.array_equal(bitmap.alpha, even)


def test_a_picture_that_is_hardly_visible_anywhere_is_as_it_is():
    colours = noise((40, 60))
    assert np.array_equal(to_bitmap(file(colours, np.full((40, 60), 9, np.uint8))).pixels, colours)


@settings(max_examples=50, deadline=None)
@given(picture=pictures, seed=st.integers(100, 199))
def test_hidden_colours_have_no_influence(picture, seed):
    colours, alpha = picture
    hidden = alpha < VISIBLE
    others = np.where(hidden[..., None], noise(alpha.shape, seed), colours)
    one, other = to_bitmap(file(colours, alpha)), to_bitmap(file(others, alpha))
    assert np.array_equal(one.pixels, other.pixels)
    assert np.array_equal(one.pixels[~hidden], colours[~hidden])


@settings(max_examples=50, deadline=None)
@given(picture=pictures)
def test_what_is_continued_lies_between_what_is_seen(picture):
    colours, alpha = picture
    whole = continued(colours, alpha)
    assert whole.shape == colours.shape
    seen = colours[alpha >= VISIBLE]
    assert (whole >= seen.min(0)).all()
    assert (whole <= seen.max(0)).all()


@settings(max_examples=30, deadline=None)
@given(picture=pictures, colour=st.tuples(*[st.integers(0, 255)] * 3))
def test_one_colour_is_continued_as_it_is(picture, colour):
    _, alpha = picture
    colours = np.where(alpha[..., None] < VISIBLE, noise(alpha.shape), np.array(colour, np.uint8))
    assert (continued(colours, alpha) == colour).all()


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
@pytest.mark.parametrize("rim", [1, 10, 40])
@pytest.mark.parametrize("ground", [0, 255])
def test_a_dark_shape_is_dark_beyond_its_rim_too(kind, rim, ground):
    alpha = disc(96, rim)
    colours = np.where(alpha[..., None] == 0, np.uint8(ground), np.array([32, 20, 27], np.uint8))
    options = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    bitmap = to_bitmap(file(colours, alpha, kind, **options))
    assert np.abs(bitmap.pixels.astype(int) - [32, 20, 27]).max() <= 1
    assert np.array_equal(bitmap.alpha, alpha)


def test_the_nearest_colours_are_continued():
    colours = np.zeros((64, 256, 3), np.uint8)
    colours[:, :4] = 220, 10, 10
    colours[:, -4:] = 10, 10, 220
    alpha = np.zeros((64, 256), np.uint8)
    alpha[:, :4] = alpha[:, -4:] = 255
    row = continued(colours, alpha)[32].astype(int)
    assert row[8, 0] > 180
    assert row[-9, 2] > 180
    assert np.abs(np.diff(row, axis=0)).max() < 40  # without an edge of its own
    assert (np.diff(row[:, 0]) <= 1).all()


def test_a_turned_picture_is_continued_alike():
    colours, alpha = noise((600, 601)), np.pad(disc(600, 30), ((0, 0), (0, 1)))
    turned = continued(colours.transpose(1, 0, 2), alpha.T).transpose(1, 0, 2)
    assert np.abs(continued(colours, alpha).astype(int) - turned).max() <= 1
