"""Appends spans within one transaction: each once, with its texts, source and rollups."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from reenact.domain.span import Origin, Span, StoredSpan
from reenact.store.spans import Appended
from reenact.store.sqlite.rollup import merged, rollup_of
from reenact.store.sqlite.rows import COLUMNS, Row, packed_block, packed_resource, span_row
from reenact.store.sqlite.settling import TraceChange, TraceState, settle, trace_state


@dataclass(slots=True)
class _Group:
    """Spans of one trace, each once."""

    spans: dict[str, StoredSpan] = field(default_factory=dict)
    origin: Origin = "production"


def append_spans(connection: sqlite3.Connection, spans: Sequence[StoredSpan]) -> Appended:
    """Store those of `spans` that are new. Needs an open write transaction."""
    writing = _Writing(connection)
    for (project, trace_id), group in _by_trace(spans).items():
        writing.take(project, trace_id, group)
    taken = writing.flush()
    return Appended(taken=taken, duplicates=len(spans) - taken)


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

    def __init__(self, connection: sqlite3.Connection):
        self._connection = connection
        self._projects: dict[str, int] = {}
        self._sources: dict[tuple[bytes, str, str], int] = {}
        self._next_trace = self._next_id("traces")
        self._next_text = self._next_id("texts")
        self._next_block = self._next_id("blocks")
        self._changes: list[TraceChange] = []
        self._spans: list[Row] = []
        self._texts: list[tuple[int, int, str]] = []
        self._searched: list[tuple[int, str]] = []
        self._blocks: list[tuple[int, bytes]] = []

    def take(self, project: str, trace_id: str, group: _Group) -> None:
        """Add what is new of one trace."""
        before = self._state(self._project(project), trace_id)
        found = list(group.spans.values())
        new = found if before.rollup is None else self._new(before, found)
        origin: Origin = "replay" if "replay" in (group.origin, before.origin) else "production"
        if new:
            delta = rollup_of(new)
            after = delta if before.rollup is None else merged(before.rollup, delta)
            self._add(new, before, searched=origin == "production")
        elif before.rollup is not None and origin != before.origin:
            delta, after = None, before.rollup
        else:
            return
        self._changes.append(TraceChange(before=before, origin=origin, after=after, delta=delta))

    def flush(self) -> int:
        """Write everything; return how many spans were new."""
        write = self._connection.executemany
        write("INSERT INTO blocks VALUES (?, ?)", self._blocks)
        write("INSERT INTO texts VALUES (?, ?, ?)", self._texts)
        write("INSERT INTO words (rowid, body) VALUES (?, ?)", self._searched)
        marks = ", ".join("?" * len(COLUMNS.split(",")))
        write(f"INSERT INTO spans ({COLUMNS}) VALUES ({marks})", self._spans)  # noqa: S608
        settle(self._connection, self._changes)
        return len(self._spans)

    def _state(self, project: int, trace_id: str) -> TraceState:
        state = trace_state(self._connection, project, trace_id)
        if state is None:
            state = TraceState(id=self._next_trace, project=project, trace_id=trace_id)
            self._next_trace += 1
        return state

    def _new(self, before: TraceState, spans: Iterable[StoredSpan]) -> list[StoredSpan]:
        known = "SELECT 1 FROM spans WHERE trace = ? AND span_id = ?"
        execute = self._connection.execute
        return [s for s in spans if not execute(known, (before.id, s.span.span_id)).fetchone()]

    def _add(self, spans: Sequence[StoredSpan], trace: TraceState, *, searched: bool) -> None:
        texts = _Texts(first_id=self._next_text)
        for place, stored in enumerate(spans):
            self._spans.append(
                span_row(
                    stored,
                    trace=trace.id,
                    source=self._source(stored.span),
                    block=self._next_block,
                    place=place,
                    user_text=texts.id_of(stored.facts.user_text),
                    assistant_text=texts.id_of(stored.facts.assistant_text),
                )
            )
            # A tool's name is searched like a word that was said.
            texts.id_of(stored.facts.tool_name)
        self._blocks.append((self._next_block, packed_block(spans)))
        self._next_block += 1
        self._next_text += len(texts.ids)
        self._texts.extend((id, trace.id, text) for text, id in texts.ids.items())
        if searched:
            self._searched.extend((id, text) for text, id in texts.ids.items())

    def _project(self, name: str) -> int:
        if name not in self._projects:
            self._connection.execute(
                "INSERT INTO projects (name, traces, spans) VALUES (?, 0, 0) "
                "ON CONFLICT DO NOTHING",
                (name,),
            )
            row = self._connection.execute("SELECT id FROM projects WHERE name = ?", (name,))
            self._projects[name] = row.fetchone()[0]
        return self._projects[name]

    def _source(self, span: Span) -> int:
        key = (packed_resource(span), span.scope_name, span.scope_version)
        if key not in self._sources:
            self._connection.execute(
                "INSERT INTO sources (resource, scope_name, scope_version) VALUES (?, ?, ?) "
                "ON CONFLICT DO NOTHING",
                key,
            )
            found = self._connection.execute(
                "SELECT id FROM sources "
                "WHERE resource = ? AND scope_name = ? AND scope_version = ?",
                key,
            )
            self._sources[key] = found.fetchone()[0]
        return self._sources[key]

    def _next_id(self, table: str) -> int:
        row = self._connection.execute(f"SELECT max(id) FROM {table}").fetchone()  # noqa: S608
        return (row[0] or 0) + 1


class _Texts:
    """The texts of one trace's new spans, each kept once."""

    def __init__(self, *, first_id: int):
        self._first = first_id
        self.ids: dict[str, int] = {}

    def id_of(self, text: str | None) -> int | None:
        if text is None:
            return None
        return self.ids.setdefault(text, self._first + len(self.ids))
