"""An upgrade keeps what is there: our tables, from the schema of the first release on."""

import asyncio
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from bot.fronts.web import messages
from bot.jobs import ledger
from bot.jobs.ledger import Ledger, connect
from bot.jobs.migrations import REVISIONS, NewerDatabase, migrate

FIRST_RELEASE = Path(__file__).parent / "first_release"
MODELS = [ledger.metadata, messages.metadata]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path) -> str:
    if request.param == "postgresql":
        return request.getfixturevalue("postgres")
    return f"sqlite:///{tmp_path / 'stylenet.db'}"


@pytest.fixture
async def engine(url):
    engine = connect(url)
    yield engine
    await engine.dispose()


async def execute(engine, *files: str) -> None:
    """Run the statements of the first release's *files*."""
    async with engine.begin() as connection:
        for file in files:
            for statement in (FIRST_RELEASE / file).read_text().split(";\n"):
                if statement.strip():
                    await connection.exec_driver_sql(statement)


async def differences(engine) -> list[object]:
    """What Alembic would have to change to make the database what the models say."""
    ours = {name for model in MODELS for name in model.tables}
    options = {"include_name": lambda name, kind, _: kind != "table" or name in ours}

    def compare(connection: sa.Connection) -> list[object]:
        return compare_metadata(MigrationContext.configure(connection, opts=options), MODELS)

    async with engine.connect() as connection:
        return await connection.run_sync(compare)


async def test_a_new_database_is_what_the_models_say(engine):
    assert await differences(engine) != []
    await migrate(engine)
    await migrate(engine)  # the next start
    assert await differences(engine) == []


async def test_a_database_of_the_first_release_is_taken_over_with_its_rows(engine):
    await execute(engine, f"{engine.dialect.name}.sql", "rows.sql")
    await migrate(engine)
    assert await differences(engine) == []
    [waiting] = await Ledger(engine).unanswered()
    assert (waiting.id, waiting.person, waiting.address) == ("test-2b", "ann", {"chat": 1})
    assert waiting.order.recipe.blend == (2.0, 1.0)
    said, replied = await messages.Messages(engine).all()
    assert {
        "url": "/media/room-1a/picture-1",
        "role": "content",
        "name": "cat.png",
        "alt": "Content: cat.png",
    }.items() <= said.pictures[0].items()
    [painting] = replied.ended["files"]
    assert (painting["role"], painting["url"]) == ("result", "/media/room-1a/result.png")
    assert replied.ended["result_url"] == "/media/room-1a/result.png"


async def test_a_first_release_without_a_room_gets_its_table(engine):
    """There the room's table was made when the room first opened."""
    await execute(engine, f"{engine.dialect.name}.sql", "rows.sql")
    async with engine.begin() as connection:
        await connection.exec_driver_sql("DROP TABLE room_messages")
    await migrate(engine)
    assert await differences(engine) == []
    assert len(await Ledger(engine).unanswered()) == 1


async def test_two_starts_at_once_do_not_collide(url):
    engines = [connect(url) for _ in range(4)]
    await asyncio.gather(*(migrate(engine) for engine in engines))
    assert await differences(engines[0]) == []
    for engine in engines:
        await engine.dispose()


async def test_a_newer_database_is_refused_and_left_alone(engine):
    await migrate(engine)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9001'")
    with pytest.raises(NewerDatabase, match=r"newer version of stylenet \(its revision is 9001"):
        await migrate(engine)
    async with engine.connect() as connection:
        revision = await connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    assert revision == "9001"


def test_files_are_named_by_their_revisions():
    config = Config()
    config.set_main_option("script_location", "bot.jobs:migrations")
    scripts = ScriptDirectory.from_config(config)
    assert [script.revision for script in scripts.walk_revisions()][::-1] == REVISIONS


async def test_a_start_with_nothing_to_upgrade_does_without_alembic(engine, monkeypatch):
    await migrate(engine)
    monkeypatch.setitem(sys.modules, "alembic", None)
    await migrate(engine)
