"""How long captured talks are kept, by project."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from reenact.domain.selection import Retention
from reenact.runs.workspace import Workspace
from reenact.server.api.asked import Asked, Id, Number
from reenact.server.api.callers import Asking
from reenact.server.api.observe import ProjectId
from reenact.server.api.routes import routes_of

_LONGEST_DAYS = 36_500


class RetentionAsked(Asked):
    """What to keep of a project from now on; without bounds everything is kept."""

    project_id: Annotated[Id, Field(examples=["northlight"])]
    keep_days: Annotated[Number | None, Field(gt=0, le=_LONGEST_DAYS, examples=[30])] = None
    """How long a session is kept after its last span; null for ever."""
    share: Annotated[Number, Field(ge=0, le=1)] = 1.0
    """The share of sessions that is kept; those with errors always are."""
    quiet_hours: Annotated[Number, Field(ge=0, le=24 * 365)] = 1.0
    """A session is touched only once nothing has come for so long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionView:
    """What is kept of a project."""

    project_id: str
    keep_days: float | None
    share: float
    quiet_hours: float


def router(workspace: Workspace) -> APIRouter:
    """Return the routes of retention."""
    routes = routes_of("observe")
    spans = workspace.spans

    @routes.get("/retention")
    def get_retention(who: Asking, project_id: ProjectId) -> RetentionView:
        """Say what is kept of a project."""
        who.must_be_person()
        return _view(project_id, spans.retention(project_id) or Retention())

    @routes.get("/retentions")
    def list_retentions(who: Asking) -> tuple[RetentionView, ...]:
        """List the projects of which not everything is kept."""
        who.must_be_person()
        return tuple(_view(project, kept) for project, kept in spans.retentions())

    @routes.put("/retention")
    def set_retention(who: Asking, asked: RetentionAsked) -> RetentionView:
        """Say what is kept of a project from now on; the rest is swept away within the hour."""
        who.must_be_person()
        wanted = Retention(
            keep=None if asked.keep_days is None else timedelta(days=asked.keep_days),
            share=asked.share,
            quiet=timedelta(hours=asked.quiet_hours),
        )
        spans.set_retention(asked.project_id, None if wanted == Retention() else wanted)
        return _view(asked.project_id, wanted)

    return routes


def _view(project_id: str, kept: Retention) -> RetentionView:
    return RetentionView(
        project_id=project_id,
        keep_days=None if kept.keep is None else kept.keep / timedelta(days=1),
        share=kept.share,
        quiet_hours=kept.quiet / timedelta(hours=1),
    )
