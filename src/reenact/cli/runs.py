"""`reenact runs`: list, show and go on with runs."""

from __future__ import annotations

from pathlib import Path

from cyclopts import App
from rich.table import Table

from reenact.cli import console
from reenact.cli.outcome import check_writable, finish, running, say_serving, warn_of
from reenact.cli.progress import talks_progress
from reenact.domain.run import Run
from reenact.errors import UsageError
from reenact.runs.replay import reach
from reenact.runs.running import execute, resumable
from reenact.runs.views import run_view
from reenact.runs.workspace import Workspace

app = App(name="runs", help="List runs, show one, or go on with one that was interrupted.")


@app.command(name="list")
def list_runs(*, project: str | None = None, json: bool = False) -> int:
    """List the runs, newest first.

    Args:
        project: Only those of this project.
        json: Print JSON.
    """
    with Workspace() as workspace:
        runs = workspace.records.runs(project)
        if json:
            console.print_json(list(runs), kind=list[Run])
            return 0
        table = Table(box=None, pad_edge=False, header_style="dim")
        for name in ("run", "project", "status", "created"):
            table.add_column(name)
        for run in runs:
            created = f"{run.created_at:%Y-%m-%d %H:%M:%S}Z"
            table.add_row(run.id, console.shown(run.project_id), run.status, created)
        console.data().print(table if runs else "no runs yet: reenact replay --help")
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
    with Workspace() as workspace:
        return finish(run_view(workspace, found_run(workspace, run)), json=json, html=html)


@app.command
def resume(run: str, *, json: bool = False, html: Path | None = None) -> int:
    """Go on with an interrupted run at the first missing turn.

    Args:
        run: The run's id, or `latest`.
        json: Print the run as JSON.
        html: Write the report to this file.
    """
    with Workspace() as workspace:
        found = resumable(found_run(workspace, run))
        test = workspace.records.run_test(found.run_test_id)
        with console.agents_words_apart():
            agent = reach(test.target, test.options)
        left = sum(
            c.status not in ("completed", "failed") for c in workspace.records.calls(found.id)
        )
        check_writable(html)
        with running(found.id, json=json), talks_progress(left, found.id) as on_end:
            ended = execute(
                workspace, found, agent=agent, on_end=on_end, on_serving=say_serving(json)
            )
        warn_of(ended)
        return finish(run_view(workspace, ended), json=json, html=html)


def found_run(workspace: Workspace, id: str) -> Run:
    """Return the run called `id`, or the newest one for `latest`.

    Raises:
        UnknownId: when there is no such run.
    """
    if id != "latest":
        return workspace.records.run(id)
    newest = workspace.records.latest_run()
    if newest is None:
        raise UsageError("there is no run yet", next_step="reenact replay --help")
    return newest
