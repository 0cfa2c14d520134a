"""Replays 100 real airline talks: `python examples/tau_bench/walkthrough.py`.

It imports them, replays one that failed against the agent of a trial that passed, declares the
result that this needs, and replays every talk against itself. Everything is kept in a temporary
folder. See README.md.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import recorded_agent

import reenact
from reenact.capture.importing import import_paths
from reenact.domain.run_view import CallView, RunView
from reenact.domain.scenario import DeclaredResult
from reenact.domain.view import ToolCallView
from reenact.keep.file import read_case, read_recording, write_case
from reenact.keep.keeping import keep_row
from reenact.keep.suite import run_case
from reenact.runs.workspace import Workspace
from reenact.settings import Settings

PROJECT = "airline"
FAILED = "tb-airline-30-0"
AGENT = str(Path(__file__).parent / "passing_trial.yaml")
CANCELLED = {"reservation_id": "FDZ0T5", "status": "cancelled"}


def main() -> int:
    """Run the four parts; 0 if every talk replayed against itself is the same."""
    with tempfile.TemporaryDirectory() as folder:
        settings = settings_in(Path(folder))
        print(f"1. Imported: {import_talks(settings)} talks into project {PROJECT}\n")
        print(f"2. {FAILED}, which failed, against the agent of a trial that passed\n")
        for line in told(against_passing_trial(settings, FAILED).calls[0]):
            print(f"   {line}")
        print("\n3. The same, kept, with a result declared for the refused call\n")
        for line in declared(settings, Path(folder)):
            print(f"   {line}")
        print("\n4. Every talk against itself\n")
        same = against_themselves(settings)
        for line in counted(same):
            print(f"   {line}")
    return 0 if all(call.comparison.status == "same" for call in same.calls) else 1


def settings_in(folder: Path) -> Settings:
    """Return settings that keep everything in `folder`."""
    return Settings(
        home=folder,
        spans_url=f"sqlite:///{folder / 'spans.db'}",
        database_url=f"sqlite:///{folder / 'reenact.db'}",
        blobs_url=(folder / "blobs").as_uri(),
    )


def import_talks(settings: Settings) -> int:
    """Import the result file; return how many talks the project holds then."""
    with Workspace(settings) as workspace:
        report = import_paths(
            [recorded_agent.results()], store=workspace.spans, project=PROJECT, format="tau"
        )
    return report.conversations[PROJECT]


def against_passing_trial(settings: Settings, session: str) -> RunView:
    """Replay one talk against the agent of a trial of the same task that passed."""
    return reenact.replay(
        recorded_agent.passing_trial,
        project=PROJECT,
        sessions=session,
        tools="returned",
        settings=settings,
    )


def against_themselves(settings: Settings) -> RunView:
    """Replay every talk against the agent that it recorded."""
    return reenact.replay(
        recorded_agent.same_trial, project=PROJECT, all=True, tools="returned", settings=settings
    )


def told(call: CallView) -> Iterator[str]:
    """Yield where a talk parted, what was refused, and what to declare."""
    for turn in call.comparison.turns:
        later = "  (after the divergence)" if turn.after_divergence else ""
        yield f"turn {turn.index}: {turn.status.replace('_', ' ')}{later}"
    if call.comparison.first_divergence:
        yield f"first difference: {call.comparison.first_divergence.sentence}"
    if call.comparison.first_other_act:
        yield f"first other act: {call.comparison.first_other_act.sentence}"
    yield f"calls: {by_provenance(call)}"
    for asked in refused(call):
        yield ""
        yield f"refused: {asked.name} {asked.arguments}"
        if asked.served:
            yield f"  why: {asked.served.miss}"
            yield "  to declare a result for it, under `declared:` of the kept file:"
            yield from (f"    {line}" for line in (asked.served.declare or "").splitlines())


def declared(settings: Settings, folder: Path) -> Iterator[str]:
    """Keep the failed talk, declare what the refused call answers; yield the two verdicts."""
    run = against_passing_trial(settings, FAILED)
    with Workspace(settings) as workspace:
        # Forced: with a refused call in it, the replay cannot be judged yet.
        found = workspace.records.run(run.id)
        kept = keep_row(
            workspace,
            found,
            None,
            folder=folder,
            force=True,
            allow_personal_data=True,  # names and addresses are in it, of invented people
        )
    if kept.path is None:
        raise RuntimeError("nothing was kept")
    yield f"as it is: {run_case(kept.case, target=AGENT, settings=settings).sentence}"
    (asked,) = refused(run.calls[0])
    result = DeclaredResult(tool=asked.name, arguments=asked.arguments, result=CANCELLED)
    with_result = replace(kept.case, declared=(result,))
    write_case(
        with_result,
        folder,
        recording=read_recording(kept.case),
        allow_personal_data=True,
        update=True,
    )
    case = read_case(kept.path)
    yield f"declared: {run_case(case, target=AGENT, settings=settings).sentence}"


def counted(run: RunView) -> Iterator[str]:
    """Yield the totals of a run: talks and turns that are the same, and who answered."""
    same = sum(call.comparison.status == "same" for call in run.calls)
    turns = run.summary.turn_status
    calls = [asked for call in run.calls for asked in asked_in(call)]
    first_rung = sum(asked.served is not None and asked.served.rung == 1 for asked in calls)
    of_turns = f"{turns['same']} of {sum(turns.values())} turns"
    yield f"{same} of {len(run.calls)} talks are the same, {of_turns}"
    yield f"{first_rung} of {len(calls)} tool calls were answered at rung 1"
    yield f"{sum(asked.provenance == 'live' for asked in calls)} live calls"
    yield f"{sum(len(call.unused_calls) for call in run.calls)} recorded calls were not asked for"


def asked_in(call: CallView) -> list[ToolCallView]:
    """Return the tool calls that the agent asked for in a replay."""
    return [asked for turn in call.turns for asked in turn.tool_calls]


def refused(call: CallView) -> list[ToolCallView]:
    """Return the tool calls of a replay that nobody answered."""
    return [asked for asked in asked_in(call) if asked.provenance == "refused"]


def by_provenance(call: CallView) -> str:
    """Return how many tool calls were answered how, in words."""
    counts = Counter(str(asked.provenance) for asked in asked_in(call))
    return ", ".join(f"{count} {name}" for name, count in counts.most_common())


if __name__ == "__main__":
    sys.exit(main())
