"""The tables of the records: what is looked for is a column, the rest is one JSON document.

Valid for SQLite and PostgreSQL. Times to sort by are microseconds since 1970. Documents are
text, not the database's JSON type, so that they come back exactly as they were written.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

RECORDINGS = Table(
    "recordings",
    METADATA,
    Column("hash", String, primary_key=True),
    Column("project", String, nullable=False),
    Column("conversation_id", String, nullable=False),
    Column("document", Text, nullable=False),
    Index(None, "project", "conversation_id"),
)

AGENTS = Table(
    "agents",
    METADATA,
    Column("id", String, primary_key=True),
    Column("project", String, nullable=False),
    Column("name", String, nullable=False),
    UniqueConstraint("project", "name"),
)

AGENT_VERSIONS = Table(
    "agent_versions",
    METADATA,
    Column("agent_id", String, ForeignKey("agents.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("document", Text, nullable=False),
)

REPLAY_SESSIONS = Table(
    "replay_sessions",
    METADATA,
    Column("id", String, primary_key=True),
    Column("project", String, nullable=False),
    Column("step", String, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
    Index(None, "project", "created_us"),
)

SCENARIOS = Table(
    "scenarios",
    METADATA,
    Column("id", String, primary_key=True),
    Column("project", String, nullable=False),
    Column("name", String, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
    Index(None, "project", "created_us"),
    Index(None, "project", "name"),
)

RUN_TESTS = Table(
    "run_tests",
    METADATA,
    Column("id", String, primary_key=True),
    Column("project", String, nullable=False),
    Column("name", String, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
    Index(None, "project", "created_us"),
)

RUNS = Table(
    "runs",
    METADATA,
    Column("id", String, primary_key=True),
    Column("run_test_id", String, ForeignKey("run_tests.id"), nullable=False),
    Column("project", String, nullable=False),
    Column("status", String, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
    Index(None, "project", "created_us"),
    Index(None, "created_us"),
    Index(None, "run_test_id"),
)

CALLS = Table(
    "calls",
    METADATA,
    Column("id", String, primary_key=True),
    Column("run_id", String, ForeignKey("runs.id"), nullable=False),
    Column("place", Integer, nullable=False),
    Column("status", String, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("document", Text, nullable=False),
    UniqueConstraint("run_id", "place"),
)

ATTEMPTS = Table(
    "attempts",
    METADATA,
    Column("call_id", String, ForeignKey("calls.id"), primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("trace_key", String, nullable=False),
    Column("session_id", String, nullable=False),
    Column("status", String, nullable=False),
    Index(None, "trace_key"),
)

TURNS = Table(
    "turns",
    METADATA,
    Column("call_id", String, primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("turn", Integer, primary_key=True),
    Column("document", Text, nullable=False),
    ForeignKeyConstraint(["call_id", "attempt"], ["attempts.call_id", "attempts.attempt"]),
)

FORKS = Table(
    "forks",
    METADATA,
    Column("id", String, primary_key=True),
    Column("project", String, nullable=False),
    Column("name", String, nullable=False),
    Column("conversation_id", String, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
    UniqueConstraint("project", "name"),
    Index(None, "project", "conversation_id"),
)

STOP_REQUESTS = Table(
    "stop_requests",
    METADATA,
    Column("run_id", String, ForeignKey("runs.id"), primary_key=True),
    Column("asked_us", BigInteger, nullable=False),
)

LIVE_CALLS = Table(
    "live_calls",
    METADATA,
    Column("call_id", String, primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("turn", Integer, primary_key=True),
    Column("execution", String, primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("tool", String, nullable=False),
    Column("arguments", Text, nullable=False),
    ForeignKeyConstraint(["call_id", "attempt"], ["attempts.call_id", "attempts.attempt"]),
)

PASSWORDS = Table(
    "passwords",
    METADATA,
    Column("id", String, primary_key=True),
    Column("hash", String, nullable=False),
)

LOGINS = Table(
    "logins",
    METADATA,
    Column("token_hash", String, primary_key=True),
    Column("created_us", BigInteger, nullable=False),
    Column("expires_us", BigInteger, nullable=False),
    Index(None, "expires_us"),
)

API_KEYS = Table(
    "api_keys",
    METADATA,
    Column("id", String, primary_key=True),
    Column("project", String, nullable=False),
    Column("name", String, nullable=False),
    Column("scopes", String, nullable=False),
    Column("secret_hash", String, nullable=False),
    Column("hint", String, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("expires_us", BigInteger),
    Column("last_used_us", BigInteger),
    Index(None, "project", "created_us"),
)

KEPT_ANSWERS = Table(
    "kept_answers",
    METADATA,
    Column("caller", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("request_hash", String, nullable=False),
    Column("status", Integer, nullable=False),
    Column("media_type", String),
    Column("body", LargeBinary),
    Column("size", Integer, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Index(None, "caller", "created_us"),
)
