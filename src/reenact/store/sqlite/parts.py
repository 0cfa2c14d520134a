"""Parts: the spans of one trace that came together, with their facts, as one compressed value.

Spans of one trace repeat each other, so they compress well together; and a row for several
spans costs little more than a row for one. What lists and filters need is in tables beside.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from reenact.domain.span import Span, SpanFacts, StoredLog, StoredSpan
from reenact.errors import StoreError
from reenact.store.sqlite.compression import compressed, decompressed

Kept = tuple[Span, SpanFacts]
"""A span without its log records, which are stored by themselves, and its facts."""

PartRow = tuple[int, int, int, bytes, bytes]
"""Its id, its trace, how many spans, their ids, and all of them."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Kept]).decode
_ID_BYTES = 8
TIME_END = 2**63
"""Unix nanoseconds that no time may reach: columns hold 64 bits with a sign."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stored part: its row id and what it holds, in the order in which it came."""

    id: int
    kept: list[Kept]


def part_row(part: int, trace: int, kept: Sequence[Kept]) -> PartRow:
    """Return the row of `parts` that holds `kept`.

    Raises:
        TypeError, ValueError, OverflowError, RecursionError: one of them cannot be kept.
    """
    ids = bytes.fromhex("".join([span.span_id for span, _ in kept]))
    if len(ids) != _ID_BYTES * len(kept):
        raise ValueError("a span id is not 16 hex digits")
    return part, trace, len(kept), ids, compressed(_encode(kept))


def write_parts(connection: sqlite3.Connection, rows: Iterable[PartRow]) -> None:
    """Write new rows of `parts`."""
    connection.executemany(
        "INSERT INTO parts (id, trace, spans, span_ids, content) VALUES (?, ?, ?, ?, ?)", rows
    )


def write_links(connection: sqlite3.Connection, trace: int, kept: Iterable[Kept]) -> None:
    """Note by which histories a trace without a session may be joined to others."""
    links = [
        (trace, span.start_ns, span.span_id, facts.prefix_hash, facts.result_hash)
        for span, facts in kept
        if facts.prefix_hash or facts.result_hash
    ]
    if links:  # asking the database costs as much as ten spans
        connection.executemany("INSERT INTO links VALUES (?, ?, ?, ?, ?)", links)


def span_ids_of(connection: sqlite3.Connection, trace: int) -> set[str]:
    """Return the ids of the spans that a trace holds."""
    rows = connection.execute("SELECT span_ids FROM parts WHERE trace = ?", (trace,))
    joined = b"".join([ids for (ids,) in rows]).hex()
    width = 2 * _ID_BYTES
    return {joined[at : at + width] for at in range(0, len(joined), width)}


def parts_of(connection: sqlite3.Connection, trace: int) -> Iterator[Part]:
    """Yield the parts of a trace as they came."""
    rows = connection.execute("SELECT id, content FROM parts WHERE trace = ? ORDER BY id", (trace,))
    return (Part(id, unpacked(content)) for id, content in rows.fetchall())


def rewrite_part(connection: sqlite3.Connection, part: int, kept: Sequence[Kept]) -> None:
    """Put `kept` in the place of what a part holds of the same spans."""
    connection.execute(
        "UPDATE parts SET content = ? WHERE id = ?", (compressed(_encode(kept)), part)
    )


def drop_parts(connection: sqlite3.Connection, trace: int) -> int:
    """Remove the spans of a trace; return how many there were."""
    row = connection.execute("SELECT total(spans) FROM parts WHERE trace = ?", (trace,)).fetchone()
    connection.execute("DELETE FROM parts WHERE trace = ?", (trace,))
    drop_links(connection, trace)
    return int(row[0])


def drop_links(connection: sqlite3.Connection, trace: int) -> None:
    """Forget the histories of a trace."""
    connection.execute("DELETE FROM links WHERE trace = ?", (trace,))


def unpacked(content: bytes) -> list[Kept]:
    """Return what a part holds."""
    return _decode(decompressed(content))


def kept_of(stored: StoredSpan) -> Kept:
    """Return what is kept of a span; its log records are in a table of their own."""
    span = stored.span
    return (msgspec.structs.replace(span, logs=()) if span.logs else span), stored.facts


def check(stored: StoredSpan) -> None:
    """Raise StoreError, naming the span, if it holds something that cannot be kept."""
    span = stored.span
    try:
        part_row(0, 0, [kept_of(stored)])
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise _unfit(span, str(error)) from error
    if not (-TIME_END <= span.start_ns < TIME_END and -TIME_END <= span.end_ns < TIME_END):
        raise _unfit(span, "a time beyond 64 bits")


def check_log(log: StoredLog) -> None:
    """Raise StoreError, naming the span, if a log record holds something that cannot be kept."""
    record = log.record
    try:
        _encode((record.event.name, record.event.attributes, record.event.body))
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise StoreError(
            f"the log record {record.event.name[:80]!r} holds something that cannot be kept "
            f"({error})",
            where=f"span {record.span_id} of trace {record.trace_id}",
            next_step="leave this record out, or correct the exporter that made it",
        ) from error


def _unfit(span: Span, why: str) -> StoreError:
    return StoreError(
        f"the span holds something that cannot be kept ({why})",
        where=f"span {span.span_id} of trace {span.trace_id}",
        next_step="leave this span out, or correct the exporter that made it",
    )
