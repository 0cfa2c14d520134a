"""A fork in one call: what is other, live from there, and how it compares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reenact.domain.agent import ToolsMode
from reenact.domain.run import MissPolicy, RunOptions, UserPolicy
from reenact.domain.run_view import RunView
from reenact.errors import UnknownId, UsageError
from reenact.runs.fork_edits import Edits
from reenact.runs.forks import Base, base_of_fork, base_of_talk, make_fork
from reenact.runs.replay import AgentFunction, reach, target_of
from reenact.runs.running import execute
from reenact.runs.views import run_view
from reenact.runs.workspace import Workspace
from reenact.settings import Settings


def fork(
    agent: str | AgentFunction,
    *,
    project: str,
    at: int,
    talk: str | None = None,
    of: str | None = None,
    name: str | None = None,
    user: str | None = None,
    tool_results: Mapping[str, Any] | None = None,
    tool_errors: Mapping[str, str] | None = None,
    system: str | None = None,
    user_policy: UserPolicy = "verbatim",
    tools: ToolsMode | None = None,
    on_miss: MissPolicy = "refuse",
    allow_live_tools: bool = False,
    repeats: int = 1,
    turn_timeout_s: float = 120.0,
    settings: Settings | None = None,
) -> RunView:
    """Fork a recorded talk at a turn and run it live from there; return the run, compared.

    Args:
        agent: As for `replay`: a function, or the name of a target.
        project: The project that the talk is in.
        at: The first live turn; those before it are told as they were.
        talk: A session or trace id; or give `of`.
        of: The name or id of a fork to fork.
        name: The fork's name; made up by default.
        user: What the user says on that turn.
        tool_results: What calls shall give. A call is named by its id, by turn and number such
            as `2.1`, or by its tool's name where only one fits.
        tool_errors: The errors that calls shall fail with.
        system: A system prompt, told to the agent as the first message.
        user_policy: How the user goes on after that turn.
        tools: Who runs the agent's tools: `intercepted`, `returned` or `own`.
        on_miss: What a read gets that nothing recorded answers.
        allow_live_tools: Let the agent run tools that no one intercepts.
        repeats: How often the fork is run.
        turn_timeout_s: The longest an answer may take, in seconds.
        settings: Where the stores are; read from the environment by default.

    Raises:
        UsageError: for a turn or a call that the talk does not have, a name that is taken, an
            agent that cannot be told a history.
        UnguardedTools: tools would run for real and that was not allowed.
    """
    target = target_of(agent, tools)
    options = RunOptions(
        user_policy=user_policy,
        on_miss=on_miss,
        allow_live_tools=allow_live_tools,
        repeats=repeats,
        turn_timeout_s=turn_timeout_s,
    )
    edits = Edits(user=user, system=system, results=tool_results or {}, errors=tool_errors or {})
    with Workspace(settings) as workspace:
        base = _base(workspace, project, talk, of)
        reached = reach(target, options, function=agent if callable(agent) else None)
        made = make_fork(
            workspace, base, at=at, edits=edits, target=target, options=options, name=name
        )
        return run_view(workspace, execute(workspace, made.run, agent=reached))


def _base(workspace: Workspace, project: str, talk: str | None, of: str | None) -> Base:
    if (talk is None) == (of is None):
        raise UsageError("name a talk or a fork to leave, one of the two")
    if of is not None:
        return base_of_fork(workspace, workspace.forks.named(of, project=project))
    names = [talk] if talk and ":" in talk else [f"sess:{talk}", f"trace:{talk}"]
    for name in names:
        try:
            return base_of_talk(workspace.conversations.get(project, name or ""))
        except UnknownId:
            continue
    raise UnknownId(f"session or trace in project {project}", [talk or ""])
