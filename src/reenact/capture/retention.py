"""Retention: what is no longer kept of each project goes, whole conversations at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Protocol

from reenact.capture.joining import joined
from reenact.domain.selection import Filter, Retention, SessionSummary
from reenact.store.spans import SpanStore

_PAGE = 500
_AT_ONCE = 100
"""Sessions of one transaction: receiving waits no longer than that takes."""
_LONGEST = timedelta(days=1)
"""Sessions that began longer than this before the last sweep were judged by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What a sweep removed of a project, and how many conversations it looked at."""

    project: str
    looked_at: int = 0
    expired: int = 0
    """Conversations that were older than what is kept."""
    sampled_out: int = 0
    """Conversations that were not drawn."""
    spans: int = 0
    logs: int = 0
    """Log records whose span never came."""


def sweep(store: SpanStore, *, now: datetime, last: datetime | None = None) -> tuple[Swept, ...]:
    """Delete what is not kept; return what was, by project.

    Recordings stay: they were chosen. `last` is when this was done before; what was judged then
    is not looked at again for its share.
    """
    return tuple(
        _Sweep(store, project, retention, now, last).run()
        for project, retention in store.retentions()
    )


def is_drawn(id: str, share: float) -> bool:
    """Tell whether the conversation `id` is among the share that is kept.

    It depends on the id alone: late spans of a conversation share its fate.
    """
    drawn = int.from_bytes(blake2b(id.encode(), digest_size=8).digest()) / 2**64
    return drawn < share


@dataclass(frozen=True, slots=True, kw_only=True)
class _Talk:
    """A session, or traces that make one conversation."""

    id: str
    ended_at: datetime
    session: str | None = None
    traces: tuple[str, ...] = ()


class _Listed(Protocol):
    def __call__(
        self, project: str, filter: Filter, *, limit: int | None, offset: int
    ) -> tuple[SessionSummary, ...]: ...


class _Sweep:
    """One project."""

    def __init__(
        self,
        store: SpanStore,
        project: str,
        retention: Retention,
        now: datetime,
        last: datetime | None,
    ) -> None:
        self.store = store
        self.project = project
        self.retention = retention
        self.quiet_since = now - retention.quiet
        self.kept_since = now - retention.keep if retention.keep is not None else None
        self.judged_until = last - retention.quiet - _LONGEST if last else None
        self.looked_at = 0

    def run(self) -> Swept:
        expired = self._gone(list(self._expired()))
        drawn = self._gone(list(self._not_drawn()) if self.retention.share < 1 else [])
        logs = 0
        if self.kept_since is not None:
            logs = self.store.drop_lone_logs(self.project, before=self.kept_since)
        return Swept(
            project=self.project,
            looked_at=self.looked_at,
            expired=expired[0],
            sampled_out=drawn[0],
            spans=expired[1] + drawn[1],
            logs=logs,
        )

    def _expired(self) -> Iterator[_Talk]:
        if self.kept_since is None:
            return
        for talk in self._talks(Filter(until=self.kept_since)):
            if talk.ended_at < self.kept_since:
                yield talk

    def _not_drawn(self) -> Iterator[_Talk]:
        found = Filter(since=self.judged_until, until=self.quiet_since, error=False)
        for talk in self._talks(found):
            if talk.ended_at < self.quiet_since and not is_drawn(talk.id, self.retention.share):
                yield talk

    def _talks(self, filter: Filter) -> Iterator[_Talk]:
        """Yield sessions, and traces without one: those that continue one another as one."""
        for session in self._pages(self.store.sessions, filter):
            self.looked_at += 1
            yield _Talk(id=session.id, ended_at=session.ended_at, session=session.session_id)
        loose = {
            trace.trace_ids[0]: trace
            for trace in self._pages(self.store.traces, filter)
            if trace.session_id is None
        }
        if not loose:
            return
        for group in joined(self.store.loose_traces(self.project)):
            # A talk that has a trace outside of the filter is not over, or holds an error.
            if all(trace_id in loose for trace_id in group):
                self.looked_at += 1
                ended = max(loose[trace_id].ended_at for trace_id in group)
                yield _Talk(id=f"trace:{group[0]}", ended_at=ended, traces=group)

    def _pages(self, listed: _Listed, filter: Filter) -> Iterator[SessionSummary]:
        offset = 0
        while page := listed(self.project, filter, limit=_PAGE, offset=offset):
            yield from page
            offset += len(page)

    def _gone(self, talks: list[_Talk]) -> tuple[int, int]:
        """Delete `talks`; return how many there were and their spans."""
        spans = 0
        for start in range(0, len(talks), _AT_ONCE):
            some = talks[start : start + _AT_ONCE]
            spans += self.store.delete(
                self.project,
                sessions=[talk.session for talk in some if talk.session is not None],
                traces=[trace_id for talk in some for trace_id in talk.traces],
            ).spans
        return len(talks), spans
