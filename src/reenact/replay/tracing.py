"""The trace context that each replayed turn runs in, so that the agent's spans come home.

A trace id is the attempt's key (16 hex digits, known to the journal before the first turn is
sent) and 16 digits derived from the turn. Headers follow W3C Trace Context and W3C Baggage.
"""

from __future__ import annotations

import functools
import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any
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
    attempt: tuple[tuple[str, str], ...]
    """The baggage that all turns of the attempt share."""
    turn: int
    """Its number: the baggage of this turn alone."""
    headers: dict[str, str]
    """`traceparent` and `baggage`, for an agent reached over HTTP."""


class AttemptTraces:
    """The traces of one attempt, turn by turn."""

    def __init__(self, call: CallExecution):
        if call.trace_key is None or call.session_id is None:
            raise ValueError(f"call {call.id} has no running attempt")
        self._key = call.trace_key
        self._baggage = (
            ("reenact.run", call.run_id),
            ("reenact.row", call.row_id),
            ("session.id", call.session_id),
        )
        self._header = ",".join(f"{key}={quote(text)}" for key, text in self._baggage)

    def turn(self, index: int) -> TurnTrace:
        """Return the trace of the turn with this index."""
        rest = hashlib.blake2b(f"{self._key}:{index}".encode(), digest_size=16).hexdigest()
        trace_id, span_id = self._key + rest[:16], rest[16:]
        return TurnTrace(
            trace_id=trace_id,
            span_id=span_id,
            attempt=self._baggage,
            turn=index,
            headers={
                "traceparent": f"00-{trace_id}-{span_id}-01",
                "baggage": f"{self._header},reenact.turn={index}",
            },
        )


@contextmanager
def in_trace(trace: TurnTrace) -> Iterator[None]:
    """Make `trace` the current OpenTelemetry context of this process's instrumentation.

    Nothing of the caller's own context goes in: its baggage is none of the agent's business.
    """
    baggage, context, tracing = _opentelemetry()
    span = tracing.SpanContext(
        trace_id=int(trace.trace_id, 16),
        span_id=int(trace.span_id, 16),
        is_remote=True,
        trace_flags=tracing.TraceFlags(tracing.TraceFlags.SAMPLED),
    )
    current = _of_attempt(trace.attempt)
    current = baggage.set_baggage("reenact.turn", str(trace.turn), current)
    current = tracing.set_span_in_context(tracing.NonRecordingSpan(span), current)
    token = context.attach(current)
    try:
        yield
    finally:
        context.detach(token)


@functools.lru_cache(maxsize=1024)
def _of_attempt(shared: tuple[tuple[str, str], ...]) -> Any:
    """Return a context with the baggage of an attempt; every entry more copies all of them."""
    baggage, context, _ = _opentelemetry()
    current = context.Context()
    for key, text in shared:
        current = baggage.set_baggage(key, text, current)
    return current


@functools.cache
def _opentelemetry() -> tuple[ModuleType, ModuleType, ModuleType]:
    """Return the API's modules, imported when the first talk is replayed."""
    from opentelemetry import baggage, context, trace

    return baggage, context, trace
