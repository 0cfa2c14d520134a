"""The call executions of a run: one per row and repeat, in turn mode one per turn as well."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reenact.agents.history import why_no_history
from reenact.domain.agent import AgentTarget
from reenact.domain.run import CallExecution, Run, RunOptions
from reenact.domain.scenario import Row, Scenario
from reenact.errors import UsageError
from reenact.replay.conversation import with_attempt
from reenact.runs.sizes import turns_to_run
from reenact.runs.workspace import Workspace


def check_history(
    target: AgentTarget, options: RunOptions, scenarios: Iterable[Scenario] = ()
) -> None:
    """Make sure that an agent can be told a recorded history where that is needed.

    Raises:
        UsageError: where it cannot, or where a fork is to be run turn by turn.
    """
    forks = any(row.fork is not None for scenario in scenarios for row in scenario.rows)
    by_turn = "turn" in options.modes
    if forks and by_turn:
        raise UsageError(
            "a fork is live from its turn on, so no recorded turns follow that could be compared",
            next_step="run it end to end: --mode conversation",
        )
    why = why_no_history(target) if forks or by_turn else None
    if why is not None:
        what = "a fork" if forks else "turn mode"
        raise UsageError(
            f"{what} tells the agent the recorded turns before, but this agent {why}",
            next_step="replay it end to end: --mode conversation",
        )


def calls_of(
    workspace: Workspace, run: Run, scenarios: Iterable[Scenario], options: RunOptions
) -> Iterator[CallExecution]:
    """Yield the call executions of `run`, in the order in which they are to be run.

    Attempt and trace key are known from the start: spans of the agent may come at once.
    """
    scenarios = list(scenarios)
    for mode in options.modes:
        for scenario in scenarios:
            for row in scenario.rows:
                turns = _turns(workspace, row) if mode == "turn" else (None,)
                for turn in turns:
                    for repeat in range(options.repeats):
                        part = "" if turn is None else f"turn-{turn}/"
                        call = CallExecution(
                            id=f"{run.id}/{row.id}/{part}{repeat}",
                            run_id=run.id,
                            scenario_id=scenario.id,
                            row_id=row.id,
                            mode=mode if row.fork is None else "fork",
                            turn=turn,
                            repeat=repeat,
                        )
                        yield with_attempt(call, 1)


def _turns(workspace: Workspace, row: Row) -> Iterable[int]:
    if row.turn is not None:
        return (row.turn,)
    if row.size is not None:
        return range(1, row.size.turns + 1)
    recording = workspace.records.recording(row.recording_hash or "")
    return turns_to_run(recording.conversation, row)
