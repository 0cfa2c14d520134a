"""A run as the contract shows it: baseline and replay of every call, compared and judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from reenact.agents.targets import describe_target
from reenact.compare.compare import compare
from reenact.compare.localise import localised
from reenact.compare.summary import metric_means, turn_status_counts
from reenact.domain.agent import AgentDefinition
from reenact.domain.comparison import Comparison
from reenact.domain.conversation import ToolCall
from reenact.domain.expectation import Judgement, RowVerdict
from reenact.domain.run import Run, RunTest, TurnRecord
from reenact.domain.run_view import CallView, RunSummary, RunView
from reenact.domain.turn import Turn
from reenact.domain.view import ToolCallView, TurnView, tool_call_view, turn_view, view_of
from reenact.evaluate.comparable import why_not_comparable
from reenact.evaluate.expectations import judge, judge_recording
from reenact.evaluate.verbatim import verbatim_share
from reenact.evaluate.verdicts import row_verdict
from reenact.replay.conversation import Talk, recorded_tools
from reenact.replay.script import script_of
from reenact.runs.budgets import budget_of
from reenact.runs.replayed import (
    ReplayedRow,
    RunContents,
    as_one,
    contents_of,
    judged_items,
    replayed,
)
from reenact.runs.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewedRow:
    """A row of a run: its verdict, and its talks as they are shown."""

    verdict: RowVerdict
    calls: tuple[CallView, ...]


def run_view(workspace: Workspace, run: Run) -> RunView:
    """Return `run` with every call execution compared and judged."""
    contents = contents_of(workspace, run)
    rows = list(viewed_rows(workspace, contents))
    by_id = {call.id: call for row in rows for call in row.calls}
    calls = tuple(by_id[as_one(talk).id] for talk in contents.talks)
    agent = workspace.records.agent(contents.test.agent_id)
    return _assembled(contents, agent, calls, tuple(row.verdict for row in rows))


def viewed_rows(
    workspace: Workspace, contents: RunContents, row_ids: Collection[str] | None = None
) -> Iterator[ViewedRow]:
    """Yield the rows of a run (those named, else all), each read when it is its turn."""
    for row_id, talks in contents.talks_by_row().items():
        if row_ids is None or row_id in row_ids:
            items = [replayed(workspace, contents, calls) for calls in talks]
            verdict = _row_verdict(row_id, judged_items(items))
            calls = tuple(_call_view(item, contents.test, verdict) for item in items)
            yield ViewedRow(verdict=verdict, calls=calls)


def _row_verdict(row_id: str, items: Sequence[ReplayedRow]) -> RowVerdict:
    """Return the verdict of a row. A variant is another talk: it has no recorded baseline."""
    row, recorded = items[0].row, items[0].recording.conversation
    repeats = [_judged(item) for item in items]
    if row.variant:
        return row_verdict(row_id, baseline=(), repeats=repeats)
    return row_verdict(
        row_id,
        baseline=judge_recording(row.expectations, recorded, only_turn=row.turn),
        repeats=repeats,
        not_comparable=why_not_comparable(
            recorded,
            # In a fork the user says something else on purpose.
            verbatim=[verbatim_share(i.turns) for i in items if i.row.fork is None],
            only_turn=row.turn,
        ),
    )


def _call_view(item: ReplayedRow, test: RunTest, verdict: RowVerdict) -> CallView:
    call, conversation = item.call, item.recording.conversation
    failed = call.status == "failed" and call.ended_reason != "user_failed"
    share = verbatim_share(item.turns)
    return CallView(
        id=call.id,
        row=call.row_id,
        lane=call.lane,
        mode=call.mode,
        repeat=call.repeat,
        status=call.status,
        ended_reason=call.ended_reason,
        error=call.error,
        agent_error=call.error if failed else None,
        session_id=call.session_id,
        baseline=view_of(conversation, item.recording.fidelity),
        turns=tuple(_turn_view(turn, item) for turn in item.turns),
        comparison=compare(
            conversation,
            item.turns,
            ended=call.ended_reason,
            error=call.error,
            only_turn=item.row.turn,
            from_turn=item.row.first_turn,
            apart=item.apart,
        ),
        judgements=_judged(item),
        scores=(),
        verdict=verdict.verdict,
        verdict_reason=verdict.sentence,
        verbatim_share=share.turns,
        verbatim_words=share.words,
        first_turn=item.row.first_turn,
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
        apart=item.apart,
    )


def _turn_view(turn: TurnRecord, item: ReplayedRow) -> TurnView:
    shown = turn_view(Turn(index=turn.index, items=turn.items))
    return replace(
        shown,
        trace_id=turn.trace_id,
        after_divergence=turn.after_divergence,
        misfit=turn.misfit,
        choice=turn.choice,
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
    contents: RunContents,
    agent: AgentDefinition,
    calls: tuple[CallView, ...],
    rows: tuple[RowVerdict, ...],
) -> RunView:
    run, test = contents.run, contents.test
    return RunView(
        id=run.id,
        project=run.project_id,
        run_test_id=test.id,
        replay_session_id=test.replay_session_id,
        scenario=", ".join(scenario.name for scenario in contents.scenarios),
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
        summary=summary_of(run, calls, rows),
        rows=rows,
        calls=calls,
        stopped_by=run.stopped_by,
        budget=budget if (budget := budget_of(run, test)).bounded else None,
        spent=run.spent,
        localised=localised(calls) if "turn" in test.options.modes else (),
    )


class Told(Protocol):
    """What a summary needs of a talk."""

    @property
    def status(self) -> str:
        """How its call execution stands."""

    @property
    def mode(self) -> str:
        """Its mode."""

    @property
    def has_turns(self) -> bool:
        """Whether any turn of it was run."""

    @property
    def comparison(self) -> Comparison:
        """How it compares with its recording."""


def summary_of(run: Run, calls: Sequence[Told], rows: Sequence[RowVerdict]) -> RunSummary:
    """Return the totals of a run."""
    status = Counter(call.status for call in calls)
    left = len(calls) - status["completed"] - status["failed"]
    ended = status["completed"] + status["failed"]
    # Whole talks, where there are any: turns that were run apart are told on their own.
    talks = [call for call in calls if call.mode != "turn"] or calls
    comparisons = [
        c.comparison for c in talks if c.has_turns and c.status in ("completed", "failed")
    ]
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
