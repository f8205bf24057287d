"""Colour maps: whichever way a file spoils them, their colours and regions are found."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import bot
from stylize.maps import MOST, masks, name_of, read_maps
from stylize.media.picture import Picture
from tests.stylize.maps import COLOURS, LAND, ROAD, ROCK, SKY, SUN, jpeg, landscape, picture

SAMPLES = Path(bot.__file__).parent / "fronts/web/static/samples"
PHOTOGRAPHS = ("chelsea", "coffee", "rocket", "woodcut", "marbling")

SPOILED = {
    "clean": lambda image: image,
    "jpeg": lambda image: jpeg(image, 75),
    "bad jpeg": lambda image: jpeg(image, 30),
    "enlarged": lambda image: image.resize((900, 900), Image.Resampling.BICUBIC),
    "reduced": lambda image: image.resize((170, 170), Image.Resampling.LANCZOS),
    "stretched": lambda image: image.resize((400, 250), Image.Resampling.BILINEAR),
    "jpeg, enlarged": lambda image: jpeg(image, 50).resize((700, 700), Image.Resampling.BICUBIC),
    "jpeg, reduced": lambda image: jpeg(image, 50).resize((220, 220), Image.Resampling.NEAREST),
}


@pytest.fixture(scope="module")
def clean():
    return picture(landscape())


def colours_of(maps):
    return {match.own for match in maps.matches}


def near(one, other, levels=12):
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) <= levels


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED)
def test_a_map_is_found_again_in_what_files_make_of_it(clean, spoil):
    maps = read_maps(clean, picture(spoil(landscape())))
    assert len(maps.matches) == len(COLOURS)
    for match in maps.matches:
        assert match.exact
        assert near(match.own, match.style)
    assert sorted(set(maps.own.flatten().tolist())) == list(range(len(COLOURS)))
    shares = masks(maps.own, range(len(COLOURS)), (64, 64))
    wanted = masks(maps.style, range(len(COLOURS)), (64, 64))
    assert (shares.argmax(0) == wanted.argmax(0)).float().mean() > 0.97


@given(st.integers(2, MOST), st.randoms(use_true_random=False), st.integers(24, 60), st.booleans())
@settings(max_examples=8, deadline=None)
def test_the_number_of_colours_is_found(count, chance, cell, shuffled):
    """Of colours on a grid through RGB, which nobody takes for one another."""
    palette = chance.sample(list(product((20, 130, 240), repeat=3)), count)
    cells = np.array([n % count for n in range(16)])
    if shuffled:
        chance.shuffle(cells)
    pixels = np.array(palette, np.uint8)[cells.reshape(4, 4)]
    image = Image.fromarray(pixels).resize((4 * cell, 4 * cell), Image.Resampling.NEAREST)
    maps = read_maps(picture(image), picture(jpeg(image, 90)))
    assert len(maps.matches) == count
    found = [next(one for one in palette if near(one, match.style)) for match in maps.matches]
    assert sorted(found) == sorted(palette)


def test_a_colour_without_a_partner_gets_the_nearest(clean):
    purple_road = (SKY, LAND, SUN, (120, 60, 180), (200, 60, 200))
    maps = read_maps(
        picture(landscape(colours=(SKY, LAND, SUN, ROCK, SKY))),
        picture(landscape(colours=purple_road)),
    )
    [other] = [match for match in maps.matches if not match.exact]
    assert near(other.own, (200, 60, 200))
    assert near(other.style, ROCK)
    rock = next(match for match in maps.matches if near(match.own, ROCK))
    assert other.region == rock.region
    assert len(torch.unique(maps.own)) == 4


def test_a_slightly_other_shade_is_the_same_colour(clean):
    shades = [tuple(min(255, level + 8) for level in colour) for colour in COLOURS]
    maps = read_maps(clean, picture(landscape(colours=shades)))
    assert all(match.exact for match in maps.matches)


def test_an_edge_is_no_region_though_it_has_the_colour_of_one():
    """Between black and white a soft edge is grey, and there is a grey region elsewhere."""
    image = Image.new("RGB", (256, 256), "white")
    image.paste("black", (0, 0, 100, 256))
    image.paste((119, 119, 119), (180, 180, 256, 256))
    soft = image.resize((64, 64), Image.Resampling.BOX).resize((256, 256), Image.Resampling.BICUBIC)
    maps = read_maps(picture(image), picture(soft))
    grey = next(match.region for match in maps.matches if name_of(match.own) == "grey")
    assert not (maps.own[:170, 80:120] == grey).any()


def test_what_is_transparent_is_a_white_region():
    image = Image.new("RGBA", (200, 200), (0, 0, 0, 0))
    image.paste((209, 59, 59, 255), (50, 50, 150, 150))
    maps = read_maps(picture(image), picture(image))
    assert {name_of(colour) for colour in colours_of(maps)} == {"white", "red"}


def test_the_largest_comes_first_and_reading_is_repeatable(clean):
    first, second = (read_maps(clean, picture(landscape(200))) for _ in range(2))
    assert first.matches == second.matches
    assert torch.equal(first.own, second.own)
    areas = torch.bincount(first.colours.flatten()).tolist()
    assert areas == sorted(areas, reverse=True)


@given(st.integers(8, 90), st.integers(8, 90))
@settings(max_examples=10, deadline=None)
def test_masks_of_all_regions_share_out_each_pixel(height, width):
    regions = torch.arange(35).reshape(5, 7).repeat_interleave(9, 0).repeat_interleave(9, 1) % 4
    shares = masks(regions, range(4), (height, width))
    assert shares.shape == (4, height, width)
    assert torch.allclose(shares.sum(0), torch.ones(height, width), atol=1e-5)


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_a_photograph_or_a_painting_is_no_map(clean, name):
    with Image.open(SAMPLES / f"{name}.jpg") as image:
        photograph = picture(image.resize((320, 320 * image.height // image.width)))
    with pytest.raises(ValueError, match=r"^your map looks like a photograph: paint it in up to 8"):
        read_maps(clean, photograph)
    with pytest.raises(ValueError, match=r"^the style's map looks like a photograph"):
        read_maps(photograph, clean)


def test_a_smooth_ramp_is_no_map(clean):
    ramp = Picture(torch.linspace(0, 255, 256).to(torch.uint8).expand(3, 256, 256))
    with pytest.raises(ValueError, match="looks like a photograph"):
        read_maps(clean, ramp)


def test_one_colour_is_no_map(clean):
    red = picture(Image.new("RGB", (80, 80), "red"))
    with pytest.raises(ValueError, match=r"^your map has only one colour: give each kind of area"):
        read_maps(clean, red)
    with pytest.raises(ValueError, match=r"^the style's map has only one colour"):
        read_maps(red, clean)


def test_too_many_colours_are_counted(clean):
    colours = [*product((20, 240), repeat=3), (130, 130, 130), (130, 60, 60), (60, 130, 200)]
    pixels = np.array([*colours, *colours, *colours], np.uint8)[:30].reshape(5, 6, 3)
    image = Image.fromarray(pixels).resize((300, 250), Image.Resampling.NEAREST)
    with pytest.raises(ValueError, match=r"^your map has 11 clear colours: use up to 8\.$"):
        read_maps(clean, picture(image))


@pytest.mark.parametrize(
    ("colour", "name"),
    [(SKY, "blue"), (LAND, "green"), (SUN, "yellow"), (ROCK, "violet"), (ROAD, "red"),
     ((0, 0, 0), "black"), ((250, 250, 250), "white")],
)  # fmt: skip
def test_colours_have_names(colour, name):
    assert name_of(colour) == name


def test_the_sample_maps_match_each_other():
    for style_map, own_map in (("woodcut-map", "island-map"), ("swirls-map", "moon-map")):
        pair = [picture(Image.open(SAMPLES / f"{name}.png")) for name in (style_map, own_map)]
        maps = read_maps(*pair)
        assert all(match.exact for match in maps.matches)
        assert len(maps.matches) == len(torch.unique(maps.style))
