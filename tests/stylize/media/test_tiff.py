"""TIFF in all its layouts: the picture of the 8-bit twin, or a refusal that says what to do."""

import io
import itertools
import struct

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from stylize.media.decode import PictureError, to_bitmap
from tests.faults.pictures.bombs import tiff

NAME = "the first picture (scan.tif)"
UNREADABLE = f"{NAME} is a kind of TIFF that I cannot read: save it as 8-bit PNG or JPEG."
HEIGHT, WIDTH = 37, 50

MATRIX = list(
    itertools.product(
        ["uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64"],
        ["white is zero", "grey", "rgb"],
        [None, "straight", "associated", "unspecified"],
        ["contig", "separate"],
        ["<", ">"],
        [None, (16, 16)],
    )
)


def scene(channels=3):
    """Without symmetry, with all levels from 0 to 255 in every channel."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    planes = [x * 5, y * 7, (x * y + 3 * x) % 256, 255 - x * 3 - y]
    levels = np.stack(planes[:channels], -1)
    levels[0, 0], levels[0, 1] = 0, 255
    return np.clip(levels, 0, 255).astype(np.uint8)


def alpha():
    return np.clip(np.mgrid[:HEIGHT, :WIDTH][1] * 9 + 60, 0, 255).astype(np.uint8)


def scaled(levels, dtype):
    dtype = np.dtype(dtype)
    if dtype.kind == "f":
        return (levels / 255).astype(dtype)
    return levels.astype(dtype) * dtype.type(np.iinfo(dtype).max // 255)


def written(samples, **options):
    file = io.BytesIO()
    tifffile.imwrite(file, samples, metadata=None, **options)
    return file.getvalue()


def refusal(data):
    with pytest.raises(PictureError) as caught:
        to_bitmap(data, NAME)
    return str(caught.value)


def difference(data, expected):
    bitmap = to_bitmap(data, NAME)
    assert bitmap.note is None
    return np.abs(bitmap.pixels.astype(int) - expected).max()


def grey(levels):
    return levels[..., None].repeat(3, -1) if levels.ndim == 2 else levels.repeat(3, -1)


@pytest.mark.parametrize("compression", [None, "lzw", "zlib", "packbits", "zstd", "lzma"])
def test_every_layout_is_the_picture_of_its_8_bit_twin(compression):
    for dtype, photometric, extra, planes, order, tile in MATRIX:
        label = f"{dtype}, {photometric}, alpha {extra}, {planes}, {order}, tiles {tile}"
        colours = scene(3 if photometric == "rgb" else 1)
        share = alpha()[..., None] / 255
        kept = np.rint(colours * share) if extra == "associated" else colours
        if photometric == "white is zero":
            kept = 255 - colours
        levels = kept.astype(np.uint8) if extra is None else np.dstack([kept, alpha()])
        if extra == "associated" and photometric == "white is zero":
            continue  # which nobody writes
        if np.dtype(dtype).kind == "f" and photometric == "white is zero":
            continue  # nor this
        samples = scaled(levels.astype(np.uint8), dtype)
        if planes == "separate":
            samples = np.moveaxis(samples, -1, 0)
            if len(samples) == 1:
                continue
        elif samples.shape[2] == 1:
            samples = samples[..., 0]
        data = written(
            samples,
            photometric={"grey": "minisblack", "white is zero": "miniswhite"}.get(
                photometric, photometric
            ),
            planarconfig=planes if samples.ndim == 3 else None,
            extrasamples=None
            if extra is None
            else [{"straight": 2, "associated": 1, "unspecified": 0}[extra]],
            byteorder=order,
            tile=tile,
            rowsperstrip=None if tile else 5,
            compression=compression,
        )
        bitmap = to_bitmap(data, NAME)
        expected = colours if photometric == "rgb" else grey(colours)
        off = np.abs(bitmap.pixels.astype(int) - expected)
        if extra == "associated":  # eight bits of a product hold less than the colour
            assert (off <= np.ceil(0.5 / share) + 1).all(), label
        else:
            assert off.max() <= (1 if dtype == "float16" else 0), label
        if extra in (None, "unspecified"):
            assert bitmap.alpha is None, label
        else:
            assert np.abs(bitmap.alpha.astype(int) - alpha()).max() <= 1, label
        assert bitmap.note is None, label


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "uint32", "float16", "float32", "float64"])
@pytest.mark.parametrize("compression", ["lzw", "zlib", "zstd"])
@pytest.mark.parametrize("order", "<>")
def test_predictors(dtype, compression, order):
    for planes in ("contig", "separate"):
        samples = scaled(scene(), dtype)
        samples = samples if planes == "contig" else np.moveaxis(samples, -1, 0)
        options = {"byteorder": order, "planarconfig": planes, "photometric": "rgb"}
        data = written(samples, compression=compression, predictor=True, **options)
        assert difference(data, scene()) <= (dtype == "float16")


def test_colours_of_one_bit():
    values = np.rint(scene() / 255).astype(np.uint8)
    body = np.packbits(values.reshape(HEIGHT, -1), axis=1).tobytes()
    tags = {256: WIDTH, 257: HEIGHT, 258: 1, 259: 1, 262: 2, 277: 3, 278: HEIGHT, 284: 1}
    start = 8 + 2 + 12 * 10 + 4
    assert difference(tiff(tags | {273: start, 279: len(body)}, body), values * 255.0) == 0


@pytest.mark.parametrize("bits", [2, 3, 4, 5, 6, 7, 10, 12, 14, 20, 24])
@pytest.mark.parametrize("planes", ["contig", "separate"])
def test_samples_of_odd_depths(bits, planes):
    dtype = np.uint8 if bits <= 8 else np.uint16 if bits <= 16 else np.uint32
    values = np.rint(scene() / 255 * (2**bits - 1)).astype(dtype)
    expected = np.rint(values / (2**bits - 1) * 255)
    samples = values if planes == "contig" else np.moveaxis(values, -1, 0)
    options = {"photometric": "rgb", "planarconfig": planes, "rowsperstrip": 5}
    assert difference(written(samples, bitspersample=bits, **options), expected) == 0


@pytest.mark.parametrize("compression", ["group3", "group4", "tiff_ccitt", "packbits", None])
@pytest.mark.parametrize("photometric", [0, 1])
def test_black_and_white(compression, photometric):
    image = Image.fromarray(scene(1)[..., 0]).convert("1")
    file = io.BytesIO()
    image.save(file, "TIFF", compression=compression, tiffinfo={262: photometric})
    with tifffile.TiffFile(io.BytesIO(file.getvalue())) as check:
        told = check.pages[0].photometric
    expected = grey(np.asarray(image.convert("L")))
    if told != photometric:
        pytest.skip("Pillow chose another")
    assert difference(file.getvalue(), expected) == 0


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
@pytest.mark.parametrize("scale", [1, 257])
def test_palettes(bits, scale):
    table = np.random.default_rng(bits).integers(0, 256, (2**bits, 3), np.uint8)
    index = scene(1)[..., 0] >> (8 - bits)
    grey_data = written(index.astype(bool) if bits == 1 else index, bitspersample=bits)
    with tifffile.TiffFile(io.BytesIO(grey_data)) as file:
        page = file.pages[0]
        strip = grey_data[page.dataoffsets[0] :][: page.databytecounts[0]]
    tags = {256: WIDTH, 257: HEIGHT, 258: bits, 259: 1, 262: 3, 277: 1, 278: HEIGHT}
    start = 8 + 2 + 12 * 10 + 4
    tags |= {273: start, 279: len(strip), 320: (3, 3 * 2**bits, start + len(strip))}
    colours = (table.T.astype("<u2") * scale).tobytes()
    assert difference(tiff(tags, strip + colours), table[index]) == 0


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("planes", ["contig", "separate"])
def test_inks(dtype, planes):
    inks = np.dstack([scene(3), scene(1) // 3])
    expected = np.asarray(Image.frombytes("CMYK", (WIDTH, HEIGHT), inks.tobytes()).convert("RGB"))
    samples = scaled(inks, dtype)
    samples = samples if planes == "contig" else np.moveaxis(samples, -1, 0)
    data = written(samples, photometric="separated", planarconfig=planes)
    assert difference(data, expected.astype(int)) == 0


@pytest.mark.parametrize("planes", ["contig", "separate"])
@pytest.mark.parametrize("photometric", ["cielab", "icclab"])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_lab(dtype, photometric, planes):
    spaces = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    source = Image.fromarray(scene())
    lab = ImageCms.profileToProfile(source, *spaces, outputMode="LAB")
    light = np.asarray(lab.getchannel("L")).astype(int)
    a, b = (np.asarray(lab.getchannel(name)).astype(int) - 128 for name in "AB")
    if dtype == "uint16":
        light = light * 257 if photometric == "cielab" else np.rint(light / 255 * 65280)
        a, b = a * 256, b * 256
    offset = {"cielab": 0, "icclab": 128 if dtype == "uint8" else 32768}[photometric]
    samples = np.stack([light, a + offset, b + offset], -1).astype(np.int64).astype(dtype)
    samples = samples if planes == "contig" else np.moveaxis(samples, -1, 0)
    data = written(samples, photometric=photometric, planarconfig=planes)
    file = io.BytesIO()
    back = ImageCms.profileToProfile(lab, spaces[1], spaces[0], outputMode="RGB")
    back.save(file, "PNG")
    off = np.abs(to_bitmap(data).pixels.astype(int) - to_bitmap(file.getvalue()).pixels)
    assert off.mean() < 1


@pytest.mark.parametrize("photometric", ["rgb", "ycbcr", "minisblack"])
@pytest.mark.parametrize("tile", [None, (16, 16)])
def test_jpeg_inside(photometric, tile):
    x, y = np.meshgrid(np.linspace(0, 255, 64), np.linspace(0, 255, 48))
    colours = np.stack([x, y, np.full_like(x, 80)], -1).astype(np.uint8)
    samples = colours if photometric != "minisblack" else colours[..., 0]
    given = "minisblack" if photometric == "minisblack" else "rgb"
    how = {"level": 95}
    if given == "rgb":
        how["outcolorspace"] = photometric
    options = {"compression": "jpeg", "compressionargs": how, "tile": tile}
    data = written(samples, photometric=given, **options)
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        assert file.pages[0].photometric.name.lower() == photometric
    bitmap = to_bitmap(data)
    expected = colours if photometric != "minisblack" else grey(samples)
    assert np.abs(bitmap.pixels.astype(int) - expected).mean() < 4


def test_luma_and_chroma():
    image = Image.fromarray(scene()).convert("YCbCr")
    file = io.BytesIO()
    image.save(file, "TIFF")
    assert difference(file.getvalue(), np.asarray(image.convert("RGB")).astype(int)) == 0


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("order", "<>")
def test_bigtiff_and_strips(big, order):
    for rows in (1, 7, 1000):
        data = written(scaled(scene(), "uint16"), bigtiff=big, byteorder=order, rowsperstrip=rows)
        assert difference(data, scene()) == 0


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    png = io.BytesIO()
    Image.fromarray(scene()).save(png, "PNG", exif=exif)
    data = written(scaled(scene(), "uint16"), extratags=[(274, 3, 1, orientation, True)])
    assert difference(data, to_bitmap(png.getvalue()).pixels) == 0


def test_an_icc_profile_is_honoured_at_any_depth():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = profile.replace(b"rXYZ", b"####").replace(b"gXYZ", b"rXYZ").replace(b"####", b"gXYZ")
    png = io.BytesIO()
    Image.fromarray(scene()).save(png, "PNG", icc_profile=swapped)
    for dtype in ("uint8", "uint16", "float32"):
        data = written(scaled(scene(), dtype), iccprofile=swapped, photometric="rgb")
        assert difference(data, to_bitmap(png.getvalue()).pixels) == 0


def test_a_missing_photometric_interpretation_is_guessed():
    data = bytearray(written(scaled(scene(), "uint16"), photometric="rgb"))
    at = data.index(struct.pack("<HH", 262, 3))
    data[at : at + 2] = struct.pack("<H", 261)
    assert difference(bytes(data), scene()) == 0


# ---------------------------------------------------------------- white


@pytest.mark.parametrize("white", [1.0, 255.0, 65535.0, 3.0e6])
@pytest.mark.parametrize("channels", [1, 3])
def test_floats_find_their_white_for_all_colours_together(white, channels):
    levels = scene(channels) * np.array([1, 0.5, 0.25])[:channels]
    samples = (levels / 255 * white).astype(np.float32)
    expected = np.rint(levels if channels == 3 else grey(levels))
    data = written(np.squeeze(samples), photometric="rgb" if channels == 3 else "minisblack")
    assert difference(data, expected) <= 1


@pytest.mark.parametrize("white", [255, 65535, 2**32 - 1])
def test_32_bit_integers_find_their_white(white):
    samples = np.rint(scene() / 255 * white).astype(np.uint32)
    assert difference(written(samples, photometric="rgb"), scene()) == 0


def test_a_little_more_than_white_and_less_than_black_is_cut_off():
    levels = scene() / 255
    samples = levels.astype(np.float32)
    samples[5, 5], samples[6, 6] = 3.5, -0.02
    bitmap = to_bitmap(written(samples, photometric="rgb"), NAME)
    assert bitmap.note == f"{NAME} has lights brighter than white: I cut them off."
    off = np.abs(bitmap.pixels.astype(int) - scene())
    off[5, 5] = off[6, 6] = 0
    assert off.max() == 0


def test_where_much_is_brighter_than_white_the_brightest_is():
    samples = (scene() / 255 * 4).astype(np.float32)
    assert difference(written(samples, photometric="rgb"), scene()) == 0


def test_floats_from_below_black_are_stretched_and_it_is_said():
    bitmap = to_bitmap(written((scene() / 127.5 - 1).astype(np.float32), photometric="rgb"), NAME)
    assert np.abs(bitmap.pixels.astype(int) - scene()).max() <= 1
    assert (
        bitmap.note == f"{NAME} has values below black: I made the lowest black, the highest white."
    )


@pytest.mark.parametrize("hole", [-9999.0, -3.4e38])
def test_floats_with_marks_of_what_was_not_measured_are_refused_in_words(hole):
    samples = (scene() / 255).astype(np.float32)
    samples[5:9, 5:9] = hole
    assert refusal(written(samples, photometric="rgb")) == UNREADABLE


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32"])
def test_signed_integers(dtype):
    most = np.iinfo(dtype).max
    values = np.rint(scene() / 255 * most).astype(dtype)
    assert difference(written(values, photometric="rgb"), scene()) <= (1 if dtype == "int8" else 0)
    assert "a kind of TIFF that I cannot read" in refusal(written(values - 5, photometric="rgb"))


# ---------------------------------------------------------------- what is not read


@pytest.mark.parametrize(
    "options",
    [
        {"compression": "jpeg2000"},
        {"compression": "jpegxr"},
        {"compression": "lerc"},
    ],
)
def test_other_compressions_are_refused_in_words(options):
    assert refusal(written(scene(), photometric="rgb", **options)) == UNREADABLE


@pytest.mark.parametrize("photometric", [4, 10, 32844, 32845, 51177])
def test_other_meanings_of_samples_are_refused_in_words(photometric):
    data = bytearray(written(scene(), photometric="rgb"))
    at = data.index(struct.pack("<HHI", 262, 3, 1))
    data[at + 8 : at + 10] = struct.pack("<H", photometric)
    assert refusal(bytes(data)) == UNREADABLE


def test_chroma_of_fewer_samples_is_refused_in_words_where_it_is_no_jpeg():
    file = io.BytesIO()
    Image.fromarray(scene()).convert("YCbCr").save(file, "TIFF")
    data = bytearray(file.getvalue())
    at = data.index(struct.pack("<HHI", 530, 3, 2))
    data[at + 8 : at + 12] = struct.pack("<HH", 2, 2)
    assert refusal(bytes(data)) == UNREADABLE


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_complex_numbers_are_refused_in_words(dtype):
    assert "a kind of TIFF" in refusal(written(scene(1)[..., 0].astype(dtype)))


def test_big_endian_integers_of_24_bits_are_refused_in_words():
    data = bytearray(written(scene(), photometric="rgb", byteorder=">"))
    for tag, value in ((258, 24), (262, 1), (277, 1)):  # what were three colours is one grey
        at = data.rindex(struct.pack(">HH", tag, 3))
        data[at + 4 : at + 10] = struct.pack(">IH", 1, value)
    assert refusal(bytes(data)) == UNREADABLE


def test_lab_in_a_jpeg_is_refused_in_words():
    lab = Image.new("LAB", (WIDTH, HEIGHT), (99, 7, 200))
    file = io.BytesIO()
    lab.save(file, "TIFF", compression="jpeg")
    assert refusal(file.getvalue()) == UNREADABLE


def test_alpha_behind_another_sample_is_refused_in_words():
    samples = np.dstack([scene(), alpha(), alpha()])
    data = written(samples, photometric="rgb", extrasamples=("unspecified", "unassalpha"))
    assert refusal(data) == UNREADABLE
    data = written(samples, photometric="rgb", extrasamples=("unassalpha", "unspecified"))
    assert (to_bitmap(data, NAME).alpha == alpha()).all()


def test_colours_of_different_depths_are_refused_in_words():
    data = bytearray(written(scene(), photometric="rgb"))
    at = data.index(struct.pack("<HHI", 258, 3, 3))
    (place,) = struct.unpack_from("<I", data, at + 8)
    data[place : place + 6] = struct.pack("<HHH", 5, 6, 5)
    assert "a kind of TIFF" in refusal(bytes(data))


@pytest.mark.parametrize("compression", [None, "lzw", "zlib"])
def test_a_damaged_strip_is_filled_and_said(compression):
    big = np.kron(scene(), np.ones((4, 4, 1), np.uint8))
    data = bytearray(written(big, photometric="rgb", rowsperstrip=8, compression=compression))
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        offsets, counts = file.pages[0].dataoffsets, file.pages[0].databytecounts
        assert offsets[-1] + counts[-1] == len(data)
    bitmap = to_bitmap(bytes(data[: offsets[-1]]), NAME)
    assert bitmap.note.startswith(f"{NAME} is damaged: 3 % of it is missing")
    off = np.abs(bitmap.pixels.astype(int) - big)
    assert off[:144].max() == 0
    assert bitmap.pixels[144:].std() > 0
    assert "damaged or cut short" in refusal(bytes(data[: len(data) // 2]))


# ---------------------------------------------------------------- pages


def small():
    return scene()[::2, ::2]


def pages(*parts):
    """A TIFF of (samples, options) one after the other."""
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        for samples, options in parts:
            writer.write(samples, metadata=None, **({"photometric": "rgb"} | options))
    return file.getvalue()


PREVIEW = {"subfiletype": 1}


def test_a_page_that_is_marked_as_a_preview_is_passed_over():
    for data in (
        pages((small(), PREVIEW), (scene(), {})),
        pages((small(), PREVIEW), (scene()[::3, ::3], PREVIEW), (scene(), {})),
        pages((scene(), {}), (small(), PREVIEW)),
        pages((small(), {"extratags": [(255, 3, 1, 2, True)]}), (scene(), {})),
    ):
        assert difference(data, scene()) == 0


def test_what_is_only_a_preview_is_better_than_nothing():
    assert difference(pages((scene(), PREVIEW)), scene()) == 0


def test_what_lies_beneath_a_page_and_is_larger_is_the_picture():
    assert difference(pages((small(), {"subifds": 1}), (scene(), {})), scene()) == 0
    data = pages((small(), {"subifds": 2} | PREVIEW), (scene()[::3, ::3], PREVIEW), (scene(), {}))
    assert difference(data, scene()) == 0


def test_a_later_page_of_the_same_shape_and_twice_the_size_is_the_picture():
    double = np.kron(scene(), np.ones((2, 2, 1), np.uint8))
    assert difference(pages((scene(), {}), (double, {})), double) == 0


def test_pyramids_are_painted_from_their_largest_level():
    levels = {"subifds": 2}, PREVIEW, PREVIEW
    data = pages(*zip((scene(), small(), small()[::2, ::2]), levels, strict=True))
    assert difference(data, scene()) == 0
    assert difference(pages((scene(), {}), (small(), PREVIEW)), scene()) == 0


def test_masks_are_no_pictures():
    mask = (scene(1)[..., 0] > 99, {"subfiletype": 4, "photometric": "minisblack"})
    assert difference(pages(mask, (scene(), {})), scene()) == 0
    assert difference(pages((scene(), {}), mask), scene()) == 0


def test_of_several_pages_the_first_is_used_and_said():
    bitmap = to_bitmap(pages((scene(), {}), (scene()[::-1], {})), NAME)
    assert np.array_equal(bitmap.pixels, scene())
    assert bitmap.note == f"{NAME} has several pages: I used its first."


RAWS = {
    "colour filter array": pages(
        (small(), {"subifds": 1} | PREVIEW), (scene(1)[..., 0], {"photometric": "cfa"})
    ),
    "colour filter array alone": pages((scene(1)[..., 0], {"photometric": "cfa"})),
    "linear light": pages((small(), {"subifds": 1} | PREVIEW), (scene(), {"photometric": 34892})),
    "mosaic told as grey": pages(
        (small(), {"subifds": 1} | PREVIEW),
        (scaled(scene(1)[..., 0], "uint16"), {"photometric": "minisblack"}),
    ),
    "mosaic told as grey, behind its preview": pages(
        (small(), PREVIEW),
        (scaled(scene(1)[..., 0], "uint16"), {"photometric": "minisblack"}),
    ),
    "larger part in a camera's compression": None,
    "DNG": pages((scene(), {"extratags": [(50706, 1, 4, b"\1\4\0\0", True)]})),
    "CR2": b"II*\0\x10\0\0\0CR\2\0" + bytes(100),
    "CR3": b"\0\0\0\x18ftypcrx \0\0\0\1crx isom" + bytes(100),
    "RAF": b"FUJIFILMCCD-RAW 0201FF383501" + bytes(100),
    "RW2": b"IIU\0\x18\0\0\0" + bytes(100),
    "ORF": b"IIRO\x08\0\0\0" + bytes(100),
    "ORF, newer": b"IIRS\x08\0\0\0" + bytes(100),
    "X3F": b"FOVb" + bytes(100),
    "CRW": b"II\x1a\0\0\0HEAPCCDR" + bytes(100),
}


@pytest.mark.parametrize("label", RAWS)
def test_camera_raws_are_not_painted_from_their_previews(label):
    data = RAWS[label]
    if data is None:
        whole = bytearray(pages((small(), {"subifds": 1}), (scene(), {})))
        at = whole.rindex(struct.pack("<HHI", 259, 3, 1))
        whole[at + 8 : at + 10] = struct.pack("<H", 34713)
        data = bytes(whole)
    assert refusal(data) == f"{NAME} is a camera raw file: export a JPEG from it."


def test_pillows_own_tiffs():
    tags = ImageFileDirectory_v2()
    for mode in ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "I;16"):
        image = Image.fromarray(np.dstack([scene(), alpha()]))
        if mode == "I;16":
            image = Image.fromarray(scene(1)[..., 0] * np.uint16(257))
        else:
            image = (
                image.convert("RGB").convert(mode)
                if mode not in "LA RGBA PA"
                else (image.convert(mode))
            )
        for compression in (None, "tiff_lzw", "tiff_adobe_deflate", "packbits"):
            file = io.BytesIO()
            image.save(file, "TIFF", compression=compression, tiffinfo=tags)
            bitmap = to_bitmap(file.getvalue())
            expected = grey(scene(1)) if mode == "I;16" else np.asarray(image.convert("RGB"))
            seen = np.ones((HEIGHT, WIDTH), bool) if bitmap.alpha is None else bitmap.alpha >= 16
            assert np.abs(bitmap.pixels.astype(int) - expected)[seen].max() == 0, (
                mode,
                compression,
            )
            assert (bitmap.alpha is not None) == (mode in ("LA", "PA", "RGBA")), mode
