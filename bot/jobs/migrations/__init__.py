"""The schema of our own tables, and the way there from every release before.

One history for the one database: the ledger's table and those of the fronts. The queue's tables
are DBOS's own, which upgrades them itself. How to add a revision: docs/upgrades.md.
"""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

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
    revision = MigrationContext.configure(connection).get_current_revision()
    scripts = ScriptDirectory.from_config(_config(connection))
    known = [script.revision for script in scripts.walk_revisions()]
    if revision is not None and revision not in known:
        raise NewerDatabase(
            f"the database belongs to a newer version of stylenet (its revision is {revision}, "
            f"this version's {known[0]}): start that version, or put back the copy of the "
            "database from before the upgrade"
        )


def _migrate(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # SQLite's driver waits for the first INSERT
    else:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
    refuse_newer(connection)
    command.upgrade(_config(connection), "head")


def _config(connection: Connection) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "bot.jobs:migrations")
    return config
