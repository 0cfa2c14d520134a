"""What a command says of a run at its beginning and its end, and the exit code it gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from reenact.cli import console
from reenact.cli.budgets import estimate_text
from reenact.domain.agent import AgentTarget
from reenact.domain.run import Run, RunOptions
from reenact.domain.run_view import RunView
from reenact.errors import AgentUnreachable, UsageError
from reenact.evaluate.verdicts import exit_code_for
from reenact.runs.estimate import beyond, estimate
from reenact.runs.replay_sessions import Generated
from reenact.tools.served.running import ServerUrls

NOT_ALL_RUN = 4
"""The exit code of a run that was stopped: what was not run was not judged."""


def announce(
    generated: Generated, options: RunOptions, *, target: AgentTarget | None, quiet: bool
) -> None:
    """Say what will be run, what it is expected to take, and which tools may run for real."""
    notes = console.notes()
    sizes = [row.size for row in generated.scenario.rows if row.size is not None]
    expected = estimate(sizes, options, target=target)
    if over := beyond(expected, options.budget):
        notes.print(f"[yellow]the budget will probably not do: {over}[/]")
    if quiet:
        return
    agent = generated.agent
    made = f"{generated.made}; {generated.fidelity}"
    notes.print(f"[dim]{made}; agent {console.shown(agent.name)} v{generated.agent_version}[/]")
    notes.print(f"[dim]{estimate_text(expected, concurrency=options.concurrency)}[/]")
    if options.allow_live_tools or options.live_tools:
        named = ", ".join(options.live_tools) or "every tool that no one intercepts"
        notes.print(f"[yellow]live tools allowed: {named}[/]")


def say_serving(quiet: bool) -> Callable[[ServerUrls], None]:
    """Return what says where a run's tools are, so that an agent can be pointed there."""

    def say(urls: ServerUrls) -> None:
        if not quiet:
            said = f"tools of this run: MCP {urls.mcp} · HTTP {urls.tools}"
            console.notes().print(said, soft_wrap=True, markup=False, style="dim")

    return say


def warn_of(run: Run) -> None:
    """Say what is odd about a run that completed."""
    if run.status == "completed" and run.reason:
        console.notes().print(run.reason, soft_wrap=True, markup=False, style="yellow")


def check_writable(html: Path | None, *, option: str = "--html") -> None:
    """Find out before a run, not after it, that its report cannot be written."""
    if html is not None and (html.is_dir() or not html.absolute().parent.is_dir()):
        what = "is a folder" if html.is_dir() else "lies in a folder that is not there"
        raise UsageError(f"the report {what}", where=f"{option} {html}")


@contextmanager
def running(run_id: str, *, json: bool) -> Iterator[None]:
    """Say how to go on where a run is interrupted; with `json` keep stdout for the JSON alone."""
    try:
        with console.agents_words_apart() if json else nullcontext():
            yield
    except KeyboardInterrupt:
        console.notes().print(f"\ngo on with: reenact runs resume {run_id}")
        raise


def finish(run: RunView, *, json: bool, html: Path | None) -> int:
    """Print the run, write its report, and return the exit code.

    Raises:
        AgentUnreachable: when not one talk reached the agent.
    """
    if html is not None:
        from reenact.compare.html import render

        html.write_text(render(run), encoding="utf-8")
    if json:
        console.print_json(run)
    else:
        _print(run)
        if html is not None:
            console.notes().print(f"report: {console.shown(str(html))}", soft_wrap=True)
    unreachable = [call for call in run.calls if call.ended_reason == "unreachable"]
    if unreachable and len(unreachable) == len(run.calls):
        raise AgentUnreachable(
            unreachable[0].error or "no connection",
            next_step=f"start the agent, then: reenact runs resume {run.id}",
        )
    code = exit_code_for([row.verdict for row in run.rows], command="replay")
    if run.stopped_by is not None:
        console.notes().print(f"[yellow]stopped: {console.shown(run.reason or '')}[/]")
        return code or NOT_ALL_RUN
    return code


def _print(run: RunView) -> None:
    from reenact.cli.run_text import run_lines

    out = console.data()
    for line in run_lines(run):
        out.print(line, soft_wrap=True)
    for call in run.calls:
        if call.mode == "fork":
            continue
        if call.status == "completed" and call.comparison.first_divergence is not None:
            console.notes().print(f"[dim]keep a case: reenact keep {run.id}/{call.row}[/]")
            return
