"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of recordings, agents, scenarios, runs and the journal."""
    _recordings_and_agents()
    _selections()
    _runs()
    _journal()


def _recordings_and_agents() -> None:
    op.create_table(
        "recordings",
        sa.Column("hash", sa.String, nullable=False),
        sa.Column("project", sa.String, nullable=False),
        sa.Column("conversation_id", sa.String, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_recordings"),
    )
    op.create_index(
        "ix_recordings_project_conversation_id", "recordings", ["project", "conversation_id"]
    )
    op.create_table(
        "agents",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("project", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_agents"),
        sa.UniqueConstraint("project", "name", name="uq_agents_project_name"),
    )
    op.create_table(
        "agent_versions",
        sa.Column("agent_id", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("agent_id", "number", name="pk_agent_versions"),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name="fk_agent_versions_agent_id_agents"
        ),
    )


def _selections() -> None:
    op.create_table(
        "replay_sessions",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("project", sa.String, nullable=False),
        sa.Column("step", sa.String, nullable=False),
        sa.Column("created_us", sa.BigInteger, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_replay_sessions"),
    )
    op.create_index(
        "ix_replay_sessions_project_created_us", "replay_sessions", ["project", "created_us"]
    )
    for table in ("scenarios", "run_tests"):
        op.create_table(
            table,
            sa.Column("id", sa.String, nullable=False),
            sa.Column("project", sa.String, nullable=False),
            sa.Column("name", sa.String, nullable=False),
            sa.Column("created_us", sa.BigInteger, nullable=False),
            sa.Column("document", sa.Text, nullable=False),
            sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        )
        op.create_index(f"ix_{table}_project_created_us", table, ["project", "created_us"])
    op.create_index("ix_scenarios_project_name", "scenarios", ["project", "name"])


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("run_test_id", sa.String, nullable=False),
        sa.Column("project", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("created_us", sa.BigInteger, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
        sa.ForeignKeyConstraint(
            ["run_test_id"], ["run_tests.id"], name="fk_runs_run_test_id_run_tests"
        ),
    )
    op.create_index("ix_runs_project_created_us", "runs", ["project", "created_us"])
    op.create_index("ix_runs_created_us", "runs", ["created_us"])
    op.create_index("ix_runs_run_test_id", "runs", ["run_test_id"])
    op.create_table(
        "calls",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("run_id", sa.String, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_calls"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_calls_run_id_runs"),
        sa.UniqueConstraint("run_id", "place", name="uq_calls_run_id_place"),
    )


def _journal() -> None:
    op.create_table(
        "attempts",
        sa.Column("call_id", sa.String, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("trace_key", sa.String, nullable=False),
        sa.Column("session_id", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("call_id", "attempt", name="pk_attempts"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_attempts_call_id_calls"),
    )
    op.create_index("ix_attempts_trace_key", "attempts", ["trace_key"])
    op.create_table(
        "turns",
        sa.Column("call_id", sa.String, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("call_id", "attempt", "turn", name="pk_turns"),
        _of_an_attempt("turns"),
    )
    op.create_table(
        "live_calls",
        sa.Column("call_id", sa.String, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("execution", sa.String, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("tool", sa.String, nullable=False),
        sa.Column("arguments", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint(
            "call_id", "attempt", "turn", "execution", "place", name="pk_live_calls"
        ),
        _of_an_attempt("live_calls"),
    )


def _of_an_attempt(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["call_id", "attempt"],
        ["attempts.call_id", "attempts.attempt"],
        name=f"fk_{table}_call_id_attempt_attempts",
    )
