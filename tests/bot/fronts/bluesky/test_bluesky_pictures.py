"""Files that are no use: each is told by the real worker, in words that say what to do."""

import io

import pytest
import pytest_asyncio
from PIL import Image

from tests.bot.fake_studio import encode
from tests.bot.fronts.bluesky.world import WAVE
from tests.faults.pictures.bombs import BOMBS
from tests.pictures import animated_gif, bomb, jpeg, png

pytestmark = pytest.mark.asyncio(loop_scope="module")

UNSEEN = Image.new("RGBA", (64, 64))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(network, tmp_path_factory):
    from tests.bot.fronts.bluesky.house import housed

    async with housed(network, tmp_path_factory.mktemp("house"), "bot.worker") as house:
        yield house


def nothing_in_any_frame() -> bytes:
    out = io.BytesIO()
    more = [Image.new("RGBA", (64, 64), (n, 0, 0, 0)) for n in (1, 2)]
    UNSEEN.save(out, "WEBP", save_all=True, append_images=more, lossless=True, exact=True)
    return out.getvalue()


def below_nothing() -> bytes:
    return encode(Image.linear_gradient("L").convert("I").point(lambda x: x * 1 - 70_000), "TIFF")


FILES = {
    "cut short": (png(96, 64)[:60], "damaged or cut short"),
    "half a photograph": (jpeg(640, 480)[:2000], "86 % of it is missing. Send it again"),
    "a bomb": (bomb(), "is 100000×100000 pixels large; the limit is 50 megapixels: scale it"),
    "a strip": (png(640, 20), "too long and narrow at 640×20 pixels: crop it"),
    "a dot": (png(8, 8), "too small at 8×8 pixels: each side needs"),
    "nothing to see": (encode(UNSEEN, "PNG"), "is transparent all over: there is nothing to see"),
    "an animation of nothing": (nothing_in_any_frame(), "is transparent in all its frames"),
    "too many scans": (BOMBS["JPEG in 5000 scans"](), "built to waste time: save it again"),
    "an odd TIFF": (below_nothing(), "a kind of TIFF that I cannot read: save it as"),
    "Photoshop": (b"8BPS\0\1" + bytes(100), "is a Photoshop document: save it as one of"),
    "a camera's own": (
        b"II*\0\x10\0\0\0CR\2\0" + bytes(100),
        "is a camera raw file: export a JPEG",
    ),
    "JPEG XL": (b"\xff\x0a" + bytes(100), "is a JPEG XL picture: save it as one of"),
}


@pytest.mark.parametrize("name", FILES)
async def test_a_file_that_is_no_use_is_told(house, name):
    data, said = FILES[name]
    post = await house.post("size=64 steps=1", ("", data), WAVE)
    answer = await house.answered(post)
    assert answer.text.startswith("The first picture (picture 1) is ")
    assert said in answer.text
    assert len(answer.text) <= 300


async def test_an_animation_is_used_by_its_first_frame_and_that_is_told(house):
    post = await house.post("size=64 steps=1", ("", animated_gif()), WAVE)
    answer = await house.answered(post)
    assert "(picture 1) is animated: I used its first frame." in answer.text
    assert answer.embed.images[0].alt == "picture 1 painted in the style of a great wave"
