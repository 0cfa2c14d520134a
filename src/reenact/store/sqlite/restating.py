"""Reads the facts of stored spans again, and brings everything that rests on them up to date."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from reenact.domain.span import SpanFacts, StoredLog
from reenact.store.spans import FactsReader
from reenact.store.sqlite.append import project_row
from reenact.store.sqlite.deleting import traces_named
from reenact.store.sqlite.logs import by_project, insert_logs
from reenact.store.sqlite.parts import Kept, drop_links, parts_of, rewrite_part, write_links
from reenact.store.sqlite.reading import spans_of_trace
from reenact.store.sqlite.rollup import rollup_of
from reenact.store.sqlite.settling import TraceChange, TraceState, settle, trace_of
from reenact.store.sqlite.texts import drop_texts, texts_of, write_texts


def append_logs(
    connection: sqlite3.Connection, logs: Iterable[StoredLog], facts: FactsReader
) -> int:
    """Store those of `logs` that are new; return how many. Needs an open write transaction."""
    taken = 0
    for project, own in by_project(logs):
        number = project_row(connection, project)
        new = insert_logs(connection, number, own)
        taken += len(new)
        trace_ids = dict.fromkeys(record.trace_id for record in new)
        restate(connection, traces_named(connection, number, trace_ids), facts)
    return taken


def stale(connection: sqlite3.Connection, version: int) -> int:
    """Return how many traces were read by a reader older than `version`."""
    row = connection.execute("SELECT count(*) FROM traces WHERE facts_version < ?", (version,))
    return int(row.fetchone()[0])


def traces_after(
    connection: sqlite3.Connection, last: int, *, version: int | None, limit: int
) -> list[int]:
    """Return row ids of traces after `last`, in order; with `version` only of older ones."""
    older = "" if version is None else "AND facts_version < ? "
    values = (last, limit) if version is None else (last, version, limit)
    rows = connection.execute(
        f"SELECT id FROM traces WHERE id > ? {older}ORDER BY id LIMIT ?",  # noqa: S608
        values,
    )
    return [id for (id,) in rows]


def restate(connection: sqlite3.Connection, traces: Iterable[int], facts: FactsReader) -> int:
    """Read the facts of these traces' spans again; return how many of them changed.

    Needs an open write transaction. The traces are rolled up again from their spans, and the
    sessions from their traces, also where no fact changed.
    """
    changed = 0
    changes: list[TraceChange] = []
    for number in traces:
        state = trace_of(connection, number)
        stored = spans_of_trace(connection, number)
        if state is None or not stored:
            continue
        fresh = [replace(one, facts=facts.read(one)) for one in stored]
        different = sum(a.facts != b.facts for a, b in zip(stored, fresh, strict=True))
        if different:
            changed += different
            _rewrite(connection, state, {one.span.span_id: one.facts for one in fresh})
        changes.append(
            TraceChange(before=state, origin=state.origin, after=rollup_of(fresh), restated=True)
        )
        connection.execute(
            "UPDATE traces SET facts_version = ? WHERE id = ?", (facts.version, number)
        )
    settle(connection, changes)
    return changed


def _rewrite(
    connection: sqlite3.Connection, trace: TraceState, fresh: Mapping[str, SpanFacts]
) -> None:
    """Write the facts of a trace's spans, by span id, and all that is made of them."""
    searched = trace.origin == "production"
    drop_texts(connection, trace.id, searched=searched)
    drop_links(connection, trace.id)
    every: list[Kept] = []
    for part in parts_of(connection, trace.id):
        kept = [(span, fresh[span.span_id]) for span, _ in part.kept]
        if kept != part.kept:
            rewrite_part(connection, part.id, kept)
        every += kept
    write_links(connection, trace.id, every)
    row = connection.execute("SELECT max(id) FROM texts").fetchone()
    written = texts_of(every, trace.id, first_id=(row[0] or 0) + 1)
    write_texts(connection, written, written if searched else ())
