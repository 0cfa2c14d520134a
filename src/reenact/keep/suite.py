"""Run kept cases: each against the agent that it, or the command line, names."""

from __future__ import annotations

from dataclasses import dataclass

from reenact.agents.targets import parse_target
from reenact.domain.agent import ToolsMode
from reenact.domain.expectation import RowVerdict
from reenact.domain.run import RunOptions
from reenact.domain.run_view import RunView
from reenact.errors import AgentUnreachable, UsageError
from reenact.evaluate.verdicts import exit_code_for
from reenact.keep.case import MAX_REPEATS, KeptCase, row_of
from reenact.keep.file import read_recording
from reenact.replay.served import tools_mode
from reenact.runs.rows import run_rows
from reenact.runs.running import OnEnd
from reenact.runs.workspace import Workspace
from reenact.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """What became of a kept case."""

    verdict: RowVerdict
    run: RunView
    sentence: str
    """The verdict, what it rests on and what failed, in plain words."""
    exit_code: int
    """As `reenact test` would give for this case alone."""


def run_case(
    case: KeptCase,
    *,
    target: str | None = None,
    repeats: int | None = None,
    tools: ToolsMode | None = None,
    serve_tools: str | None = None,
    turn_timeout_s: float | None = None,
    settings: Settings | None = None,
    on_end: OnEnd = lambda call: None,
) -> CaseResult:
    """Replay `case` and judge it.

    Args:
        case: A case that was read from its file.
        target: The agent as a command line names it; the case's own by default.
        repeats: How often; as the case says by default.
        tools: Who runs the agent's tools; as the target says by default.
        serve_tools: Where they are served, as [HOST:]PORT; a free port by default.
        turn_timeout_s: The longest an answer may take, in seconds; 120 by default.
        settings: Where the stores are; read from the environment by default.
        on_end: Called with each call execution as it ends.

    Raises:
        UsageError: when no agent is named, or `repeats` is out of bounds.
        KeptFileError, RecordingTampered: when the recording is missing or another.
        AgentNotLoaded, UnguardedTools: as `run_rows`.
        AgentUnreachable: when not one talk reached the agent.
    """
    agent = target or case.agent
    where = str(case.path or case.name)
    if agent is None:
        raise UsageError(
            "no agent is named, neither here nor in the kept file",
            where=where,
            next_step="reenact test --agent TARGET, pytest --reenact-agent TARGET, "
            "or write agent: TARGET into the file",
        )
    times = case.repeats if repeats is None else repeats
    if not 1 <= times <= MAX_REPEATS:
        raise UsageError(f"repeats is {times}; it must be from 1 to {MAX_REPEATS}", where=where)
    with Workspace(settings) as workspace:
        run = run_rows(
            workspace,
            [row_of(case)],
            recordings=[read_recording(case)],
            target=parse_target(agent, tools=tools_mode(tools, serve_tools=serve_tools)),
            options=RunOptions(
                user_policy=case.user_policy,
                serve_tools=serve_tools,
                repeats=times,
                turn_timeout_s=120.0 if turn_timeout_s is None else turn_timeout_s,
            ),
            name=case.name,
            on_end=on_end,
        )
    _check_reached(run, where)
    verdict = run.rows[0]
    return CaseResult(
        verdict=verdict,
        run=run,
        sentence=verdict.sentence,
        exit_code=exit_code_for([verdict.verdict], command="test"),
    )


def _check_reached(run: RunView, where: str) -> None:
    unreachable = [call for call in run.calls if call.ended_reason == "unreachable"]
    if unreachable and len(unreachable) == len(run.calls):
        raise AgentUnreachable(
            f"{run.target} does not answer: {unreachable[0].error or 'no connection'}",
            where=where,
            next_step="start the agent, then run the test again",
        )
