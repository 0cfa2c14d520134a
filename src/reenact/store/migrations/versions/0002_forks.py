"""Forks, and requests to stop a run."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of forks and of requests to stop."""
    op.create_table(
        "forks",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("project", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("conversation_id", sa.String, nullable=False),
        sa.Column("created_us", sa.BigInteger, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_forks"),
        sa.UniqueConstraint("project", "name", name="uq_forks_project_name"),
    )
    op.create_index("ix_forks_project_conversation_id", "forks", ["project", "conversation_id"])
    op.create_table(
        "stop_requests",
        sa.Column("run_id", sa.String, nullable=False),
        sa.Column("asked_us", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("run_id", name="pk_stop_requests"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_stop_requests_run_id_runs"),
    )
