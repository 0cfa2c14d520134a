"""Log records of model calls: kept beside the spans, and given back as a part of them."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b

import msgspec
from msgspec.structs import replace

from reenact.domain.span import LogRecord, Span, SpanEvent, StoredLog
from reenact.store.sqlite.compression import compressed, decompressed

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode

LogsOfSpans = Mapping[tuple[str, str], tuple[SpanEvent, ...]]
"""Log records in order, by trace id and span id."""


def holds_logs(connection: sqlite3.Connection) -> bool:
    """Say whether there are any log records, so that nobody looks for them in vain."""
    return connection.execute("SELECT 1 FROM logs LIMIT 1").fetchone() is not None


def insert_logs(
    connection: sqlite3.Connection, project: int, logs: Sequence[StoredLog]
) -> list[LogRecord]:
    """Write the records that are not there yet; return those."""
    new = []
    for log in logs:
        record, event = log.record, log.record.event
        content = _encode((event.name, event.attributes, event.body))
        done = connection.execute(
            "INSERT INTO logs (project, trace_id, span_id, time_ns, digest, content) "
            "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (
                project,
                record.trace_id,
                record.span_id,
                event.time_ns,
                blake2b(_encode(event.time_ns) + content, digest_size=16).digest(),
                compressed(content),
            ),
        )
        if done.rowcount:
            new.append(record)
    return new


def logs_of(connection: sqlite3.Connection, project: int, trace_ids: Iterable[str]) -> LogsOfSpans:
    """Return the log records of these traces' spans, in the order in which they were written."""
    found: dict[tuple[str, str], list[tuple[int, int, SpanEvent]]] = defaultdict(list)
    for trace_id in trace_ids:
        for id, span_id, time_ns, content in connection.execute(
            "SELECT id, span_id, time_ns, content FROM logs WHERE project = ? AND trace_id = ?",
            (project, trace_id),
        ):
            name, attributes, body = _decode(decompressed(content))
            event = SpanEvent(name=name, time_ns=time_ns, attributes=attributes, body=body)
            found[trace_id, span_id].append((time_ns, id, event))
    return {
        key: tuple(event for _, _, event in sorted(events, key=lambda one: one[:2]))
        for key, events in found.items()
    }


def with_logs(span: Span, logs: LogsOfSpans) -> Span:
    """Return `span` with its log records."""
    own = logs.get((span.trace_id, span.span_id))
    return replace(span, logs=own) if own else span


def by_project(logs: Iterable[StoredLog]) -> Iterator[tuple[str, list[StoredLog]]]:
    """Yield the projects of `logs`, each with its own."""
    groups: dict[str, list[StoredLog]] = defaultdict(list)
    for log in logs:
        groups[log.project].append(log)
    yield from groups.items()
