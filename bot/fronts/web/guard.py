"""Who may ask the room for anything, checked before every handler.

A page elsewhere on the web can make a browser send requests here. What stops it: the Host must be
one of ours (a foreign name that resolves to 127.0.0.1 is turned away), and whatever changes
something must not come from a foreign origin. A program without a browser sends neither Origin nor
Sec-Fetch-Site and is let in; the password, if there is one, is asked of everybody.
"""

import hmac
import logging
from urllib.parse import urlsplit

from aiohttp import BasicAuth, hdrs, web
from aiohttp.typedefs import Handler

from bot.commands.throttle import Throttle
from bot.fronts.web.settings import LOOPBACK, RoomSettings

log = logging.getLogger(__name__)

FAILED = "something in the studio fails, its log says what; please try again later"
OPEN_TO_ALL = "/healthz"
WRONG_PER_MINUTE = 10

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        "media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Guard:
    """Turns away whoever may not ask."""

    def __init__(self, settings: RoomSettings) -> None:
        self._hosts = {host.lower() for host in (*LOOPBACK, settings.host, *settings.hosts)}
        self._password = settings.password.get_secret_value().encode()
        self._wrong = Throttle(WRONG_PER_MINUTE, 60)

    @web.middleware
    async def check(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let the request through to *handler*, or raise an HTTP error."""
        self._check_host(request)
        if self._password and request.path != OPEN_TO_ALL:
            self._check_password(request)
        if request.method not in ("GET", "HEAD"):
            _check_origin(request)
        return await handler(request)

    def _check_host(self, request: web.Request) -> None:
        host = request.headers.get(hdrs.HOST, "").lower()
        name = _host_name(host)
        if name not in self._hosts and host not in self._hosts:
            raise web.HTTPForbidden(
                text=f"this room is not called {name or host!r}; add the name to room.hosts"
            )

    def _check_password(self, request: web.Request) -> None:
        """HTTP Basic: any name, the password, and few wrong ones a minute from one address."""
        who = request.remote or ""
        given = request.headers.get(hdrs.AUTHORIZATION)
        if given and self._wrong.closed(who):
            raise web.HTTPTooManyRequests(
                headers={hdrs.RETRY_AFTER: "60"}, text="too many wrong passwords: wait a minute"
            )
        if given and hmac.compare_digest(_password_in(given), self._password):
            return
        if given:
            self._wrong.note(who)
        raise web.HTTPUnauthorized(
            headers={hdrs.WWW_AUTHENTICATE: 'Basic realm="stylenet", charset="UTF-8"'},
            text="this room has a password",
        )


async def add_headers(_: web.Request, response: web.StreamResponse) -> None:
    """Give every answer the headers that keep a browser strict."""
    response.headers.update(HEADERS)


@web.middleware
async def errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Say what went wrong as ``{"error": ...}``, with the status and headers of the error."""
    try:
        return await handler(request)
    except web.HTTPError as error:
        kept = {
            name: error.headers[name]
            for name in (hdrs.WWW_AUTHENTICATE, hdrs.RETRY_AFTER, hdrs.ALLOW)
            if name in error.headers
        }
        return web.json_response({"error": error.text}, status=error.status, headers=kept)
    except Exception:
        log.exception("%s %s failed", request.method, request.path)
        return web.json_response({"error": FAILED}, status=503)


def _check_origin(request: web.Request) -> None:
    origin = request.headers.get(hdrs.ORIGIN)
    own = request.headers.get(hdrs.HOST, "").lower()
    foreign = origin is not None and origin.lower().partition("://")[2] != own
    if foreign or request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        raise web.HTTPForbidden(text="this request comes from another site")


def _host_name(host: str) -> str | None:
    """The name in a Host header, without its port; None when there is none."""
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _password_in(authorization: str) -> bytes:
    """The password of HTTP Basic (RFC 7617); empty, and so wrong, when there is none."""
    try:
        return str(BasicAuth.decode(authorization, encoding="utf-8").password).encode()
    except ValueError:
        return b""
