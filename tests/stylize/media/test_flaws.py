"""Files with flaws: what lies outside the pixels does no harm, what is missing of them is told."""

import io
import re
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from stylize.media.decode import PictureError, to_bitmap
from stylize.media.raster import MOST_LOST

NAME = "the first picture (cat.jpg)"
HEIGHT, WIDTH = 160, 240


def scene():
    """Soft and with some grain, as a photograph is."""
    x, y = np.meshgrid(np.linspace(0, 1, WIDTH), np.linspace(0, 1, HEIGHT))
    planes = np.stack([0.5 + 0.4 * np.sin(7 * x), 0.3 + 0.5 * y, 0.8 - 0.5 * x * y], -1) * 255
    grain = np.random.default_rng(1).normal(0, 6, planes.shape)
    return Image.fromarray(np.clip(planes + grain, 0, 255).astype(np.uint8))


def saved(kind, image=None, **options):
    file = io.BytesIO()
    (image or scene()).save(file, kind, **options)
    return file.getvalue()


FILES = {
    "JPEG": saved("JPEG", quality=90),
    "JPEG 4:4:4": saved("JPEG", quality=90, subsampling=0),
    "JPEG with restarts": saved("JPEG", restart_marker_blocks=7),
    "grey JPEG": saved("JPEG", scene().convert("L")),
    "CMYK JPEG": saved("JPEG", scene().convert("CMYK")),
    "PNG": saved("PNG"),
    "PNG with a palette": saved("PNG", scene().quantize(32)),
    "16-bit PNG": saved("PNG", Image.fromarray(np.asarray(scene().convert("L")) * np.uint16(257))),
    "transparent PNG": saved("PNG", scene().convert("RGBA")),
    "GIF": saved("GIF", interlace=0),
    "see-through GIF": saved("GIF", scene().quantize(32), interlace=0, transparency=3),
    "interlaced GIF": saved("GIF", interlace=1),
    "BMP": saved("BMP"),
    "WebP": saved("WEBP", quality=90),
    "lossless WebP": saved("WEBP", lossless=True),
}
WHOLE = {label: to_bitmap(data).pixels.astype(int) for label, data in FILES.items()}


def share(note):
    """Of the picture, that *note* says is missing."""
    assert note.startswith(f"{NAME} is cut short: ")
    if "less than 1 %" in note:
        return 0.005
    return int(re.search(r"(\d+) % of it is missing", note)[1]) / 100


@pytest.mark.parametrize("label", FILES)
@pytest.mark.parametrize("lost", [0.03, 0.08])
def test_a_short_missing_tail_is_painted_over_and_said(label, lost):
    data = FILES[label]
    bitmap = to_bitmap(data[: round(len(data) * (1 - lost))], NAME)
    assert bitmap.pixels.shape == (HEIGHT, WIDTH, 3)
    said = share(bitmap.note)
    assert 0 < said <= MOST_LOST
    wrong = np.abs(bitmap.pixels - WHOLE[label]).max(2) > 0
    assert wrong.mean() <= said + 0.02  # what is not said to be missing is there …
    assert said <= 2 * wrong.any(1).mean() + 0.1  # … and hardly more is said to be missing
    if "see-through" not in label:
        assert np.abs(bitmap.pixels - WHOLE[label])[wrong].mean() < 60  # no grey, no black bars


@settings(max_examples=60, deadline=None)
@given(label=st.sampled_from(sorted(FILES)), part=st.floats(0.5, 1))
def test_a_file_cut_anywhere_is_told_right_or_refused(label, part):
    data = FILES[label]
    try:
        bitmap = to_bitmap(data[: round(len(data) * part)], NAME)
    except PictureError:
        return
    wrong = (np.abs(bitmap.pixels - WHOLE[label]).max(2) > 0).mean()
    assert wrong <= (0.001 if bitmap.note is None else share(bitmap.note) + 0.02)


