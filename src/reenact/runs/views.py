"""A run as the contract shows it: baseline and replay of every call, compared and judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from reenact.agents.targets import describe_target
from reenact.compare.compare import compare
from reenact.compare.summary import metric_means, turn_status_counts
from reenact.domain.agent import AgentDefinition
from reenact.domain.conversation import ToolCall
from reenact.domain.expectation import Judgement, RowVerdict
from reenact.domain.recording import Recording
from reenact.domain.run import CallExecution, Run, RunTest, TurnRecord
from reenact.domain.scenario import Row, Scenario
from reenact.domain.turn import Turn
from reenact.domain.view import (
    CallView,
    RunSummary,
    RunView,
    ToolCallView,
    TurnView,
    tool_call_view,
    turn_view,
    view_of,
)
from reenact.evaluate.comparable import why_not_comparable
from reenact.evaluate.expectations import judge, judge_recording
from reenact.evaluate.verdicts import row_verdict
from reenact.replay.conversation import Talk, recorded_tools
from reenact.replay.script import script_of
from reenact.runs.returned_spans import spans_by_trace, with_spans
from reenact.runs.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedRow:
    """One call execution with all that its view is made of."""

    call: CallExecution
    row: Row
    recording: Recording
    turns: tuple[TurnRecord, ...]
    span_ids: dict[str, tuple[str, ...]]
    own_tools: bool
    """True where the agent runs its tools itself, out of our sight."""

    @property
    def calls_known(self) -> bool:
        """True where every tool call of the replay was seen: by us, or in the agent's spans."""
        seen = all(turn.trace_id in self.span_ids for turn in self.turns)
        return not self.own_tools or (seen and bool(self.turns))


def run_view(workspace: Workspace, run: Run) -> RunView:
    """Return `run` with every call execution compared and judged."""
    records = workspace.records
    test = records.run_test(run.run_test_id)
    scenarios = [records.scenario(id) for id in test.scenario_ids]
    replayed = replayed_rows(workspace, run)
    rows = _row_verdicts(replayed)
    verdicts = {verdict.row_id: verdict for verdict in rows}
    calls = tuple(_call_view(item, test, verdicts[item.row.id]) for item in replayed)
    return _assembled(run, test, scenarios, records.agent(test.agent_id), calls, rows)


def replayed_rows(workspace: Workspace, run: Run) -> list[ReplayedRow]:
    """Return the call executions of `run` with their rows, recordings and journalled turns."""
    records = workspace.records
    test = records.run_test(run.run_test_id)
    rows = {(id, row.id): row for id in test.scenario_ids for row in records.scenario(id).rows}
    own = test.target.tools == "own"
    return [
        _replayed(workspace, rows[call.scenario_id, call.row_id], call, own_tools=own)
        for call in records.calls(run.id)
    ]


def _replayed(
    workspace: Workspace, row: Row, call: CallExecution, *, own_tools: bool
) -> ReplayedRow:
    recording = workspace.records.recording(row.recording_hash or "")
    turns = tuple(workspace.journal.turns(call.id, call.attempt))
    spans = spans_by_trace(workspace, turns)
    return ReplayedRow(
        call=call,
        row=row,
        recording=recording,
        turns=tuple(with_spans(turn, spans.get(turn.trace_id or "", ())) for turn in turns),
        span_ids={trace: tuple(s.span_id for s in found) for trace, found in spans.items()},
        own_tools=own_tools,
    )


def _row_verdicts(replayed: Sequence[ReplayedRow]) -> tuple[RowVerdict, ...]:
    by_row: dict[str, list[ReplayedRow]] = {}
    for item in replayed:
        by_row.setdefault(item.row.id, []).append(item)
    return tuple(
        row_verdict(
            row_id,
            baseline=judge_recording(
                items[0].row.expectations,
                items[0].recording.conversation,
                only_turn=items[0].row.turn,
            ),
            repeats=[_judged(item) for item in items],
            not_comparable=why_not_comparable(
                items[0].recording.conversation,
                verbatim=[verbatim_share(item.turns) for item in items],
                only_turn=items[0].row.turn,
            ),
        )
        for row_id, items in by_row.items()
    )


