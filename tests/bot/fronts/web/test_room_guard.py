"""What the room turns away: foreign hosts and pages, wrong passwords, paths that climb, floods."""

import asyncio
import base64
import io
import re
from html.parser import HTMLParser
from http.client import HTTPConnection

import aiohttp
import pytest
from PIL import Image

from bot.config import Settings
from bot.fronts.base import settings_with_fronts
from bot.fronts.web import Room
from bot.fronts.web.guard import WRONG_PER_MINUTE
from bot.fronts.web.media import media_type_of
from bot.fronts.web.samples import STATIC
from tests.bot.fake_studio import FakeStudio
from tests.bot.fronts.web.conftest import TWO, ask, png, say
from tests.patience import PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="package")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:9", 200),
        ("localhost", 200),
        ("[::1]:8017", 200),
        ("LOCALHOST:8017", 200),
        ("evil.example", 403),
        ("127.0.0.1.evil.example", 403),
        ("localhost:8017@evil.example", 403),
        ("[::1", 403),
        ("", 403),
    ],
)
async def test_only_our_own_names_are_answered(http, host: str, status: int):
    async with http.get("/api/messages", headers={"Host": host}) as response:
        assert response.status == status


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Origin": ""},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_other_pages_change_nothing(http, headers: dict[str, str]):
    multipart = aiohttp.FormData({"text": "!forget"}, default_to_multipart=True)
    for path in ("/api/messages", "/api/jobs/room-1/cancel"):
        for body in ({"data": {"text": "!forget"}}, {"json": {}}, {"data": multipart()}):
            async with http.post(path, headers=headers, **body) as response:
                assert response.status == 403
    async with http.options("/api/messages", headers=headers) as response:
        assert response.status == 403
        assert "Access-Control-Allow-Origin" not in response.headers
    assert await ask(http, "/api/messages") == []


async def test_our_own_page_and_programs_may_post(http, room: Room):
    for headers in ({}, {"Origin": room.url}, {"Sec-Fetch-Site": "same-origin"}):
        async with http.post("/api/messages", data={"text": "hi"}, headers=headers) as response:
            assert response.status == 201


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/", {}, 200),
        ("GET", "/healthz", {}, 200),
        ("GET", "/api/messages", {}, 200),
        ("GET", "/static/scripts/room.js", {}, 200),
        ("GET", "/nowhere", {}, 404),
        ("GET", "/static/nowhere.js", {}, 404),
        ("GET", "/static/", {}, 403),
        ("GET", "/media/room-1/result.png", {}, 404),
        ("GET", "/", {"Host": "evil.example"}, 403),
        ("PUT", "/api/messages", {}, 405),
        ("POST", "/api/messages", {"Origin": "https://evil.example"}, 403),
        ("POST", "/api/messages", {"Content-Type": "text/plain"}, 415),
    ],
)
async def test_every_answer_keeps_the_browser_strict(http, method, path, headers, status):
    async with http.request(method, path, headers=headers) as response:
        assert response.status == status
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["X-Frame-Options"] == "DENY"
        assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "Access-Control-Allow-Origin" not in response.headers
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy


async def test_an_error_inside_is_strict_too_and_tells_nothing(http, studio: FakeStudio):
    async def fail(job: str) -> None:
        raise RuntimeError("the secret name of the disk")

    studio.status = fail
    async with http.get("/api/jobs/room-1") as response:
        assert response.status >= 500
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "secret" not in await response.text()


async def test_the_page_has_nothing_inline():
    page = Inline()
    page.feed((STATIC / "index.html").read_text())
    assert page.scripts == ["/static/scripts/room.js"]
    assert page.inline == []
    for script in STATIC.glob("scripts/*.js"):
        assert not re.search(r"innerHTML|outerHTML|document\.write|\beval\(", script.read_text())


