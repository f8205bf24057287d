"""Pictures from strangers: what is understood, what is refused, and how."""

import io
import random
import struct
import warnings
import zlib

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from stylize.media.decode import PictureError
from stylize.media.picture import (
    Picture,
    decode,
    encode_png,
    encode_preview,
    encode_within,
    fit,
    resize,
)

NAME = "the first picture (cat.png)"


def gradient(width=48, height=32):
    """An RGB image without symmetry: red grows rightwards, green downwards."""
    x = np.linspace(0, 255, width)[None, :].repeat(height, 0)
    y = np.linspace(0, 255, height)[:, None].repeat(width, 1)
    return Image.fromarray(np.stack([x, y, np.full_like(x, 80)], -1).astype(np.uint8))


def saved(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def pixels_of(image):
    return torch.from_numpy(np.array(image.convert("RGB"))).permute(2, 0, 1)


def difference(a, b):
    return (a.float() - b.float()).abs().mean().item()


def refusal(data, **limits):
    with pytest.raises(PictureError) as caught:
        decode(data, NAME, **limits)
    message = str(caught.value)
    assert message.startswith(NAME + " ")
    assert message.endswith(".")
    assert "\n" not in message
    return message


# ---------------------------------------------------------------- what is understood


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF"])
def test_lossless_formats_are_exact(kind):
    picture = decode(saved(gradient(), kind))
    assert picture.pixels.dtype == torch.uint8
    assert torch.equal(picture.pixels, pixels_of(gradient()))
    assert picture.alpha is None
    assert picture.note is None


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {"quality": 95}),
        ("JPEG", {"quality": 95, "progressive": True}),
        ("WEBP", {"quality": 95}),
        ("TIFF", {"compression": "jpeg"}),
        ("GIF", {}),
    ],
)
def test_lossy_formats_are_close(kind, options):
    assert difference(decode(saved(gradient(), kind, **options)).pixels, pixels_of(gradient())) < 6


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "LAB", "YCbCr"])
def test_modes_of_eight_bits_or_less(mode):
    source = gradient()
    if mode == "LAB":
        lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        image = ImageCms.profileToProfile(source, srgb, lab, outputMode="LAB")
    else:
        image = source.convert(mode)
    expected = source.convert(mode).convert("RGB") if mode != "LAB" else source
    picture = decode(saved(image, "TIFF"))
    assert picture.pixels.shape == (3, 32, 48)
    assert difference(picture.pixels, pixels_of(expected)) < 4


def test_adobe_cmyk_jpeg_is_not_inverted():
    white = Image.new("CMYK", (32, 32), (0, 0, 0, 0))
    assert decode(saved(white, "JPEG")).pixels.min() > 250


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bit_grey_is_scaled_not_clipped(kind):
    ramp = np.linspace(0, 65535, 64).astype(np.uint16)[None, :].repeat(16, 0)
    picture = decode(saved(Image.fromarray(ramp), kind))
    assert torch.equal(picture.pixels[0, 0], torch.from_numpy(np.rint(ramp[0] / 257)).byte())


@pytest.mark.parametrize("white", [1.0, 255.0, 65535.0, 3.0e6])
def test_float_grey_finds_its_white(white):
    ramp = np.linspace(0, white, 64, dtype=np.float32)[None, :].repeat(16, 0)
    row = decode(saved(Image.fromarray(ramp), "TIFF")).pixels[0, 0]
    assert row[0] == 0
    assert row[-1] == 255
    assert (row[1:] > row[:-1]).all()


def test_float_grey_survives_nan_and_negative_values():
    values = np.tile(np.array([np.nan, -5.0, np.inf, 20.0], np.float32), (16, 8))
    pixels = decode(saved(Image.fromarray(values), "TIFF")).pixels
    assert pixels.min() == 0
    assert pixels.max() == 255


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_honoured(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    pixels = decode(saved(gradient(), "PNG", exif=exif)).pixels
    expected = gradient()
    for transpose in {
        1: [],
        2: [Image.Transpose.FLIP_LEFT_RIGHT],
        3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM],
        5: [Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.ROTATE_90],
        6: [Image.Transpose.ROTATE_270],
        7: [Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.ROTATE_270],
        8: [Image.Transpose.ROTATE_90],
    }[orientation]:
        expected = expected.transpose(transpose)
    assert torch.equal(pixels, pixels_of(expected))


