"""What was replayed of each row: its call executions with their journalled turns.

In turn mode every turn is a call execution of its own. Those of one row and repeat are read as
one here: they answer the same recording, each after the recorded turns before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from reenact.domain.recording import Recording
from reenact.domain.run import CallExecution, CallStatus, Run, TurnRecord
from reenact.domain.scenario import Row
from reenact.runs.returned_spans import spans_by_trace, with_spans
from reenact.runs.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedRow:
    """One call execution (in turn mode, those of all turns) with all its view is made of."""

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

    @property
    def apart(self) -> bool:
        """True where each turn was run by itself, after the recorded ones before it."""
        return self.call.mode == "turn"


def replayed_rows(workspace: Workspace, run: Run) -> list[ReplayedRow]:
    """Return the call executions of `run` with their rows, recordings and journalled turns."""
    records = workspace.records
    test = records.run_test(run.run_test_id)
    rows = {(id, row.id): row for id in test.scenario_ids for row in records.scenario(id).rows}
    own = test.target.tools == "own"
    return [
        _replayed(workspace, rows[calls[0].scenario_id, calls[0].row_id], calls, own_tools=own)
        for calls in _by_talk(records.calls(run.id))
    ]


def judged_items(items: Sequence[ReplayedRow]) -> list[ReplayedRow]:
    """Return those of a row's items that its verdict rests on: whole talks where there are any."""
    return [item for item in items if not item.apart] or list(items)


def _by_talk(calls: Iterable[CallExecution]) -> list[list[CallExecution]]:
    """Group the turns of a talk that were run apart; whatever else is a group by itself."""
    groups: dict[tuple[object, ...], list[CallExecution]] = {}
    for call in calls:
        talk = (call.scenario_id, call.row_id, call.lane, call.repeat)
        groups.setdefault(talk if call.turn is not None else (call.id,), []).append(call)
    return list(groups.values())


def _replayed(
    workspace: Workspace, row: Row, calls: Sequence[CallExecution], *, own_tools: bool
) -> ReplayedRow:
    turns = tuple(t for call in calls for t in workspace.journal.turns(call.id, call.attempt))
    spans = spans_by_trace(workspace, turns)
    return ReplayedRow(
        call=_as_one(calls),
        row=row,
        recording=workspace.records.recording(row.recording_hash or ""),
        turns=tuple(with_spans(turn, spans.get(turn.trace_id or "", ())) for turn in turns),
        span_ids={trace: tuple(s.span_id for s in found) for trace, found in spans.items()},
        own_tools=own_tools,
    )


def _as_one(calls: Sequence[CallExecution]) -> CallExecution:
    """Return the calls of a talk's turns as one: it ended well only if they all did."""
    first = calls[0]
    if first.turn is None:
        return first
    ended = [call for call in calls if call.status in ("completed", "failed")]
    bad = next((call for call in ended if call.status == "failed"), None)
    whole = len(ended) == len(calls)
    status: CallStatus = "pending"
    if whole:
        status = "failed" if bad else "completed"
    return replace(
        first,
        id=f"{first.run_id}/{first.row_id}/turn/{first.repeat}",
        turn=None,
        status=status,
        session_id=None,
        trace_key=None,
        ended_reason=(bad.ended_reason if bad else "finished") if whole else None,
        error=f"turn {bad.turn}: {bad.error}" if bad else None,
    )
