"""What was replayed of each row: its call executions with their journalled turns.

In turn mode every turn is a call execution of its own. Those of one row and repeat are read as
one here: they answer the same recording, each after the recorded turns before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from reenact.domain.recording import Recording
from reenact.domain.run import CallExecution, CallStatus, Run, RunTest, TurnRecord
from reenact.domain.scenario import Row, Scenario
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


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContents:
    """What a run is made of, before any talk of it is read."""

    run: Run
    test: RunTest
    scenarios: tuple[Scenario, ...]
    rows: Mapping[tuple[str, str], Row]
    """By the ids of scenario and row."""
    talks: tuple[tuple[CallExecution, ...], ...]
    """The call executions in their order; those of turns that were run apart are one talk."""

    def talks_by_row(self) -> dict[str, list[tuple[CallExecution, ...]]]:
        """Return the talks of each row, rows in the order of their first."""
        found: dict[str, list[tuple[CallExecution, ...]]] = {}
        for calls in self.talks:
            found.setdefault(calls[0].row_id, []).append(calls)
        return found


def contents_of(workspace: Workspace, run: Run) -> RunContents:
    """Return what `run` is made of."""
    records = workspace.records
    test = records.run_test(run.run_test_id)
    scenarios = tuple(records.scenario(id) for id in test.scenario_ids)
    return RunContents(
        run=run,
        test=test,
        scenarios=scenarios,
        rows={(scenario.id, row.id): row for scenario in scenarios for row in scenario.rows},
        talks=tuple(_by_talk(records.calls(run.id))),
    )


def replayed_rows(workspace: Workspace, run: Run) -> list[ReplayedRow]:
    """Return the call executions of `run` with their rows, recordings and journalled turns."""
    contents = contents_of(workspace, run)
    return [replayed(workspace, contents, calls) for calls in contents.talks]


def judged_items(items: Sequence[ReplayedRow]) -> list[ReplayedRow]:
    """Return those of a row's items that its verdict rests on: whole talks where there are any."""
    return [item for item in items if not item.apart] or list(items)


def _by_talk(calls: Iterable[CallExecution]) -> Iterator[tuple[CallExecution, ...]]:
    """Group the turns of a talk that were run apart; whatever else is a group by itself."""
    groups: dict[tuple[object, ...], list[CallExecution]] = {}
    for call in calls:
        talk = (call.scenario_id, call.row_id, call.lane, call.repeat)
        groups.setdefault(talk if call.turn is not None else (call.id,), []).append(call)
    return map(tuple, groups.values())


def replayed(
    workspace: Workspace, contents: RunContents, calls: Sequence[CallExecution]
) -> ReplayedRow:
    """Return one talk of a run with its row, recording and journalled turns."""
    row = contents.rows[calls[0].scenario_id, calls[0].row_id]
    turns = tuple(t for call in calls for t in workspace.journal.turns(call.id, call.attempt))
    spans = spans_by_trace(workspace, turns)
    return ReplayedRow(
        call=as_one(calls),
        row=row,
        recording=workspace.records.recording(row.recording_hash or ""),
        turns=tuple(with_spans(turn, spans.get(turn.trace_id or "", ())) for turn in turns),
        span_ids={trace: tuple(s.span_id for s in found) for trace, found in spans.items()},
        own_tools=contents.test.target.tools == "own",
    )


def as_one(calls: Sequence[CallExecution]) -> CallExecution:
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
