"""The schema of our own tables, and the way there from every release before.

One history for the one database: the ledger's table and those of the fronts. The queue's tables
are DBOS's own, which upgrades them itself. How to add a revision: docs/upgrades.md.
"""

from pathlib import Path
from pkgutil import iter_modules

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

_FILES = iter_modules([str(Path(__file__).parent / "versions")])
REVISIONS = sorted(file.name[1:5] for file in _FILES)
"""Oldest first: the file ``r0002_kept.py`` is the revision 0002."""
LOCK = 0x57_79_1E
"""Of PostgreSQL's advisory locks the one that means: somebody upgrades this database."""


class NewerDatabase(Exception):
    """The database was upgraded by a newer version; the text says what to do."""


async def migrate(engine: AsyncEngine) -> None:
    """Create our tables or bring them up to date, all in one transaction, one start at a time.

    Raises NewerDatabase.
    """
    async with engine.begin() as connection:
        await connection.run_sync(_migrate)


def refuse_newer(connection: Connection) -> None:
    """Raise NewerDatabase unless this version knows the revision of the database, if it has one."""
    revision = _revision_of(connection)
    if revision is not None and revision not in REVISIONS:
        raise NewerDatabase(
            f"the database belongs to a newer version of stylenet (its revision is {revision}, "
            f"this version's {REVISIONS[-1]}): start that version, or put back the copy of the "
            "database from before the upgrade"
        )


def _migrate(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # SQLite's driver waits for the first INSERT
    else:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
    refuse_newer(connection)
    if _revision_of(connection) != REVISIONS[-1]:
        _upgrade(connection)


def _revision_of(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _upgrade(connection: Connection) -> None:
    """By Alembic, which is large, and loaded for the rare start that has something to do for it."""
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "bot.jobs:migrations")
    command.upgrade(config, "head")
