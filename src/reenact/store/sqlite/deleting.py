"""Removes traces with everything that rests on them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime, timedelta

from reenact.store.spans import Deleted
from reenact.store.sqlite.parts import drop_parts
from reenact.store.sqlite.rollup import EPOCH
from reenact.store.sqlite.settling import forget, trace_of
from reenact.store.sqlite.texts import drop_texts


def delete_traces(connection: sqlite3.Connection, traces: Iterable[int]) -> Deleted:
    """Remove these traces, their spans and log records; sessions without a trace go with them.

    Needs an open write transaction.
    """
    gone = []
    spans = 0
    for number in traces:
        state = trace_of(connection, number)
        if state is None:
            continue
        drop_texts(connection, number, searched=state.origin == "production")
        spans += drop_parts(connection, number)
        connection.execute(
            "DELETE FROM logs WHERE project = ? AND trace_id = ?", (state.project, state.trace_id)
        )
        gone.append(state)
    sessions = forget(connection, gone)
    return Deleted(sessions=sessions, traces=len(gone), spans=spans)


def drop_lone_logs(connection: sqlite3.Connection, project: int, before: datetime) -> int:
    """Remove log records older than `before` whose trace is not there; return how many."""
    nanoseconds = (before - EPOCH) // timedelta(microseconds=1) * 1000
    done = connection.execute(
        "DELETE FROM logs WHERE project = ? AND time_ns < ? AND NOT EXISTS "
        "(SELECT 1 FROM traces t WHERE t.project = logs.project AND t.trace_id = logs.trace_id)",
        (project, nanoseconds),
    )
    return done.rowcount


def traces_of_sessions(
    connection: sqlite3.Connection, project: int, sessions: Iterable[str]
) -> list[int]:
    """Return the row ids of the production traces of these sessions."""
    return [
        number
        for session in sessions
        for (number,) in connection.execute(
            "SELECT t.id FROM traces t JOIN sessions s ON s.id = t.session "
            "WHERE s.project = ? AND s.session_id = ?",
            (project, session),
        )
    ]


def traces_named(
    connection: sqlite3.Connection, project: int, trace_ids: Iterable[str]
) -> list[int]:
    """Return the row ids of these traces, replayed ones included."""
    return [
        number
        for trace_id in trace_ids
        for (number,) in connection.execute(
            "SELECT id FROM traces WHERE project = ? AND trace_id = ?", (project, trace_id)
        )
    ]
