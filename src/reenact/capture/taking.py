"""Spans on their way into the store, batch by batch, and the account of what became of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from reenact.capture.ingest import (
    Ingested,
    ReplaysAmong,
    ingest_readied,
    no_replays,
    project_of,
    readied,
)
from reenact.capture.limits import MAX_REASONS
from reenact.capture.summary import FidelitySummary, summarise
from reenact.domain.span import LogRecord, Span, StoredSpan
from reenact.store.spans import SpanStore

BATCH_SPANS = 2_000
"""Spans that go to the store in one commit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of spans that were taken in."""

    taken: int = 0
    duplicates: int = 0
    """Spans that the store held already."""
    rejected: int = 0
    """Spans and log records that could not be kept; `reasons` says why."""
    reasons: tuple[str, ...] = ()
    """The first reasons; equal ones once."""
    logs: int = 0
    """Log records of model calls that were taken."""
    ignored: int = 0
    """Other log records: read, and not kept."""
    projects: tuple[str, ...] = ()
    replays: int = 0
    readers: dict[str, int] = field(default_factory=dict)
    """Spans by the dialect reader that read them."""
    conversations: dict[str, int] = field(default_factory=dict)
    """Conversations by project, as they are in the store now."""
    fidelity: dict[str, FidelitySummary] = field(default_factory=dict)
    """By project: how complete the conversations are that were touched."""


class Taking:
    """Takes spans in; what waits is durable after `flush`."""

    def __init__(
        self,
        store: SpanStore,
        *,
        project: str | None = None,
        replays_among: ReplaysAmong = no_replays,
    ) -> None:
        self._store = store
        self._project = project
        self._replays_among = replays_among
        self._done: list[Ingested] = []
        self._waiting: list[StoredSpan] = []
        self._logs: list[LogRecord] = []
        self._touched: dict[str, dict[str, int]] = {}
        self._rejected = self._ignored = 0
        self._reasons: dict[str, None] = {}

    def add(self, spans: Iterable[Span], logs: Iterable[LogRecord] = ()) -> None:
        """Take `spans` and log records, and commit where enough of them wait."""
        self.add_readied(readied(spans, self._project), logs)

    def add_readied(self, spans: Iterable[StoredSpan], logs: Iterable[LogRecord] = ()) -> None:
        """As `add`, for spans that are `readied` for this project already."""
        for one in spans:
            self._waiting.append(one)
            self._touch(one.project, one.span.trace_id, one.span.start_ns)
        for record in logs:
            self._logs.append(record)
            project = self._project or project_of(record.resource)
            self._touch(project, record.trace_id, record.event.time_ns)
        if len(self._waiting) + len(self._logs) >= BATCH_SPANS:
            self.flush()

    def ignore(self, count: int) -> None:
        """Count log records that nothing reads."""
        self._ignored += count

    def reject(self, *reasons: str, count: int = 1) -> None:
        """Count `count` spans that could not be kept, and remember why while there is room."""
        self._rejected += count
        for reason in reasons:
            if len(self._reasons) < MAX_REASONS:
                self._reasons[reason] = None

    def flush(self) -> None:
        """Commit what waits."""
        spans, self._waiting = self._waiting, []
        logs, self._logs = self._logs, []
        if spans or logs:
            self._done.append(
                ingest_readied(
                    spans,
                    logs=logs,
                    store=self._store,
                    project=self._project,
                    replays_among=self._replays_among,
                )
            )

    @property
    def stored(self) -> int:
        """How many spans were committed, those included that were there before."""
        return sum(done.taken + done.duplicates for done in self._done)

    @property
    def new(self) -> int:
        """How many spans were committed that were not there before."""
        return sum(done.taken for done in self._done)

    @property
    def rejected(self) -> int:
        """How many spans could not be kept."""
        return self._rejected

    def account(self) -> Taken:
        """Return the counts of everything that was committed, and its fidelity."""
        readers: Counter[str] = Counter()
        for done in self._done:
            readers.update(done.readers)
        projects = tuple(sorted({name for done in self._done for name in done.projects}))
        return Taken(
            taken=self.new,
            duplicates=sum(done.duplicates for done in self._done),
            rejected=self._rejected,
            reasons=tuple(self._reasons),
            logs=sum(done.logs for done in self._done),
            ignored=self._ignored,
            projects=projects,
            replays=sum(done.replays for done in self._done),
            readers=dict(readers.most_common()),
            conversations={name: self._conversations(name) for name in projects},
            fidelity={
                name: summarise(self._store, name, self._touched.get(name, {})) for name in projects
            },
        )

    def _touch(self, project: str, trace_id: str, time_ns: int) -> None:
        """Remember that a trace was touched, and the latest moment that was heard of it."""
        traces = self._touched.setdefault(project, {})
        if time_ns > traces.get(trace_id, -1):
            traces[trace_id] = time_ns

    def _conversations(self, project: str) -> int:
        from reenact.capture.joining import joined

        loose = joined(self._store.loose_traces(project))
        return self._store.count_sessions(project) + len(loose)
