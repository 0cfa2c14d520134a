"""Which log records belong to a conversation, and how they become events of their span."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reenact.capture.limits import BadSpan
from reenact.capture.values import MAX_TIME_NS
from reenact.domain.span import LogRecord, SpanEvent

_GENAI = "gen_ai."


def record_of(
    *,
    trace_id: str,
    span_id: str,
    name: str,
    time_ns: int,
    observed_ns: int,
    attributes: Mapping[str, Any],
    body: Any,
    resource: Mapping[str, Any],
) -> LogRecord | None:
    """Return the record as an event of its span; None where it tells nothing of a model call.

    Programs write all kinds of lines into their logs. Those of the GenAI conventions have a name
    or attributes that begin with `gen_ai.`. Older SDKs put the name into `event.name`; libraries
    that leave the record's own time out are ordered by when it was observed.

    Raises:
        BadSpan: where it tells of a model call, but not in which span.
    """
    named = name or attributes.get("event.name")
    event = named if isinstance(named, str) else ""
    if not event.startswith(_GENAI) and not any(key.startswith(_GENAI) for key in attributes):
        return None
    if not trace_id or not span_id:
        raise BadSpan("it names no trace and span that it belongs to")
    at = min(max(time_ns or observed_ns, 0), MAX_TIME_NS)
    return LogRecord(
        trace_id=trace_id,
        span_id=span_id,
        event=SpanEvent(name=event, time_ns=at, attributes=attributes, body=body),
        resource=resource,
    )