class Inline(HTMLParser):
    """Notes where scripts come from, and whatever is inline."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str | None] = []
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script":
            self.scripts.append(given.get("src"))
        if tag == "style":
            self.inline.append(tag)
        self.inline += [name for name in given if name == "style" or name.startswith("on")]


async def test_paths_do_not_climb(room: Room, studio: FakeStudio):
    (studio.settings.data / "secret").write_text("secret")
    for path in (
        "/media/room-1/../../secret",
        "/media/room-1/..%2f..%2fsecret",
        "/media/room-1%2f..%2f..%2fx/result.png",
        "/media/../secret",
        "/media/room-1/checkpoint.npz",
        "/static/../front.py",
        "/static/..%2ffront.py",
        "/static/%2e%2e/front.py",
        "/static/%252e%252e/front.py",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/static/..%5cfront.py",
        "/static/styles/..%2f..%2f..%2fserver.py",
        "/media/room-1/result.png%00.html",
        "/media/room-1/picture-1%0d%0aX-Header:%20x",
        "/media/discord-1/result.png",
        "/media/room-1/../discord-1/result.png",
        "/api/jobs/..%2f..%2fsecret",
        "/api/jobs/room-1%2fcancel",
        "/api/jobs/ROOM-1",
        "/api/jobs/room-" + "1" * 64,
        "/api/jobs/discord-1",
    ):
        assert await raw_status(room, path) in (403, 404), path


@pytest.mark.parametrize(
    "data",
    [
        b"<script>alert(1)</script>",
        b"<!doctype html><title>x</title>",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b'<?xml version="1.0"?><svg/>',
        b"%PDF-1.7",
        b"RIFF1234WAVE",
        b"",
    ],
)
async def test_bytes_that_are_no_picture_are_only_a_file(http, studio: FakeStudio, data: bytes):
    posted = await say(http, "", ("cat.svg", data), TWO[1])
    async with http.get(f"/media/{posted['job']['id']}/picture-1") as response:
        assert response.content_type == "application/octet-stream"
        assert response.headers["Content-Disposition"] == "attachment"


async def test_a_picture_that_is_also_a_page_is_shown_as_a_picture_only(http, studio: FakeStudio):
    posted = await say(http, "", ("cat.html", b"GIF89a/*<script>alert(1)</script>"), TWO[1])
    async with http.get(f"/media/{posted['job']['id']}/picture-1") as response:
        assert response.content_type == "image/gif"
        assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
async def test_pictures_are_known_by_their_first_bytes(kind: str):
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, kind)
    assert media_type_of("picture-1", out.getvalue()) == f"image/{kind.lower()}"


async def test_heic_is_known_and_a_video_is_not():
    assert media_type_of("picture-1", b"\0\0\0\x18ftypheic" + bytes(50)) == "image/heic"
    assert media_type_of("picture-1", b"\0\0\0\x18ftypisom" + bytes(50)) is None


async def test_a_video_is_played_where_a_job_has_made_it():
    assert media_type_of("film.mp4", b"\0\0\0\x18ftypisom" + bytes(50)) == "video/mp4"
    assert media_type_of("page.html", b"<script>alert(1)</script>") is None


async def test_file_names_are_plain_text(http):
    posted = await say(http, "", ("..\\..\\C:/a/`<b>*\u202eq.png", png()), TWO[1])
    mine = (await ask(http, "/api/messages"))[0]
    assert mine["pictures"][0] == {
        "url": f"/media/{posted['job']['id']}/picture-1",
        "role": "content",
        "name": "<b>q.png",
        "alt": "Content: <b>q.png",
        "media_type": "image/*",
        "subject": True,
    }


class TestBounds:
    """Uploads beyond the limits."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        limits = settings.limits.model_copy(update={"picture_bytes": 5_000})
        return settings.model_copy(update={"limits": limits})

    async def test_a_picture_above_the_limit_is_named_in_words(self, http, studio: FakeStudio):
        posted = await say(http, "", ("huge.png", b"x" * 9_999), TWO[1])
        assert posted["reply"].startswith("huge.png has 9999 bytes")
        assert studio.store == {}

    async def test_a_body_far_above_everything_is_cut_off(self, http):
        for chunked in (False, True):
            form = aiohttp.FormData()
            form.add_field(
                "file", Endless(2_000_000) if chunked else b"x" * 2_000_000, filename="a"
            )
            async with http.post("/api/messages", data=form) as response:
                assert response.status == 413
                assert "far too large" in (await response.json())["error"]
        assert await ask(http, "/api/messages") == []

    async def test_a_text_has_an_end(self, http):
        async with http.post("/api/messages", data={"text": "x" * 5_000}) as response:
            assert response.status == 413

    @pytest.mark.parametrize(
        ("kind", "body", "status"),
        [
            ("application/json", b"{}", 415),
            ("multipart/form-data", b"", 400),
            ("multipart/form-data; boundary=x", b"nonsense", 400),
        ],
    )
    async def test_a_broken_form_is_refused(self, http, kind: str, body: bytes, status: int):
        headers = {"Content-Type": kind}
        async with http.post("/api/messages", data=body, headers=headers) as response:
            assert response.status == status
            assert (await response.json())["error"]


class Endless(io.BytesIO):
    """A body whose length is not announced."""

    def __init__(self, size: int) -> None:
        super().__init__(b"x" * size)


class TestPassword:
    """A room that asks for a password."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings_with_fronts()(
            data=settings.data,
            room={"port": 0, "password": "pässword", "hosts": ("studio.example",)},
        )

    async def test_it_is_asked_for_everywhere_but_for_health(self, http):
        for path in ("/", "/api/messages", "/api/events", "/static/index.html", "/media/room-1/x"):
            async with http.get(path) as response:
                assert response.status == 401
                assert response.headers["WWW-Authenticate"].startswith("Basic")
        async with http.get("/healthz", headers={"Host": "studio.example:80"}) as response:
            assert response.status == 200

    async def test_it_opens_the_room(self, http):
        assert await self.knock(http, "pässword") == 200
        assert await self.knock(http, "password") == 401

    async def test_wrong_ones_are_few(self, http):
        answers = [await self.knock(http, f"guess {n}") for n in range(WRONG_PER_MINUTE + 1)]
        assert answers == [401] * WRONG_PER_MINUTE + [429]
        assert await self.knock(http, "pässword") == 429

    async def test_nonsense_is_a_wrong_one(self, http):
        for given in ("Basic !!!", "Bearer x", "Basic", "Basic eA=="):
            async with http.get("/", headers={"Authorization": given}) as response:
                assert response.status == 401

    async def knock(self, http: aiohttp.ClientSession, password: str) -> int:
        login = "Basic " + base64.b64encode(f"me:{password}".encode()).decode()
        async with http.get("/api/messages", headers={"Authorization": login}) as response:
            return response.status


async def raw_status(room: Room, path: str) -> int:
    """The status of a GET of *path* as it is: clients tidy it up, attackers do not."""

    def get() -> int:
        connection = HTTPConnection(room.url.removeprefix("http://"), timeout=PATIENCE)
        connection.request("GET", path)
        return connection.getresponse().status

    return await asyncio.to_thread(get)
