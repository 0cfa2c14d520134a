"""The HTTP API under `/api/v1`: one module per room, each only translating to the rooms below."""

from __future__ import annotations

from fastapi import APIRouter

from reenact.runs.workspace import Workspace
from reenact.server.api import observe
from reenact.server.api.problems import PROBLEMS

PREFIX = "/api/v1"


def router(workspace: Workspace) -> APIRouter:
    """Return all routes of the API over `workspace`."""
    routes = APIRouter(prefix=PREFIX, responses=PROBLEMS)
    routes.include_router(observe.router(workspace))
    return routes
