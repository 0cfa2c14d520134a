"""Spans as they were decoded into a store, in one step."""

from __future__ import annotations

from collections.abc import Iterable

from reenact.capture.ingest import Ingested, ReplaysAmong, ingest_readied, no_replays, readied
from reenact.domain.span import LogRecord, Span
from reenact.store.spans import SpanStore


def ingest(
    spans: Iterable[Span],
    *,
    logs: Iterable[LogRecord] = (),
    store: SpanStore,
    project: str | None = None,
    replays_among: ReplaysAmong = no_replays,
) -> Ingested:
    """Store `spans`, then `logs`; `project` wins over what the spans say."""
    return ingest_readied(
        tuple(readied(spans, project)),
        logs=logs,
        store=store,
        project=project,
        replays_among=replays_among,
    )
