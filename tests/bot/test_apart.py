"""Bot and worker as on two machines: they share PostgreSQL and a bucket, and nothing else."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from obstore.store import S3Store

from tests.bot.processes import RunningStudio, free_port
from tests.patience import PATIENCE
from tests.pictures import png, stripes


@pytest.fixture
async def bucket() -> AsyncIterator[dict[str, str]]:
    """The environment of a program whose bucket is the fresh ``s3://pictures``."""
    port = free_port()
    environment = {
        "AWS_ACCESS_KEY_ID": "anyone",
        "AWS_SECRET_ACCESS_KEY": "anything",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT": f"http://127.0.0.1:{port}",
        "AWS_ALLOW_HTTP": "true",
    }
    moto = Path(sys.executable).parent / "moto_server"
    server = subprocess.Popen(
        [moto, "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    await _make_bucket(environment)
    yield environment
    server.terminate()
    server.wait()


async def _make_bucket(environment: dict[str, str]) -> None:
    async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.put(f"{environment['AWS_ENDPOINT']}/pictures") as response:
                    assert response.status == 200
                    return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.1)


async def test_a_worker_elsewhere_paints_and_forget_empties_the_bucket(postgres, bucket, tmp_path):
    shared = {**bucket, "STYLENET_DATABASE": postgres, "STYLENET_STORE": "s3://pictures/studio"}
    async with RunningStudio(tmp_path / "here", STYLENET_WORKERS__COUNT="0", **shared) as studio:
        await _paint_and_forget(studio, shared, bucket["AWS_ENDPOINT"], tmp_path)


async def _paint_and_forget(
    studio: RunningStudio, shared: dict[str, str], endpoint: str, folder: Path
) -> None:
    pictures = ("cat.png", png(64, 64)), ("wave.png", stripes(64, 64))
    job = (await studio.post("!stylenet size=64 steps=2 gif", *pictures))["job"]["id"]
    worker = await asyncio.create_subprocess_exec(
        Path(sys.executable).parent / "stylenet",
        *("worker", "--data", str(folder / "elsewhere")),
        env={**os.environ, **shared},
    )
    end = await studio.wait_for_end(job)
    assert end["state"] == "done"
    assert (await studio.get(end["result_url"])).startswith(b"\x89PNG")
    assert (await studio.get(end["film_url"])).startswith(b"GIF8")

    store = S3Store(
        "pictures",
        prefix="studio",
        client_options={"allow_http": True},
        endpoint=endpoint,
        access_key_id="anyone",
        secret_access_key="anything",
        region="us-east-1",
    )
    assert await store.list(f"jobs/{job}").collect_async()
    foreign = {"notes.txt", "jobs-of-mine/a.png", f"jobs/{job}-too/picture-1"}
    for key in foreign:
        await store.put_async(key, b"not ours")
    await studio.post("!forget")
    assert {entry["path"] for entry in await store.list().collect_async()} == foreign
    worker.terminate()
    assert await worker.wait() == 0
