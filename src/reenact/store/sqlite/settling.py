"""Keeps traces, and the lists made of them, up with the spans, in the spans' transaction."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from reenact.domain.span import Origin
from reenact.store.sqlite.filter import listed
from reenact.store.sqlite.rollup import Rollup, merged_all, packed_rollup, unpacked_rollup, value_of
from reenact.store.sqlite.texts import reindex_all
from reenact.store.sqlite.users import move_users


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceState:
    """A trace as the store holds it; `rollup` is None before its first span."""

    id: int
    project: int
    trace_id: str
    origin: Origin = "production"
    session: int | None = None
    rollup: Rollup | None = None

    @property
    def in_production(self) -> bool:
        """True where lists show it."""
        return self.rollup is not None and self.origin == "production"


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceChange:
    """A trace that took spans, or was found to be a replay's.

    `delta` is the rollup of the new spans alone (None without any), `after` that of all.
    """

    before: TraceState
    origin: Origin
    after: Rollup
    delta: Rollup | None = None
    restated: bool = False
    """True where `after` is not `before` with something added: its facts were read again."""
    facts_version: int = 0
    """Of the reader of a new trace's spans; one that is stored already keeps its own."""

    @property
    def listed_before(self) -> Rollup | None:
        """What lists showed of it until now."""
        return self.before.rollup if self.before.in_production else None

    @property
    def listed_after(self) -> Rollup | None:
        """What lists show of it from now on."""
        return self.after if self.origin == "production" else None

    @property
    def session_before(self) -> str | None:
        """The id of the session that listed it until now."""
        return value_of(found.session) if (found := self.listed_before) else None

    @property
    def session_after(self) -> str | None:
        """The id of the session that lists it from now on."""
        return value_of(found.session) if (found := self.listed_after) else None


_TRACE = "SELECT id, project, trace_id, origin, session, rollup FROM traces WHERE "


def trace_states(
    connection: sqlite3.Connection, project: int, trace_ids: Sequence[str]
) -> Iterator[TraceState]:
    """Yield those of these traces that are stored, as they are."""
    rows = connection.execute(
        _TRACE + "project = ? AND trace_id IN (SELECT value FROM json_each(?))",  # noqa: S608
        (project, listed(trace_ids)),
    )
    return map(_state_of, rows.fetchall())


def trace_of(connection: sqlite3.Connection, number: int) -> TraceState | None:
    """Return the trace with that row id; None where there is none."""
    row = connection.execute(_TRACE + "id = ?", (number,)).fetchone()
    return None if row is None else _state_of(row)


def _state_of(row: tuple[Any, ...]) -> TraceState:
    id, project, trace_id, origin, session, rollup = row
    return TraceState(
        id=id,
        project=project,
        trace_id=trace_id,
        origin=origin,
        session=session,
        rollup=unpacked_rollup(rollup),
    )


def settle(connection: sqlite3.Connection, changes: Sequence[TraceChange]) -> None:
    """Write what `changes` do to their traces, sessions, users, projects and facets.

    A session that only grew is merged with what is new. One that lost a trace (a session id
    that came late, a replay found late), or whose traces were read again, is summed up again from
    the traces it has.
    """
    shrunk = {
        change.before.session
        for change in changes
        if change.before.session is not None
        and (change.restated or change.session_before != change.session_after)
    }
    sessions = _grow_sessions(connection, changes, shrunk)
    ids = [
        sessions[change.before.project, name] if (name := change.session_after) else None
        for change in changes
    ]
    _write_traces(connection, changes, ids)
    _write_facets(connection, changes, ids)
    move_users(connection, [(c.before.project, c.listed_before, c.listed_after) for c in changes])
    for session in shrunk:
        _sum_up(connection, session)
    _count(connection, changes)


def forget(connection: sqlite3.Connection, traces: Sequence[TraceState]) -> int:
    """Take traces out of lists and filters; return how many sessions have no trace left."""
    gone = [
        (trace.project, kind, value, trace.id)
        for trace in traces
        for kind, value in _facets(trace.rollup)
    ]
    connection.executemany(_DELETE_FACET, gone)
    connection.executemany("DELETE FROM traces WHERE id = ?", [(trace.id,) for trace in traces])
    move_users(connection, [(t.project, t.rollup, None) for t in traces if t.in_production])
    _add_to_counts(
        connection,
        [(t.project, -1, -t.rollup.spans) for t in traces if t.in_production and t.rollup],
    )
    sessions = {trace.session for trace in traces if trace.session is not None}
    return sum(not _sum_up(connection, session) for session in sessions)


def rebuild_lists(connection: sqlite3.Connection) -> None:
    """Make all lists, counts and the full-text index again from the traces' rollups."""
    for table in ("facets", "sessions", "users"):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608
    connection.execute("UPDATE projects SET traces = 0, spans = 0")
    connection.execute("UPDATE traces SET session = NULL, started_us = started_us")
    last = 0
    while batch := connection.execute(f"{_TRACE}id > ? ORDER BY id LIMIT 1000", (last,)).fetchall():
        last = batch[-1][0]
        states = [_state_of(row) for row in batch]
        settle(
            connection,
            [
                TraceChange(before=replace(state, rollup=None), origin=state.origin, after=rollup)
                for state in states
                if (rollup := state.rollup) is not None
            ],
        )
    reindex_all(connection)


