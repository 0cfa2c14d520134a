"""From version 2 of the store to 3: spans that had a row each are put together in parts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import msgspec

from reenact.domain.span import Span, SpanEvent, SpanFacts
from reenact.store.sqlite.compression import decompressed
from reenact.store.sqlite.parts import Kept, part_row, write_links, write_parts

_decode = msgspec.msgpack.Decoder().decode
_decode_labels = msgspec.msgpack.Decoder(tuple[tuple[str, ...], tuple[str, ...]]).decode

Source = tuple[dict[str, Any], str, str]
"""Resource, scope and its version."""

_ROWS = """
SELECT s.trace, s.block, t.trace_id, s.span_id, s.start_ns, s.end_ns, s.source, s.place,
  s.reader, s.kind, s.session_id, s.user_id, s.agent_name, s.agent_version,
  said.body, answered.body, s.tool_name, s.model, s.input_tokens, s.output_tokens, s.error,
  s.prefix_hash, s.result_hash, s.labels
FROM spans s JOIN traces t ON t.id = s.trace
LEFT JOIN texts said ON said.id = s.user_text
LEFT JOIN texts answered ON answered.id = s.assistant_text
ORDER BY s.block, s.place
"""


def regroup(connection: sqlite3.Connection) -> None:
    """Write every block with its rows as a part, in the transaction that is open."""
    rows = connection.execute(_ROWS)
    for part, ((block, trace), group) in enumerate(
        groupby(rows, key=lambda row: (row[1], row[0])), start=1
    ):
        kept = list(_kept(connection, block, group))
        write_parts(connection, [part_row(part, trace, kept)])
        write_links(connection, trace, kept)


def _kept(connection: sqlite3.Connection, block: int, rows: Iterator[Any]) -> Iterator[Kept]:
    found = connection.execute("SELECT content FROM blocks WHERE id = ?", (block,)).fetchone()
    contents = _decode(decompressed(found[0]))
    for row in rows:
        yield _span(row, contents[row[7]], _source(connection, row[6])), _facts(row[8:])


def _source(connection: sqlite3.Connection, number: int) -> Source:
    found = connection.execute(
        "SELECT resource, scope_name, scope_version FROM sources WHERE id = ?", (number,)
    )
    resource, name, version = found.fetchone()
    return _decode(resource), name, version


def _span(
    row: tuple[Any, ...], content: list[Any], source: tuple[dict[str, Any], str, str]
) -> Span:
    parent, name, status, message, otel_kind, attributes, events = content
    resource, scope_name, scope_version = source
    return Span(
        trace_id=row[2],
        span_id=row[3],
        parent_span_id=parent,
        name=name,
        start_ns=row[4],
        end_ns=row[5],
        status=status,
        status_message=message,
        otel_kind=otel_kind,
        attributes=attributes,
        events=tuple(SpanEvent(name=n, time_ns=t, attributes=a) for n, t, a in events),
        scope_name=scope_name,
        scope_version=scope_version,
        resource=resource,
    )


def _facts(row: tuple[Any, ...]) -> SpanFacts:
    tags, labels = _decode_labels(row[15]) if row[15] else ((), ())
    return SpanFacts(
        reader=row[0],
        kind=row[1],
        session_id=row[2],
        user_id=row[3],
        agent_name=row[4],
        agent_version=row[5],
        user_text=row[6],
        assistant_text=row[7],
        tool_name=row[8],
        model=row[9],
        input_tokens=row[10],
        output_tokens=row[11],
        error=row[12],
        prefix_hash=row[13],
        result_hash=row[14],
        tags=tags,
        labels=labels,
    )
