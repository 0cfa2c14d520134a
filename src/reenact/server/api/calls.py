"""Call executions: original and replay side by side, and two replays against each other."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter

from reenact.domain.run_detail import CallDetail, CallsBeside
from reenact.domain.span_view import SpanView, span_view
from reenact.runs.beside import call_detail, calls_beside, spans_of_call
from reenact.runs.workspace import Workspace
from reenact.server.api.callers import Asking
from reenact.server.api.owned import Owned
from reenact.server.api.routes import routes_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SpansBeside:
    """The spans of a recorded talk, and those that the agent sent while it was replayed."""

    baseline: tuple[SpanView, ...]
    replay: tuple[SpanView, ...]


def router(workspace: Workspace) -> APIRouter:
    """Return the routes of call executions. Their ids hold slashes: they are query parameters."""
    routes = routes_of("runs")
    owned = Owned(workspace)

    @routes.get("/call")
    def get_call(who: Asking, id: str) -> CallDetail:
        """Return a call execution: recording, replay, comparison, verdict."""
        return call_detail(workspace, owned.run_of_call(who, id), id)

    @routes.get("/call/against")
    def compare_calls(who: Asking, id: str, other: str) -> CallsBeside:
        """Compare two replays of one recording: `id` is the baseline."""
        return calls_beside(
            workspace, (owned.run_of_call(who, id), id), (owned.run_of_call(who, other), other)
        )

    @routes.get("/call/spans")
    def get_call_spans(who: Asking, id: str) -> SpansBeside:
        """Return the spans of both sides; none of the recording where it was deleted."""
        found = spans_of_call(workspace, owned.run_of_call(who, id), id)
        return SpansBeside(
            baseline=tuple(span_view(span) for span in found.baseline),
            replay=tuple(span_view(span) for span in found.replay),
        )

    return routes
