"""The whole way in one call: selection, scenario, run test, run, and what became of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reenact.agents.port import Agent
from reenact.agents.targets import connect, parse_target
from reenact.domain.agent import AgentTarget, CallableTarget, ToolsMode
from reenact.domain.budget import Budget
from reenact.domain.progress import Listener
from reenact.domain.run import MissPolicy, Run, RunOptions, UserPolicy, run_mode
from reenact.domain.run_view import RunView
from reenact.domain.scenario import DeclaredResult
from reenact.domain.selection import Filter
from reenact.domain.tool_rules import ToolRules
from reenact.errors import UsageError
from reenact.llm.port import LanguageModel
from reenact.replay.served import tools_mode
from reenact.runs.calls import check_history
from reenact.runs.choosing import DEFAULT_NAMES, Naming, Selection, declared_results, selection
from reenact.runs.making import create_run, create_run_test
from reenact.runs.replay_sessions import Generated, create_replay_session, generate_scenario
from reenact.runs.running import OnEnd, check_models, execute
from reenact.runs.views import run_view
from reenact.runs.workspace import Workspace
from reenact.settings import Settings
from reenact.tools.hooks.frameworks import guarded_tools, instrument

AgentFunction = Callable[..., Any]
UNBOUNDED = Budget()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A run that is made and may be executed."""

    generated: Generated
    run: Run


def prepare(
    workspace: Workspace,
    selection: Selection,
    *,
    target: AgentTarget,
    options: RunOptions,
    naming: Naming = DEFAULT_NAMES,
) -> Prepared:
    """Make replay session, scenario, run test (linked by its `replay_session_id`) and run.

    Raises:
        UsageError: where nothing matches, or the agent cannot be told what the mode needs.
    """
    check_history(target, options)
    session = create_replay_session(
        workspace,
        project_id=selection.project,
        replay_type=selection.replay_type,
        ids=selection.ids,
        select_all=selection.select_all,
        filter=selection.filter,
        exclude_ids=selection.exclude_ids,
    )
    generated = generate_scenario(
        workspace,
        session,
        agent_name=naming.agent_name,
        agent_description=naming.agent_description,
        scenario_name=naming.scenario_name,
        no_of_rows=naming.no_of_rows,
        declared=naming.declared,
        tool_rules=naming.tool_rules,
        target=target,
    )
    test = create_run_test(
        workspace,
        agent=generated.agent,
        version=generated.agent_version,
        target=target,
        scenarios=[generated.scenario],
        options=options,
        replay_session_id=session.id,
    )
    return Prepared(generated, create_run(workspace, test))


def reach(
    target: AgentTarget, options: RunOptions, *, function: AgentFunction | None = None
) -> Agent:
    """Return the agent that `target` names; `function` where it is at hand already."""
    if isinstance(target, CallableTarget):
        instrument()  # before its import, which may build tools of a framework
    if function is not None and isinstance(target, CallableTarget):
        from reenact.agents.callable import CallableAgent

        return CallableAgent(target, intercepted=guarded_tools, function=function)
    return connect(
        target,
        environ=os.environ,
        turn_timeout_s=options.turn_timeout_s,
        connect_retries=options.connect_retries,
        intercepted=guarded_tools,
    )


