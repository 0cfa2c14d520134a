"""Scenarios: their rows, and the graph of the talks that they were made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter

from reenact.domain.recording import Recording
from reenact.domain.scenario import Graph, Row, Scenario, ScenarioSource
from reenact.domain.turn import turns_of
from reenact.errors import UnknownId
from reenact.runs.workspace import Workspace
from reenact.server.api.callers import Asking
from reenact.server.api.owned import Owned
from reenact.server.api.paging import Cursor, Limit, Page, page, place_of
from reenact.server.api.routes import routes_of
from reenact.store.documents import microseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioSummary:
    """A scenario without its rows and its graph."""

    id: str
    project_id: str
    name: str
    source: ScenarioSource
    description: str
    agent_type: str
    rows: int
    asked: int
    """Rows that were wanted."""
    nodes: int
    edges: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RowView:
    """A row, and what its recording is."""

    row: Row
    conversation_id: str | None
    """None, as are the fields below, where the recording was deleted."""
    session_id: str | None
    first_user_text: str | None
    turns: int | None


def summary_of(scenario: Scenario) -> ScenarioSummary:
    """Return `scenario` without its rows and its graph."""
    return ScenarioSummary(
        id=scenario.id,
        project_id=scenario.project_id,
        name=scenario.name,
        source=scenario.source,
        description=scenario.description,
        agent_type=scenario.agent_type,
        rows=len(scenario.rows),
        asked=scenario.asked,
        nodes=len(scenario.graph.nodes),
        edges=len(scenario.graph.edges),
        created_at=scenario.created_at,
    )


def router(workspace: Workspace) -> APIRouter:
    """Return the routes of scenarios."""
    routes = routes_of("scenarios")
    records, owned = workspace.records, Owned(workspace)

    @routes.get("/scenarios")
    def list_scenarios(
        who: Asking, project_id: str, limit: Limit = 50, cursor: Cursor = None
    ) -> Page[ScenarioSummary]:
        """List the scenarios of a project, newest first."""
        who.must("read")
        after = place_of(cursor, int, str)
        found: tuple[Scenario, ...] = ()
        if who.sees(project_id):
            found = records.scenarios(project_id, limit=limit + 1, after=after)  # type: ignore[arg-type]
        return page([summary_of(one) for one in found], limit=limit, place=_place)

    @routes.get("/scenarios/{id}")
    def get_scenario(who: Asking, id: str) -> ScenarioSummary:
        """Return a scenario without its rows and its graph."""
        return summary_of(owned.scenario(who, id))

    @routes.get("/scenarios/{id}/whole")
    def get_whole_scenario(who: Asking, id: str) -> Scenario:
        """Return a scenario with all its rows and its graph."""
        return owned.scenario(who, id)

    @routes.get("/scenarios/{id}/rows")
    def list_rows(who: Asking, id: str, limit: Limit = 50, cursor: Cursor = None) -> Page[RowView]:
        """List the rows of a scenario, in its order."""
        (first,) = place_of(cursor, int) or (0,)
        numbered = list(enumerate(owned.scenario(who, id).rows, start=1))[int(first) :][: limit + 1]
        shown = page(numbered, limit=limit, place=lambda one: (one[0],))
        return Page(
            items=tuple(_row_view(workspace, row) for _, row in shown.items),
            next_cursor=shown.next_cursor,
        )

    @routes.get("/scenarios/{id}/graph")
    def get_graph(who: Asking, id: str) -> Graph:
        """Return the graph: what the agent did or asked, and what the user did next."""
        return owned.scenario(who, id).graph

    return routes


def _place(scenario: ScenarioSummary) -> tuple[int, str]:
    return microseconds(scenario.created_at), scenario.id


def _row_view(workspace: Workspace, row: Row) -> RowView:
    recording: Recording | None = None
    if row.recording_hash is not None:
        try:
            recording = workspace.records.recording(row.recording_hash)
        except UnknownId:
            recording = None  # it was deleted; the row can no longer run, and says so
    if recording is None:
        return RowView(
            row=row, conversation_id=None, session_id=None, first_user_text=None, turns=None
        )
    talk = recording.conversation
    said = [turn.user for turn in turns_of(talk) if turn.user]
    return RowView(
        row=row,
        conversation_id=talk.id,
        session_id=talk.session_id,
        first_user_text=said[0][:300] if said else None,
        turns=len(said),
    )
