"""Spans and log records into the store, with their facts, under their projects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from reenact.capture.facts import facts_of
from reenact.domain.span import LogRecord, Origin, Span, StoredLog, StoredSpan
from reenact.store.spans import SpanStore

PROJECT_KEYS = ("openinference.project.name", "project_name", "service.name")
DEFAULT_PROJECT = "default"
REPLAY_MARK = "reenact.run"
"""Attribute of spans that a replay made itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """What became of a batch of spans and log records."""

    taken: int = 0
    duplicates: int = 0
    logs: int = 0
    """Log records that were taken."""
    projects: tuple[str, ...] = ()
    replays: int = 0
    """How many of the spans belong to replays."""
    readers: Mapping[str, int] = field(default_factory=dict)
    """How many spans each dialect's reader read."""


ReplaysAmong = Callable[[Collection[str]], Collection[str]]
"""Tells which of some trace ids belong to replays."""


def no_replays(trace_ids: Collection[str]) -> Collection[str]:
    """Say that none of these traces is a replay's."""
    return ()


def readied(spans: Iterable[Span], project: str | None) -> Iterator[StoredSpan]:
    """Yield `spans` as they are stored: with facts and project, as replays where marked so."""
    for span in spans:
        origin: Origin = "replay" if REPLAY_MARK in span.attributes else "production"
        yield StoredSpan(
            project=project or project_of(span.resource),
            span=span,
            facts=facts_of(span),
            origin=origin,
        )


def ingest_readied(
    spans: Sequence[StoredSpan],
    *,
    logs: Iterable[LogRecord] = (),
    store: SpanStore,
    project: str | None = None,
    replays_among: ReplaysAmong = no_replays,
) -> Ingested:
    """Store spans that are `readied`, then `logs`; they are durable when this returns.

    `replays_among` tells by trace id whether a trace was made by a replay; such spans never show
    among production data. `project` is that of the log records; None for what they say.

    Raises:
        StoreError: nothing was stored, or the spans but not the log records.
    """
    replays = replays_among({one.span.trace_id for one in spans})
    if replays:
        spans = [
            replace(one, origin="replay") if one.span.trace_id in replays else one for one in spans
        ]
    appended = store.append(spans)
    records = [
        StoredLog(project=project or project_of(record.resource), record=record) for record in logs
    ]
    logged = store.append_logs(records).taken if records else 0
    return Ingested(
        taken=appended.taken,
        duplicates=appended.duplicates,
        logs=logged,
        projects=tuple(dict.fromkeys([s.project for s in spans] + [r.project for r in records])),
        replays=sum(one.origin == "replay" for one in spans),
        readers=dict(Counter([one.facts.reader for one in spans])),
    )


def project_of(resource: Mapping[str, Any]) -> str:
    """Return the project that a resource names."""
    for key in PROJECT_KEYS:
        name = resource.get(key)
        if isinstance(name, str) and name.strip():
            return name.strip()
    return DEFAULT_PROJECT
