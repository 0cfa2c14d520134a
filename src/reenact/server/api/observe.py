"""What was captured: projects, sessions, traces, users, conversations and their spans."""

from __future__ import annotations

from fastapi import APIRouter

from reenact.domain.selection import ProjectSummary
from reenact.domain.view import ConversationView, view_of
from reenact.runs.workspace import Workspace
from reenact.server.api.callers import Asking
from reenact.server.api.paging import Cursor, Limit, Page, page, place_of


def router(workspace: Workspace) -> APIRouter:
    """Return the routes that read captured talks."""
    routes = APIRouter(tags=["observe"])

    @routes.get("/projects")
    def projects(who: Asking, limit: Limit = 100, cursor: Cursor = None) -> Page[ProjectSummary]:
        """List the projects that hold production traces, by name."""
        who.must("read")
        after = place_of(cursor, str)
        found = [
            project
            for project in workspace.spans.projects()
            if who.sees(project.id) and (after is None or (project.id,) > after)
        ]
        return page(found, limit=limit, place=lambda project: (project.id,))

    @routes.get("/conversation")
    def conversation(who: Asking, project_id: str, id: str) -> ConversationView:
        """Return the conversation `sess:<session id>` or `trace:<trace id>` of a project."""
        who.may("read", of=project_id)
        recording = workspace.conversations.get(project_id, id)
        return view_of(recording.conversation, recording.fidelity)

    return routes
