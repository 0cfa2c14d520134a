"""The port of the span store: what every backend takes and gives."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from reenact.domain.selection import (
    Choices,
    Filter,
    ProjectSummary,
    Retention,
    SessionSummary,
    UserSummary,
)
from reenact.domain.span import Origin, SpanFacts, StoredLog, StoredSpan
from reenact.errors import StoreError


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended:
    """What became of appended spans or log records: stored now, or there before."""

    taken: int
    duplicates: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """What was removed."""

    sessions: int = 0
    traces: int = 0
    spans: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reindexed:
    """What reading stored spans again has changed."""

    traces: int
    """Traces that were read."""
    changed: int
    """Spans whose facts were not as they are read now."""


@dataclass(frozen=True, slots=True)
class FactsReader:
    """How a store reads the facts of a span again: with its log records, or by a newer reader."""

    version: int
    """Rises with every change of what is read."""
    read: Callable[[StoredSpan], SpanFacts]


def _as_given(stored: StoredSpan) -> SpanFacts:
    return stored.facts


AS_GIVEN = FactsReader(version=0, read=_as_given)
"""Leaves the facts as they came with the spans."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LooseTrace:
    """A production trace of which no span names a session; its hashes may link it to others."""

    trace_id: str
    started_at: int
    """Unix nanoseconds."""
    user_id: str | None
    """The first user that a span names."""
    service: str | None
    """`service.name` of the resource of its first span that has one."""
    prefix_hashes: tuple[str, ...]
    """`SpanFacts.prefix_hash` of its model calls, by start."""
    result_hashes: tuple[str, ...]
    """`SpanFacts.result_hash` of its model calls, by start."""


ANY = Filter()
Seen = tuple[int, str] | None
"""The last thing seen of a list: the moment it is listed by, in microseconds since 1970, and its
bare id."""
MOST_CHOICES = 200


