"""A span store in a dictionary, for tests of what is built on the port."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime

from reenact.domain.selection import Filter, ProjectSummary, SessionSummary
from reenact.domain.span import Origin, StoredSpan
from reenact.store.spans import ANY, Appended, LooseTrace


class MemoryStore:
    """Keeps spans in memory, by project, trace and span id."""

    def __init__(self) -> None:
        self.spans: dict[tuple[str, str, str], StoredSpan] = {}
        self.replays: set[tuple[str, str]] = set()

    def append(self, spans: Iterable[StoredSpan]) -> Appended:
        taken = duplicates = 0
        for stored in spans:
            key = (stored.project, stored.span.trace_id, stored.span.span_id)
            if stored.origin == "replay":
                self.replays.add(key[:2])
            if key in self.spans:
                duplicates += 1
            else:
                self.spans[key] = stored
                taken += 1
        return Appended(taken=taken, duplicates=duplicates)

    def projects(self) -> tuple[ProjectSummary, ...]:
        names = sorted({stored.project for stored in self._production()})
        return tuple(
            ProjectSummary(
                id=name,
                sessions=len(self.sessions(name)),
                traces=len(self.traces(name)),
                spans=sum(stored.project == name for stored in self._production()),
                first_at=None,
                last_at=None,
            )
            for name in names
        )

    def sessions(
        self, project: str, filter: Filter = ANY, *, limit: int | None = None, offset: int = 0
    ) -> tuple[SessionSummary, ...]:
        groups: dict[str, list[StoredSpan]] = {}
        for trace_id, spans in self._traces(project).items():
            session = self._session(trace_id, project)
            if session is not None:
                groups.setdefault(session, []).extend(spans)
        found = [_summary(f"sess:{s}", s, spans) for s, spans in groups.items()]
        return _page(found, filter, limit, offset)

    def traces(
        self, project: str, filter: Filter = ANY, *, limit: int | None = None, offset: int = 0
    ) -> tuple[SessionSummary, ...]:
        found = [
            _summary(f"trace:{trace_id}", self._session(trace_id, project), spans)
            for trace_id, spans in self._traces(project).items()
        ]
        return _page(found, filter, limit, offset)

    def count_sessions(self, project: str, filter: Filter = ANY) -> int:
        return len(self.sessions(project, filter))

    def count_traces(self, project: str, filter: Filter = ANY) -> int:
        return len(self.traces(project, filter))

    def spans_of_session(self, project: str, session_id: str) -> tuple[StoredSpan, ...]:
        return tuple(
            stored
            for trace_id, spans in self._traces(project).items()
            if self._session(trace_id, project) == session_id
            for stored in spans
        )

    def spans_of_traces(
        self, project: str, trace_ids: Collection[str], *, origin: Origin = "production"
    ) -> tuple[StoredSpan, ...]:
        wanted = set(trace_ids)
        return tuple(
            stored
            for key, stored in self.spans.items()
            if key[0] == project
            and key[1] in wanted
            and (key[:2] in self.replays) == (origin == "replay")
        )

    def loose_traces(self, project: str) -> tuple[LooseTrace, ...]:
        return tuple(
            _loose(trace_id, spans)
            for trace_id, spans in self._traces(project).items()
            if self._session(trace_id, project) is None
        )

    def mark_replay(self, project: str, trace_key: str) -> int:
        found = {k[:2] for k in self.spans if k[0] == project and k[1].startswith(trace_key)}
        self.replays |= found
        return len(found)

    def close(self) -> None:
        self.spans.clear()

    def _production(self) -> list[StoredSpan]:
        return [s for key, s in self.spans.items() if key[:2] not in self.replays]

    def _traces(self, project: str) -> dict[str, list[StoredSpan]]:
        groups: dict[str, list[StoredSpan]] = {}
        for stored in self._production():
            if stored.project == project:
                groups.setdefault(stored.span.trace_id, []).append(stored)
        for spans in groups.values():
            spans.sort(key=lambda stored: (stored.span.start_ns, stored.span.span_id))
        return dict(sorted(groups.items(), key=lambda g: (g[1][0].span.start_ns, g[0])))

    def _session(self, trace_id: str, project: str) -> str | None:
        spans = self._traces(project)[trace_id]
        return _first(spans, lambda stored: stored.facts.session_id)


def _first(spans: Iterable[StoredSpan], pick: Callable[[StoredSpan], str | None]) -> str | None:
    return next((found for stored in spans if (found := pick(stored))), None)


def _loose(trace_id: str, spans: list[StoredSpan]) -> LooseTrace:
    service = next((s.span.resource.get("service.name") for s in spans), None)
    return LooseTrace(
        trace_id=trace_id,
        started_at=spans[0].span.start_ns,
        user_id=_first(spans, lambda stored: stored.facts.user_id),
        service=service,
        prefix_hashes=tuple(s.facts.prefix_hash for s in spans if s.facts.prefix_hash),
        result_hashes=tuple(s.facts.result_hash for s in spans if s.facts.result_hash),
    )


def _summary(id: str, session: str | None, spans: list[StoredSpan]) -> SessionSummary:
    said = [s.facts.assistant_text for s in spans if s.facts.assistant_text]
    return SessionSummary(
        id=id,
        project=spans[0].project,
        session_id=session,
        trace_ids=tuple(dict.fromkeys(s.span.trace_id for s in spans)),
        user_ids=tuple(sorted({s.facts.user_id for s in spans if s.facts.user_id})),
        agent_name=_first(spans, lambda stored: stored.facts.agent_name),
        agent_version=_first(spans, lambda stored: stored.facts.agent_version),
        started_at=datetime.fromtimestamp(min(s.span.start_ns for s in spans) / 1e9, UTC),
        ended_at=datetime.fromtimestamp(max(s.span.end_ns for s in spans) / 1e9, UTC),
        spans=len(spans),
        tools=tuple(sorted({s.facts.tool_name for s in spans if s.facts.tool_name})),
        errors=sum(s.facts.error is not None for s in spans),
        first_user_text=_first(spans, lambda stored: stored.facts.user_text),
        last_assistant_text=said[-1] if said else None,
    )


def _page(
    found: list[SessionSummary], filter: Filter, limit: int | None, offset: int
) -> tuple[SessionSummary, ...]:
    kept = [one for one in found if filter.tool is None or filter.tool in one.tools]
    kept.sort(key=lambda one: one.id)
    kept.sort(key=lambda one: one.started_at, reverse=True)
    return tuple(kept[offset : None if limit is None else offset + limit])
