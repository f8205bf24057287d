"""Animations: painted from the first frame that shows something, as viewers show it."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageDraw

from stylize.media.decode import PictureError, to_bitmap

NAME = "moving.gif"
SIZE = (64, 48)


def sight(angle=0):
    x, y = np.meshgrid(np.linspace(0, 255, SIZE[0]), np.linspace(0, 255, SIZE[1]))
    image = Image.fromarray(np.stack([x, y, 255 - x], -1).astype(np.uint8))
    ImageDraw.Draw(image).ellipse((10, 10, 30, 40), fill=(250, 240, 10))
    return image.rotate(angle).convert("RGBA")


def plain(colour):
    return Image.new("RGBA", SIZE, colour)


BLANK, BLACK = plain((0, 0, 0, 0)), plain((0, 0, 0, 255))


def animation(kind, *frames, **options):
    file = io.BytesIO()
    if kind == "WEBP":
        options |= {"lossless": True, "exact": True}
    if kind == "AVIF":
        options |= {"quality": 100, "subsampling": "4:4:4"}
    first, *rest = frames
    first.save(file, kind, save_all=True, append_images=rest, duration=100, **options)
    return file.getvalue()


def difference(bitmap, image):
    expected = np.asarray(image.convert("RGB")).astype(int)
    return np.abs(bitmap.pixels - expected).mean()


KINDS = ["GIF", "PNG", "WEBP", "AVIF"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("empty", [[BLANK], [BLACK], [BLANK, BLACK], [BLACK, plain("white")]])
def test_empty_frames_are_passed_over_and_the_one_that_is_used_is_said(kind, empty):
    bitmap = to_bitmap(animation(kind, *empty, sight(), sight(90)), NAME)
    assert difference(bitmap, sight()) < 8
    number = len(empty) + 1
    assert bitmap.note == (
        f"{NAME} is animated: I used its frame {number}, the first that shows something."
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_first_frame_that_shows_something_is_used(kind):
    bitmap = to_bitmap(animation(kind, sight(), BLACK, sight(90)), NAME)
    assert difference(bitmap, sight()) < 8
    assert bitmap.note == f"{NAME} is animated: I used its first frame."


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_where_all_frames_are_empty_there_is_nothing_to_see(kind):
    almost = BLANK.copy()
    almost.putpixel((3, 3), (1, 2, 3, 0))  # or an encoder merges the two
    data = (
        animation(kind, BLANK, almost, disposal=2)
        if kind != "WEBP"
        else animation(kind, BLANK, almost)
    )
    with pytest.raises(PictureError, match="nothing to see"):
        to_bitmap(data, NAME)


@pytest.mark.parametrize("kind", KINDS)
def test_where_no_frame_shows_more_than_one_colour_the_first_with_a_colour_is_used(kind):
    bitmap = to_bitmap(animation(kind, BLANK, plain("red"), plain("blue")), NAME)
    assert difference(bitmap, plain("red")) < 8
    assert "frame 2" in bitmap.note


def test_a_still_of_one_colour_is_a_picture():
    file = io.BytesIO()
    plain("red").save(file, "PNG")
    bitmap = to_bitmap(file.getvalue(), NAME)
    assert difference(bitmap, plain("red")) == 0
    assert bitmap.note is None


def test_a_frame_is_composited_on_those_before():
    corner = sight().copy()
    ImageDraw.Draw(corner).rectangle((40, 30, 50, 40), fill=(0, 200, 0))
    empty = plain((0, 0, 0, 255))
    for kind in ("GIF", "PNG", "WEBP"):
        patched = empty.copy()  # the encoder stores what is new, a small patch
        ImageDraw.Draw(patched).rectangle((40, 30, 50, 40), fill=(0, 200, 0))
        bitmap = to_bitmap(animation(kind, empty, patched), NAME)
        assert difference(bitmap, patched) < 2, kind


def test_a_frame_is_shown_on_a_ground_that_was_disposed_of():
    data = animation("GIF", plain((255, 0, 0, 255)), sight(), disposal=2)
    assert difference(to_bitmap(data, NAME), sight()) < 8


def test_what_only_readers_without_animation_see_is_not_used():
    file = io.BytesIO()
    frames = [sight(), sight(180)]
    plain("red").save(file, "PNG", save_all=True, append_images=frames, default_image=True)
    bitmap = to_bitmap(file.getvalue(), NAME)
    assert difference(bitmap, sight()) == 0
    assert "first frame" in bitmap.note


def test_damage_behind_the_frame_that_is_used_does_no_harm():
    data = animation("GIF", sight(), sight(90), sight(180))
    bitmap = to_bitmap(data[: len(data) * 2 // 3], NAME)
    assert difference(bitmap, sight()) < 8


def test_sixteen_bit_frames_are_looked_at_too():
    ramp = np.linspace(0, 65535, 64).astype(">u2")[None, :].repeat(48, 0)

    def chunk(kind, body):
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    def rows(values):
        return zlib.compress(b"".join(b"\0" + row.tobytes() for row in values))

    def control(number):
        return chunk(b"fcTL", struct.pack(">IIIIIHHBB", number, *SIZE, 0, 0, 1, 10, 0, 0))

    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        (
            chunk(b"IHDR", struct.pack(">IIBBBBB", *SIZE, 16, 0, 0, 0, 0)),
            chunk(b"acTL", struct.pack(">II", 2, 0)),
            control(0),
            chunk(b"IDAT", rows(ramp * 0)),
            control(1),
            chunk(b"fdAT", struct.pack(">I", 2) + rows(ramp)),
            chunk(b"IEND", b""),
        )
    )
    bitmap = to_bitmap(data, NAME)
    assert bitmap.pixels[0, -1].min() > 250
