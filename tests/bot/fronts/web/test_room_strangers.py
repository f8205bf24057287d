"""The room and its strangers: a hostile page in a real browser, and connections that only drip."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
import pytest_asyncio
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler
from playwright.async_api import Page, async_playwright

from bot.fronts.web import Room
from tests.bot.fake_studio import FakeStudio
from tests.bot.fronts.web.conftest import TWO, ask, new_page, png, say
from tests.patience import PATIENCE, until

pytestmark = pytest.mark.asyncio(loop_scope="package")

DISPOSITION = b'Content-Disposition: form-data; name="file"; filename="a"\r\n\r\n'

ATTACK = """
async ([room, job]) => {
  const seen = {};
  const attempt = async (name, doing) => {
    seen[name] = await doing().then((answer) => answer ?? "sent", () => "refused");
  };
  const form = new FormData();
  form.append("text", "!forget");
  const post = (options) => fetch(`${room}/api/messages`, { method: "POST", ...options });
  await attempt("read", () => fetch(`${room}/api/messages`).then((answer) => answer.text()));
  await attempt("form, unread", () => post({ body: form, mode: "no-cors" }).then(() => null));
  await attempt("text, unread", () => post({ body: "x", mode: "no-cors" }).then(() => null));
  const headers = { "Content-Type": "application/json" };
  await attempt("JSON", () => post({ body: "{}", headers }).then(() => null));
  await attempt("cancel", () =>
    fetch(`${room}/api/jobs/${job}/cancel`, { method: "POST", mode: "no-cors" }).then(() => null));
  navigator.sendBeacon(`${room}/api/messages`, form);
  const loads = (tag, url) => new Promise((done) => {
    const element = document.createElement(tag);
    element.onload = () => done("loaded");
    element.onerror = () => done("refused");
    element.src = url;
    document.body.append(element);
  });
  await attempt("picture", () => loads("img", `${room}/media/${job}/picture-1`));
  await attempt("script", () => loads("script", `${room}/static/scripts/room.js`));
  const events = new EventSource(`${room}/api/events`);
  await attempt("events", () => new Promise((done, failed) => {
    events.onmessage = done;
    events.onerror = failed;
  }));
  events.close();
  const frame = document.createElement("iframe");
  frame.name = "inside";
  document.body.append(frame);
  const real = document.createElement("form");
  real.action = `${room}/api/messages`;
  real.method = "POST";
  real.target = "inside";
  real.innerHTML = "<input name=text value='!forget'>";
  document.body.append(real);
  const answered = new Promise((done) => frame.addEventListener("load", done, { once: true }));
  real.submit();
  await answered;
  return seen;
}
"""
"""What a page elsewhere can make a browser do to a room, and what it gets to see of it."""

UNREAD = ("form, unread", "text, unread", "cancel")
"""A browser sends these to anybody, and does not tell the page what came of it."""

ALLOWED = {
    "/media/a/picture-1": ("image/png", png()),
    "/static/scripts/room.js": ("text/javascript", b""),
    "/api/events": ("text/event-stream", b"data: hello\n\n"),
}
"""What a server gives to everybody, where JSON would not do."""


@pytest_asyncio.fixture(loop_scope="package")
async def elsewhere() -> AsyncIterator[Page]:
    """A browser that visits http://evil.example, a name that leads to this machine."""

    async def page(_: web.Request) -> web.Response:
        return web.Response(text="<body>hello</body>", content_type="text/html")

    async with served(page) as port, async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--host-resolver-rules=MAP evil.example 127.0.0.1"],
            timeout=1000 * PATIENCE,
        )
        visitor = await new_page(browser)
        await visitor.goto(f"http://evil.example:{port}/")
        yield visitor
        await browser.close()


