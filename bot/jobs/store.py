"""Pictures by key: a folder on this machine, or an S3-compatible bucket.

All that belongs to a job lies under ``jobs/<job id>/``, so deleting a job is deleting a prefix.
"""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

ROOT = "jobs/"
CHECKPOINT = "checkpoint.npz"
PROBE = "probe"
KEY = re.compile(rf"{ROOT}[a-z0-9-]+/[a-z0-9-]+(\.[a-z0-9]+)?")


def job_key(job: str, name: str) -> str:
    """The key of one file of a job, such as ``jobs/room-7f/result.png``."""
    return f"{ROOT}{job}/{name}"


class StoreError(Exception):
    """The store cannot be reached, read or written, for the reason in the text."""


class Store:
    """The pictures at *url*: ``file:///folder`` or ``s3://bucket/prefix``.

    An S3 bucket's credentials and endpoint come from the usual ``AWS_…`` variables. Whatever is
    asked of a store raises StoreError when the disk or the bucket fails.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._store: ObjectStore
        self._folder: Path | None = None
        with _explained():
            if parts.scheme == "file":
                self._folder = Path(unquote(parts.path))
                self._store = LocalStore(self._folder, mkdir=True, automatic_cleanup=True)
            else:
                self._store = from_url(url)

    async def put(self, key: str, data: bytes) -> None:
        """Keep *data* under *key*; a reader sees all of it or nothing."""
        with _explained():
            await self._store.put_async(key, data)

    async def get(self, key: str) -> bytes:
        """Raises FileNotFoundError when nothing is kept under *key*, or it is no key at all."""
        if not KEY.fullmatch(key):
            raise FileNotFoundError(key)
        with _explained():
            return bytes(await (await self._store.get_async(key)).bytes_async())

    async def delete(self, key: str) -> None:
        """Delete what is kept under *key*, if anything is."""
        with _explained(), suppress(FileNotFoundError):
            await self._store.delete_async(key)

    async def delete_job(self, job: str) -> None:
        """Delete all that is kept of a job."""
        with _explained():
            listing = self._store.list(f"{ROOT}{job}")
            keys = [entry["path"] async for batch in listing for entry in batch]
            if keys:
                await self._store.delete_async(keys)

    async def probe(self) -> None:
        """Write something and delete it, to see whether that works."""
        with _explained():
            await self._store.put_async(PROBE, b"probe")
            await self._store.delete_async(PROBE)

    async def jobs(self) -> dict[str, datetime]:
        """The jobs of which anything is kept, each with the time of its newest file."""
        newest: dict[str, datetime] = {}
        with _explained():
            async for batch in self._store.list(ROOT):
                for entry in batch:
                    job = entry["path"].removeprefix(ROOT).partition("/")[0]
                    changed = entry["last_modified"]
                    newest[job] = max(changed, newest.get(job, changed))
        return newest

    async def delete_halves(self, before: datetime) -> None:
        """Delete what was being written when its process was killed, if from *before* a moment.

        In a folder that is a file with a ``#`` in its name, which obstore neither lists nor
        deletes; a bucket shows only what is whole.
        """
        if self._folder is not None:
            await asyncio.to_thread(_delete_halves, self._folder / ROOT, before.timestamp())


def _delete_halves(folder: Path, before: float) -> None:
    for half in folder.glob("*/*#*"):
        with _explained(), suppress(FileNotFoundError):
            if half.stat().st_mtime < before:
                half.unlink()
                with suppress(OSError):  # not empty: the job is still here
                    half.parent.rmdir()


@contextmanager
def _explained() -> Iterator[None]:
    """Raise one type of error, whatever fails below; what is not there is no failure."""
    try:
        yield
    except FileNotFoundError:
        raise
    except (BaseError, OSError) as error:
        raise StoreError(str(error).splitlines()[0]) from error
