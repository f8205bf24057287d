"""What a painting is made from does not show in the file: no place, camera, author or comment."""

import base64
import io

import pytest
from PIL import Image

from bot.config import Settings
from bot.model import Order, Progress, StoredPicture, Wishes
from bot.worker.painter import Painted, Painter, Saved
from stylize.media.decode import to_bitmap
from stylize.recipes import Transfer
from tests.faults.pictures.corpus import FORMATS, MARK, stuffed

PICTURES = tuple(
    StoredPicture(key=f"jobs/stuffed/picture-{number}", name=f"{MARK}.png") for number in range(2)
)
MARKS = (
    MARK.encode(),
    MARK[:4].encode("utf-16-be"),
    *(b"Exif\0", b"eXIf", b"EXIF", b"http://ns.adobe.com", b"xmpmeta", b"XMP "),
    *(b"ICC_PROFILE", b"iCCP", b"ICCP", b"ICCRGBG1012"),
    *(b"tEXt", b"zTXt", b"iTXt", b"pHYs", b"Photoshop"),
)
PLAIN = {
    "PNG": set(),
    "JPEG": {"jfif", "jfif_version", "jfif_unit", "jfif_density"},
    "GIF": {"version", "background", "loop", "duration", "extension", "transparency"},
    "WEBP": {"loop", "background", "timestamp", "duration"},
}
"""What Pillow's ``info`` holds of a file that says nothing about its origin."""


@pytest.fixture(scope="module")
def painter(tmp_path_factory):
    settings = Settings(data=tmp_path_factory.mktemp("data"))
    little = settings.limits.model_copy(update={"upload_bytes": 4000})  # so that a copy is shared
    return Painter(settings.model_copy(update={"limits": little}))


def check(data: bytes, kind: str) -> None:
    for mark in MARKS:
        assert mark not in data, mark
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == kind
        assert not image.getexif()
        for frame in range(getattr(image, "n_frames", 1)):
            image.seek(frame)
            assert set(image.info) <= PLAIN[kind]


@pytest.mark.parametrize("kind", FORMATS)
def test_stuffed_pictures_are_sound_and_stuffed(kind):
    data = stuffed(kind)
    to_bitmap(data)
    with pytest.raises(AssertionError, match=MARK):
        check(data, kind)


@pytest.mark.parametrize("kind", FORMATS)
def test_nothing_of_the_pictures_metadata_is_in_what_is_given_out(kind, painter):
    order = Order(
        recipe=Transfer(size=64, steps=3, init="noise"), wishes=Wishes(film=True), pictures=PICTURES
    )
    events = list(painter.paint(order, [stuffed(kind), stuffed(kind)]))
    painted = events[-1]
    assert isinstance(painted, Painted)
    check(painted.file("result"), "PNG")
    assert painted.file("copy") is not None
    check(painted.file("copy"), "JPEG")
    assert painted.file("film") is not None
    check(painted.file("film"), "GIF")
    previews = [event.preview for event in events if isinstance(event, Progress) and event.preview]
    assert previews
    for preview in previews:
        check(base64.b64decode(preview), "JPEG")
    for event in events:
        if isinstance(event, Saved):
            assert MARK.encode() not in event.data


def test_nothing_is_in_a_copy_that_keeps_transparency(painter):
    file = io.BytesIO()
    with Image.open(io.BytesIO(stuffed("WEBP"))) as image:
        image.putalpha(Image.linear_gradient("L").resize(image.size))
        image.save(file, "WEBP", exif=image.info["exif"], xmp=image.info["xmp"])
    order = Order(recipe=Transfer(size=64, steps=3, init="noise"), pictures=PICTURES)
    *_, painted = painter.paint(order, [file.getvalue(), stuffed("PNG")])
    assert isinstance(painted, Painted)
    check(painted.file("result"), "PNG")
    assert painted.file("copy") is not None
    check(painted.file("copy"), "WEBP")
