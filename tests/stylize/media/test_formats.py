"""A painting as each kind of file: what kind it is, how like the painting, what else is in it."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from stylize.media.formats import FORMATS
from stylize.media.picture import encode_as, encode_png

EXACT = (".png", ".webp")
KINDS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".avif": "AVIF"}


def opened(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def strokes(colours=((200, 30, 40), (30, 90, 210), (240, 220, 60), (20, 140, 70))):
    """(3, 96, 128): fine slanted strokes, each two pixels wide and of another colour."""
    down, across = torch.meshgrid(torch.arange(96), torch.arange(128), indexing="ij")
    return torch.tensor(colours)[(across + down // 2) // 2 % len(colours)].permute(2, 0, 1).float()


def test_every_kind_is_tried_here():
    assert set(FORMATS) == set(KINDS)


@pytest.mark.parametrize("suffix", KINDS)
def test_a_painting_is_written_as_its_name_says_and_looks_the_same(suffix):
    painting = strokes()
    image = opened(encode_as(painting, None, suffix))
    assert (image.format, image.mode, image.size) == (KINDS[suffix], "RGB", (128, 96))
    off = np.abs(np.asarray(image, float) - painting.permute(1, 2, 0).numpy())
    assert off.max() == 0 if suffix in EXACT else off.mean() < 3


@pytest.mark.parametrize("suffix", KINDS)
def test_a_grey_painting_stays_grey(suffix):
    image = opened(encode_as(strokes([(value,) * 3 for value in (0, 70, 190, 255)]), None, suffix))
    values = np.asarray(image.convert("RGB"), int)
    assert np.ptp(values, axis=-1).max() == 0


@pytest.mark.parametrize("suffix", KINDS)
def test_alpha_is_kept_or_shown_on_white(suffix):
    alpha = torch.full((48, 64), 255, dtype=torch.uint8)  # half the painting's size
    alpha[:, :32] = 0
    image = opened(encode_as(strokes(), alpha, suffix))
    if KINDS[suffix] == "JPEG":
        assert image.mode == "RGB"
        assert np.asarray(image)[:, :56].min() > 245
        assert np.asarray(image)[:, 72:].mean() < 160
    else:
        assert image.mode == "RGBA"
        assert image.getchannel("A").getextrema() == (0, 255)
        assert image.getpixel((2, 2))[3] == 0
        assert image.getpixel((120, 90))[3] == 255


@pytest.mark.parametrize("suffix", KINDS)
def test_nothing_but_the_painting_is_in_the_file(suffix):
    image = opened(encode_as(strokes(), None, suffix))
    assert not image.getexif()
    assert not {"exif", "xmp", "icc_profile", "comment", "XML:com.adobe.xmp"} & set(image.info)


def test_png_is_the_same_file_as_ever():
    assert encode_as(strokes(), None, ".png") == encode_png(strokes())
