"""A running studio as its owner sees it: health, figures and logs, before and after real faults."""

import json
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp

from tests.bot.processes import RunningStudio, free_port
from tests.faults.discord import TOKEN, FakeDiscord
from tests.patience import until
from tests.pictures import png, stripes

PHOTO, STYLE = ("photo.png", png(90, 60)), ("style.png", stripes(50, 50))


async def test_a_running_studio_tells_how_it_is(tmp_path: Path):
    port = free_port()
    monitor = f"http://127.0.0.1:{port}"
    async with (
        AsyncExitStack() as stack,
        RunningStudio(
            tmp_path / "data",
            discord=await stack.enter_async_context(FakeDiscord()),
            STYLENET_LOG_FORMAT="json",
            STYLENET_MONITOR__ENABLED="true",
            STYLENET_MONITOR__PORT=str(port),
        ) as studio,
    ):
        await until_health(monitor, lambda _, parts: set(parts.values()) == {"ok"})
        await until_health(studio.url, lambda _, parts: set(parts.values()) == {"ok"})
        assert (await health(studio.url))[1].keys() == (await health(monitor))[1].keys()

        job = (await studio.post("!stylenet size=64 steps=2", PHOTO, STYLE))["job"]["id"]
        await studio.wait_for_end(job)
        told = await until_figure(
            monitor, 'stylenet_answers_total{front="room",result="delivered"}'
        )
        assert 'stylenet_jobs_ended_total{state="done"} 1.0' in told
        assert "stylenet_painting_seconds_count 1.0" in told
        assert "stylenet_wait_seconds_count 1.0" in told
        assert job not in told
        assert "room:" not in told

        def without_workers(status: int, parts: dict[str, str]) -> bool:
            studio.kill_workers()
            return status == 503 and parts["supervisor"].startswith(
                "no worker runs on this machine"
            )

        await until_health(studio.url, without_workers)
        await until_health(studio.url, lambda status, _: status == 200)
        assert "stylenet_worker_restarts_total 0.0" not in await figures(monitor)

        await stack.aclose()  # there is no Discord any more
        # To start the studio again would not bring Discord back: it is well without.
        await until_health(
            monitor, lambda status, parts: status == 200 and parts["discord"] != "ok"
        )

        lines = [json.loads(line) for line in studio.log().splitlines() if line.startswith("{")]
        assert {line["process"] for line in lines if line.get("job") == job} == {"bot", "worker 0"}
        assert TOKEN not in studio.log()


async def health(url: str) -> tuple[int, dict[str, Any]]:
    async with aiohttp.ClientSession() as http, http.get(f"{url}/healthz") as response:
        return response.status, await response.json()


async def until_health(url: str, reached: Callable[[int, dict[str, str]], bool]) -> None:
    """Wait for a status and parts as wished."""

    async def told() -> bool:
        status, body = await health(url)
        return reached(status, body["parts"])

    await until(told)


async def figures(url: str) -> str:
    async with aiohttp.ClientSession() as http, http.get(f"{url}/metrics") as response:
        return await response.text()


async def until_figure(url: str, name: str) -> str:

    async def told() -> str | None:
        shown = await figures(url)
        return shown if name in shown else None

    return await until(told)
