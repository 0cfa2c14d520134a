"""Appends spans within one transaction: each once, with its texts, source and rollups."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from reenact.domain.span import Origin, Span, StoredSpan
from reenact.store.spans import Appended, FactsReader
from reenact.store.sqlite.logs import holds_logs, logs_of, with_logs
from reenact.store.sqlite.rollup import merged, rollup_of
from reenact.store.sqlite.rows import COLUMNS, Row, packed_block, packed_resource, span_row
from reenact.store.sqlite.settling import TraceChange, TraceState, settle, trace_states
from reenact.store.sqlite.texts import Text, TraceTexts, unindex, write_texts


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
        self._sources: dict[tuple[int, str, str], int] = {}
        self._next_trace = self._next_id("traces")
        self._next_text = self._next_id("texts")
        self._next_block = self._next_id("blocks")
        self._changes: list[TraceChange] = []
        self._spans: list[Row] = []
        self._texts: list[Text] = []
        self._searched: list[Text] = []
        self._blocks: list[tuple[int, bytes]] = []

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
        found = list(group.spans.values())
        new = found if before.rollup is None else self._new(before, found)
        origin: Origin = "replay" if "replay" in (group.origin, before.origin) else "production"
        if before.in_production and origin == "replay":
            unindex(self._connection, before.id)
        if new:
            if self._holds_logs:
                new = self._with_logs(before, new)
            delta = rollup_of(new)
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
        write = self._connection.executemany
        write("INSERT INTO blocks VALUES (?, ?)", self._blocks)
        write_texts(self._connection, self._texts, self._searched)
        marks = ", ".join("?" * len(COLUMNS.split(",")))
        write(f"INSERT INTO spans ({COLUMNS}) VALUES ({marks})", self._spans)  # noqa: S608
        settle(self._connection, self._changes)
        return len(self._spans)

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

    def _new(self, before: TraceState, spans: Iterable[StoredSpan]) -> list[StoredSpan]:
        known = "SELECT 1 FROM spans WHERE trace = ? AND span_id = ?"
        execute = self._connection.execute
        return [s for s in spans if not execute(known, (before.id, s.span.span_id)).fetchone()]

    def _add(self, spans: Sequence[StoredSpan], trace: TraceState, *, searched: bool) -> None:
        texts = TraceTexts(first_id=self._next_text)
        for place, stored in enumerate(spans):
            user_text, assistant_text = texts.ids_of(stored.facts)
            self._spans.append(
                span_row(
                    stored,
                    trace=trace.id,
                    source=self._source(stored.span),
                    block=self._next_block,
                    place=place,
                    user_text=user_text,
                    assistant_text=assistant_text,
                )
            )
        self._blocks.append((self._next_block, packed_block(spans)))
        self._next_block += 1
        written = texts.rows(trace.id)
        self._next_text += len(written)
        self._texts.extend(written)
        if searched:
            self._searched.extend(written)

    def _project(self, name: str) -> int:
        if name not in self._projects:
            self._projects[name] = project_row(self._connection, name)
        return self._projects[name]

    def _source(self, span: Span) -> int:
        # The spans of a post share their resource, which lives as long as they do.
        shared = (id(span.resource), span.scope_name, span.scope_version)
        if (known := self._sources.get(shared)) is None:
            key = (packed_resource(span), span.scope_name, span.scope_version)
            known = self._sources[shared] = self._source_row(key)
        return known

    def _source_row(self, key: tuple[bytes, str, str]) -> int:
        self._connection.execute(
            "INSERT INTO sources (resource, scope_name, scope_version) VALUES (?, ?, ?) "
            "ON CONFLICT DO NOTHING",
            key,
        )
        found = self._connection.execute(
            "SELECT id FROM sources WHERE resource = ? AND scope_name = ? AND scope_version = ?",
            key,
        )
        return int(found.fetchone()[0])

    def _next_id(self, table: str) -> int:
        row = self._connection.execute(f"SELECT max(id) FROM {table}").fetchone()  # noqa: S608
        return (row[0] or 0) + 1
