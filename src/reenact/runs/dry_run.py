"""A dry run: what a replay could answer from the recordings, and what it would run for real."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from reenact.domain.agent import AgentTarget
from reenact.domain.budget import Estimate
from reenact.domain.conversation import Effect
from reenact.domain.recording import Recording
from reenact.domain.run import CallExecution, RunOptions
from reenact.domain.scenario import Row
from reenact.domain.selection import ReplaySession
from reenact.errors import UsageError
from reenact.replay.conversation import Talk, recorded_tools
from reenact.runs.calls import check_history
from reenact.runs.estimate import estimate, sizes_of
from reenact.runs.preflight import Answer, Question
from reenact.runs.running import check_models
from reenact.runs.workspace import Workspace
from reenact.scenario.rows import agent_tools, rows_for
from reenact.tools.calls import recorded_calls
from reenact.tools.rulebook import Rulebook

_FROM_RECORDING = ("recorded", "declared")


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRunTool:
    """A tool that the recordings call."""

    name: str
    calls: int
    effect: Effect
    answered: int
    """Calls that the recordings answer."""
    guarded: bool
    """False where the agent would run it for real."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """What a replay would find; nothing was run."""

    sentence: str
    calls: int
    answered: int
    writes: int
    unknown: int
    """Calls of tools of which nobody said whether they write."""
    tools: tuple[DryRunTool, ...]
    unguarded: tuple[str, ...]
    problems: tuple[str, ...]
    """What else would keep the run from beginning."""
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class _Asked:
    name: str
    effect: Effect
    answered: bool


def dry_run(
    workspace: Workspace,
    session: ReplaySession,
    *,
    target: AgentTarget,
    options: RunOptions,
    ask: Callable[[Question], Answer],
) -> DryRun:
    """Ask every recorded tool call of `session` of its recording, and the agent for its tools.

    `ask` reaches the agent, wherever that is done.
    """
    recordings = workspace.records.recordings(session.recordings)
    rows = _rows(workspace, session, recordings)
    by_hash = {recording.hash: recording for recording in recordings}
    pairs = [(row, by_hash[row.recording_hash]) for row in rows if row.recording_hash in by_hash]
    names = tuple(sorted({name for _, r in pairs for name in agent_tools(r.conversation)}))
    found = ask(Question(target=target, options=options, tools=names))
    asked = [one for row, recording in pairs for one in _asked(row, recording, found.effects)]
    unguarded = () if options.allow_live_tools else found.unguarded
    return DryRun(
        sentence=_sentence(asked),
        calls=len(asked),
        answered=sum(one.answered for one in asked),
        writes=sum(one.effect == "write" for one in asked),
        unknown=sum(one.effect == "unknown" for one in asked),
        tools=tuple(_tool(name, asked, found) for name in dict.fromkeys(one.name for one in asked)),
        unguarded=unguarded,
        problems=tuple(_problems(workspace, target, options, found)),
        estimate=estimate(sizes_of(rows, recordings), options, target=target),
    )


def _rows(
    workspace: Workspace, session: ReplaySession, recordings: Sequence[Recording]
) -> tuple[Row, ...]:
    if session.scenario_id is not None:
        return workspace.records.scenario(session.scenario_id).rows
    return rows_for(recordings, replay_type=session.replay_type)


def _asked(row: Row, recording: Recording, effects: Mapping[str, Effect]) -> Iterator[_Asked]:
    """Ask the recording for each of its own calls, as an agent would that does the same."""
    call = CallExecution(id="dry-run", run_id="dry-run", scenario_id="dry-run", row_id=row.id)
    talk = Talk(call=call, row=row, recording=recording, options=RunOptions())
    tools = recorded_tools(talk)
    for recorded in recorded_calls(
        talk.conversation, rules=Rulebook(row.tool_rules, effects=effects)
    ):
        if row.turn is not None and recorded.turn != row.turn:
            continue
        name, arguments = recorded.call.name, recorded.call.arguments
        given = tools.answer(name, arguments, turn=recorded.turn)
        yield _Asked(name, recorded.effect, given.provenance in _FROM_RECORDING)


def _tool(name: str, asked: Sequence[_Asked], found: Answer) -> DryRunTool:
    mine = [one for one in asked if one.name == name]
    return DryRunTool(
        name=name,
        calls=len(mine),
        effect=mine[0].effect,
        answered=sum(one.answered for one in mine),
        guarded=name not in found.unguarded,
    )


def _sentence(asked: Sequence[_Asked]) -> str:
    if not asked:
        return "The recordings hold no tool calls, so there is nothing to answer."
    answered = sum(one.answered for one in asked)
    writes = sum(one.effect == "write" for one in asked)
    said = f"{answered} of {len(asked)} tool calls can be answered from the recording"
    if writes:
        said += f"; {writes} {'is a write' if writes == 1 else 'are writes'} and can never run"
    return said


def _problems(
    workspace: Workspace, target: AgentTarget, options: RunOptions, found: Answer
) -> Iterator[str]:
    if found.problem:
        yield found.problem
    checks: tuple[Callable[[], None], ...] = (
        lambda: check_history(target, options),
        lambda: check_models(options, workspace.model),
    )
    for check in checks:
        try:
            check()
        except UsageError as error:
            yield error.render()