class SpanStore(Protocol):
    """Keeps spans as they came, with their facts; lists and finds sessions and traces.

    Only production spans show in projects, sessions, traces, counts and loose traces. A trace
    is a replay's as soon as one of its spans is appended as such. A trace belongs to the
    session that its earliest span with a session id names, whenever that span arrives.
    Methods may be called from several threads, and several processes may share one store.
    """

    def append(self, spans: Iterable[StoredSpan]) -> Appended:
        """Store `spans`; durable when it returns. A span that is there already stays as it is.

        A span is known by project, trace id and span id.

        Raises:
            StoreError: nothing of `spans` is stored then.
        """

    def append_logs(self, logs: Iterable[StoredLog]) -> Appended:
        """Store log records; durable when it returns. The same record twice is kept once.

        They come back in `Span.logs`. It does not matter whether they come before or after their
        span: the span's facts are read with all of them, and what rests on facts is exact. A
        record whose span never comes is kept and shows nowhere.

        Raises:
            StoreError: nothing of `logs` is stored then.
        """

    def projects(self) -> tuple[ProjectSummary, ...]:
        """Return the projects that hold production spans, by name."""

    def sessions(
        self,
        project: str,
        filter: Filter = ANY,
        *,
        limit: int | None = None,
        offset: int = 0,
        after: Seen = None,
    ) -> tuple[SessionSummary, ...]:
        """Return the sessions that `filter` lets through: latest start first, then id.

        Each field of `filter` must hold somewhere in the session. `since` is inclusive, `until`
        exclusive, both for the session's start. `text`: all its words in one thing said or in
        one tool's name. `after` leaves out what is not behind the last one seen.
        """

    def traces(
        self,
        project: str,
        filter: Filter = ANY,
        *,
        limit: int | None = None,
        offset: int = 0,
        after: Seen = None,
    ) -> tuple[SessionSummary, ...]:
        """Return every trace as `sessions` does sessions, with the id `trace:<trace id>`."""

    def count_sessions(self, project: str, filter: Filter = ANY) -> int:
        """Return how many sessions `sessions` lists without a limit."""

    def count_traces(self, project: str, filter: Filter = ANY) -> int:
        """Return how many traces `traces` lists without a limit."""

    def users(
        self, project: str, *, text: str | None = None, limit: int, after: Seen = None
    ) -> tuple[UserSummary, ...]:
        """Return the users whose id holds `text`, who was seen last first, then by id.

        Case does not matter. `after` is the last moment (us) and the id of the last one listed.
        """

    def choices(self, project: str) -> Choices:
        """Return what filters can choose from: the first `MOST_CHOICES` values of each by name."""

    def spans_of_session(self, project: str, session_id: str) -> tuple[StoredSpan, ...]:
        """Return all spans of all traces of a session, by start; empty where it is unknown."""

    def spans_of_traces(
        self, project: str, trace_ids: Collection[str], *, origin: Origin = "production"
    ) -> tuple[StoredSpan, ...]:
        """Return the spans of the traces that have `origin`, by start; unknown ids give none."""

    def replay_spans(self, trace_ids: Collection[str]) -> tuple[StoredSpan, ...]:
        """Return the spans of these replayed traces, whatever project they came under.

        A replayed agent may name its service otherwise than the recorded one did.
        """

    def loose_traces(self, project: str) -> tuple[LooseTrace, ...]:
        """Return the traces without a session, by start."""

    def mark_replay(self, project: str, trace_key: str) -> int:
        """Make every trace whose id starts with `trace_key` a replay's; return how many were moved.

        `trace_key` is the 16 hex digits that an attempt's trace ids share.
        """

    def delete(
        self, project: str, *, sessions: Collection[str] = (), traces: Collection[str] = ()
    ) -> Deleted:
        """Remove these sessions and traces with all their spans and log records, for good.

        Unknown ids are not an error: what was asked for is then the case already.
        """

    def drop_lone_logs(self, project: str, *, before: datetime) -> int:
        """Remove log records older than `before` whose trace is not there; return how many."""

    def compact(self) -> None:
        """Give the room of what was deleted back to the disk; nothing can be written meanwhile."""

    def stale(self) -> int:
        """Return how many traces an older reader has read."""

    def reindex(
        self,
        *,
        everything: bool = False,
        on_progress: Callable[[int], None] = lambda traces: None,
    ) -> Reindexed:
        """Read the facts of stale traces again; what rests on them is exact again.

        With `everything` that of all traces, and lists, filters and the full-text index are made
        again from nothing but spans. A reindex that was stopped goes on where it was.
        `on_progress` is called with the number of traces read so far.
        """

    def retention(self, project: str) -> Retention | None:
        """Return what is kept of a project, None where everything is."""

    def set_retention(self, project: str, retention: Retention | None) -> None:
        """Say what is kept of a project from now on; it may hold nothing yet."""

    def retentions(self) -> tuple[tuple[str, Retention], ...]:
        """Return the projects of which not everything is kept, by name."""

    def close(self) -> None:
        """Let go of files and connections; the store is not used after this."""


_NO_FILE = ("", ":memory:")


def open_span_store(url: str, *, facts: FactsReader = AS_GIVEN) -> SpanStore:
    """Open the span store at `url` (`sqlite:///relative.db`, `sqlite:////absolute.db`).

    It is made where it is not there, and brought up to date where it is older. `facts` reads the
    facts of spans that are there already.

    Raises:
        StoreError: for an unknown kind of URL, a file that is no span store, a newer store.
    """
    scheme, separator, rest = url.partition("://")
    if separator and scheme == "sqlite" and rest.startswith("/") and rest[1:] not in _NO_FILE:
        from reenact.store.sqlite.store import SqliteSpanStore

        return SqliteSpanStore(rest[1:], facts=facts)
    raise StoreError(
        f"no span store can be opened at {scheme}://…" if separator else "this is not a URL",
        where="REENACT_SPANS_URL",
        next_step="use sqlite:///spans.db (beside you) or sqlite:////folder/spans.db (absolute)",
    )
