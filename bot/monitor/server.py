"""/metrics and /healthz, on a port of their own that needs no room."""

import asyncio
import logging

from aiohttp import web
from prometheus_client.aiohttp import make_aiohttp_handler

from bot.config import Monitor as MonitorSettings
from bot.monitor.health import Health
from bot.monitor.metrics import CountWarnings, measure_lag


class Monitor:
    """Measures while it is open, and tells whoever asks."""

    def __init__(self, settings: MonitorSettings, health: Health) -> None:
        self._settings = settings
        self._counting = CountWarnings()
        app = web.Application()
        app.router.add_get("/metrics", make_aiohttp_handler())
        app.router.add_get("/healthz", health.answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        self._measuring: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Open the port; OSError says why it cannot be."""
        host, port = self._settings.host, self._settings.port
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise OSError(
                f"the monitor cannot be opened at {host} port {port} ({error.strerror}); "
                "choose another monitor.port"
            ) from None
        logging.getLogger().addHandler(self._counting)
        self._measuring = asyncio.create_task(measure_lag(), name="measure the loop's lag")

    async def stop(self) -> None:
        if self._measuring is not None:
            self._measuring.cancel()
        logging.getLogger().removeHandler(self._counting)
        await self._runner.cleanup()

    @property
    def port(self) -> int:
        """The port, once it is open."""
        return int(self._runner.addresses[0][1])