def test_broken_exif_is_ignored():
    data = saved(gradient(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\x7fgarbage")
    assert decode(data).pixels.shape == (3, 32, 48)


def test_icc_profile_is_converted_to_srgb():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # Exchange two primaries, so that what the file calls red is green.
    swapped = profile.replace(b"rXYZ", b"####").replace(b"gXYZ", b"rXYZ").replace(b"####", b"gXYZ")
    red = Image.new("RGB", (32, 32), (255, 0, 0))
    r, g, b = decode(saved(red, "PNG", icc_profile=swapped)).pixels[:, 0, 0].tolist()
    assert g > 200
    assert r < 100
    assert b < 100


@pytest.mark.parametrize("profile", [b"nonsense", b"", b"\0" * 200])
def test_broken_icc_profile_is_ignored(profile):
    data = saved(gradient(), "PNG", icc_profile=profile)
    assert torch.equal(decode(data).pixels, pixels_of(gradient()))


def grey_profile(gamma):
    """The bytes of an ICC profile for grey of *gamma* (ICC.1:2001-04, sections 6.1 and 6.2)."""
    white = struct.pack(">iii", 63190, 65536, 54061)  # D50, in 1/65536
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", 5) + b"grey\0" + bytes(79),
        b"wtpt": b"XYZ \0\0\0\0" + white,
        b"kTRC": b"curv\0\0\0\0" + struct.pack(">IHxx", 1, round(gamma * 256)),
        b"cprt": b"text\0\0\0\0none\0\0\0\0",
    }
    place = 128 + 4 + 12 * len(tags)
    table = struct.pack(">I", len(tags))
    for name, data in tags.items():
        table += name + struct.pack(">II", place, len(data))
        place += len(data)
    head = struct.pack(">I4xI", place, 0x02400000) + b"mntrGRAYXYZ " + bytes(12) + b"acsp"
    return (head + bytes(28) + white).ljust(128, b"\0") + table + b"".join(tags.values())


@pytest.mark.parametrize("see_through", [False, True])
def test_a_profile_of_grey_is_honoured_with_and_without_alpha(see_through):
    grey = Image.new("L", (32, 32), 128)
    if see_through:
        grey.putalpha(Image.new("L", grey.size, 255))
        grey.putpixel((31, 31), (128, 0))
    linear = decode(saved(grey, "PNG", icc_profile=grey_profile(1.0))).pixels
    assert (linear[:, 0, 0] - 188).abs().max() <= 1  # half the light, as sRGB has it


def test_icc_profile_of_another_colour_space_is_ignored():
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    data = saved(gradient(), "PNG", icc_profile=lab)
    assert torch.equal(decode(data).pixels, pixels_of(gradient()))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA", "P"])
def test_transparency_becomes_alpha_and_what_is_seen_is_continued_under_it(mode):
    image = gradient().convert("RGBA")
    alpha = Image.new("L", image.size, 255)
    alpha.paste(0, (0, 0, 24, 32))
    image.putalpha(alpha)
    if mode == "P":
        data = saved(image.convert("RGB").quantize(16), "PNG", transparency=bytes([0] * 8))
    else:
        data = saved(image.convert(mode), "TIFF" if mode == "PA" else "PNG")
    picture = decode(data)
    assert picture.alpha is not None
    assert picture.alpha.dtype == torch.uint8
    assert picture.alpha.shape == (32, 48)
    hidden = picture.alpha == 0
    seen = picture.pixels[:, ~hidden].flatten(1)
    for channel, visible in zip(picture.pixels[:, hidden], seen, strict=True):
        assert visible.min() <= channel.min() <= channel.max() <= visible.max()
    assert 0 < (picture.alpha == 0).float().mean() < 1


def test_one_transparent_grey_of_sixteen_bits():
    values = np.full((32, 32), 40_000, np.uint16)
    values[:16] = 1000
    picture = decode(saved(Image.fromarray(values), "PNG", transparency=1000))
    assert picture.alpha is not None
    assert picture.alpha[0, 0] == 0
    assert picture.alpha[-1, -1] == 255


def test_opaque_alpha_is_no_alpha():
    assert decode(saved(gradient().convert("RGBA"), "PNG")).alpha is None


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_first_frame_is_used_and_said(kind):
    first, second = Image.new("RGB", (32, 32), "red"), Image.new("RGB", (32, 32), "blue")
    picture = decode(saved(first, kind, save_all=True, append_images=[second]), "moving.gif")
    assert difference(picture.pixels, pixels_of(first)) < 3
    assert picture.note is not None
    assert picture.note.startswith("moving.gif ")
    assert "first" in picture.note


def test_phone_photograph_with_a_second_picture_inside_is_no_animation():
    data = saved(gradient(), "MPO", save_all=True, append_images=[gradient().rotate(180)])
    picture = decode(data)
    assert difference(picture.pixels, pixels_of(gradient())) < 6
    assert picture.note is None


# ---------------------------------------------------------------- what is refused


def png_header(width, height):
    """A PNG that claims a size and holds next to nothing."""

    def chunk(kind, body):
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(b"\0" * 10_000)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + header + body


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"Dear stylenet, this is a letter.", "is a text file"),
        ("naïve café".encode(), "is a text file"),
        (b'<?xml version="1.0"?><svg width="9"/>', "is an SVG drawing"),
        (b"<!DOCTYPE html><html>404</html>", "is a web page"),
        (b"\0\0\0\x18ftypheic" + bytes(50), "is damaged or cut short"),
        (b"\0\0\0\x18ftypavif" + bytes(50), "is damaged or cut short"),
        (b"\0\0\0\x14ftypmif1\0\0\0\0unci" + bytes(50), "is a kind of HEIF"),
        (b"\xff\x0a" + bytes(50), "is a JPEG XL picture"),
        (b"\0\0\0\x18ftypisom" + bytes(50), "is a video"),
        (b"RIFF\0\1\0\0AVI LIST" + bytes(50), "is a video"),
        (b"RIFF\0\1\0\0WAVEfmt " + bytes(50), "is a sound"),
        (b"%PDF-1.7 ...", "is a PDF document"),
        (bytes(range(256)), "is not a picture that I can read"),
        (b"\x89PNG\r\n\x1a\n", "is damaged or cut short"),
        (b"II+\0\x08\0\0\0", "is damaged or cut short"),
    ],
)
def test_files_that_are_no_pictures(data, words):
    message = refusal(data)
    assert words in message
    if "damaged" not in words and "empty" not in words:
        assert "PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF and HEIC" in message


