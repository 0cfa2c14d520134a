"""Spans to rows and back: what is compressed, what is a column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from reenact.domain.span import (
    Origin,
    Span,
    SpanEvent,
    SpanFacts,
    StoredLog,
    StoredSpan,
)
from reenact.errors import StoreError
from reenact.store.sqlite.compression import compressed, decompressed

Row = tuple[Any, ...]

COLUMNS = (
    "trace, span_id, start_ns, end_ns, source, block, place, reader, kind, session_id, user_id, "
    "agent_name, agent_version, user_text, assistant_text, tool_name, model, input_tokens, "
    "output_tokens, error, prefix_hash, result_hash, labels"
)
"""The columns of `spans` in the order of `span_row`."""

FACTS_COLUMNS = COLUMNS[COLUMNS.index("reader") :]
"""Those of them that hold facts, in the order of `facts_row`."""

SELECT = """
SELECT t.trace_id, s.span_id, s.start_ns, s.end_ns, s.source, s.block, s.place,
  s.reader, s.kind, s.session_id, s.user_id, s.agent_name, s.agent_version,
  said.body, answered.body, s.tool_name, s.model, s.input_tokens, s.output_tokens, s.error,
  s.prefix_hash, s.result_hash, s.labels
FROM traces t JOIN spans s ON s.trace = t.id
LEFT JOIN texts said ON said.id = s.user_text
LEFT JOIN texts answered ON answered.id = s.assistant_text
"""

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder()
_read_labels = msgspec.msgpack.Decoder(tuple[tuple[str, ...], tuple[str, ...]]).decode


def span_row(
    stored: StoredSpan,
    *,
    trace: int,
    source: int,
    block: int,
    place: int,
    user_text: int | None,
    assistant_text: int | None,
) -> Row:
    """Return the row of one span; texts are given as ids of `texts`."""
    span = stored.span
    return (
        trace,
        span.span_id,
        span.start_ns,
        span.end_ns,
        source,
        block,
        place,
        *facts_row(stored.facts, user_text=user_text, assistant_text=assistant_text),
    )


def facts_row(facts: SpanFacts, *, user_text: int | None, assistant_text: int | None) -> Row:
    """Return the columns from `reader` on; texts are given as ids of `texts`."""
    return (
        facts.reader,
        facts.kind,
        facts.session_id,
        facts.user_id,
        facts.agent_name,
        facts.agent_version,
        user_text,
        assistant_text,
        facts.tool_name,
        facts.model,
        facts.input_tokens,
        facts.output_tokens,
        facts.error,
        facts.prefix_hash,
        facts.result_hash,
        _labels(facts),
    )


def packed_block(spans: Sequence[StoredSpan]) -> bytes:
    """Return the contents of `spans` as one compressed block."""
    return compressed(_encoder.encode([_content(s.span) for s in spans]))


def packed_resource(span: Span) -> bytes:
    """Return the resource of `span` as the key and content of its source."""
    return _encoder.encode(span.resource)


def unpacked_block(content: bytes) -> list[list[Any]]:
    """Return the contents that `packed_block` packed, in its order."""
    contents: list[list[Any]] = _decoder.decode(decompressed(content))
    return contents


def unpacked_resource(content: bytes) -> dict[str, Any]:
    """Return the resource that `packed_resource` packed."""
    resource: dict[str, Any] = _decoder.decode(content)
    return resource


def span_of(
    row: Row, *, project: str, origin: Origin, content: list[Any], source: tuple[Any, str, str]
) -> StoredSpan:
    """Return the span that a row of `SELECT`, its content and its source describe."""
    parent, name, status, message, otel_kind, attributes, events = content
    resource, scope_name, scope_version = source
    return StoredSpan(
        project=project,
        origin=origin,
        span=Span(
            trace_id=row[0],
            span_id=row[1],
            parent_span_id=parent,
            name=name,
            start_ns=row[2],
            end_ns=row[3],
            status=status,
            status_message=message,
            otel_kind=otel_kind,
            attributes=attributes,
            events=tuple(SpanEvent(name=n, time_ns=t, attributes=a) for n, t, a in events),
            scope_name=scope_name,
            scope_version=scope_version,
            resource=resource,
        ),
        facts=facts_of_row(row[7:]),
    )


def facts_of_row(row: Row) -> SpanFacts:
    """Return the facts of the columns from `reader` on."""
    tags, labels = _read_labels(row[15]) if row[15] else ((), ())
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


def check(stored: StoredSpan) -> None:
    """Raise StoreError, naming the span, if it holds something that cannot be kept."""
    span, facts = stored.span, stored.facts
    try:
        _encoder.encode((_content(span), span.resource))
        _encoder.encode(facts)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise _unfit(span, str(error)) from error
    if not (-(2**63) <= span.start_ns < 2**63 and -(2**63) <= span.end_ns < 2**63):
        raise _unfit(span, "a time beyond 64 bits")


def check_log(log: StoredLog) -> None:
    """Raise StoreError, naming the span, if a log record holds something that cannot be kept."""
    record = log.record
    try:
        _encoder.encode((record.event.name, record.event.attributes, record.event.body))
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise StoreError(
            f"the log record {record.event.name[:80]!r} holds something that cannot be kept "
            f"({error})",
            where=f"span {record.span_id} of trace {record.trace_id}",
            next_step="leave this record out, or correct the exporter that made it",
        ) from error


def _labels(facts: SpanFacts) -> bytes | None:
    return _encoder.encode((facts.tags, facts.labels)) if facts.tags or facts.labels else None


def _content(span: Span) -> Row:
    events = [(event.name, event.time_ns, event.attributes) for event in span.events]
    return (
        span.parent_span_id,
        span.name,
        span.status,
        span.status_message,
        span.otel_kind,
        span.attributes,
        events,
    )


def _unfit(span: Span, why: str) -> StoreError:
    return StoreError(
        f"the span holds something that cannot be kept ({why})",
        where=f"span {span.span_id} of trace {span.trace_id}",
        next_step="leave this span out, or correct the exporter that made it",
    )
