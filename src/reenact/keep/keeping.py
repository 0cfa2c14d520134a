"""Keep a row of a finished run: propose, prove, write."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from reenact.agents.targets import describe_target, parse_target
from reenact.compare.compare import compare
from reenact.domain.agent import AgentTarget, CallableTarget, CommandTarget
from reenact.domain.expectation import Expectation, Judgement
from reenact.domain.recording import Recording
from reenact.domain.run import Run, RunTest
from reenact.domain.tool_rules import merged
from reenact.errors import ReenactError, UnknownId, UsageError
from reenact.evaluate.expectations import judge, judge_recording
from reenact.keep.case import KeptCase, name_for
from reenact.keep.file import write_case
from reenact.keep.proof import Proof, prove
from reenact.keep.proposals import propose
from reenact.keep.updating import case_before, expectations_with, with_before
from reenact.runs.replayed import ReplayedRow, contents_of, judged_items, replayed
from reenact.runs.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What became of keeping a row."""

    case: KeptCase
    proof: Proof
    baseline: tuple[Judgement, ...]
    """The expectations, judged on the recording."""
    repeats: tuple[tuple[Judgement, ...], ...]
    """The expectations, judged on each repeat of the run."""
    path: Path | None
    """The file that was written; None where the proof does not hold and nothing was forced."""
    updated: bool = False
    """True where a file of that name was there, and was to be changed."""


def keep_row(
    workspace: Workspace,
    run: Run,
    row_id: str | None,
    *,
    folder: Path,
    name: str | None = None,
    description: str = "",
    expectations: Sequence[Expectation] | None = None,
    allow_personal_data: bool = False,
    force: bool = False,
    update: bool = False,
) -> Kept:
    """Keep a row of `run` as a case in `folder`, if it tells the recording from the replay.

    Args:
        workspace: Where the run is.
        run: A run that has ended.
        row_id: The row; None where the run has only one.
        folder: Where kept files lie.
        name: The case's name; made from the recording's id by default.
        description: What the case is about, for people.
        expectations: What must hold; proposed from the first repeat that differs by default, and
            added to what an updated file expects.
        allow_personal_data: Keep a recording that holds personal data or secrets.
        force: Write the case although its proof does not hold.
        update: Change a kept file of this name; what people wrote in it stays.

    Raises:
        UnknownId: when the run has no such row.
        UsageError: when the run has not ended, or has several rows and none is named.
        PersonalDataFound, KeptFileError: as `write_case`.
    """
    proven = proven_case(
        workspace,
        run,
        row_id,
        folder=folder if update else None,
        name=name,
        description=description,
        expectations=expectations,
    )
    path = None
    if proven.proof.holds or force:
        path = write_case(
            proven.case,
            folder,
            recording=proven.recording,
            allow_personal_data=allow_personal_data,
            update=update,
        )
    return Kept(
        case=replace(proven.case, path=path),
        proof=proven.proof,
        baseline=proven.baseline,
        repeats=proven.repeats,
        path=path,
        updated=proven.updates,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenCase:
    """A case that could be kept, held against its recording and its replays; nothing is written."""

    case: KeptCase
    recording: Recording
    proof: Proof
    baseline: tuple[Judgement, ...]
    """The expectations, judged on the recording."""
    repeats: tuple[tuple[Judgement, ...], ...]
    updates: bool
    """Whether a file of that name is there, which it would change."""


def proven_case(
    workspace: Workspace,
    run: Run,
    row_id: str | None,
    *,
    folder: Path | None = None,
    name: str | None = None,
    description: str = "",
    expectations: Sequence[Expectation] | None = None,
) -> ProvenCase:
    """Return what keeping a row would keep, and the proof of it; arguments as `keep_row`.

    `folder` is where a file of that name is looked for that is to be changed.

    Raises:
        UnknownId: when the run has no such row.
        UsageError: when the run has not ended, or has several rows and none is named.
    """
    items = _chosen(workspace, run, row_id)
    test = workspace.records.run_test(run.run_test_id)
    row, recording = items[0].row, items[0].recording
    name = name or name_for(recording.conversation.session_id or recording.conversation.id)
    before = case_before(folder, name) if folder is not None else None
    wanted = tuple(expectations or ())
    if expectations is None:
        wanted = expectations_with(before, _proposed(items))
    baseline = judge_recording(wanted, recording.conversation, only_turn=row.turn)
    repeats = tuple(
        judge(
            wanted,
            i.turns,
            ended=i.call.ended_reason,
            calls_known=i.calls_known,
            apart=i.apart,
        )
        for i in items
    )
    proof = prove(baseline=baseline, repeats=repeats)
    case = KeptCase(
        name=name,
        description=description,
        recording_hash=recording.hash,
        turn=row.turn,
        agent=target_text(test.target),
        user_policy=test.options.user_policy,
        repeats=test.options.repeats,
        declared=row.declared,
        tool_rules=tuple(merged(row.tool_rules).values()),
        expectations=wanted,
        baseline=_note(proof, test),
    )
    return ProvenCase(
        case=with_before(case, before),
        recording=recording,
        proof=proof,
        baseline=baseline,
        repeats=repeats,
        updates=before is not None,
    )


def target_text(target: AgentTarget) -> str | None:
    """Return the words that name `target` on a command line; None where words alone do not."""
    if isinstance(target, CallableTarget):
        text = target.path
    elif isinstance(target, CommandTarget):
        text = f"command:{shlex.join(target.command)}"
    else:
        text = target.url if target.template == "json" else f"{target.template}:{target.url}"
    try:
        return text if parse_target(text) == target else None
    except ReenactError:
        return None


def _chosen(workspace: Workspace, run: Run, row_id: str | None) -> list[ReplayedRow]:
    contents = contents_of(workspace, run)
    by_row = contents.talks_by_row()
    if row_id is None and len(by_row) > 1:
        raise UsageError(
            f"run {run.id} has {len(by_row)} rows",
            next_step=f"name one, such as {run.id}/{next(iter(by_row))}",
        )
    talks = by_row.get(row_id or next(iter(by_row), ""), [])
    if not talks:
        raise UnknownId("row", [f"{run.id}/{row_id}"], next_step=f"reenact runs show {run.id}")
    chosen = judged_items([replayed(workspace, contents, talk) for talk in talks])
    if chosen[0].row.fork is not None:
        raise UsageError(
            "a fork cannot be kept: its talk never was, so there is nothing to hold it against",
            where=f"{run.id}/{chosen[0].row.id}",
            next_step="keep a replay of the recording that it leaves",
        )
    unfinished = [i for i in chosen if i.call.status not in ("completed", "failed")]
    if unfinished:
        raise UsageError(
            f"{len(unfinished)} of {len(chosen)} repeats of this row have not ended",
            where=run.id,
            next_step=f"reenact runs resume {run.id}",
        )
    return chosen


def _proposed(items: Sequence[ReplayedRow]) -> tuple[Expectation, ...]:
    """Return what the first repeat that gives anything proposes."""
    for item in items:
        conversation = item.recording.conversation
        comparison = compare(
            conversation,
            item.turns,
            ended=item.call.ended_reason,
            error=item.call.error,
            only_turn=item.row.turn,
            apart=item.apart,
        )
        if found := propose(conversation, item.turns, comparison):
            return found
    return ()


def _note(proof: Proof, test: RunTest) -> str:
    return f"When kept: {proof.sentence} with {describe_target(test.target)}."
