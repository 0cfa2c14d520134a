"""The HTTP API under `/api/v1`: one module per room, each only translating to the rooms below."""

from __future__ import annotations

from starlette.routing import BaseRoute

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
from reenact.server.api.routes import PREFIX as PREFIX
from reenact.server.broadcast import Broadcast
from reenact.server.options import ServerOptions
from reenact.server.overviews import Overviews


def routes(
    workspace: Workspace,
    *,
    people: People,
    keys: Keys,
    options: ServerOptions,
    executor: Executor,
    broadcast: Broadcast,
) -> list[BaseRoute]:
    """Return all routes of the API over `workspace`."""
    parts = (
        observe.router(workspace),
        talks.router(workspace),
        retention.router(workspace),
        replaying.router(workspace, options),
        targets.router(workspace, options),
        agents.router(workspace, options),
        scenarios.router(workspace),
        run_tests.router(workspace, options, executor),
        runs.router(workspace, executor, Overviews(workspace), broadcast),
        calls.router(workspace),
        forks.router(workspace, options, executor),
        keeps.router(workspace, options),
        people_routes.router(people, keys),
        info.router(workspace, people, options),
    )
    return [route for part in parts for route in part.routes]
