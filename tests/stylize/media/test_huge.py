"""Photographs with more pixels than may be decoded: a JPEG is decoded smaller, others are refused.

The limits are scaled down here; by hand, ``pytest -m slow -k photographs -s`` measures real ones.
"""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stylize.media.decode import PictureError, to_bitmap
from stylize.media.sandbox import Sandbox

NAME = "the first picture (wide.jpg)"


def scene(width, height):
    x, y = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    return Image.fromarray(np.stack([x, y, 255 - x], -1).astype(np.uint8))


def saved(image, kind="JPEG", **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def refusal(data, max_pixels):
    with pytest.raises(PictureError) as caught:
        to_bitmap(data, NAME, max_pixels=max_pixels)
    return str(caught.value)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0}])
@pytest.mark.parametrize(("most", "by"), [(240_000, 1), (239_999, 2), (60_000, 2), (59_999, 4)])
def test_a_jpeg_is_decoded_at_the_largest_size_that_is_allowed(options, most, by):
    data = saved(scene(600, 400), quality=95, **options)
    bitmap = to_bitmap(data, NAME, max_pixels=most)
    assert bitmap.pixels.shape == (400 // by, 600 // by, 3)
    expected = np.asarray(scene(600, 400).reduce(by)).astype(int)
    assert np.abs(bitmap.pixels - expected).mean() < 3
    assert bitmap.note is None


def test_what_is_decoded_smaller_is_upright_and_in_srgb_and_may_be_cut_short():
    exif = Image.Exif()
    exif[0x0112] = 6
    data = saved(scene(600, 400), quality=95, exif=exif)
    whole = to_bitmap(data, max_pixels=60_000)
    assert whole.pixels.shape == (300, 200, 3)
    cut = to_bitmap(data[: len(data) * 19 // 20], NAME, max_pixels=60_000)
    assert "% of it is missing" in cut.note
    assert np.abs(cut.pixels.astype(int) - whole.pixels).mean() < 2


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "TIFF", "BMP", "GIF"])
def test_other_formats_are_refused_with_what_to_do(kind):
    message = refusal(saved(scene(600, 400), kind), 100_000)
    assert message == (
        f"{NAME} is 600×400 pixels large; the limit is 0.1 megapixels: "
        "scale it down or save it as a JPEG."
    )


def test_even_a_jpeg_has_a_limit():
    data = saved(scene(600, 400))
    assert to_bitmap(data, max_pixels=30_000).pixels.shape == (100, 150, 3)
    assert refusal(data, 29_999) == (
        f"{NAME} is 600×400 pixels large; the limit is 0.239992 megapixels: scale it down."
    )


def test_a_progressive_jpeg_may_not_take_all_memory_or_time_for_its_coefficients():
    assert "save it again as a plain one" in refusal(
        saved(scene(600, 400), subsampling=0, progressive=True), 40_000
    )
    assert to_bitmap(saved(scene(600, 400), subsampling=0), max_pixels=40_000)


@pytest.mark.parametrize("size", [(1300, 140), (140, 1300), (1100, 550)])
def test_panoramas(size):
    assert to_bitmap(saved(scene(*size))).pixels.shape == (size[1], size[0], 3)


PHOTOGRAPHS = {
    "108 megapixels": (12_000, 9_000, {}),
    "108 megapixels, progressive": (12_000, 9_000, {"progressive": True}),
    "200 megapixels": (16_320, 12_240, {}),
    "200 megapixels, progressive": (16_320, 12_240, {"progressive": True}),
    "200 megapixels, progressive, 4:4:4": (
        16_320,
        12_240,
        {"progressive": True, "subsampling": 0, "quality": 75},
    ),
    "panorama of 11 000 × 5 500": (11_000, 5_500, {}),
    "panorama of 13 000 × 1 400": (13_000, 1_400, {}),
}


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_photographs_of_today_fit_into_the_sandbox(capsys):
    """Prints the table of docs/reliability.md."""
    rows = []
    for label, (width, height, options) in PHOTOGRAPHS.items():
        image = scene(width, height)
        pixels = np.array(image)
        chance = np.random.default_rng(0)
        for top in range(0, height, 500):  # grain, as photographs have it
            band = pixels[top : top + 500]
            band ^= chance.integers(0, 8, (*band.shape[:2], 1), np.uint8)
        data = saved(Image.fromarray(pixels), **({"quality": 90} | options))
        del image, pixels
        sandbox = Sandbox()
        found = sandbox.decode(data, NAME).pixels.shape
        status = Path(f"/proc/{sandbox.pid}/status").read_text()
        peak, space = (
            int(status.partition(key)[2].split()[0]) / 1000 for key in ("VmHWM:", "VmPeak:")
        )
        sandbox.close()
        size = f"{found[1]}×{found[0]}"
        rows.append(f"| {label} | {len(data) / 1e6:.0f} | {size} | {peak:.0f} | {space:.0f} |")
        assert space < 2200
    with capsys.disabled():
        print("\n" + "\n".join(rows))
