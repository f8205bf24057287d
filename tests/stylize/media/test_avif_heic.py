"""AVIF and HEIC: colours, alpha, orientation; and in a process that may start no other."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stylize.media.decode import to_bitmap
from tests.faults.pictures.corpus import HEIC, corpus, picture

EXPECTED = np.asarray(picture()).astype(int)


def heic(name):
    return (HEIC / f"{name}.heic").read_bytes()


def off(data, expected):
    bitmap = to_bitmap(data)
    assert bitmap.pixels.shape == expected.shape
    return np.abs(bitmap.pixels - expected).mean()


def test_colours():
    assert off(heic("rgb"), EXPECTED) < 14  # fine lines, chroma of half the size
    assert off(heic("deep"), EXPECTED) < 14
    assert off(heic("grey"), np.asarray(picture("L").convert("RGB")).astype(int)) < 8
    for label in ("RGB", "4:4:4", "limited range"):
        assert off(corpus("AVIF")[label], EXPECTED) < 14


@pytest.mark.parametrize("data", [heic("rgba"), corpus("AVIF")["RGBA"]], ids=["HEIC", "AVIF"])
def test_alpha(data):
    bitmap = to_bitmap(data)
    expected = np.asarray(picture("RGBA"))[..., 3].astype(int)
    assert np.abs(bitmap.alpha - expected).mean() < 4
    seen = expected > 100
    assert np.abs(bitmap.pixels - EXPECTED)[seen].mean() < 16


def test_premultiplied_colours_are_told_straight():
    bitmap = to_bitmap(corpus("AVIF")["premultiplied"])
    seen = bitmap.alpha > 150
    assert np.abs(bitmap.pixels - EXPECTED)[seen].mean() < 20


@pytest.mark.parametrize("kind", ["AVIF", "HEIC"])
def test_a_turn_that_the_container_tells_is_made_once(kind):
    data = heic("turned") if kind == "HEIC" else corpus("AVIF")["turned"]
    turn = Image.Transpose.ROTATE_270 if kind == "HEIC" else Image.Transpose.ROTATE_90
    assert off(data, np.asarray(picture().transpose(turn)).astype(int)) < 14


def test_of_a_heic_file_with_several_pictures_the_main_one_is_used():
    bitmap = to_bitmap(heic("two"))
    assert np.abs(bitmap.pixels - EXPECTED).mean() < 14
    assert bitmap.note is None


STRANGER = """
import os
from stylize.media import sandbox
sandbox._rehearse()
sandbox._rehearse = lambda: None  # what this opens, the stranger may not
os.setgroups([])
os.setuid(65534)
sandbox.main()
"""


@pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="changes to another user, on Linux"
)
def test_heic_and_avif_are_decoded_by_a_user_who_may_start_no_process():
    """As root, limits on processes count for nothing: what holds then must hold for others too."""
    process = subprocess.run(
        [sys.executable, "-c", STRANGER, "1000000", "1000000", "30"],
        input=b"".join(
            b'{"name": "it", "length": %d}\n' % len(data) + data
            for data in (heic("rgb"), corpus("AVIF")["RGB"])
        ),
        capture_output=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
    )
    assert process.stdout.count(b'"size": [32, 48]') == 2, process.stderr
