"""The schema of the first release, which made its tables without Alembic, a room's only if open.

So what is there already stays as it is.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("front", sa.String(32), nullable=False),
        sa.Column("person", sa.String(128), nullable=False),
        sa.Column("address", sa.JSON, nullable=False),
        sa.Column("order", sa.JSON, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered", sa.DateTime(timezone=True)),
        if_not_exists=True,
    )
    op.create_index("ix_jobs_person", "jobs", ["person"], if_not_exists=True)
    op.create_index("ix_jobs_answered", "jobs", ["answered"], if_not_exists=True)
    op.create_table(
        "room_messages",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("author", sa.String(3), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("pictures", sa.JSON, nullable=False),
        sa.Column("job", sa.String(64), unique=True),
        sa.Column("ended", sa.JSON),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    op.create_index("ix_room_messages_created", "room_messages", ["created"], if_not_exists=True)
