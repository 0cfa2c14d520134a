"""`reenact runs`: list, show and go on with runs."""

from __future__ import annotations

import time
from pathlib import Path

from cyclopts import App
from rich.table import Table

from reenact.agents.port import Agent
from reenact.cli import console
from reenact.cli.budgets import BudgetFlags, budget_from
from reenact.cli.desk import LocalDesk, here_only, opened, run_id_of, server
from reenact.cli.event_log import event_log
from reenact.cli.outcome import check_writable, finish, running, say_serving, warn_of
from reenact.cli.progress import talks_progress
from reenact.domain.agent import AgentTarget
from reenact.domain.progress import RunProgress
from reenact.domain.run import Run, RunOptions
from reenact.domain.run_detail import RunLine
from reenact.errors import UsageError
from reenact.runs.executor import LocalExecutor
from reenact.runs.replay import reach
from reenact.runs.running import resumable
from reenact.runs.views import run_view
from reenact.runs.workspace import Workspace

_SHOWN = 50
_EVENTS = "GET /api/v1/runs/{id}/events tells them as they come"

app = App(name="runs", help="List runs, show one, stop one, or go on with one that was stopped.")


@app.command(name="list")
def list_runs(*, project: str | None = None, limit: int | None = None, json: bool = False) -> int:
    """List the runs, newest first.

    Args:
        project: Only those of this project.
        limit: How many to list; 0 for all. 50 by default, and all with --json.
        json: Print JSON.
    """
    most = limit if limit is not None else 0 if json else _SHOWN
    if most < 0:
        raise UsageError(f"{most} is not a number of runs", where="--limit")
    with opened() as desk:
        runs = desk.made.runs(project, limit=most or None)
        if json:
            console.print_json(list(runs), kind=list[RunLine])
            return 0
        table = Table(box=None, pad_edge=False, header_style="dim")
        for name in ("run", "project", "status", "created"):
            table.add_column(name)
        for run in runs:
            created = f"{run.created_at:%Y-%m-%d %H:%M:%S}Z"
            table.add_row(run.id, console.shown(run.project_id), run.status, created)
        console.data().print(table if runs else "no runs yet: reenact replay --help")
        if most and len(runs) == most:
            console.notes().print("--limit 0 lists all", style="dim")
    return 0


@app.command
def show(run: str, *, json: bool = False, html: Path | None = None) -> int:
    """Show a run: what became of each talk, turn by turn.

    Args:
        run: The run's id, or `latest`.
        json: Print the run as JSON.
        html: Write the report to this file.
    """
    check_writable(html)
    with opened() as desk:
        return finish(desk.made.report(run_id_of(desk.made, run)), json=json, html=html)


@app.command
def resume(
    run: str,
    *,
    budget: BudgetFlags | None = None,
    log_json: str | None = None,
    json: bool = False,
    html: Path | None = None,
) -> int:
    """Go on with an interrupted run at the first missing turn.

    Args:
        run: The run's id, or `latest`.
        budget: Higher bounds, where the run has spent its budget.
        log_json: Append a line of JSON for each event to this file, or to stderr.
        json: Print the run as JSON.
        html: Write the report to this file.
    """
    more = budget_from(budget)
    if server() is not None:
        from reenact.cli.there import resume_there

        if log_json is not None:
            here_only("--log-json", why="its events are told over there", instead=_EVENTS)
        return resume_there(run, budget=more, json=json, html=html)
    with Workspace() as workspace:
        found = resumable(found_run(workspace, run))
        check_writable(html)
        stands = workspace.control.progress(found)
        left = stands.calls - stands.completed - stands.failed
        with (
            event_log(log_json) as listener,
            running(found.id, json=json),
            talks_progress(left, found.id) as on_end,
        ):
            executor = LocalExecutor(
                workspace,
                reach=_reached,
                on_end=on_end,
                listener=listener,
                on_serving=say_serving(json),
            )
            ended = executor.resume(found.id, budget=more)
        warn_of(ended)
        return finish(run_view(workspace, ended), json=json, html=html)


@app.command
def cancel(run: str, *, wait: float = 10.0, json: bool = False) -> int:
    """Ask a run to stop, from another terminal: turns under way end, and it can go on later.

    Args:
        run: The run's id, or `latest`.
        wait: How long to wait until it has stopped, in seconds.
        json: Print where the run stands as JSON.
    """
    with opened() as desk:
        stands = desk.made.cancel(run_id_of(desk.made, run))
        until = time.monotonic() + wait
        while stands.status == "running" and time.monotonic() < until:
            time.sleep(0.1)
            stands = desk.made.progress(stands.run_id)
    if json:
        console.print_json(stands)
    else:
        console.data().print(_stands(stands), soft_wrap=True)
    return 0 if stands.status != "running" else 1


def _stands(stands: RunProgress) -> str:
    done = f"{stands.completed + stands.failed} of {stands.calls} calls, {stands.turns} turns"
    if stands.status == "running":
        return (
            f"{stands.run_id} has not stopped yet, after {done}; it will when the turns under way "
            f"have ended. If no process runs it any more: reenact runs resume {stands.run_id}"
        )
    how = f": {stands.reason}" if stands.reason else ""
    return console.shown(f"{stands.run_id} is {stands.status} after {done}{how}")


def _reached(target: AgentTarget, options: RunOptions) -> Agent:
    with console.agents_words_apart():
        return reach(target, options)


def found_run(workspace: Workspace, id: str) -> Run:
    """Return the run called `id`, or the newest one for `latest`.

    Raises:
        UnknownId: when there is no such run.
    """
    return workspace.records.run(run_id_of(LocalDesk(workspace).made, id))
