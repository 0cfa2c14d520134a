"""Spans and log records into the store, with their facts, under their projects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

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


def ingest(
    spans: Iterable[Span],
    *,
    logs: Iterable[LogRecord] = (),
    store: SpanStore,
    project: str | None = None,
    replays_among: ReplaysAmong = no_replays,
) -> Ingested:
    """Store `spans`, then `logs`; they are durable when this returns.

    `project` wins over what the spans' resource says. `replays_among` tells by trace id whether a
    trace was made by a replay; such spans never show among production data.

    Raises:
        StoreError: nothing was stored, or the spans but not the log records.
    """
    seen = _Seen()
    spans = tuple(spans)
    replays = replays_among({span.trace_id for span in spans})
    appended = store.append(seen.stored(spans, project, replays))
    records = seen.logged(logs, project)
    logged = store.append_logs(records).taken if records else 0
    return Ingested(
        taken=appended.taken,
        duplicates=appended.duplicates,
        logs=logged,
        projects=tuple(seen.projects),
        replays=seen.replays,
        readers=dict(seen.readers),
    )


def project_of(resource: Mapping[str, Any]) -> str:
    """Return the project that a resource names."""
    for key in PROJECT_KEYS:
        name = resource.get(key)
        if isinstance(name, str) and name.strip():
            return name.strip()
    return DEFAULT_PROJECT


class _Seen:
    """What passed by on the way into the store."""

    def __init__(self) -> None:
        self.projects: dict[str, None] = {}
        self.replays = 0
        self.readers: Counter[str] = Counter()

    def stored(
        self, spans: Iterable[Span], project: str | None, replays: Collection[str]
    ) -> Iterator[StoredSpan]:
        for span in spans:
            home = project or project_of(span.resource)
            facts = facts_of(span)
            replayed = span.trace_id in replays or REPLAY_MARK in span.attributes
            origin: Origin = "replay" if replayed else "production"
            self.projects[home] = None
            self.replays += origin == "replay"
            self.readers[facts.reader] += 1
            yield StoredSpan(project=home, span=span, facts=facts, origin=origin)

    def logged(self, logs: Iterable[LogRecord], project: str | None) -> list[StoredLog]:
        found = [
            StoredLog(project=project or project_of(record.resource), record=record)
            for record in logs
        ]
        self.projects.update(dict.fromkeys(one.project for one in found))
        return found