@asynccontextmanager
async def served(handler: Handler) -> AsyncIterator[int]:
    """A server on this machine that has *handler* answer all requests; its port."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


async def test_a_page_elsewhere_reads_nothing_and_changes_nothing(
    elsewhere: Page, room: Room, http, studio: FakeStudio
):
    job = (await say(http, "", *TWO))["job"]["id"]
    before = await ask(http, "/api/messages")
    seen = await elsewhere.evaluate(ATTACK, [room.url, job])
    read = {name: got for name, got in seen.items() if name not in UNREAD}
    assert set(read.values()) == {"refused"}, read
    assert await ask(http, "/api/messages") == before
    assert studio.forgotten == []
    assert studio.statuses[job].state == "queued"


async def test_the_same_page_has_its_way_with_a_server_that_allows_everything(elsewhere: Page):
    """So it is the room that refuses, not the browser."""
    posts: Counter[str] = Counter()

    async def allow(request: web.Request) -> web.Response:
        posts[request.path] += request.method == "POST"
        kind, body = ALLOWED.get(request.path, ("application/json", b"[]"))
        headers = dict.fromkeys(
            (hdrs.ACCESS_CONTROL_ALLOW_ORIGIN, hdrs.ACCESS_CONTROL_ALLOW_HEADERS), "*"
        )
        return web.Response(body=body, content_type=kind, headers=headers)

    async with served(allow) as port:
        seen = await elsewhere.evaluate(ATTACK, [f"http://127.0.0.1:{port}", "a"])
        await until(lambda: posts.total() >= 6)  # the page does not wait for its beacon
    assert "refused" not in seen.values(), seen
    assert +posts == {"/api/messages": 5, "/api/jobs/a/cancel": 1}


async def test_a_name_that_is_rebound_to_this_machine_opens_nothing(
    elsewhere: Page, room: Room, http
):
    """DNS rebinding: for the browser the page and the room are one site now."""
    await say(http, "a secret", *TWO)
    port = room.url.rpartition(":")[2]
    answer = await elsewhere.goto(f"http://evil.example:{port}/api/messages")
    assert answer is not None
    assert answer.status == 403
    assert "a secret" not in await elsewhere.content()
    posted = await elsewhere.evaluate(
        "() => fetch('/api/messages', {method: 'POST', body: new FormData()}).then((a) => a.status)"
    )
    assert posted == 403


class TestSlowSenders:
    """Whoever sends a little now and then, to keep the room busy."""

    @pytest.fixture(autouse=True)
    def impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("bot.fronts.web.form.UPLOAD_SECONDS", 0.5)
        monkeypatch.setattr("bot.fronts.web.front.IDLE_SECONDS", 3.0)

    @pytest.mark.parametrize(
        ("head", "drops"),
        [
            (b"Content-Type: multipart/form-data; boundary=x", b"--x\r\n" + DISPOSITION),
            (b"Content-Type: application/x-www-form-urlencoded", b"text="),
        ],
    )
    async def test_a_body_that_drips_in_is_cut_off(self, room: Room, head: bytes, drops: bytes):
        request = b"POST /api/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999\r\n"
        answer = await drip(room, request + head + b"\r\n\r\n" + drops)
        assert answer.startswith(b"HTTP/1.1 408")
        assert b"your pictures take too long" in answer

    async def test_a_head_that_drips_in_is_cut_off(self, room: Room):
        assert await drip(room, b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ") == b""

    async def test_others_are_answered_meanwhile(self, room: Room, http):
        dripping = asyncio.create_task(drip(room, b"GET / HTTP/1.1\r\nX: "))
        assert await ask(http, "/api/messages") == []
        await dripping


async def read_all(reader: asyncio.StreamReader) -> bytes:
    """What comes before the other side hangs up, which may be in the middle of what we say."""
    heard = b""
    with suppress(ConnectionResetError):
        while part := await reader.read(65536):
            heard += part
    return heard


async def drip(room: Room, beginning: bytes) -> bytes:
    """Send *beginning*, then a byte now and then; returns what the room says before it hangs up."""
    host, port = room.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(beginning)
    answer = asyncio.create_task(read_all(reader))
    async with asyncio.timeout(PATIENCE):
        while not answer.done():
            writer.write(b"x")
            await asyncio.wait([answer], timeout=0.1)
    writer.close()
    return answer.result()
