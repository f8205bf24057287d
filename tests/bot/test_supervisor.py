"""The supervisor tells when it cannot keep workers at work."""

import asyncio

from bot.config import Workers
from bot.supervisor import Supervisor
from tests.patience import PATIENCE, until


async def test_a_crew_that_fails_is_told(settings, monkeypatch, caplog):
    async def fail(*_, **__):
        raise RuntimeError("a fault in the supervisor")

    monkeypatch.setattr("asyncio.create_subprocess_exec", fail)
    supervisor = Supervisor(settings.model_copy(update={"workers": Workers(count=1, device="cpu")}))
    assert supervisor.trouble() is None
    supervisor.start()
    await until(supervisor.trouble)
    assert "the log says why" in supervisor.trouble()
    assert "a fault in the supervisor" in caplog.text
    await supervisor.stop()


async def test_gpus_that_cannot_be_counted_are_none(settings, monkeypatch):
    hired = asyncio.get_running_loop().create_future()

    async def start(program, *arguments, env=None, **_):
        if "bot.worker" not in arguments:
            raise FileNotFoundError(program)
        hired.set_result((arguments, env))
        await asyncio.Event().wait()

    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr("asyncio.create_subprocess_exec", start)
    supervisor = Supervisor(settings)
    supervisor.start()
    arguments, environment = await asyncio.wait_for(hired, PATIENCE)
    assert arguments[-2:] == ("--slot", "0")
    assert "CUDA_VISIBLE_DEVICES" not in environment
    await supervisor.stop()
