"""Run tests: an agent, scenarios and options; executing one makes a run."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from reenact.agents.folder import chosen_target
from reenact.domain.run import Run, RunOptions, RunTest
from reenact.errors import UsageError
from reenact.runs.executor import Executor
from reenact.runs.making import create_run
from reenact.runs.run_tests import check_runnable, run_test_of_scenarios, run_test_of_session
from reenact.runs.workspace import Workspace
from reenact.server.api.asked import Asked, Id, Name, Options, Target
from reenact.server.api.callers import Asking, Caller
from reenact.server.api.owned import Owned
from reenact.server.api.paging import Cursor, Limit, Page, page, place_of
from reenact.server.api.routes import routes_of
from reenact.server.options import ServerOptions
from reenact.store.documents import microseconds


class RunTestAsked(Asked):
    """What to run: the scenario of a replay session, or scenarios and an agent."""

    replay_session_id: Annotated[Id | None, Field(examples=["replay-m8b2v4t00001"])] = None
    scenario_ids: Annotated[tuple[Id, ...], Field(max_length=100)] = ()
    agent_id: Id | None = None
    agent_version: Annotated[int | None, Field(ge=1)] = None
    name: Name | None = None
    target_name: Annotated[Id | None, Field(examples=["fixed.yaml"])] = None
    target: Target | None = None
    options: Options = RunOptions()


def router(workspace: Workspace, options: ServerOptions, executor: Executor) -> APIRouter:
    """Return the routes of run tests."""
    routes = routes_of("runs")
    records, owned = workspace.records, Owned(workspace)

    @routes.post("/run-tests", status_code=201)
    def create_run_test(who: Asking, asked: RunTestAsked) -> RunTest:
        """Make a run test; with `replay_session_id` the two are linked."""
        who.must("run")
        return _made(workspace, who, asked, options)

    @routes.get("/run-tests")
    def list_run_tests(
        who: Asking, project_id: str, limit: Limit = 50, cursor: Cursor = None
    ) -> Page[RunTest]:
        """List the run tests of a project, newest first."""
        who.must("read")
        after = place_of(cursor, int, str)
        found: tuple[RunTest, ...] = ()
        if who.sees(project_id):
            found = records.run_tests(project_id, limit=limit + 1, after=after)  # type: ignore[arg-type]
        return page(found, limit=limit, place=lambda one: (microseconds(one.created_at), one.id))

    @routes.get("/run-tests/{id}")
    def get_run_test(who: Asking, id: str) -> RunTest:
        """Return a run test."""
        return owned.run_test(who, id)

    @routes.post("/run-tests/{id}/execute", status_code=202)
    def execute_run_test(who: Asking, id: str) -> Run:
        """Make a run of a run test and begin it as soon as there is room."""
        who.must("run")
        test = owned.run_test(who, id)
        check_runnable(workspace, test)
        return executor.submit(create_run(workspace, test).id)

    return routes


def _made(
    workspace: Workspace, who: Caller, asked: RunTestAsked, options: ServerOptions
) -> RunTest:
    session = None
    if asked.replay_session_id is not None:
        session = Owned(workspace).replay_session(who, asked.replay_session_id)
    if (session is None) == (not asked.scenario_ids):
        raise UsageError(
            "name a replay session or scenarios, one of the two",
            where="replay_session_id, scenario_ids",
        )
    target = chosen_target(options.agents, name=asked.target_name, target=asked.target)
    if session is not None:
        return run_test_of_session(
            workspace, session, target=target, options=asked.options, name=asked.name
        )
    if asked.agent_id is None:
        raise UsageError("scenarios need an agent", where="agent_id")
    return run_test_of_scenarios(
        workspace,
        asked.scenario_ids,
        agent_id=asked.agent_id,
        agent_version=asked.agent_version,
        target=target,
        options=asked.options,
        sees=who.sees,
        name=asked.name,
    )
