"""The supervisor tells when it cannot keep workers at work."""

import asyncio

from bot.config import Workers
from bot.supervisor import Supervisor
from tests.patience import PATIENCE, until


async def test_a_crew_that_fails_is_told(settings, monkeypatch, caplog):
    async def fail(*_):
        raise RuntimeError("a fault in the supervisor")

    monkeypatch.setattr(Supervisor, "_hire", fail)
    supervisor = Supervisor(settings.model_copy(update={"workers": Workers(count=1, device="cpu")}))
    assert supervisor.trouble() is None
    supervisor.start()
    await until(supervisor.trouble)
    assert "the log says why" in supervisor.trouble()
    assert "a fault in the supervisor" in caplog.text
    await supervisor.stop()


async def test_gpus_that_cannot_be_counted_are_none(settings, monkeypatch):
    hired = asyncio.get_running_loop().create_future()

    async def hire(_, slot, gpu):
        hired.set_result((slot, gpu))
        await asyncio.Event().wait()

    monkeypatch.setattr("sys.executable", "/nowhere/python")
    monkeypatch.setattr(Supervisor, "_hire", hire)
    supervisor = Supervisor(settings)
    supervisor.start()
    assert await asyncio.wait_for(hired, PATIENCE) == (0, None)
    await supervisor.stop()
