"""Bounds on what one OTLP body may hold, and what decoding it gave."""

from __future__ import annotations

from dataclasses import dataclass, field

from reenact.domain.span import LogRecord, Span
from reenact.errors import DecodeError

TRUNCATED = "reenact.truncated"
"""Span attribute that lists the attributes which were cut, here or by the exporter."""

MAX_REASONS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Sizes above which a body is refused, or an attribute is cut and marked."""

    body_bytes: int = 20 * 2**20
    inflated_bytes: int = 64 * 2**20
    spans: int = 100_000
    span_attributes: int = 10_000
    span_events: int = 2_000
    attribute_depth: int = 16
    attribute_chars: int = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """The good spans or log records of a body, and how many were refused and why."""

    spans: tuple[Span, ...] = ()
    logs: tuple[LogRecord, ...] = ()
    ignored: int = 0
    """Log records that say nothing of a model call, and the points of metrics: well, not kept."""
    rejected: int = 0
    reasons: tuple[str, ...] = ()
    """The first reasons, at most `MAX_REASONS`; equal ones once."""
    size: int = field(default=0, compare=False)
    """Bytes of the body, inflated."""


class Rejections:
    """Counts the spans of one body that were refused."""

    def __init__(self) -> None:
        self.count = 0
        self._reasons: dict[str, None] = {}

    def add(self, reason: str) -> None:
        """Count one span, and keep its reason while there are few."""
        self.count += 1
        if len(self._reasons) < MAX_REASONS:
            self._reasons[reason] = None

    @property
    def reasons(self) -> tuple[str, ...]:
        """The distinct reasons, first met first."""
        return tuple(self._reasons)


class BadSpan(ValueError):
    """A span that cannot be kept; the text says why. Never leaves this room."""


def refuse_too_many(total: int, noun: str, *, limits: Limits, where: str) -> None:
    """Raise DecodeError where a body holds more spans, or log records, than `limits` allow."""
    if total > limits.spans:
        raise DecodeError(
            f"{total:,} {noun} in one body, more than {limits.spans:,}",
            where=where,
            next_step="let the exporter send smaller batches",
        )
