"""Pictures by key: a folder on this machine, or an S3-compatible bucket.

All that belongs to a job lies under ``jobs/<job id>/``, so deleting a job is deleting a prefix.
"""

import re
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from obstore.store import LocalStore, ObjectStore, from_url

ROOT = "jobs/"
CHECKPOINT = "checkpoint.npz"
KEY = re.compile(rf"{ROOT}[a-z0-9-]+/[a-z0-9-]+(\.[a-z]+)?")


def job_key(job: str, name: str) -> str:
    """The key of one file of a job, such as ``jobs/room-7f/result.png``."""
    return f"{ROOT}{job}/{name}"


class Store:
    """The pictures at *url*: ``file:///folder`` or ``s3://bucket/prefix``.

    An S3 bucket's credentials and endpoint come from the usual ``AWS_…`` variables.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._store: ObjectStore
        if parts.scheme == "file":
            self._store = LocalStore(Path(unquote(parts.path)), mkdir=True, automatic_cleanup=True)
        else:
            self._store = from_url(url)

    async def put(self, key: str, data: bytes) -> None:
        """Keep *data* under *key*; a reader sees all of it or nothing."""
        await self._store.put_async(key, data)

    async def get(self, key: str) -> bytes:
        """Raises FileNotFoundError when nothing is kept under *key*, or it is no key at all."""
        if not KEY.fullmatch(key):
            raise FileNotFoundError(key)
        return bytes(await (await self._store.get_async(key)).bytes_async())

    async def delete(self, key: str) -> None:
        """Delete what is kept under *key*, if anything is."""
        with suppress(FileNotFoundError):
            await self._store.delete_async(key)

    async def delete_job(self, job: str) -> None:
        """Delete all that is kept of a job."""
        listing = self._store.list(f"{ROOT}{job}")
        keys = [entry["path"] async for batch in listing for entry in batch]
        if keys:
            await self._store.delete_async(keys)

    async def jobs(self) -> dict[str, datetime]:
        """The jobs of which anything is kept, each with the time of its newest file."""
        newest: dict[str, datetime] = {}
        async for batch in self._store.list(ROOT):
            for entry in batch:
                job = entry["path"].removeprefix(ROOT).partition("/")[0]
                changed = entry["last_modified"]
                newest[job] = max(changed, newest.get(job, changed))
        return newest