@pytest.mark.parametrize("label", ["JPEG", "CMYK JPEG"])
def test_the_less_of_a_file_came_the_more_of_it_is_missing(label):
    said = []
    for percent in range(80, 100):
        try:
            bitmap = to_bitmap(FILES[label][: len(FILES[label]) * percent // 100], NAME)
        except PictureError as error:
            said.append(int(re.search(r"(\d+) % of it is missing", str(error))[1]) / 100)
        else:
            said.append(share(bitmap.note))
    assert said == sorted(said, reverse=True)


@pytest.mark.parametrize("label", FILES)
def test_a_large_loss_is_refused(label):
    with pytest.raises(PictureError, match=r"is damaged or cut short: .* is missing\. Send"):
        to_bitmap(FILES[label][: len(FILES[label]) // 2], NAME)


@pytest.mark.parametrize("label", [label for label in FILES if "JPEG" in label])
@pytest.mark.parametrize("tail", [b"", b"\xff", b"\0" * 5000])
def test_a_jpeg_without_its_end_marker_is_whole(label, tail):
    bitmap = to_bitmap(FILES[label][:-2] + tail, NAME)
    assert np.array_equal(bitmap.pixels, WHOLE[label])
    assert bitmap.note is None


def test_a_jpeg_whose_download_stopped_is_not_taken_for_whole():
    data = FILES["JPEG"]
    kept = round(len(data) * 0.9)
    bitmap = to_bitmap(data[:kept] + bytes(len(data) - kept), NAME)
    assert 0.03 < share(bitmap.note) <= MOST_LOST


def test_a_progressive_jpeg_is_painted_while_only_its_finest_detail_is_missing():
    data = saved("JPEG", quality=90, progressive=True)
    whole = to_bitmap(data).pixels.astype(int)
    assert to_bitmap(data[:-2], NAME).note is None
    bitmap = to_bitmap(data[: round(len(data) * 0.95)], NAME)
    assert re.fullmatch(r".* in \d+ % of it the finest detail is missing\.", bitmap.note)
    assert 0 < np.abs(bitmap.pixels - whole).mean() < 2
    with pytest.raises(PictureError, match="most of it is missing"):
        to_bitmap(data[: len(data) // 5], NAME)


def test_the_frames_of_an_animation_that_came_are_used():
    frames = [scene().rotate(angle) for angle in (0, 90, 180)]
    for kind in ("GIF", "WEBP", "PNG"):
        data = saved(kind, frames[0], save_all=True, append_images=frames[1:])
        bitmap = to_bitmap(data[: len(data) * 3 // 4], NAME)
        assert "first frame" in bitmap.note


def test_patience_with_one_file_is_no_patience_with_others():
    to_bitmap(FILES["PNG"][: round(len(FILES["PNG"]) * 0.95)], NAME)
    with Image.open(io.BytesIO(FILES["PNG"][:-5000])) as image, pytest.raises(OSError):
        image.load()


# ---------------------------------------------------------------- outside the pixels


def chunks(*more):
    """A PNG with *more* (type, body, checksum or None) in front of its pixels."""
    data = FILES["PNG"]
    at = data.index(b"IDAT") - 4
    inserted = b"".join(
        struct.pack(">I", len(body))
        + kind
        + body
        + struct.pack(">I", zlib.crc32(kind + body) if checksum is None else checksum)
        for kind, body, checksum in more
    )
    return data[:at] + inserted + data[at:]


def segments(*more):
    """A JPEG with *more* (marker, body) behind its start."""
    data = FILES["JPEG"]
    inserted = b"".join(
        struct.pack(">BBH", 255, marker, len(body) + 2) + body for marker, body in more
    )
    return data[:2] + inserted + data[2:]


BROKEN_PNGS = {
    "text, checksum": (b"tEXt", b"Comment\0hello", 1),
    "packed text": (b"zTXt", b"Comment\0\0" + b"no zlib", None),
    "packed text, method": (b"zTXt", b"Comment\0\7", None),
    "a text bomb": (b"zTXt", b"k\0\0" + zlib.compress(bytes(5_000_000)), None),
    "international text": (b"iTXt", b"\xff\xfe", None),
    "profile": (b"iCCP", b"name\0\0no zlib", None),
    "profile, method": (b"iCCP", b"name\0\5" + zlib.compress(b"x"), None),
    "profile without a name": (b"iCCP", b"", None),
    "profile, cut": (b"iCCP", b"name\0\0" + zlib.compress(bytes(5000))[:20], None),
    "profile, checksum": (b"iCCP", b"name\0\0" + zlib.compress(bytes(500)), 1),
    "profile bomb": (b"iCCP", b"name\0\0" + zlib.compress(bytes(5_000_000)), None),
    "EXIF": (b"eXIf", b"II*\0\xff\xff\xff\x7f", None),
    "EXIF, checksum": (b"eXIf", b"MM\0*\0\0\0\x08\0\0", 7),
    "gamma": (b"gAMA", b"\0", None),
    "chromaticities": (b"cHRM", b"\0\0\0", None),
    "rendering intent": (b"sRGB", b"", None),
    "density": (b"pHYs", b"\1", None),
    "time, checksum": (b"tIME", b"\0" * 7, 5),
    "a stranger's, checksum": (b"teSt", b"anything", 3),
    "animation control": (b"acTL", b"\0", None),
    "a frame's control, but no animation": (b"fcTL", b"x" * 26, None),
    "a frame, but no animation": (b"fdAT", b"x" * 30, 1),
    "transparency": (b"tRNS", b"\0", None),
}


@pytest.mark.parametrize("chunk", BROKEN_PNGS.values(), ids=BROKEN_PNGS)
def test_broken_chunks_of_a_png_beside_its_pixels(chunk):
    bitmap = to_bitmap(chunks(chunk), NAME)
    assert np.array_equal(bitmap.pixels, WHOLE["PNG"])
    assert bitmap.note is None or "animated" in bitmap.note


def test_a_text_behind_the_pixels_and_no_end():
    data = FILES["PNG"][:-12] + struct.pack(">I", 500) + b"tEXtComment\0cut sho"
    assert np.array_equal(to_bitmap(data).pixels, WHOLE["PNG"])


def test_a_bitmap_whose_alpha_is_mere_padding():
    levels = np.dstack([np.asarray(scene()), np.zeros((HEIGHT, WIDTH), np.uint8)])
    masks = struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    header = struct.pack("<IiiHHIIiiII", 108, WIDTH, -HEIGHT, 1, 32, 3, 0, 0, 0, 0, 0) + masks
    body = header.ljust(108, b"\0") + levels[..., [2, 1, 0, 3]].tobytes()
    bitmap = to_bitmap(b"BM" + struct.pack("<IHHI", 14 + len(body), 0, 0, 122) + body, NAME)
    assert np.array_equal(bitmap.pixels, np.asarray(scene()))
    assert bitmap.alpha is None


BROKEN_JPEGS = {
    "JFIF": (0xE0, b"JFIF\0"),
    "EXIF": (0xE1, b"Exif\0\0II*\0\xff\xff\xff\x7fgarbage"),
    "EXIF of nothing": (0xE1, b"Exif\0\0"),
    "XMP": (0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta"),
    "profile": (0xE2, b"ICC_PROFILE\0\1\1nonsense"),
    "profile, parts": (0xE2, b"ICC_PROFILE\0\7\3nonsense"),
    "profile of nothing": (0xE2, b"ICC_PROFILE\0"),
    "several pictures": (0xE2, b"MPF\0II*\0\xff\xff\xff\xff"),
    "Photoshop": (0xED, b"Photoshop 3.0\x008BIM\xff\xff\xff\xff\xff\xff\xff\xff"),
    "comment": (0xFE, b""),
    "unknown": (0xEB, b"\xff\xd8\xff\xd9"),
}


@pytest.mark.parametrize("segment", BROKEN_JPEGS.values(), ids=BROKEN_JPEGS)
def test_broken_segments_of_a_jpeg_beside_its_pixels(segment):
    bitmap = to_bitmap(segments(segment), NAME)
    assert np.array_equal(bitmap.pixels, WHOLE["JPEG"])
    assert bitmap.note is None


@pytest.mark.parametrize("label", FILES)
def test_junk_after_the_end(label):
    bitmap = to_bitmap(FILES[label] + b"\0\xff\xd8<html>" * 100, NAME)
    assert np.array_equal(bitmap.pixels, WHOLE[label])
    assert bitmap.note is None


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_orientation_is_what_exif_says_and_not_what_xmp_says(kind):
    xmp = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-'
        b'syntax-ns#"><rdf:Description tiff:Orientation="6" xmlns:tiff="http://ns.adobe.com/tiff/'
        b'1.0/"/></rdf:RDF></x:xmpmeta>'
    )
    options = {"xmp": xmp}
    if kind == "PNG":
        info = PngImagePlugin.PngInfo()
        info.add_itxt("XML:com.adobe.xmp", xmp.decode())
        options = {"pnginfo": info}
    if kind == "TIFF":
        options = {"tiffinfo": {700: xmp}}
    assert to_bitmap(saved(kind, **options)).pixels.shape == (HEIGHT, WIDTH, 3)
    if kind == "TIFF":
        options["tiffinfo"][274] = 8
    else:
        options["exif"] = Image.Exif()
        options["exif"][0x0112] = 8
    assert to_bitmap(saved(kind, **options)).pixels.shape == (WIDTH, HEIGHT, 3)
