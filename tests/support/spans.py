"""Spans for tests of the store: small, with only what a test speaks of."""

from __future__ import annotations

from typing import Any

from msgspec.structs import fields

from reenact.domain.span import Origin, Span, SpanFacts, StoredSpan

_FACTS = {field.name for field in fields(SpanFacts)}
TUESDAY = 1_760_000_000_000_000_000
"""A moment in Unix nanoseconds."""


def a_span(
    number: int,
    *,
    trace: str = "a" * 32,
    at: int | None = None,
    project: str = "shop",
    origin: Origin = "production",
    **given: Any,
) -> StoredSpan:
    """Return a span that starts `at` seconds (else `number`) after Tuesday's first.

    What `given` names is a fact where facts have such a field, and else belongs to the span.
    """
    start = TUESDAY + (number if at is None else at) * 1_000_000_000
    facts = {name: value for name, value in given.items() if name in _FACTS}
    span = {name: value for name, value in given.items() if name not in _FACTS}
    values: dict[str, Any] = {
        "trace_id": trace,
        "span_id": f"{number:016x}",
        "parent_span_id": None,
        "name": "step",
        "start_ns": start,
        "end_ns": start + 500_000_000,
        "resource": {"service.name": "support"},
        **span,
    }
    return StoredSpan(
        project=project,
        span=Span(**values),
        facts=SpanFacts(**{"reader": "generic", **facts}),
        origin=origin,
    )


def a_trace(letter: str) -> str:
    """Return a trace id made of one hex digit."""
    return letter * 32
