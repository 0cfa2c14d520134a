"""`reenact replay`: rerun recorded conversations against an agent, and compare."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from reenact.agents.targets import parse_target
from reenact.cli import console
from reenact.cli.budgets import BudgetFlags, budget_from, estimate_text
from reenact.cli.declared import Declared, declared_in
from reenact.cli.desk import Spans, here_only, opened, server
from reenact.cli.event_log import event_log
from reenact.cli.filters import TalkFlags, filter_of
from reenact.cli.finding import known_project
from reenact.cli.outcome import (
    announce,
    check_writable,
    finish,
    running,
    say_serving,
    warn_of,
)
from reenact.cli.progress import talks_progress
from reenact.cli.there import There
from reenact.domain.agent import AgentTarget, ToolsMode
from reenact.domain.budget import Estimate
from reenact.domain.run import MissPolicy, RunOptions, UserPolicy, run_mode
from reenact.domain.selection import ReplayType
from reenact.errors import UsageError
from reenact.replay.served import tools_mode
from reenact.runs.choosing import Naming, Selection, selection
from reenact.runs.estimating import estimate_of
from reenact.runs.replay import prepare, reach
from reenact.runs.running import check_models, execute
from reenact.runs.views import run_view
from reenact.runs.workspace import Workspace

_SECRET = re.compile("auth|key|token|secret|password|cookie", re.IGNORECASE)


def replay(
    *,
    agent: str,
    project: str | None = None,
    session: Annotated[list[str] | None, Parameter(negative="")] = None,
    trace: Annotated[list[str] | None, Parameter(negative="")] = None,
    all: bool = False,
    type: ReplayType | None = None,
    filters: TalkFlags | None = None,
    exclude: Annotated[list[str] | None, Parameter(negative="")] = None,
    user_policy: UserPolicy = "verbatim",
    mode: str = "conversation",
    tools: ToolsMode | None = None,
    serve_tools: str | None = None,
    on_miss: MissPolicy = "refuse",
    max_rung: int = 5,
    allow_live_tools: bool = False,
    live_tool: Annotated[list[str] | None, Parameter(negative="")] = None,
    model: str | None = None,
    stream: Literal["none", "sse", "jsonl", "text"] | None = None,
    header: Annotated[list[str] | None, Parameter(negative="")] = None,
    stateful: bool = False,
    repeats: int = 1,
    concurrency: int = 8,
    budget: BudgetFlags | None = None,
    estimate: bool = False,
    log_json: str | None = None,
    turn_timeout: float = 120.0,
    connect_retries: int = 3,
    requests_per_minute: float | None = None,
    tokens_per_minute: float | None = None,
    no_of_rows: int = 20,
    declared: Path | None = None,
    agent_name: str | None = None,
    scenario_name: str | None = None,
    json: bool = False,
    html: Path | None = None,
) -> int:
    """Replay recorded conversations against an agent, turn by turn, and compare.

    Tools answer from the recording: nothing is run for real unless you allow it by name.

    Args:
        agent: module:function, agent.py:function, http://host/path, openai:http://host/v1,
            responses:http://host/v1, "command:program arguments", or an agent file.
        project: The project; not needed where there is only one.
        session: A session id; may be given several times.
        trace: A trace id; may be given several times.
        all: Every session (or trace, with --type trace) of the project that matches.
        type: With --all: session or trace.
        filters: Narrow --all.
        exclude: An id to leave out of --all.
        user_policy: verbatim says the recorded words to the end; strict stops at a misfit;
            guided says them where they fit; simulated needs a language model.
        mode: conversation runs end to end; turn answers each turn after the recorded ones before
            it; conversation,turn does both.
        tools: Who runs the agent's tools: intercepted, returned, served or own.
        serve_tools: Serve them over MCP and HTTP at [HOST:]PORT; the agent is also told with
            each request. With --tools served alone, at a free port of this machine.
        on_miss: What a read gets that nothing recorded answers; simulate asks a model.
        max_rung: How like a recorded call must be that answers: 1 the same arguments, 2 after
            normalising, 3 the same key fields, 4 clearly nearest, 5 the same thing seen.
        allow_live_tools: Let the agent run tools that no one intercepts.
        live_tool: A tool that may run for real.
        model: The model to name in OpenAI-style requests.
        stream: How the endpoint streams its answer.
        header: A header as NAME=VALUE; ${VARIABLE} is read from the environment.
        stateful: The agent keeps the talk on its side: an interrupted talk starts again.
        repeats: How often each conversation is run.
        concurrency: How many conversations run at once.
        budget: Bound the run.
        estimate: Say what the run would take, from the recordings, and run nothing.
        log_json: Append a line of JSON for each event to this file, or to stderr.
        turn_timeout: The longest an answer may take, in seconds.
        connect_retries: How often to try again while no connection can be made.
        requests_per_minute: How often the agent may be asked, by all conversations together.
        tokens_per_minute: How many tokens the agent may use, by all conversations together.
        no_of_rows: Rows wanted in the scenario; exact ones are never dropped.
        declared: A YAML file of results for calls that the recordings lack, and of tool rules;
            a miss prints the lines to paste.
        agent_name: The agent definition's name.
        scenario_name: The scenario's name.
        json: Print the run as JSON.
        html: Write the report to this file.
    """
    how: dict[str, Any] = {
        "tools": tools_mode(tools, serve_tools=serve_tools),
        "model": model,
        "stream": stream,
        "headers": _headers(header),
        "stateless": False if stateful else None,
    }
    target = parse_target(agent, **how) if server() is None else None
    options = RunOptions(
        user_policy=user_policy,
        mode=run_mode(mode),
        on_miss=on_miss,
        max_rung=max_rung,
        live_tools=tuple(live_tool or ()),
        allow_live_tools=allow_live_tools,
        serve_tools=serve_tools,
        repeats=repeats,
        concurrency=concurrency,
        turn_timeout_s=turn_timeout,
        connect_retries=connect_retries,
        budget=budget_from(budget),
        requests_per_minute=requests_per_minute,
        tokens_per_minute=tokens_per_minute,
    )
    known = declared_in(declared) if declared else Declared()
    naming = Naming(
        agent_name=agent_name,
        scenario_name=scenario_name,
        no_of_rows=no_of_rows,
        declared=known.results,
        tool_rules=known.rules,
    )
    choose = partial(
        _chosen,
        project,
        session or (),
        trace or (),
        all=all,
        filter=filter_of(filters),
        exclude=exclude or (),
        replay_type=type,
    )
    if target is None:
        with opened() as desk:
            chosen = choose(desk.spans)
        there = There(agent=agent, how=how, options=options, naming=naming)
        return _replay_there(there, chosen, estimate, log_json, json=json, html=html)
    with Workspace() as workspace, event_log(log_json) as listener:
        chosen = choose(workspace.spans)
        if estimate:
            return _estimated(workspace, chosen, target, options, json=json)
        check_writable(html)
        check_models(options, workspace.model)
        with console.agents_words_apart():
            reached = reach(target, options)
        prepared = prepare(workspace, chosen, target=target, options=options, naming=naming)
        announce(prepared.generated, options, target=target, quiet=json)
        calls = workspace.control.progress(prepared.run).calls
        with running(prepared.run.id, json=json), talks_progress(calls, prepared.run.id) as on_end:
            run = execute(
                workspace,
                prepared.run,
                agent=reached,
                on_end=on_end,
                listener=listener,
                on_serving=say_serving(json),
            )
        warn_of(run)
        return finish(run_view(workspace, run), json=json, html=html)


def _estimated(
    workspace: Workspace,
    chosen: Selection,
    target: AgentTarget,
    options: RunOptions,
    *,
    json: bool,
) -> int:
    return _tell(estimate_of(workspace, chosen, target=target, options=options), options, json=json)


def _tell(expected: Estimate, options: RunOptions, *, json: bool) -> int:
    if json:
        console.print_json(expected)
        return 0
    out = console.data()
    out.print(estimate_text(expected, concurrency=options.concurrency), soft_wrap=True)
    for unknown in expected.unknown:
        out.print(f"  {unknown}")
    return 0


def _chosen(
    project: str | None, sessions: Sequence[str], traces: Sequence[str], spans: Spans, **which: Any
) -> Selection:
    return selection(known_project(spans, project), sessions, traces, **which)


def _replay_there(
    there: There,
    chosen: Selection,
    estimate: bool,
    log_json: str | None,
    *,
    json: bool,
    html: Path | None,
) -> int:
    if log_json is not None:
        here_only(
            "--log-json",
            why="its events are told over there",
            instead="GET /api/v1/runs/{id}/events tells them as they come",
        )
    if estimate:
        return _tell(there.estimated(chosen), there.options, json=json)
    return there.replayed(chosen, json=json, html=html)


def _headers(given: list[str] | None) -> dict[str, str] | None:
    headers: dict[str, str] = {}
    for text in given or ():
        name, separator, value = text.partition("=")
        if not separator or not name.strip():
            raise UsageError("a header is NAME=VALUE", where=f"--header {name[:40]}")
        if _SECRET.search(name) and "${" not in value:
            raise UsageError(
                "a secret on the command line would be stored with the run",
                where=f"--header {name}",
                next_step=f"put it into the environment: --header '{name}=${{VARIABLE}}'",
            )
        headers[name.strip()] = value
    return headers or None
