"""Runs: lists, one with its totals, its talks, and what may be done with it."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import Field

from reenact.domain.budget import Budget
from reenact.domain.progress import RunProgress
from reenact.domain.run import Run
from reenact.domain.run_detail import CallRow, RunDetail, RunLine
from reenact.domain.run_view import RunView
from reenact.errors import UsageError
from reenact.runs.executor import Executor
from reenact.runs.overview import line_of
from reenact.runs.run_tests import check_runnable, run_again
from reenact.runs.views import run_view
from reenact.runs.workspace import Workspace
from reenact.server.api.asked import MOST_IDS, Asked, Flag, Id, Ids, Spending
from reenact.server.api.callers import Asking
from reenact.server.api.owned import Owned
from reenact.server.api.paging import Cursor, Limit, Page, page, place_of
from reenact.server.api.routes import routes_of
from reenact.server.api.streaming import EVENTS, events_of
from reenact.server.broadcast import Broadcast
from reenact.server.overviews import Overviews
from reenact.store.documents import microseconds


class ResumeAsked(Asked):
    """How to go on."""

    budget: Spending = Budget()
    """Higher bounds, where the run has spent its budget."""


class RerunAsked(Asked):
    """What to run again."""

    mode: Literal["calls_and_scores", "scores_only"] = "calls_and_scores"
    """`scores_only` asks no agent: what was said is judged again."""
    call_ids: Annotated[Ids, Field(max_length=MOST_IDS)] = ()
    select_all: Annotated[Flag, Field(examples=[True])] = False
    exclude_ids: Annotated[tuple[Id, ...], Field(max_length=MOST_IDS)] = ()


def router(
    workspace: Workspace, executor: Executor, overviews: Overviews, broadcast: Broadcast
) -> APIRouter:
    """Return the routes of runs."""
    routes = routes_of("runs")
    _reading(routes, workspace, overviews)
    _watching(routes, workspace, executor, broadcast)
    _acting(routes, workspace, executor, overviews)
    return routes


def _reading(routes: APIRouter, workspace: Workspace, overviews: Overviews) -> None:
    records, owned = workspace.records, Owned(workspace)

    @routes.get("/runs")
    def list_runs(
        who: Asking,
        project_id: str,
        run_test_id: str | None = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Page[RunLine]:
        """List the runs of a project, or of one run test of it, newest first."""
        who.must("read")
        after = place_of(cursor, int, str)
        found: tuple[Run, ...] = ()
        if who.sees(project_id):
            found = records.runs(
                project_id,
                run_test_id=run_test_id,
                limit=limit + 1,
                after=after,  # type: ignore[arg-type]
            )
        shown = page(found, limit=limit, place=lambda one: (microseconds(one.created_at), one.id))
        return Page(
            items=tuple(line_of(workspace, run) for run in shown.items),
            next_cursor=shown.next_cursor,
        )

    @routes.get("/runs/{id}")
    def get_run(who: Asking, id: str) -> RunDetail:
        """Return a run without its talks; with its totals once it has ended or was stopped."""
        return overviews.detail(owned.run(who, id))

    @routes.get("/runs/{id}/report")
    def report_run(who: Asking, id: str) -> RunView:
        """Return all of a run: every talk compared turn by turn and judged."""
        return run_view(workspace, owned.run(who, id))

    @routes.get("/runs/{id}/progress")
    def get_progress(who: Asking, id: str) -> RunProgress:
        """Say where a run stands."""
        return workspace.control.progress(owned.run(who, id))

    @routes.get("/runs/{id}/calls")
    def list_calls(
        who: Asking, id: str, limit: Limit = 100, cursor: Cursor = None
    ) -> Page[CallRow]:
        """List the talks of a run, in its order."""
        (first,) = place_of(cursor, int) or (0,)
        found = overviews.calls(owned.run(who, id), first=int(first), limit=limit + 1)
        numbered = list(enumerate(found, start=int(first) + 1))
        shown = page(numbered, limit=limit, place=lambda one: (one[0],))
        return Page(items=tuple(line for _, line in shown.items), next_cursor=shown.next_cursor)


def _watching(
    routes: APIRouter, workspace: Workspace, executor: Executor, broadcast: Broadcast
) -> None:
    owned = Owned(workspace)

    @routes.get("/runs/{id}/events", response_class=StreamingResponse, responses=EVENTS)
    async def watch_run(who: Asking, id: str) -> StreamingResponse:
        """Tell of a run as it goes (server-sent events): its events, and `progress`, to its end."""
        run = owned.run(who, id)
        return StreamingResponse(
            events_of(run.id, progress=executor.progress, broadcast=broadcast),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )


def _acting(
    routes: APIRouter, workspace: Workspace, executor: Executor, overviews: Overviews
) -> None:
    owned = Owned(workspace)

    @routes.post("/runs/{id}/cancel", status_code=202)
    def cancel_run(who: Asking, id: str) -> RunProgress:
        """Ask a run to stop: turns under way end, and it can go on later."""
        who.must("run")
        return executor.cancel(owned.run(who, id).id)

    @routes.post("/runs/{id}/resume", status_code=202)
    def resume_run(who: Asking, id: str, asked: ResumeAsked) -> Run:
        """Go on with a run at its first missing turn, with a higher budget where one is given."""
        who.must("run")
        return executor.resume(owned.run(who, id).id, budget=asked.budget)

    @routes.post("/runs/{id}/rerun", status_code=202)
    def rerun(who: Asking, id: str, asked: RerunAsked) -> Run:
        """Run chosen talks again, in a run of their own; the earlier one stays as it is."""
        who.must("run")
        run = owned.run(who, id)
        if run.status in ("pending", "running"):
            raise UsageError(
                f"run {run.id} is {run.status}", next_step="wait for its end, or cancel it"
            )
        if asked.mode == "scores_only":
            overviews.forget(run)
            return run
        check_runnable(workspace, workspace.records.run_test(run.run_test_id))
        again = run_again(
            workspace,
            run,
            call_ids=asked.call_ids,
            select_all=asked.select_all,
            exclude_ids=asked.exclude_ids,
        )
        return executor.submit(again.id)
