"""The HTTP API under `/api/v1`: one module per room, each only translating to the rooms below."""

from __future__ import annotations

from fastapi import APIRouter

from reenact.access.keys import Keys
from reenact.access.people import People
from reenact.runs.executor import Executor
from reenact.runs.workspace import Workspace
from reenact.server.api import (
    agents,
    calls,
    forks,
    info,
    keeps,
    observe,
    replaying,
    retention,
    run_tests,
    runs,
    scenarios,
    talks,
    targets,
)
from reenact.server.api import people as people_routes
from reenact.server.api.problems import PROBLEMS
from reenact.server.broadcast import Broadcast
from reenact.server.options import ServerOptions
from reenact.server.overviews import Overviews

PREFIX = "/api/v1"


def router(
    workspace: Workspace,
    *,
    people: People,
    keys: Keys,
    options: ServerOptions,
    executor: Executor,
    broadcast: Broadcast,
) -> APIRouter:
    """Return all routes of the API over `workspace`."""
    routes = APIRouter(prefix=PREFIX, responses=PROBLEMS)
    routes.include_router(observe.router(workspace))
    routes.include_router(talks.router(workspace))
    routes.include_router(retention.router(workspace))
    routes.include_router(replaying.router(workspace, options))
    routes.include_router(targets.router(workspace, options))
    routes.include_router(agents.router(workspace, options))
    routes.include_router(scenarios.router(workspace))
    routes.include_router(run_tests.router(workspace, options, executor))
    routes.include_router(runs.router(workspace, executor, Overviews(workspace), broadcast))
    routes.include_router(calls.router(workspace))
    routes.include_router(forks.router(workspace, options, executor))
    routes.include_router(keeps.router(workspace, options))
    routes.include_router(people_routes.router(people, keys))
    routes.include_router(info.router(workspace, people, options))
    return routes
