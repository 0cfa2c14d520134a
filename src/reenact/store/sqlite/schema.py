"""The tables of the SQLite span store, and the way from an older version to this one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

from reenact.errors import StoreError

# Contents are compressed per trace and post (`blocks`): spans of one trace repeat each other,
# which makes them five times smaller for no loss of speed. What repeats over all spans (the
# resource and scope: `sources`) and over the spans of a trace (`texts`) is kept once.
_FIRST = """
CREATE TABLE projects (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, traces INTEGER NOT NULL,
  spans INTEGER NOT NULL
);
CREATE TABLE sources (
  id INTEGER PRIMARY KEY, resource BLOB NOT NULL, scope_name TEXT NOT NULL,
  scope_version TEXT NOT NULL, UNIQUE (resource, scope_name, scope_version)
);
CREATE TABLE sessions (
  id INTEGER PRIMARY KEY, project INTEGER NOT NULL, session_id TEXT NOT NULL,
  started_us INTEGER NOT NULL, errors INTEGER NOT NULL, rollup BLOB NOT NULL,
  UNIQUE (project, session_id)
);
CREATE INDEX sessions_latest ON sessions (project, started_us DESC, session_id);
CREATE INDEX sessions_failed ON sessions (project, started_us DESC, session_id) WHERE errors > 0;
CREATE TABLE traces (
  id INTEGER PRIMARY KEY, project INTEGER NOT NULL, trace_id TEXT NOT NULL,
  origin TEXT NOT NULL, session INTEGER, started_us INTEGER NOT NULL,
  errors INTEGER NOT NULL, rollup BLOB NOT NULL, UNIQUE (project, trace_id)
);
CREATE INDEX traces_latest ON traces (project, started_us DESC, trace_id)
  WHERE origin = 'production';
CREATE INDEX traces_failed ON traces (project, started_us DESC, trace_id)
  WHERE origin = 'production' AND errors > 0;
CREATE INDEX traces_loose ON traces (project, started_us)
  WHERE origin = 'production' AND session IS NULL;
CREATE INDEX traces_of_session ON traces (session, started_us, trace_id)
  WHERE session IS NOT NULL;
