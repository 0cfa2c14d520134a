"""One call execution with what stands around it; and two replays of one recording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from reenact.compare.compare import compare
from reenact.domain.conversation import Conversation
from reenact.domain.run import CallExecution, Run, TurnRecord
from reenact.domain.run_detail import CallDetail, CallsBeside
from reenact.domain.run_view import CallView
from reenact.domain.span import StoredSpan
from reenact.domain.turn import turns_of
from reenact.errors import UnknownId, UsageError
from reenact.runs.replayed import ReplayedRow, RunContents, as_one, contents_of, replayed
from reenact.runs.views import viewed_rows
from reenact.runs.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class SpansOfCall:
    """Spans of a recorded talk, and those that came back while it was replayed; by start."""

    baseline: tuple[StoredSpan, ...]
    replay: tuple[StoredSpan, ...]


def call_detail(workspace: Workspace, run: Run, call_id: str) -> CallDetail:
    """Return a call execution of `run`, compared; in turn mode that of all turns of its talk.

    Raises:
        UnknownId: where the run has no such call.
    """
    contents = contents_of(workspace, run)
    order = [as_one(talk).id for talk in contents.talks]
    place = _place(order, call_id)
    row_id = contents.talks[place][0].row_id
    view = _view(workspace, contents, call_id)
    siblings = [as_one(talk).id for talk in contents.talks_by_row()[row_id]]
    why = _why_not_keep(contents, row_id)
    return CallDetail(
        run_id=run.id,
        project_id=run.project_id,
        call=view,
        siblings=tuple(id for id in siblings if id != call_id),
        previous=order[place - 1] if place else None,
        next=order[place + 1] if place + 1 < len(order) else None,
        can_keep=why is None,
        why_not_keep=why,
    )


def calls_beside(workspace: Workspace, one: tuple[Run, str], other: tuple[Run, str]) -> CallsBeside:
    """Return two replays of one recording, the second compared with the first.

    Raises:
        UnknownId: where a run has no such call.
        UsageError: where they are of different recordings.
    """
    contents = [contents_of(workspace, run) for run, _ in (one, other)]
    first, second = (
        replayed(workspace, held, _talk(held, id))
        for held, (_, id) in zip(contents, (one, other), strict=True)
    )
    if first.recording.hash != second.recording.hash:
        raise UsageError(
            "these are replays of different recordings",
            where=f"{one[1]}, {other[1]}",
            next_step="choose two of the same conversation",
        )
    baseline = _as_conversation(first)
    return CallsBeside(
        a=_view(workspace, contents[0], one[1]),
        b=_view(workspace, contents[1], other[1]),
        comparison=compare(
            baseline,
            _numbered_by(first.turns, second.turns),
            ended=second.call.ended_reason,
            error=second.call.error,
            only_turn=second.row.turn,
            from_turn=second.row.first_turn,
            apart=second.apart,
        ),
    )


def spans_of_call(workspace: Workspace, run: Run, call_id: str) -> SpansOfCall:
    """Return the spans of both sides of a call execution; raises UnknownId.

    There are none of the recording where it was deleted from the span store.
    """
    contents = contents_of(workspace, run)
    item = replayed(workspace, contents, _talk(contents, call_id))
    talk = item.recording.conversation
    traces = [turn.trace_id for turn in item.turns if turn.trace_id]
    return SpansOfCall(
        baseline=workspace.spans.spans_of_traces(talk.project, talk.trace_ids),
        replay=workspace.spans.replay_spans(traces),
    )


def _view(workspace: Workspace, contents: RunContents, call_id: str) -> CallView:
    row_id = _talk(contents, call_id)[0].row_id
    (row,) = viewed_rows(workspace, contents, {row_id})
    return next(call for call in row.calls if call.id == call_id)


def _talk(contents: RunContents, call_id: str) -> tuple[CallExecution, ...]:
    order = [as_one(talk).id for talk in contents.talks]
    return contents.talks[_place(order, call_id)]


def _place(order: Sequence[str], call_id: str) -> int:
    try:
        return order.index(call_id)
    except ValueError:
        raise UnknownId("call execution", [call_id]) from None


def _why_not_keep(contents: RunContents, row_id: str) -> str | None:
    talks = contents.talks_by_row()[row_id]
    if contents.rows[talks[0][0].scenario_id, row_id].fork is not None:
        return "a fork cannot be kept: keep a replay of the recording that it leaves"
    going = sum(as_one(talk).status not in ("completed", "failed") for talk in talks)
    return f"{going} of {len(talks)} repeats of it have not ended" if going else None


def _as_conversation(item: ReplayedRow) -> Conversation:
    """Return what a replay came to as a talk: what was told as history, and what was said."""
    recorded = item.recording.conversation
    first = item.row.first_turn or 1
    told = [i for turn in turns_of(recorded) if 0 < turn.index < first for i in turn.items]
    said = [i for turn in item.turns for i in turn.items]
    return replace(recorded, items=(*told, *said), time_synthetic=False)


def _numbered_by(
    baseline: Sequence[TurnRecord], turns: Sequence[TurnRecord]
) -> tuple[TurnRecord, ...]:
    """Return `turns` with the numbers that the baseline's turns of the same words have.

    A guided user may leave the order of the recording, in each replay otherwise.
    """
    numbers: dict[int | None, int] = {
        turn.recorded_turn: turn.index for turn in baseline if turn.recorded_turn
    }
    return tuple(
        turn
        if turn.choice is None
        else replace(
            turn,
            choice=replace(turn.choice, recorded_turn=numbers.get(turn.choice.recorded_turn)),
        )
        for turn in turns
    )
