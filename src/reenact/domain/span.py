"""Spans as OpenTelemetry sends them, and the facts a reader found in each.

Millions of them are made, so these are structs: as frozen as the dataclasses around them, and
made in a fifth of the time. `msgspec.structs.replace` gives a changed one. The span store keeps
spans, their events and their facts as arrays: new fields go to the end, with a default.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

SpanStatus = Literal["unset", "ok", "error"]
SpanKind = Literal["agent", "model", "tool", "retrieval", "handoff", "other"]
Origin = Literal["production", "replay"]


class SpanEvent(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """Something that happened inside a span (an exception, a first token), or a log record."""

    name: str
    time_ns: int
    attributes: Mapping[str, Any] = {}
    body: Any = None
    """What a log record says; events of the span itself have no body."""


class Span(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """One span as it was on the wire. Ids are lower-case hex, times Unix nanoseconds."""

    trace_id: str
    span_id: str
    parent_span_id: str | None
    name: str
    start_ns: int
    end_ns: int
    status: SpanStatus = "unset"
    status_message: str = ""
    otel_kind: int = 0
    """The SpanKind number of OTLP (1 internal, 2 server, 3 client, ...)."""
    attributes: Mapping[str, Any] = {}
    events: tuple[SpanEvent, ...] = ()
    logs: tuple[SpanEvent, ...] = ()
    """The log records that name this span, in order. They come by another way than the span."""
    scope_name: str = ""
    scope_version: str = ""
    resource: Mapping[str, Any] = {}


class LogRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A log record that was written inside of a span and says what a model was told or said."""

    trace_id: str
    span_id: str
    event: SpanEvent
    resource: Mapping[str, Any] = {}


class SpanFacts(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What filters, lists and joins need to know of a span; extracted once, at ingest."""

    reader: str
    """Name of the dialect reader that gave these facts."""
    kind: SpanKind = "other"
    session_id: str | None = None
    user_id: str | None = None
    agent_name: str | None = None
    agent_version: str | None = None
    user_text: str | None = None
    """The user's words that this span answers (for a model call: the last user message)."""
    assistant_text: str | None = None
    tool_name: str | None = None
    model: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    error: str | None = None
    tags: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    """Short metadata, each as `key=value`: what sessions can be found by."""
    prefix_hash: str | None = None
    """Model calls: hash of the input history up to its last assistant message."""
    result_hash: str | None = None
    """Model calls: hash of the input history plus the output. A later call whose
    `prefix_hash` equals it continues the same talk."""


class StoredSpan(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """A span with its facts, as the span store takes it and gives it back."""

    project: str
    span: Span
    facts: SpanFacts
    origin: Origin = "production"


class StoredLog(msgspec.Struct, frozen=True, kw_only=True):
    """A log record as the span store takes it; it is given back as a part of its span."""

    project: str
    record: LogRecord