CREATE TABLE facets (
  project INTEGER NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL, trace INTEGER NOT NULL,
  session INTEGER, PRIMARY KEY (project, kind, value, trace)
) WITHOUT ROWID;
CREATE TABLE texts (id INTEGER PRIMARY KEY, trace INTEGER NOT NULL, body TEXT NOT NULL);
CREATE VIRTUAL TABLE words USING fts5 (
  body, content = 'texts', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2',
  columnsize = 0
);
CREATE TABLE blocks (id INTEGER PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE spans (
  id INTEGER PRIMARY KEY, trace INTEGER NOT NULL, span_id TEXT NOT NULL,
  start_ns INTEGER NOT NULL, end_ns INTEGER NOT NULL, source INTEGER NOT NULL,
  block INTEGER NOT NULL, place INTEGER NOT NULL,
  reader TEXT NOT NULL, kind TEXT NOT NULL, session_id TEXT, user_id TEXT, agent_name TEXT,
  agent_version TEXT, user_text INTEGER, assistant_text INTEGER, tool_name TEXT, model TEXT,
  input_tokens INTEGER, output_tokens INTEGER, error TEXT, prefix_hash TEXT, result_hash TEXT
);
CREATE UNIQUE INDEX spans_of_trace ON spans (trace, span_id);
"""

# Facts can be read again: by a newer reader, or with log records that came after the span.
_REREADING = """
ALTER TABLE traces ADD COLUMN facts_version INTEGER NOT NULL DEFAULT 0;
CREATE INDEX traces_facts ON traces (facts_version);
CREATE INDEX texts_of_trace ON texts (trace);
ALTER TABLE spans ADD COLUMN labels BLOB;
CREATE TABLE logs (
  id INTEGER PRIMARY KEY, project INTEGER NOT NULL, trace_id TEXT NOT NULL,
  span_id TEXT NOT NULL, time_ns INTEGER NOT NULL, digest BLOB NOT NULL, content BLOB NOT NULL,
  UNIQUE (project, trace_id, span_id, digest)
);
CREATE TABLE retention (project INTEGER PRIMARY KEY, content BLOB NOT NULL);
INSERT INTO words (words) VALUES ('delete-all');
INSERT INTO words (rowid, body) SELECT x.id, x.body FROM texts x
  JOIN traces t ON t.id = x.trace WHERE t.origin = 'production';
"""

# A row for the spans of a trace that came together, in place of one for each: five times fewer.
_PARTS = """
CREATE TABLE parts (
  id INTEGER PRIMARY KEY, trace INTEGER NOT NULL, spans INTEGER NOT NULL,
  span_ids BLOB NOT NULL, content BLOB NOT NULL
);
CREATE INDEX parts_of_trace ON parts (trace);
CREATE TABLE links (
  trace INTEGER NOT NULL, start_ns INTEGER NOT NULL, span_id TEXT NOT NULL,
  prefix_hash TEXT, result_hash TEXT
);
CREATE INDEX links_of_trace ON links (trace);
"""
_WITHOUT_ROWS_OF_SPANS = """
DROP TABLE spans;
DROP TABLE blocks;
DROP TABLE sources;
"""

# Users are listed by when they were seen last; what it takes is not in the index of facets.
_USERS = """
CREATE TABLE users (
  project INTEGER NOT NULL, user_id TEXT NOT NULL, traces INTEGER NOT NULL,
  errors INTEGER NOT NULL, first_us INTEGER, last_us INTEGER NOT NULL,
  PRIMARY KEY (project, user_id)
) WITHOUT ROWID;
CREATE INDEX users_latest ON users (project, last_us DESC, user_id);
"""

Step = Sequence[str | Callable[[sqlite3.Connection], None]]
"""Statements, or what moves data from one table to another, in order."""


def _regroup(connection: sqlite3.Connection) -> None:
    if connection.execute("SELECT 1 FROM spans LIMIT 1").fetchone():
        from reenact.store.sqlite.regrouping import regroup

        regroup(connection)


def _fill_users(connection: sqlite3.Connection) -> None:
    from reenact.store.sqlite.users import fill_users

    fill_users(connection)


STEPS: tuple[Step, ...] = (
    [_FIRST],
    [_REREADING],
    [_PARTS, _regroup, _WITHOUT_ROWS_OF_SPANS],
    [_USERS, _fill_users],
)
"""What makes version n of the store out of version n - 1, in order. Only ever added to."""


def migrate(connection: sqlite3.Connection, *, where: str, steps: Sequence[Step] = STEPS) -> None:
    """Bring the store behind `connection` to version `len(steps)`; no-op where it is there.

    Raises:
        StoreError: if the file is no span store, or is of a newer version; it is left as it is.
    """
    if _version(connection, where) < len(steps):
        connection.execute("BEGIN IMMEDIATE")
        try:
            # Another process may have done it while this one waited for the lock.
            for step in steps[_version(connection, where) :]:
                _take(connection, step)
            _note_version(connection, len(steps))
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
    elif _version(connection, where) > len(steps):
        raise StoreError(
            f"the span store is of version {_version(connection, where)}, "
            f"this Reenact knows up to {len(steps)}",
            where=where,
            next_step="install the newer Reenact, or name another file in REENACT_SPANS_URL",
        )


def _take(connection: sqlite3.Connection, step: Step) -> None:
    for part in step:
        if callable(part):
            part(connection)
        else:
            for statement in part.split(";\n"):
                connection.execute(statement)


def _version(connection: sqlite3.Connection, where: str) -> int:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if not tables:
        return 0
    if "span_store" in tables:
        return int(connection.execute("SELECT version FROM span_store").fetchone()[0])
    raise StoreError(
        "the file is a database, but not a span store",
        where=where,
        next_step="name another file in REENACT_SPANS_URL; this one was left as it is",
    )


def _note_version(connection: sqlite3.Connection, version: int) -> None:
    connection.execute("CREATE TABLE IF NOT EXISTS span_store (version INTEGER NOT NULL)")
    connection.execute("DELETE FROM span_store")
    connection.execute("INSERT INTO span_store VALUES (?)", (version,))
