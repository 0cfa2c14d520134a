"""Keeps traces, sessions, projects and facets up with the spans, in the spans' transaction."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from reenact.domain.span import Origin
from reenact.store.sqlite.rollup import Rollup, merged_all, value_of

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Rollup).decode

unpacked_rollup = _decode


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
    delta: Rollup | None

    @property
    def session_before(self) -> str | None:
        """The id of the session that listed it until now."""
        rollup = self.before.rollup
        return value_of(rollup.session) if rollup and self.before.in_production else None

    @property
    def session_after(self) -> str | None:
        """The id of the session that lists it from now on."""
        return value_of(self.after.session) if self.origin == "production" else None


def trace_state(connection: sqlite3.Connection, project: int, trace_id: str) -> TraceState | None:
    """Return the trace as it is stored; None where it is not."""
    row = connection.execute(
        "SELECT id, origin, session, rollup FROM traces WHERE project = ? AND trace_id = ?",
        (project, trace_id),
    ).fetchone()
    if row is None:
        return None
    return TraceState(
        id=row[0],
        project=project,
        trace_id=trace_id,
        origin=row[1],
        session=row[2],
        rollup=_decode(row[3]),
    )


def settle(connection: sqlite3.Connection, changes: Sequence[TraceChange]) -> None:
    """Write what `changes` do to their traces, sessions, projects and facets.

    A session that only grew is merged with what is new. One that lost a trace (a session id
    that came late, a replay found late) is summed up again from the traces it has left.
    """
    shrunk = {
        change.before.session
        for change in changes
        if change.before.session is not None and change.session_before != change.session_after
    }
    sessions = _grow_sessions(connection, changes, shrunk)
    ids = [
        sessions[change.before.project, name] if (name := change.session_after) else None
        for change in changes
    ]
    _write_traces(connection, changes, ids)
    _write_facets(connection, changes, ids)
    for session in shrunk:
        _sum_up(connection, session)
    _count(connection, changes)


def _grow_sessions(
    connection: sqlite3.Connection, changes: Sequence[TraceChange], shrunk: set[int]
) -> dict[tuple[int, str], int]:
    """Merge what is new into the sessions that grew; return the row id of every one named."""
    grown: dict[tuple[int, str], list[Rollup]] = defaultdict(list)
    for change in changes:
        if (name := change.session_after) is not None:
            stayed = change.session_before == name
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
            updates.append((*_keys(merged_all([_decode(row[1]), *parts])), row[0]))
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


def _sum_up(connection: sqlite3.Connection, session: int) -> None:
    rows = connection.execute("SELECT rollup FROM traces WHERE session = ?", (session,)).fetchall()
    if rows:
        rollup = merged_all([_decode(content) for (content,) in rows])
        connection.execute(_UPDATE_SESSION, (*_keys(rollup), session))
    else:
        connection.execute("DELETE FROM sessions WHERE id = ?", (session,))


def _write_traces(
    connection: sqlite3.Connection, changes: Sequence[TraceChange], sessions: Sequence[int | None]
) -> None:
    connection.executemany(
        "INSERT INTO traces (id, project, trace_id, origin, session, started_us, errors, rollup) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
        "origin = excluded.origin, session = excluded.session, "
        "started_us = excluded.started_us, errors = excluded.errors, rollup = excluded.rollup",
        [
            (c.before.id, c.before.project, c.before.trace_id, c.origin, session, *_keys(c.after))
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
        had = set(_facets(before.rollup)) if before.rollup and before.in_production else set()
        if change.origin == "replay":
            gone.extend((before.project, kind, value, before.id) for kind, value in had)
            continue
        moved = before.session != session
        written.extend(
            (before.project, *facet, before.id, session)
            for facet in _facets(change.after)
            if moved or facet not in had
        )
    connection.executemany("INSERT OR REPLACE INTO facets VALUES (?, ?, ?, ?, ?)", written)
    connection.executemany(
        "DELETE FROM facets WHERE project = ? AND kind = ? AND value = ? AND trace = ?", gone
    )


def _facets(rollup: Rollup) -> Iterator[tuple[str, str]]:
    for user in rollup.users:
        yield "user", user
    for tool in rollup.tools:
        yield "tool", tool
    for agent in rollup.agents:
        yield "agent", agent
    for version in rollup.versions:
        yield "version", version


def _count(connection: sqlite3.Connection, changes: Sequence[TraceChange]) -> None:
    """Keep the number of production traces and spans of each project."""
    totals: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for change in changes:
        total = totals[change.before.project]
        if change.before.in_production and change.before.rollup:
            total[0] -= 1
            total[1] -= change.before.rollup.spans
        if change.origin == "production":
            total[0] += 1
            total[1] += change.after.spans
    connection.executemany(
        "UPDATE projects SET traces = traces + ?, spans = spans + ? WHERE id = ?",
        [(traces, spans, project) for project, (traces, spans) in totals.items()],
    )


def _keys(rollup: Rollup) -> tuple[int, int, bytes]:
    """Return what lists sort by and filter on, and the rollup itself."""
    return rollup.started_ns // 1000, rollup.errors, _encode(rollup)
