"""The crew tells when it cannot keep workers at work."""

import asyncio

from bot.config import Workers
from bot.crew import Crew
from tests.patience import PATIENCE, until


async def test_a_crew_that_fails_is_told(settings, monkeypatch, caplog):
    async def fail(*_):
        raise RuntimeError("a fault in the crew")

    monkeypatch.setattr(Crew, "_hire", fail)
    crew = Crew(settings.model_copy(update={"workers": Workers(count=1, device="cpu")}))
    assert crew.trouble() is None
    crew.start()
    await until(crew.trouble)
    assert "the log says why" in crew.trouble()
    assert "a fault in the crew" in caplog.text
    await crew.stop()


async def test_gpus_that_cannot_be_counted_are_none(settings, monkeypatch):
    hired = asyncio.get_running_loop().create_future()

    async def hire(_, slot, gpu):
        hired.set_result((slot, gpu))
        await asyncio.Event().wait()

    monkeypatch.setattr("sys.executable", "/nowhere/python")
    monkeypatch.setattr(Crew, "_hire", hire)
    crew = Crew(settings)
    crew.start()
    assert await asyncio.wait_for(hired, PATIENCE) == (0, None)
    await crew.stop()