def _grow_sessions(
    connection: sqlite3.Connection, changes: Sequence[TraceChange], shrunk: set[int]
) -> dict[tuple[int, str], int]:
    """Merge what is new into the sessions that grew; return the row id of every one named."""
    grown: dict[tuple[int, str], list[Rollup]] = defaultdict(list)
    for change in changes:
        if (name := change.session_after) is not None:
            stayed = change.session_before == name and not change.restated
            grown[change.before.project, name].extend(
                part for part in [change.delta if stayed else change.after] if part
            )
    ids: dict[tuple[int, str], int] = {}
    updates = []
    for (project, name), parts in grown.items():
        row = connection.execute(
            "SELECT id, rollup FROM sessions WHERE project = ? AND session_id = ?", (project, name)
        ).fetchone()
        if row is None:
            ids[project, name] = _insert_session(connection, project, name, merged_all(parts))
            continue
        ids[project, name] = row[0]
        if parts and row[0] not in shrunk:
            updates.append((*_keys(merged_all([unpacked_rollup(row[1]), *parts])), row[0]))
    connection.executemany(_UPDATE_SESSION, updates)
    return ids


_UPDATE_SESSION = "UPDATE sessions SET started_us = ?, errors = ?, rollup = ? WHERE id = ?"


def _insert_session(connection: sqlite3.Connection, project: int, name: str, rollup: Rollup) -> int:
    made = connection.execute(
        "INSERT INTO sessions (project, session_id, started_us, errors, rollup) "
        "VALUES (?, ?, ?, ?, ?)",
        (project, name, *_keys(rollup)),
    )
    assert made.lastrowid is not None  # noqa: S101  (SQLite gives one for every plain insert)
    return made.lastrowid


def _sum_up(connection: sqlite3.Connection, session: int) -> bool:
    """Roll a session up from its traces; without any it goes, and the answer is False."""
    rows = connection.execute("SELECT rollup FROM traces WHERE session = ?", (session,)).fetchall()
    if rows:
        rollup = merged_all([unpacked_rollup(content) for (content,) in rows])
        connection.execute(_UPDATE_SESSION, (*_keys(rollup), session))
    else:
        connection.execute("DELETE FROM sessions WHERE id = ?", (session,))
    return bool(rows)


def _write_traces(
    connection: sqlite3.Connection, changes: Sequence[TraceChange], sessions: Sequence[int | None]
) -> None:
    connection.executemany(
        "INSERT INTO traces (id, project, trace_id, origin, session, facts_version, started_us, "
        "errors, rollup) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
        "origin = excluded.origin, session = excluded.session, "
        "started_us = excluded.started_us, errors = excluded.errors, rollup = excluded.rollup",
        [
            (
                c.before.id,
                c.before.project,
                c.before.trace_id,
                c.origin,
                session,
                c.facts_version,
                *_keys(c.after),
            )
            for c, session in zip(changes, sessions, strict=True)
        ],
    )


def _write_facets(
    connection: sqlite3.Connection, changes: Sequence[TraceChange], sessions: Sequence[int | None]
) -> None:
    written: list[tuple[int, str, str, int, int | None]] = []
    gone: list[tuple[int, str, str, int]] = []
    for change, session in zip(changes, sessions, strict=True):
        before = change.before
        had = set(_facets(change.listed_before))
        has = set(_facets(change.listed_after))
        moved = before.session != session
        gone.extend((before.project, *facet, before.id) for facet in had - has)
        written.extend(
            (before.project, *facet, before.id, session) for facet in (has if moved else has - had)
        )
    connection.executemany("INSERT OR REPLACE INTO facets VALUES (?, ?, ?, ?, ?)", written)
    connection.executemany(_DELETE_FACET, gone)


_DELETE_FACET = "DELETE FROM facets WHERE project = ? AND kind = ? AND value = ? AND trace = ?"


_FACETS = ("user", "tool", "agent", "version", "model", "tag", "label")
"""What is filtered on by index; a rollup holds the values under the plural."""


def _facets(rollup: Rollup | None) -> Iterator[tuple[str, str]]:
    for kind in _FACETS if rollup else ():
        for value in getattr(rollup, f"{kind}s"):
            yield kind, value


def _count(connection: sqlite3.Connection, changes: Sequence[TraceChange]) -> None:
    """Keep the number of production traces and spans of each project."""
    found = []
    for change in changes:
        if before := change.listed_before:
            found.append((change.before.project, -1, -before.spans))
        if after := change.listed_after:
            found.append((change.before.project, 1, after.spans))
    _add_to_counts(connection, found)


def _add_to_counts(connection: sqlite3.Connection, found: Sequence[tuple[int, int, int]]) -> None:
    """Add traces and spans to the counts of their projects."""
    totals: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for project, traces, spans in found:
        totals[project][0] += traces
        totals[project][1] += spans
    connection.executemany(
        "UPDATE projects SET traces = traces + ?, spans = spans + ? WHERE id = ?",
        [(traces, spans, project) for project, (traces, spans) in totals.items()],
    )


def _keys(rollup: Rollup) -> tuple[int, int, bytes]:
    """Return what lists sort by and filter on, and the rollup itself."""
    return rollup.started_ns // 1000, rollup.errors, packed_rollup(rollup)
