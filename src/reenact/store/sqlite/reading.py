"""Reads of the SQLite span store, each within the transaction of the connection it is given."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from reenact.domain.selection import Filter, ProjectSummary, SessionSummary
from reenact.domain.span import Origin, Span, StoredSpan
from reenact.errors import UsageError
from reenact.store.spans import LooseTrace, Seen
from reenact.store.sqlite.filter import Listed, conditions, listed
from reenact.store.sqlite.logs import holds_logs, logs_of, with_logs
from reenact.store.sqlite.parts import unpacked
from reenact.store.sqlite.rollup import Rollup, moment, shown, unpacked_rollup, value_of

_TABLE: dict[Listed, tuple[str, str]] = {
    "session": ("sessions r", "r.session_id"),
    "trace": ("traces r", "r.trace_id"),
}


def projects_of(connection: sqlite3.Connection) -> tuple[ProjectSummary, ...]:
    """Return the projects that hold production spans, by name."""
    within = "FROM traces WHERE project = p.id AND origin = 'production'"
    rows = connection.execute(
        "SELECT name, (SELECT count(*) FROM sessions WHERE project = p.id), traces, "  # noqa: S608
        f"spans, (SELECT min(started_us) {within}), (SELECT max(started_us) {within}) "
        "FROM projects p WHERE traces > 0 ORDER BY name"
    ).fetchall()
    return tuple(
        ProjectSummary(
            id=name,
            sessions=sessions,
            traces=traces,
            spans=spans,
            first_at=moment(first * 1000),
            last_at=moment(last * 1000),
        )
        for name, sessions, traces, spans, first, last in rows
    )


def counted(connection: sqlite3.Connection, of: Listed, project: str, filter: Filter) -> int:
    """Return how many sessions or traces pass `filter`."""
    where, values = _passing(connection, of, project, filter)
    row = connection.execute(f"SELECT count(*) FROM {_TABLE[of][0]} {where}", values)  # noqa: S608
    return int(row.fetchone()[0])


def page(
    connection: sqlite3.Connection,
    of: Listed,
    project: str,
    filter: Filter,
    *,
    limit: int | None,
    offset: int,
    after: Seen = None,
) -> list[tuple[int, str, Rollup]]:
    """Return row id, id and rollup of those that pass `filter`, latest first, then by id."""
    if offset < 0 or (limit is not None and limit < 0):
        raise UsageError(f"limit and offset count from 0, not {limit} and {offset}")
    table, name = _TABLE[of]
    where, values = _passing(connection, of, project, filter)
    if after is not None:
        where += f" AND r.started_us <= ? AND (r.started_us < ? OR {name} > ?)"
        values = (*values, after[0], after[0], after[1])
    rows = connection.execute(
        f"SELECT r.id, {name}, r.rollup FROM {table} {where} "  # noqa: S608
        f"ORDER BY r.started_us DESC, {name} LIMIT ? OFFSET ?",
        (*values, -1 if limit is None else limit, offset),
    )
    return [(id, found, unpacked_rollup(rollup)) for id, found, rollup in rows]


def trace_ids_of(connection: sqlite3.Connection, sessions: Sequence[int]) -> dict[int, list[str]]:
    """Return the trace ids of each session row, by start."""
    ids: dict[int, list[str]] = {session: [] for session in sessions}
    for session, trace_id in connection.execute(
        "SELECT session, trace_id FROM traces WHERE session IN (SELECT value FROM json_each(?)) "
        "ORDER BY session, started_us, trace_id",
        (listed(list(sessions)),),
    ):
        ids[session].append(trace_id)
    return ids


def summary(
    rollup: Rollup, *, id: str, project: str, session_id: str | None, trace_ids: tuple[str, ...]
) -> SessionSummary:
    """Return what a list shows."""
    return SessionSummary(
        id=id,
        project=project,
        session_id=session_id,
        trace_ids=trace_ids,
        user_ids=tuple(rollup.users),
        agent_name=value_of(rollup.agent),
        agent_version=value_of(rollup.version),
        started_at=moment(rollup.started_ns),
        ended_at=moment(rollup.ended_ns),
        spans=rollup.spans,
        tools=tuple(rollup.tools),
        errors=rollup.errors,
        first_user_text=shown(rollup.first_user_text),
        last_assistant_text=shown(rollup.last_assistant_text),
    )


def spans_where(
    connection: sqlite3.Connection,
    where: str,
    values: tuple[Any, ...],
    *,
    project: str,
    origin: Origin,
) -> tuple[StoredSpan, ...]:
    """Return the spans of the traces `t` for which `where` holds, by start, then id."""
    rows = connection.execute(
        f"SELECT p.content FROM traces t JOIN parts p ON p.trace = t.id WHERE {where}",  # noqa: S608
        values,
    )
    found = [one for (content,) in rows.fetchall() for one in unpacked(content)]
    found.sort(key=lambda one: (one[0].start_ns, one[0].span_id, one[0].trace_id))
    spans: Iterable[Span] = (span for span, _ in found)
    if holds_logs(connection):
        trace_ids = {span.trace_id for span, _ in found}
        logs = logs_of(connection, project_number(connection, project), trace_ids)
        spans = (with_logs(span, logs) for span, _ in found)
    return tuple(
        StoredSpan(project=project, span=span, facts=facts, origin=origin)
        for span, (_, facts) in zip(spans, found, strict=True)
    )


def spans_of_trace(connection: sqlite3.Connection, trace: int) -> tuple[StoredSpan, ...]:
    """Return the spans of the trace with that row id, by start, then id."""
    row = connection.execute(
        "SELECT p.name, t.origin FROM traces t JOIN projects p ON p.id = t.project WHERE t.id = ?",
        (trace,),
    ).fetchone()
    if row is None:
        return ()
    return spans_where(connection, "t.id = ?", (trace,), project=row[0], origin=row[1])


def loose(connection: sqlite3.Connection, project: str) -> tuple[LooseTrace, ...]:
    """Return the production traces without a session, by start, with their hashes."""
    number = project_number(connection, project)
    traces = (
        "FROM traces t {} WHERE t.project = ? AND t.origin = 'production' AND t.session IS NULL"
    )
    found = [
        (id, trace_id, unpacked_rollup(content))
        for id, trace_id, content in connection.execute(
            f"SELECT t.id, t.trace_id, t.rollup {traces.format('')}", (number,)
        )
    ]
    prefixes: dict[int, list[str]] = {id: [] for id, _, _ in found}
    results: dict[int, list[str]] = {id: [] for id, _, _ in found}
    for trace, prefix, result in connection.execute(
        "SELECT k.trace, k.prefix_hash, k.result_hash "
        f"{traces.format('JOIN links k ON k.trace = t.id')} ORDER BY k.start_ns, k.span_id",
        (number,),
    ):
        prefixes[trace].extend([prefix] if prefix else [])
        results[trace].extend([result] if result else [])
    return tuple(
        LooseTrace(
            trace_id=trace_id,
            started_at=rollup.started_ns,
            user_id=value_of(rollup.user),
            service=value_of(rollup.service),
            prefix_hashes=tuple(prefixes[id]),
            result_hashes=tuple(results[id]),
        )
        for id, trace_id, rollup in sorted(found, key=lambda row: (row[2].started_ns, row[1]))
    )


def project_number(connection: sqlite3.Connection, project: str) -> int:
    """Return the project's row id; -1, which no row has, where it is unknown."""
    row = connection.execute("SELECT id FROM projects WHERE name = ?", (project,)).fetchone()
    return -1 if row is None else int(row[0])


def _passing(
    connection: sqlite3.Connection, of: Listed, project: str, filter: Filter
) -> tuple[str, tuple[object, ...]]:
    number = project_number(connection, project)
    where = ["r.project = ?"] + (["r.origin = 'production'"] if of == "trace" else [])
    values: list[object] = [number]
    for condition, given in conditions(filter, project=number, of=of):
        where.append(condition)
        values.extend(given)
    return f"WHERE {' AND '.join(where)}", tuple(values)
