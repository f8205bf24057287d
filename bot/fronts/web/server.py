"""The room's routes: a thin layer of HTTP over the conversation and the studio."""

import asyncio
from typing import Any

from aiohttp import hdrs, web

from bot.commands.registry import commands
from bot.fronts.web.conversation import PERSON, Conversation
from bot.fronts.web.feed import Event, Feed
from bot.fronts.web.form import MOST_TEXT, Bounds, read_form
from bot.fronts.web.forms import command_views
from bot.fronts.web.guard import OPEN_TO_ALL, Guard, add_headers, errors_as_json
from bot.fronts.web.media import FORMER_EXAMPLES_URL, SHOWN_URL, is_room_job, key_of, media_type_of
from bot.fronts.web.samples import STATIC, samples
from bot.fronts.web.settings import RoomSettings
from bot.fronts.web.views import job_view
from bot.model import Status
from bot.studio import Studio

HEARTBEAT_SECONDS = 15
RETRY = b"retry: 1000\n"
"""After how many milliseconds a page that lost the room tries again."""


class Server:
    """Answers HTTP requests."""

    def __init__(self, studio: Studio, conversation: Conversation, feed: Feed) -> None:
        self._studio = studio
        self._conversation = conversation
        self._feed = feed

    def app(self, settings: RoomSettings) -> web.Application:
        """The application with all routes behind their guard."""
        guard = Guard(settings)
        app = web.Application(middlewares=[errors_as_json, guard.check])
        app.on_response_prepare.append(add_headers)
        app.on_shutdown.append(self._let_pages_go)
        app.router.add_get("/", self._page)
        app.router.add_get(OPEN_TO_ALL, self._studio.health.answer)
        app.router.add_get("/api/room", self._room)
        app.router.add_get("/api/messages", self._list_messages)
        app.router.add_post("/api/messages", self._post_message)
        app.router.add_get("/api/jobs/{job}", self._job)
        app.router.add_post("/api/jobs/{job}/cancel", self._cancel)
        app.router.add_get("/api/events", self._events)
        app.router.add_get("/media/{job}/{name}", self._picture)
        app.router.add_get(SHOWN_URL + "{name}", self._shown)
        app.router.add_get(FORMER_EXAMPLES_URL, self._examples)
        app.router.add_static("/static/", STATIC)
        return app

    async def _page(self, _: web.Request) -> web.StreamResponse:
        return web.FileResponse(STATIC / "index.html", headers={hdrs.CACHE_CONTROL: "no-cache"})

    async def _shown(self, request: web.Request) -> web.StreamResponse:
        """A file that is shown with a reply."""
        file = self._conversation.shown.get(request.match_info["name"])
        if file is None:
            raise web.HTTPNotFound(text="there is no such file")
        return web.FileResponse(file)

    async def _examples(self, _: web.Request) -> web.StreamResponse:
        return web.FileResponse(self._conversation.shown["help.jpg"])

    async def _room(self, _: web.Request) -> web.Response:
        """What the page must know: what can be asked for and with what, limits and samples."""
        settings = self._studio.settings
        return _json(
            {
                "hashtag": settings.commands.hashtag,
                "prefix": settings.commands.prefix,
                "help": f"{settings.commands.prefix}help",
                "limits": {"picture_bytes": settings.limits.picture_bytes, "text": MOST_TEXT},
                "commands": command_views(settings),
                "samples": await asyncio.to_thread(samples),
            }
        )

    async def _list_messages(self, _: web.Request) -> web.Response:
        return _json(await self._conversation.list())

    async def _post_message(self, request: web.Request) -> web.Response:
        settings = self._studio.settings
        most = max(
            sum(one.most for one in command.inputs(settings)) for command in commands().values()
        )
        bounds = Bounds(most, settings.limits.picture_bytes)
        form = await read_form(request, bounds)
        heard = await self._conversation.hear(form.text, form.uploads, form.reply_to)
        if heard.fault:
            raise web.HTTPServiceUnavailable(text=heard.reply)
        body: dict[str, Any] = {"id": heard.id, "reply": heard.reply, "refused": heard.refused}
        if heard.job is not None:
            body["job"] = {"id": heard.job}
        return _json(body, status=201)

    async def _job(self, request: web.Request) -> web.Response:
        return _json(job_view(await self._status(request)))

    async def _cancel(self, request: web.Request) -> web.Response:
        """Cancel a job; one that has ended stays as it is."""
        job = (await self._status(request)).job
        await self._studio.cancel(job, PERSON)
        return await self._job(request)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """First the whole room, then what changes; a page that reconnects is up to date at once."""
        response = web.StreamResponse(
            headers={
                hdrs.CONTENT_TYPE: "text/event-stream",
                hdrs.CACHE_CONTROL: "no-store",
                "X-Accel-Buffering": "no",
            }
        )
        with self._feed.listen() as listener:
            messages = await self._conversation.list()
            await response.prepare(request)
            try:
                await response.write(RETRY + Event("room", "", {"messages": messages}).sent)
                while (events := await listener.take(HEARTBEAT_SECONDS)) is not None:
                    await response.write(
                        b"".join(event.sent for event in events) or b": still here\n\n"
                    )
            except ConnectionResetError:
                pass  # the page was closed
        return response

    async def _picture(self, request: web.Request) -> web.Response:
        """A file of a job; what is no picture, and not our own, is only ever offered to save."""
        key = key_of(request.match_info["job"], request.match_info["name"])
        try:
            data = await self._studio.read(key or "")
        except FileNotFoundError:
            raise web.HTTPNotFound(text="there is no such file") from None
        headers = {hdrs.CACHE_CONTROL: "private, max-age=86400"}
        media_type = media_type_of(request.match_info["name"], data)
        if media_type is None:
            headers[hdrs.CONTENT_DISPOSITION] = "attachment"
        return web.Response(
            body=data, content_type=media_type or "application/octet-stream", headers=headers
        )

    async def _status(self, request: web.Request) -> Status:
        job = request.match_info["job"]
        status = await self._studio.status(job) if is_room_job(job) else None
        if status is None:
            raise web.HTTPNotFound(text="there is no such job")
        return status

    async def _let_pages_go(self, _: web.Application) -> None:
        self._feed.close()


def _json(data: Any, status: int = 200) -> web.Response:
    return web.json_response(data, status=status, headers={hdrs.CACHE_CONTROL: "no-store"})
