"""Proof: that a case fails on its recording and passes on the fix, before it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reenact.domain.expectation import Judgement
from reenact.evaluate.expectations import statement
from reenact.evaluate.verdicts import passes
from reenact.stats.intervals import wilson


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Whether a case tells the bug from the fix."""

    holds: bool
    """It fails on the recording, and passes in every repeat of the fix."""
    passed: int
    of: int
    """Repeats of the fix; those without evidence count here and not in `passed`."""
    sentence: str
    problems: tuple[str, ...] = ()
    """What stands against it, a line each."""


def prove(*, baseline: Sequence[Judgement], repeats: Sequence[Sequence[Judgement]]) -> Proof:
    """Return the proof that `baseline` (the recording, judged) and the fix's repeats give."""
    before = passes(baseline)
    outcomes = [passes(judgements) for judgements in repeats]
    passed, of = outcomes.count(True), len(outcomes)
    problems = (*_of_recording(before, baseline), *_of_replay(repeats))
    fails = {False: "fails", True: "passes", None: "cannot be judged"}[before]
    return Proof(
        holds=before is False and 0 < of == passed,
        passed=passed,
        of=of,
        sentence=f"{fails} on the recording; passes in {_share(passed, of)} of the replay",
        problems=problems,
    )


def _share(passed: int, of: int) -> str:
    if of <= 1:
        return f"{passed} of {of} run" if of else "no run"
    low, high = wilson(passed, of)
    return f"{passed} of {of} repeats (95 % interval {low:.2f}-{high:.2f})"


def _of_recording(before: bool | None, baseline: Sequence[Judgement]) -> list[str]:
    if not baseline:
        return ["there is no expectation: nothing tells the recording from the replay"]
    if before is False:
        return []
    unsure = [j for j in baseline if j.outcome == "no_evidence"]
    if not unsure:
        return ["every expectation holds on the recording already, so none would catch the bug"]
    return [f"on the recording, {statement(j.expectation)}: {j.reason}" for j in unsure]


def _of_replay(repeats: Sequence[Sequence[Judgement]]) -> list[str]:
    problems = []
    for number, judgements in enumerate(repeats, start=1):
        for judgement in judgements:
            if judgement.outcome != "pass":
                said = "fails" if judgement.outcome == "fail" else "cannot be judged"
                problems.append(
                    f"repeat {number}: {statement(judgement.expectation)} {said}: "
                    f"{judgement.reason}"
                )
    return problems
