"""Submission: takes a job in, so that it is either there, durably and whole, or not at all.

The pictures go into the store, then the job into the ledger. What is in the ledger is painted.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from bot.config import Settings
from bot.jobs.admission import Admission, Refused
from bot.jobs.background import Tasks, until_done
from bot.jobs.ledger import Ledger
from bot.jobs.status import Observer
from bot.jobs.store import Store, StoreError, job_key
from bot.jobs.tracker import Tracker
from bot.model import LONGEST_ALT, Request, StoredPicture, Upload

log = logging.getLogger(__name__)

AWAY = (
    "I cannot take your pictures in: the studio's disk or database does not work at the moment. "
    "Please try again later, and tell the studio's owner, who finds the reason in the log."
)

PAUSED = "paused"
"""Under this the reason is kept, maybe an empty one, while nothing new is taken."""


@dataclass(frozen=True)
class Submission:
    """Takes jobs in and hands them on to *tracker*."""

    settings: Settings
    store: Store
    ledger: Ledger
    observer: Observer
    admission: Admission
    tracker: Tracker
    tasks: Tasks

    async def take(self, request: Request) -> None:
        """Take a job in; one that is there already stays as it is. See ``Studio.submit``."""
        id, uploads = request.id, request.uploads
        try:
            if await self.observer.status(id) is not None:
                return
            await self._check_open()
            self._check_sizes(uploads)
            await self.admission.admit(id, request.person, request.recipe.cost_with(len(uploads)))
            try:
                pictures = [await self._keep(id, n, upload) for n, upload in enumerate(uploads, 1)]
                job = request.job(pictures)
                if await self.ledger.add(job):
                    self.tracker.begin(job)
            except Exception:
                settling = until_done(lambda: self._settle(id), "cannot be settled yet")
                self.tasks.spawn(settling, f"settle {id}")
                raise
            finally:
                if id not in self.tracker:
                    self.admission.leave(id)
        except (StoreError, SQLAlchemyError) as error:
            log.error("cannot be taken: %s", error)
            raise Refused(AWAY) from error

    async def _keep(self, job: str, number: int, upload: Upload) -> StoredPicture:
        data = await upload.read()
        self._check_sizes([Upload(upload.name, len(data), upload.read)])  # sizes can be untrue
        key = job_key(job, f"picture-{number}")
        await self.store.put(key, data)
        return StoredPicture(
            key=key,
            name=upload.name[:100],
            spoiler=upload.spoiler,
            alt=upload.alt[:LONGEST_ALT],
        )

    async def _check_open(self) -> None:
        """Raise Refused while the owner has the studio paused: see ``stylenet pause``."""
        reason = await self.ledger.recall(PAUSED)
        if reason is not None:
            why = f": {reason}" if reason else ""
            raise Refused(
                f"The studio takes no new work at the moment{why}. Whatever was taken before is "
                "still painted. Please ask again later.",
                "paused",
            )

    def _check_sizes(self, uploads: Sequence[Upload]) -> None:
        cap = self.settings.limits.picture_bytes
        for upload in uploads:
            if upload.size > cap:
                raise Refused(
                    f"{upload.name} has {upload.size / 1e6:.1f} MB; I take pictures of up to "
                    f"{cap / 1e6:.0f} MB. Send a smaller one: I paint at most "
                    f"{self.settings.painting.max_size} pixels anyway.",
                    "size",
                )

    async def _settle(self, id: str) -> None:
        """Leave no job half taken: what is in the ledger is painted, what is not leaves no trace.

        Whether a job is in the ledger cannot be told when the connection broke while it was added.
        """
        job = await self.ledger.get(id)
        if job is None and id not in self.admission:
            await self.store.delete_job(id)
        elif job is not None and id not in self.tracker:
            self.tracker.begin(job)
