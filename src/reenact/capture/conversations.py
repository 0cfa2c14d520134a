"""Conversations out of the span store: listed, found by id, each with its fidelity."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from reenact.capture.assembly import assemble
from reenact.capture.fidelity import judge
from reenact.capture.joining import joined
from reenact.codec import record
from reenact.domain.conversation import ConversationKind
from reenact.domain.recording import Recording
from reenact.domain.selection import Filter
from reenact.domain.span import StoredSpan
from reenact.errors import UnknownId
from reenact.store.spans import SpanStore

SESSION = "sess:"
TRACE = "trace:"
_NO_TIME = datetime(1, 1, 1, tzinfo=UTC)


class Conversations:
    """Reads conversations; every one is assembled from its spans when it is asked for."""

    def __init__(self, store: SpanStore):
        self._store = store

    def list(
        self,
        project: str,
        *,
        kind: ConversationKind | None = None,
        filter: Filter = Filter(),  # noqa: B008 (frozen)
    ) -> tuple[Recording, ...]:
        """Return one conversation per session and one per trace that has no session.

        A trace in which nothing was said or done is none: some libraries send one that tells how
        an agent was made.

        Traces without a session that continue one another make one conversation; it is listed
        where one of them fits `filter`. Newest `started_at` first, then by id. `kind` leaves
        out the sessions, or the traces.
        """
        found: list[Recording] = []
        if kind != "trace":
            found.extend(self._sessions(project, filter))
        if kind != "session":
            found.extend(self._loose(project, filter))
        found.sort(key=lambda recording: recording.conversation.id)
        return tuple(sorted(found, key=_started, reverse=True))

    def get(self, project: str, id: str) -> Recording:
        """Return the conversation `sess:<session id>` or `trace:<trace id>`.

        The first trace of a joined conversation gives all of it; any other trace gives that
        trace alone, with what its model calls tell of earlier messages as history.

        Raises:
            UnknownId: where the store holds no such session or trace.
        """
        if id.startswith(SESSION):
            return self.session(project, id.removeprefix(SESSION))
        if not id.startswith(TRACE):
            raise UnknownId("conversation", [id], next_step="write sess:<id> or trace:<id>")
        trace_id = id.removeprefix(TRACE)
        group = next((g for g in self._groups(project) if g[0] == trace_id), (trace_id,))
        return self.traces(project, group)

    def session(self, project: str, session_id: str) -> Recording:
        """Return the conversation of a session; raises UnknownId where there is none."""
        spans = self._store.spans_of_session(project, session_id)
        if not spans:
            raise UnknownId(
                "session", [session_id], next_step=f"`reenact sessions --project {project}`"
            )
        return _recording(spans, project=project, kind="session", session_id=session_id)

    def trace(self, project: str, trace_id: str) -> Recording:
        """Return one trace as a conversation of its own; raises UnknownId where there is none."""
        return self.traces(project, (trace_id,))

    def traces(self, project: str, trace_ids: Sequence[str]) -> Recording:
        """Return traces that continue one another as one; raises UnknownId where there are none."""
        spans = self._store.spans_of_traces(project, trace_ids)
        if not spans:
            raise UnknownId("trace", trace_ids, next_step=f"`reenact traces --project {project}`")
        return _recording(spans, project=project, kind="trace", session_id=None)

    def _groups(self, project: str) -> tuple[tuple[str, ...], ...]:
        return joined(self._store.loose_traces(project))

    def _sessions(self, project: str, filter: Filter) -> Iterator[Recording]:
        for summary in self._store.sessions(project, filter):
            if summary.session_id is not None:
                yield self.session(project, summary.session_id)

    def _loose(self, project: str, filter: Filter) -> Iterator[Recording]:
        fitting = {
            trace_id
            for summary in self._store.traces(project, filter)
            if summary.session_id is None
            for trace_id in summary.trace_ids
        }
        for group in self._groups(project):
            if fitting.intersection(group):
                found = self.traces(project, group)
                if found.conversation.items:
                    yield found


def _recording(
    stored: Sequence[StoredSpan],
    *,
    project: str,
    kind: ConversationKind,
    session_id: str | None,
) -> Recording:
    conversation = assemble(
        [one.span for one in stored], project=project, kind=kind, session_id=session_id
    )
    return record(conversation, judge(conversation))


def _started(recording: Recording) -> datetime:
    return recording.conversation.started_at or _NO_TIME