def _call_view(item: ReplayedRow, test: RunTest, verdict: RowVerdict) -> CallView:
    call, conversation = item.call, item.recording.conversation
    failure = call.error if call.status == "failed" else None
    return CallView(
        id=call.id,
        row=call.row_id,
        lane=call.lane,
        mode=call.mode,
        repeat=call.repeat,
        status=call.status,
        ended_reason=call.ended_reason,
        error=call.error,
        agent_error=failure,
        session_id=call.session_id,
        baseline=view_of(conversation, item.recording.fidelity),
        turns=tuple(_turn_view(turn, item) for turn in item.turns),
        comparison=compare(
            conversation,
            item.turns,
            ended=call.ended_reason,
            error=call.error,
            only_turn=item.row.turn,
        ),
        judgements=_judged(item),
        scores=(),
        verdict=verdict.verdict,
        verdict_reason=verdict.sentence,
        verbatim_share=verbatim_share(item.turns),
        fidelity=item.recording.fidelity,
        unused_calls=_unused(item, test),
        unrecorded_calls=tuple(
            tool_call_view(i)
            for turn in item.turns
            for i in turn.items
            if isinstance(i, ToolCall) and i.provenance not in (None, "recorded")
        ),
    )


def _judged(item: ReplayedRow) -> tuple[Judgement, ...]:
    return judge(
        item.row.expectations,
        item.turns,
        ended=item.call.ended_reason,
        calls_known=item.calls_known,
    )


def verbatim_share(turns: Sequence[TurnRecord]) -> float | None:
    """Return the share of the user's turns that were recorded words; None without turns."""
    if not turns:
        return None
    return sum(turn.user_provenance == "recorded" for turn in turns) / len(turns)


def _turn_view(turn: TurnRecord, item: ReplayedRow) -> TurnView:
    shown = turn_view(Turn(index=turn.index, items=turn.items))
    return replace(
        shown,
        trace_id=turn.trace_id,
        after_divergence=turn.after_divergence,
        misfit=turn.misfit,
        spans=item.span_ids.get(turn.trace_id or "", ()),
    )


def _unused(item: ReplayedRow, test: RunTest) -> tuple[ToolCallView, ...]:
    options = replace(test.options, on_miss="refuse")  # nothing is asked, so no model is needed
    talk = Talk(call=item.call, row=item.row, recording=item.recording, options=options)
    tools = recorded_tools(talk)
    tools.restore([i for turn in item.turns for i in turn.items if isinstance(i, ToolCall)])
    asked = {turn.index for turn in script_of(item.recording.conversation, item.row).turns}
    return tuple(
        tool_call_view(recorded.call) for recorded in tools.unused() if recorded.turn in asked
    )


def _assembled(
    run: Run,
    test: RunTest,
    scenarios: Sequence[Scenario],
    agent: AgentDefinition,
    calls: tuple[CallView, ...],
    rows: tuple[RowVerdict, ...],
) -> RunView:
    return RunView(
        id=run.id,
        project=run.project_id,
        run_test_id=test.id,
        replay_session_id=test.replay_session_id,
        scenario=", ".join(scenario.name for scenario in scenarios),
        agent=agent.name,
        agent_version=test.agent_version,
        target=describe_target(test.target),
        user_policy=test.options.user_policy,
        mode=test.options.mode,
        repeats=test.options.repeats,
        status=run.status,
        reason=run.reason,
        created_at=run.created_at,
        started_at=run.started_at,
        ended_at=run.ended_at,
        summary=_summary(run, calls, rows),
        rows=rows,
        calls=calls,
    )


def _summary(run: Run, calls: Sequence[CallView], rows: Sequence[RowVerdict]) -> RunSummary:
    status = Counter(call.status for call in calls)
    left = len(calls) - status["completed"] - status["failed"]
    ended = status["completed"] + status["failed"]
    comparisons = [c.comparison for c in calls if c.turns and c.status in ("completed", "failed")]
    return RunSummary(
        total=len(calls),
        completed=status["completed"],
        failed=status["failed"],
        cancelled=left if run.status == "cancelled" else status["cancelled"],
        completion_percent=round(100 * ended / len(calls), 1) if calls else None,
        turn_status=turn_status_counts(comparisons),
        verdicts=dict(Counter(row.verdict for row in rows)),
        metrics=metric_means(comparisons),
        scores={},
    )
