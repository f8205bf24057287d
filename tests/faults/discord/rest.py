"""The fake Discord's HTTP API: the routes that the bot uses, each a few lines over the rules."""

import json
from typing import Any

from aiohttp import web

from tests.faults.discord import errors
from tests.faults.discord.buckets import Buckets
from tests.faults.discord.cdn import Cdn
from tests.faults.discord.faults import Faults, limited, reply
from tests.faults.discord.interactions import Interactions
from tests.faults.discord.messages import Board
from tests.faults.discord.world import Channel, File, Message

PREFIX = "/api/v10"
GATEWAY = "/gateway/"
MANY_BYTES = 64 << 20


class Rest:
    """An aiohttp application that speaks for *board* and *interactions*."""

    def __init__(
        self,
        board: Board,
        interactions: Interactions,
        cdn: Cdn,
        *,
        faults: Faults,
        buckets: Buckets,
        token: str,
    ) -> None:
        self._board = board
        self._interactions = interactions
        self._cdn = cdn
        self._faults = faults
        self._buckets = buckets
        self._token = token
        self.app = web.Application(middlewares=[self._answer], client_max_size=MANY_BYTES)
        messages = "/channels/{channel}/messages"
        webhook = "/webhooks/{application}/{token}"
        for method, path, handler in (
            ("GET", "/users/@me", self._me),
            ("GET", "/oauth2/applications/@me", self._application),
            ("PUT", "/applications/{id}/commands", self._register),
            ("POST", "/users/@me/channels", self._open_direct),
            ("GET", messages, self._history),
            ("POST", messages, self._send),
            ("GET", messages + "/{message}", self._get),
            ("PATCH", messages + "/{message}", self._edit),
            ("DELETE", messages + "/{message}", self._delete),
            ("PUT", messages + "/{message}/reactions/{emoji}/@me", self._react),
            ("POST", "/interactions/{id}/{token}/callback", self._acknowledge),
            ("POST", webhook, self._follow_up),
            ("GET", webhook + "/messages/@original", self._original),
            ("PATCH", webhook + "/messages/@original", self._edit_original),
        ):
            self.app.router.add_route(method, PREFIX + path, handler)
        self.app.router.add_get("/attachments/{file}/{name}", self._download)

    @web.middleware
    async def _answer(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Let a request meet its fault, its bucket and its handler, in this order."""

        async def serve() -> web.StreamResponse:
            return await self._within_limits(request, handler)

        if request.path == GATEWAY:  # its faults are its own
            return await handler(request)
        try:
            self._check_token(request)
            fault = self._faults.choose(request.method, request.path.removeprefix(PREFIX))
            return await (fault(request, serve) if fault else serve())
        except errors.ApiError as error:
            return reply({"message": error.text, "code": error.code}, error.status)

    def _check_token(self, request: web.Request) -> None:
        given = request.headers.get("Authorization", f"Bot {self._token}")  # webhooks have none
        if given != f"Bot {self._token}":
            raise errors.unauthorized()

    async def _within_limits(self, request: web.Request, handler: Any) -> web.StreamResponse:
        resource = request.match_info.route.resource
        channel = request.match_info.get("channel")
        if resource is None or channel is None:
            return await handler(request)
        headers, wait = self._buckets.take(f"{request.method} {resource.canonical}", channel)
        if wait is not None:
            response = await limited(wait)(request, lambda: handler(request))
        else:
            try:
                response = await handler(request)
            except errors.ApiError as error:
                response = reply({"message": error.text, "code": error.code}, error.status)
        response.headers.update(headers)
        return response

    async def _me(self, request: web.Request) -> web.Response:
        return reply(self._board.me.payload())

    async def _application(self, request: web.Request) -> web.Response:
        me = self._board.me
        traits = {"bot_public": True, "bot_require_code_grant": False, "flags": 0}
        said = {"id": str(me.id), "name": me.name, "icon": None, "description": ""}
        return reply({**said, **traits, "verify_key": "", "owner": me.payload()})

    async def _register(self, request: web.Request) -> web.Response:
        return reply(self._interactions.register(await request.json()))

    async def _open_direct(self, request: web.Request) -> web.Response:
        person = self._board.people[int((await request.json())["recipient_id"])]
        return reply(self._board.direct(person).payload())

    async def _history(self, request: web.Request) -> web.Response:
        asked = request.query
        found = self._board.history(
            self._channel(request),
            after=int(asked.get("after", 0)),
            before=int(asked["before"]) if "before" in asked else None,
            limit=int(asked.get("limit", 50)),
        )
        return reply([_fetched(message) for message in found])

    async def _send(self, request: web.Request) -> web.Response:
        body, files = await self._body(request)
        message = await self._board.say(self._channel(request), body, files)
        return reply(message.payload())

    async def _get(self, request: web.Request) -> web.Response:
        return reply(_fetched(self._message(request)))

    async def _edit(self, request: web.Request) -> web.Response:
        body, files = await self._body(request)
        message = self._own(request)
        await self._board.edit(message, body, files)
        return reply(message.payload())

    async def _delete(self, request: web.Request) -> web.Response:
        await self._board.delete(self._own(request))
        return web.Response(status=204)

    async def _react(self, request: web.Request) -> web.Response:
        message = self._message(request)
        if not message.channel.allows("add_reactions"):
            raise errors.missing_permissions()
        message.reactions.append(request.match_info["emoji"])
        return web.Response(status=204)

    async def _acknowledge(self, request: web.Request) -> web.Response:
        body, files = await self._body(request)
        made = await self._interactions.acknowledge(request.match_info["token"], body, files)
        return reply(made)

    async def _follow_up(self, request: web.Request) -> web.Response:
        body, files = await self._body(request)
        token = request.match_info["token"]
        return reply((await self._interactions.follow_up(token, body, files)).payload())

    async def _original(self, request: web.Request) -> web.Response:
        return reply(self._interactions.original(request.match_info["token"]).payload())

    async def _edit_original(self, request: web.Request) -> web.Response:
        body, files = await self._body(request)
        message = self._interactions.original(request.match_info["token"])
        await self._board.edit(message, body, files)
        return reply(message.payload())

    async def _download(self, request: web.Request) -> web.Response:
        file = self._cdn.find(int(request.match_info["file"]))
        if file is None:
            raise web.HTTPNotFound
        return web.Response(body=file.data)

    def _channel(self, request: web.Request) -> Channel:
        return self._board.channel(int(request.match_info["channel"]))

    def _message(self, request: web.Request) -> Message:
        """One that the bot reads, which needs the permission to read the history."""
        return self._board.find(self._channel(request), int(request.match_info["message"]))

    def _own(self, request: web.Request) -> Message:
        """One that the bot wrote, which it may change wherever it sees the channel."""
        message = self._channel(request).messages.get(int(request.match_info["message"]))
        if message is None:
            raise errors.unknown_message()
        if message.author is not self._board.me:
            raise errors.missing_permissions()
        return message

    async def _body(self, request: web.Request) -> tuple[dict[str, Any], list[File]]:
        """JSON, or a form of JSON and files, whose descriptions are in the JSON."""
        if request.content_type == "application/json":
            return await request.json(), []
        form = await request.post()
        body = json.loads(str(form["payload_json"]))
        listed = body.get("attachments", [])
        about = {str(one["id"]): one.get("description") for one in listed}
        files = [
            self._cdn.keep(field.filename, field.file.read(), about.get(name[6:-1]))
            for name, field in form.items()
            if isinstance(field, web.FileField)
        ]
        sent = {name[6:-1] for name in form if name.startswith("files[")}
        if "attachments" in body:
            body["attachments"] = [one for one in listed if str(one["id"]) not in sent]
        return body, files


def _fetched(message: Message) -> dict[str, Any]:
    """A nonce is told only to those who hear of the message as it is sent."""
    return {name: value for name, value in message.payload().items() if name != "nonce"}