def replay(
    agent: str | AgentFunction,
    *,
    project: str,
    sessions: str | Sequence[str] = (),
    traces: str | Sequence[str] = (),
    all: bool = False,
    filter: Filter | None = None,
    exclude: Sequence[str] = (),
    user_policy: UserPolicy = "verbatim",
    mode: str = "conversation",
    tools: ToolsMode | None = None,
    serve_tools: str | None = None,
    on_miss: MissPolicy = "refuse",
    max_rung: int = 5,
    live_tools: Sequence[str] = (),
    allow_live_tools: bool = False,
    repeats: int = 1,
    concurrency: int = 8,
    turn_timeout_s: float = 120.0,
    requests_per_minute: float | None = None,
    tokens_per_minute: float | None = None,
    no_of_rows: int = 20,
    declared: Sequence[DeclaredResult | Mapping[str, Any]] = (),
    tool_rules: Sequence[ToolRules] = (),
    agent_name: str | None = None,
    scenario_name: str | None = None,
    budget: Budget = UNBOUNDED,
    model: LanguageModel | None = None,
    settings: Settings | None = None,
    on_end: OnEnd = lambda call: None,
    listener: Listener | None = None,
) -> RunView:
    """Replay recorded conversations against an agent; return the run, compared and judged.

    Args:
        agent: A function `agent(messages, message)`, sync or async, or the name of a target:
            `module:function`, `http://...`, `openai:http://...`, `responses:http://...`,
            `command:...`, an agent file.
        project: The project that the conversations are in.
        sessions: Session ids, when sessions are replayed.
        traces: Trace ids, when single traces are replayed.
        all: Take every session (or with `traces=()` and no sessions, all sessions) that matches.
        filter: Narrows `all`.
        exclude: Ids to leave out of `all`.
        user_policy: `verbatim` to the end; `strict`, which stops at the first misfit; `guided`,
            which says the recorded words where they fit; `simulated`, which needs a model.
        mode: `conversation` runs end to end; `turn` answers each turn after the recorded ones
            before it; `both` does both, side by side.
        tools: Who runs the agent's tools: `intercepted`, `returned`, `served` or `own`.
        serve_tools: Where they are served, as [HOST:]PORT; a free port by default.
        on_miss: What a read gets that nothing recorded answers: `refuse`, `error_result`, or
            `simulate`, which asks `model`.
        max_rung: The highest rung of the matching ladder that may answer; 1 is exact.
        live_tools: Tools that may run for real.
        allow_live_tools: Let the agent run tools that no one intercepts.
        repeats: How often each conversation is run.
        concurrency: How many run at once.
        turn_timeout_s: The longest an answer may take, in seconds.
        requests_per_minute: How often the agent may be asked, by all conversations together.
        tokens_per_minute: How many tokens the agent may use, by all conversations together.
        no_of_rows: How many rows the scenario should have; exact ones are never dropped.
        declared: Results for tool calls that the recordings lack: `tool`, `arguments` and
            `result` or `error`.
        tool_rules: What is known of the tools: effects, key fields, fields that never matter.
        agent_name: The agent definition's name; the recorded one by default.
        scenario_name: The scenario's name; made from the project's by default.
        budget: What the run may take: turns, seconds, money. It stops cleanly and can go on.
        model: The language model that speaks for a simulated user, decides for a guided one what
            its rules cannot, and makes up results (`reenact.llm.port.LanguageModel`).
        settings: Where the stores are; read from the environment by default.
        on_end: Called with each call execution as it ends.
        listener: Told of every event of the run, turn by turn.

    Raises:
        UsageError: nothing chosen, an unknown id, an agent that does not load.
        UnguardedTools: tools would run for real and that was not allowed.
    """
    function = agent if callable(agent) else None
    target = target_of(agent, tools_mode(tools, serve_tools=serve_tools))
    options = RunOptions(
        user_policy=user_policy,
        mode=run_mode(mode),
        on_miss=on_miss,
        max_rung=max_rung,
        live_tools=tuple(live_tools),
        allow_live_tools=allow_live_tools,
        serve_tools=serve_tools,
        repeats=repeats,
        concurrency=concurrency,
        turn_timeout_s=turn_timeout_s,
        budget=budget,
        requests_per_minute=requests_per_minute,
        tokens_per_minute=tokens_per_minute,
    )
    chosen = selection(project, sessions, traces, all=all, filter=filter, exclude=exclude)
    naming = Naming(
        agent_name=agent_name,
        scenario_name=scenario_name,
        no_of_rows=no_of_rows,
        declared=declared_results(declared, where="declared"),
        tool_rules=tuple(tool_rules),
    )
    with Workspace(settings) as workspace:
        check_models(options, model or workspace.model)
        reached = reach(target, options, function=function)
        prepared = prepare(workspace, chosen, target=target, options=options, naming=naming)
        run = execute(
            workspace,
            prepared.run,
            agent=reached,
            model=model,
            on_end=on_end,
            listener=listener,
        )
        return run_view(workspace, run)


def target_of(agent: str | AgentFunction, tools: ToolsMode | None) -> AgentTarget:
    """Return the target that a function, or the name of a target, stands for.

    Raises:
        UsageError: for anything else.
    """
    if isinstance(agent, str):
        return parse_target(agent, tools=tools)
    if not callable(agent):
        raise UsageError(
            f"an agent is a function or a target's name, not {type(agent).__name__}",
            next_step="pass the function itself, or a text such as 'support.agent:answer'",
        )
    module = getattr(agent, "__module__", "__main__")
    name = getattr(agent, "__qualname__", type(agent).__name__)
    return CallableTarget(path=f"{module}:{name}", tools=tools or "intercepted")
