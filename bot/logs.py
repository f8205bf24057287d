"""Logging, the same in every process: a line about a job names it, and no line tells a secret."""

import json
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from urllib.parse import quote, unquote, urlsplit

from pydantic import BaseModel, SecretStr

from bot.config import Settings

HIDDEN = "…"
_job: ContextVar[str] = ContextVar("job", default="")


@contextmanager
def about(job: str) -> Iterator[None]:
    """What is logged in this block, and in tasks that it starts, is about *job*."""
    token = _job.set(job)
    try:
        yield
    finally:
        _job.reset(token)


def log_to_stderr(settings: Settings, process: str) -> None:
    """Log to standard error as the settings say; *process* is ``bot`` or ``worker 0``."""
    form = _Json if settings.log_format == "json" else _Text
    handler = logging.StreamHandler()
    handler.setFormatter(form(process, _secrets(settings)))
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler])
    logging.captureWarnings(True)
    # Where it finds no handler, DBOS gives itself one, in a format of its own.
    dbos = logging.getLogger("dbos")
    dbos.handlers, dbos.propagate = [logging.NullHandler()], True
    for chatty in ("aiohttp.access", "aiosqlite", "alembic", "dbos", "discord"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLogger().level))
    for renamed in settings.renamed:
        logging.getLogger(__name__).warning(renamed)


class _Text(logging.Formatter):
    """For people: time, level, process, logger, and the job before the message."""

    def __init__(self, process: str, secrets: Sequence[str]) -> None:
        super().__init__(
            f"%(asctime)s %(levelname)-7s {process} %(name)s: %(message)s", "%Y-%m-%d %H:%M:%S"
        )
        self._process = process
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        return self._hide(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:
        if job := _job_of(record):
            record.message = f"job {job}: {record.message}"
        return super().formatMessage(record)

    def _hide(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return text


class _Json(_Text):
    """For programs: one object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "process": self._process,
            "logger": record.name,
            "message": self._hide(record.getMessage()),
        }
        if job := _job_of(record):
            line["job"] = job
        if record.exc_info:
            line["exception"] = self._hide(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def _job_of(record: logging.LogRecord) -> str:
    """The job that a line is about; DBOS notes on its own lines which workflow it works on."""
    return _job.get() or str(getattr(record, "operationUUID", ""))


def _secrets(settings: Settings) -> list[str]:
    """What must not appear in a log, also as it is spelled in URLs."""
    found = [*_secrets_in(settings), os.environ.get("AWS_SECRET_ACCESS_KEY")]
    plain = [secret for secret in found if secret]
    return [*plain, *(quote(secret, safe="") for secret in plain)]


def _secrets_in(section: BaseModel) -> Iterator[str]:
    """What is a secret by its type, and the passwords of URLs, in all sections."""
    for _, value in section:
        match value:
            case BaseModel():
                yield from _secrets_in(value)
            case SecretStr():
                yield value.get_secret_value()
            case str():
                yield unquote(urlsplit(value).password or "")