@pytest.mark.parametrize("kind", ["PPM", "ICO", "PCX", "TGA", "JPEG2000"])
def test_formats_outside_the_list_are_not_tried(kind):
    refusal(saved(gradient(), kind))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_truncated_file(kind):
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8))
    data = saved(noise, kind)
    assert "damaged or cut short" in refusal(data[: len(data) // 2])


@pytest.mark.parametrize("size", [(1, 1), (15, 40), (100, 15)])
def test_too_small(size):
    message = refusal(saved(Image.new("RGB", size), "PNG"))
    assert f"{size[0]}×{size[1]}" in message
    assert "too small" in message


@pytest.mark.parametrize("size", [(20_000, 10), (16, 257)])
def test_too_narrow(size):
    assert "crop" in refusal(saved(Image.new("RGB", size), "PNG"))
    assert decode(saved(Image.new("RGB", (16, 256)), "PNG")).pixels.shape == (3, 256, 16)


def test_byte_cap():
    data = saved(gradient(), "PNG")
    assert "limit" in refusal(data, max_bytes=len(data) - 1)
    assert decode(data, max_bytes=len(data)).pixels.shape == (3, 32, 48)


@pytest.mark.parametrize("side", [1000, 10_000, 60_000, 2_000_000])
def test_bomb_is_refused_before_decoding(side):
    assert "megapixels" in refusal(png_header(side, side), max_pixels=999_999)


def test_pixel_cap_is_inclusive():
    data = saved(gradient(), "PNG")
    assert "megapixels" in refusal(data, max_pixels=48 * 32 - 1)
    assert decode(data, max_pixels=48 * 32).pixels.shape == (3, 32, 48)


def tiled_tiff(tile):
    """A grey TIFF of 32×32 pixels, stored as one square tile that may be far larger."""
    tags = {
        256: 32,
        257: 32,
        258: 8,
        259: 8,
        262: 1,
        277: 1,
        322: tile,
        323: tile,
        324: 134,
        325: 9,
    }
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    directory = struct.pack("<H", len(tags)) + entries + bytes(4)
    return b"II*\0" + struct.pack("<I", 8) + directory + zlib.compress(bytes(tile * tile))


def test_tiff_with_huge_tiles():
    assert "megapixels" in refusal(tiled_tiff(8000))


def test_jpeg_with_endless_scans():
    data = saved(gradient(), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    assert "waste" in refusal(data[:last] + data[last:-2] * 300 + data[-2:])


def test_what_lies_behind_a_jpeg_or_in_its_segments_are_no_scans():
    film = b"\xff\xda" * 1000
    data = saved(gradient(), "JPEG", progressive=True, comment=film)
    assert torch.equal(decode(data + film).pixels, decode(data).pixels)


def test_text_chunk_bomb():
    info = PngImagePlugin.PngInfo()
    info.add_text("comment", "A" * 10_000_000, zip=True)
    data = saved(gradient(), "PNG", pnginfo=info)
    assert torch.equal(decode(data).pixels, pixels_of(gradient()))  # nobody unpacks it


def test_invisible_picture():
    assert "transparent" in refusal(saved(Image.new("RGBA", (32, 32)), "PNG"))


def test_pillow_warnings_stay_inside():
    bomb_by_pillows_measure = png_header(9600, 9600)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        refusal(bomb_by_pillows_measure)


def seeds():
    rgba = gradient().convert("RGBA")
    rgba.putalpha(128)
    exif = Image.Exif()
    exif[0x0112] = 6
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    grey16 = Image.fromarray(np.arange(1024, dtype=np.uint16).reshape(32, 32))
    return [
        saved(rgba, "PNG", exif=exif, icc_profile=profile),
        saved(gradient().quantize(8), "PNG", transparency=b"\0\x80"),
        saved(grey16, "PNG"),
        saved(gradient(), "JPEG", exif=exif, icc_profile=profile, progressive=True),
        saved(gradient().convert("CMYK"), "JPEG"),
        saved(rgba, "WEBP", lossless=True, exif=exif),
        saved(gradient(), "GIF", save_all=True, append_images=[gradient().rotate(90)]),
        saved(gradient(), "BMP"),
        saved(gradient(), "TIFF", compression="tiff_deflate", exif=exif),
        saved(gradient().convert("1"), "TIFF", compression="group4"),
        saved(grey16, "TIFF"),
    ]


SEEDS = seeds()


@settings(max_examples=200, deadline=None)
@given(seed=st.sampled_from(SEEDS), chance=st.randoms(use_true_random=False))
def test_mutated_files_give_a_picture_or_a_refusal(seed, chance: random.Random):
    data = bytearray(seed)
    for _ in range(chance.randint(1, 12)):
        at = chance.randrange(len(data))
        match chance.randrange(4):
            case 0:
                data[at] = chance.randrange(256)
            case 1:
                data[at : at + 4] = chance.randbytes(4)
            case 2:
                data[at:at] = chance.randbytes(chance.randint(1, 20))
            case _:
                del data[at : at + chance.randint(1, 20)]
    try:
        picture = decode(bytes(data), NAME, max_pixels=1_000_000)
    except PictureError:
        return
    assert isinstance(picture, Picture)
    assert picture.pixels.dtype == torch.uint8
    assert min(picture.pixels.shape[1:]) >= 16


# ---------------------------------------------------------------- sizes


@pytest.mark.parametrize(
    ("given_size", "size", "expected"),
    [
        ((600, 400), 256, (171, 256)),
        ((400, 600), 256, (256, 171)),
        ((100, 100), 512, (512, 512)),
        ((800, 100), 64, (16, 64)),
    ],
)
def test_fit(given_size, size, expected):
    assert fit(*given_size, size) == expected


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float16, torch.float32, torch.float64])
def test_resize_keeps_constants_and_range(dtype):
    constant = torch.full((3, 40, 60), 200, dtype=dtype)
    resized = resize(constant, (17, 90))
    assert resized.dtype == torch.float32
    assert resized.shape == (3, 17, 90)
    torch.testing.assert_close(resized, torch.full((3, 17, 90), 200.0))
    edge = torch.zeros(1, 32, 32, dtype=dtype)
    edge[:, :, 16:] = 255
    assert resize(edge, (50, 50)).min() >= 0
    assert resize(edge, (50, 50)).max() <= 255


def test_resize_antialiases():
    checkerboard = (torch.arange(64)[:, None] + torch.arange(64)) % 2 * 255
    assert (resize(checkerboard[None], (8, 8)) - 127.5).abs().max() < 2


def test_resize_to_the_same_size_changes_nothing():
    pixels = torch.rand(3, 20, 30) * 255
    assert torch.equal(resize(pixels, (20, 30)), pixels)


# ---------------------------------------------------------------- encoding


@settings(max_examples=30, deadline=None)
@given(
    height=st.integers(16, 40),
    width=st.integers(16, 40),
    seed=st.integers(0, 99),
    see=st.booleans(),
)
def test_png_comes_back_as_it_was(height, width, seed, see):
    chance = torch.Generator().manual_seed(seed)
    pixels = torch.randint(0, 256, (3, height, width), generator=chance, dtype=torch.uint8)
    alpha = torch.randint(0, 256, (height, width), generator=chance, dtype=torch.uint8)
    back = decode(encode_png(pixels, alpha if see else None))
    if see:
        assert torch.equal(back.alpha, alpha)
        assert torch.equal(back.pixels[:, alpha >= 16], pixels[:, alpha >= 16])
    else:
        assert back.alpha is None
        assert torch.equal(back.pixels, pixels)


def test_encoding_rounds_and_clamps():
    pixels = torch.tensor([-3.0, 0.4, 0.6, 254.7, 300.0]).repeat(3, 16, 8)
    assert decode(encode_png(pixels)).pixels[0, 0, :5].tolist() == [0, 0, 1, 255, 255]


def test_png_alpha_is_resized_to_the_painting():
    alpha = torch.zeros(40, 40, dtype=torch.uint8)
    alpha[:, 20:] = 255
    back = decode(encode_png(torch.rand(3, 20, 20) * 255, alpha))
    assert back.alpha is not None
    assert back.alpha.shape == (20, 20)
    assert back.alpha[0, 0] == 0
    assert back.alpha[0, -1] == 255


def test_png_holds_no_metadata():
    with Image.open(io.BytesIO(encode_png(torch.zeros(3, 16, 16)))) as image:
        assert image.info == {}


def test_preview_is_small():
    with Image.open(io.BytesIO(encode_preview(torch.rand(3, 700, 900) * 255))) as image:
        assert image.size == (320, 249)
    assert len(encode_preview(torch.rand(3, 700, 900) * 255, max_bytes=5000)) <= 5000


def test_encode_within_prefers_png_then_quality_then_size():
    pixels = torch.rand(3, 200, 200) * 255
    half = torch.full((200, 200), 128, dtype=torch.uint8)
    assert encode_within(pixels, None, 10_000_000) == (encode_png(pixels), ".png")
    for alpha, suffix in ((None, ".jpg"), (half, ".webp")):
        for limit in (60_000, 20_000, 3000):
            data, chosen = encode_within(pixels, alpha, limit)
            assert chosen == suffix
            assert limit / 4 < len(data) <= limit
            assert (decode(data).alpha is None) == (alpha is None)
    with pytest.raises(ValueError, match="10 bytes"):
        encode_within(pixels, None, 10)
