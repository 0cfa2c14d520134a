"""Appends spans within one transaction: each once, with its texts and rollups."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from reenact.domain.span import Origin, StoredSpan
from reenact.store.spans import Appended, FactsReader
from reenact.store.sqlite.logs import holds_logs, logs_of, with_logs
from reenact.store.sqlite.parts import (
    TIME_END,
    PartRow,
    kept_of,
    part_row,
    span_ids_of,
    write_links,
    write_parts,
)
from reenact.store.sqlite.rollup import merged, rollup_of
from reenact.store.sqlite.settling import TraceChange, TraceState, settle, trace_states
from reenact.store.sqlite.texts import Text, texts_of, unindex, write_texts


@dataclass(slots=True)
class _Group:
    """Spans of one trace, each once."""

    spans: dict[str, StoredSpan] = field(default_factory=dict)
    origin: Origin = "production"


def append_spans(
    connection: sqlite3.Connection, spans: Sequence[StoredSpan], facts: FactsReader
) -> Appended:
    """Store those of `spans` that are new. Needs an open write transaction.

    The facts of a span whose log records came before it are read again with them.
    """
    writing = _Writing(connection, facts)
    groups = _by_trace(spans)
    writing.look_up(groups)
    for (project, trace_id), group in groups.items():
        writing.take(project, trace_id, group)
    taken = writing.flush()
    return Appended(taken=taken, duplicates=len(spans) - taken)


def project_row(connection: sqlite3.Connection, name: str) -> int:
    """Return the row id of a project, which is made where it is not there."""
    connection.execute(
        "INSERT INTO projects (name, traces, spans) VALUES (?, 0, 0) ON CONFLICT DO NOTHING",
        (name,),
    )
    row = connection.execute("SELECT id FROM projects WHERE name = ?", (name,)).fetchone()
    return int(row[0])


def _by_trace(spans: Iterable[StoredSpan]) -> dict[tuple[str, str], _Group]:
    groups: dict[tuple[str, str], _Group] = {}
    for stored in spans:
        key = (stored.project, stored.span.trace_id)
        group = groups.get(key)
        if group is None:
            group = groups[key] = _Group()
        group.spans.setdefault(stored.span.span_id, stored)
        if stored.origin == "replay":
            group.origin = "replay"
    return groups


class _Writing:
    """Collects the rows of one append, so that each table is written in one go."""

    def __init__(self, connection: sqlite3.Connection, facts: FactsReader):
        self._connection = connection
        self._facts = facts
        self._holds_logs = holds_logs(connection)
        self._known: dict[tuple[int, str], TraceState] = {}
        self._projects: dict[str, int] = {}
        self._next_trace = self._next_id("traces")
        self._next_text = self._next_id("texts")
        self._next_part = self._next_id("parts")
        self._changes: list[TraceChange] = []
        self._texts: list[Text] = []
        self._searched: list[Text] = []
        self._parts: list[PartRow] = []
        self._taken = 0

    def look_up(self, traces: Iterable[tuple[str, str]]) -> None:
        """Find which of these traces, by project and trace id, are there already."""
        by_project: dict[int, list[str]] = {}
        for project, trace_id in traces:
            by_project.setdefault(self._project(project), []).append(trace_id)
        self._known = {
            (number, state.trace_id): state
            for number, trace_ids in by_project.items()
            for state in trace_states(self._connection, number, trace_ids)
        }

    def take(self, project: str, trace_id: str, group: _Group) -> None:
        """Add what is new of one trace."""
        before = self._state(self._project(project), trace_id)
        new = list(group.spans.values())
        if before.rollup is not None:
            there = span_ids_of(self._connection, before.id)
            new = [stored for stored in new if stored.span.span_id not in there]
        origin: Origin = "replay" if "replay" in (group.origin, before.origin) else "production"
        if before.in_production and origin == "replay":
            unindex(self._connection, before.id)
        if new:
            if self._holds_logs:
                new = self._with_logs(before, new)
            delta = rollup_of(new)
            if delta.ended_ns >= TIME_END:
                raise OverflowError  # which of them it is, is told where it is caught
            after = delta if before.rollup is None else merged(before.rollup, delta)
            self._add(new, before, searched=origin == "production")
        elif before.rollup is not None and origin != before.origin:
            delta, after = None, before.rollup
        else:
            return
        self._changes.append(
            TraceChange(
                before=before,
                origin=origin,
                after=after,
                delta=delta,
                facts_version=self._facts.version,
            )
        )

    def flush(self) -> int:
        """Write everything; return how many spans were new."""
        write_parts(self._connection, self._parts)
        write_texts(self._connection, self._texts, self._searched)
        settle(self._connection, self._changes)
        return self._taken

    def _with_logs(self, trace: TraceState, spans: Sequence[StoredSpan]) -> list[StoredSpan]:
        logs = logs_of(self._connection, trace.project, [trace.trace_id])
        joined = [replace(stored, span=with_logs(stored.span, logs)) for stored in spans]
        return [
            replace(stored, facts=self._facts.read(stored)) if stored.span.logs else stored
            for stored in joined
        ]

    def _state(self, project: int, trace_id: str) -> TraceState:
        state = self._known.get((project, trace_id))
        if state is None:
            state = TraceState(id=self._next_trace, project=project, trace_id=trace_id)
            self._next_trace += 1
        return state

    def _add(self, spans: Sequence[StoredSpan], trace: TraceState, *, searched: bool) -> None:
        kept = [kept_of(stored) for stored in spans]
        self._parts.append(part_row(self._next_part, trace.id, kept))
        self._next_part += 1
        self._taken += len(kept)
        write_links(self._connection, trace.id, kept)
        written = texts_of(kept, trace.id, first_id=self._next_text)
        self._next_text += len(written)
        self._texts.extend(written)
        if searched:
            self._searched.extend(written)

    def _project(self, name: str) -> int:
        if name not in self._projects:
            self._projects[name] = project_row(self._connection, name)
        return self._projects[name]

    def _next_id(self, table: str) -> int:
        row = self._connection.execute(f"SELECT max(id) FROM {table}").fetchone()  # noqa: S608
        return (row[0] or 0) + 1
