"""The trace context that each replayed turn runs in, so that the agent's spans come home.

A trace id is the attempt's key (16 hex digits, known to the journal before the first turn is
sent) and 16 digits derived from the turn. Headers follow W3C Trace Context and W3C Baggage.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote

from reenact.domain.run import CallExecution


def new_trace_key() -> str:
    """Return a fresh key for an attempt: 16 hex digits, never all zero."""
    return secrets.token_hex(8) if (key := secrets.token_hex(8)) == "0" * 16 else key


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnTrace:
    """Trace and span id of one turn, and the baggage that goes with it."""

    trace_id: str
    span_id: str
    baggage: Mapping[str, str]

    @property
    def headers(self) -> dict[str, str]:
        """`traceparent` and `baggage`, for an agent reached over HTTP."""
        return {
            "traceparent": f"00-{self.trace_id}-{self.span_id}-01",
            "baggage": ",".join(f"{key}={quote(text)}" for key, text in self.baggage.items()),
        }


def trace_of_turn(call: CallExecution, turn: int) -> TurnTrace:
    """Return the trace of `turn` in the running attempt of `call`."""
    if call.trace_key is None or call.session_id is None:
        raise ValueError(f"call {call.id} has no running attempt")
    rest = hashlib.blake2b(f"{call.trace_key}:{turn}".encode(), digest_size=16).hexdigest()
    return TurnTrace(
        trace_id=call.trace_key + rest[:16],
        span_id=rest[16:],
        baggage={
            "reenact.run": call.run_id,
            "reenact.row": call.row_id,
            "reenact.turn": str(turn),
            "session.id": call.session_id,
        },
    )


@contextmanager
def in_trace(trace: TurnTrace) -> Iterator[None]:
    """Make `trace` the current OpenTelemetry context of this process's instrumentation."""
    from opentelemetry import baggage, context
    from opentelemetry.trace import (
        NonRecordingSpan,
        SpanContext,
        TraceFlags,
        set_span_in_context,
    )

    span = SpanContext(
        trace_id=int(trace.trace_id, 16),
        span_id=int(trace.span_id, 16),
        is_remote=True,
        trace_flags=TraceFlags(TraceFlags.SAMPLED),
    )
    current = set_span_in_context(NonRecordingSpan(span))
    for key, text in trace.baggage.items():
        current = baggage.set_baggage(key, text, current)
    token = context.attach(current)
    try:
        yield
    finally:
        context.detach(token)
