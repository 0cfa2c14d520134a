"""Verdicts: what the repeats of a row say against its recording, and the exit code of many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from reenact.domain.expectation import Judgement, RowVerdict, Verdict
from reenact.evaluate.expectations import statement
from reenact.stats.intervals import wilson

_SAID: dict[Verdict, str] = {
    "fixed": "Fixed: fails on the recording, passes in the replay",
    "still_failing": "Still failing: fails on the recording and in the replay",
    "passing": "Passing: passes on the recording and in the replay",
    "regressed": "Regressed: passes on the recording, fails in the replay",
    "flaky": "Flaky: passes and fails in the replay of the same agent",
}
_WITHOUT_BASELINE: dict[Verdict, str] = {
    "passing": "Passing: passes in the replay; the recording itself gave no evidence",
    "still_failing": "Failing: fails in the replay; the recording itself gave no evidence",
}


def row_verdict(
    row_id: str,
    *,
    baseline: Sequence[Judgement],
    repeats: Sequence[Sequence[Judgement]],
    not_comparable: str | None = None,
) -> RowVerdict:
    """Return the verdict of a row from its recording's judgements and those of each repeat.

    A side fails if any expectation fails, passes if all pass, and else gives no evidence. From
    recording to replay: fail/pass `fixed`, fail/fail `still_failing`, pass/pass `passing`,
    pass/fail `regressed`; repeats that disagree `flaky`; nothing judged `no_evidence`. Where
    only the recording gave no evidence, the replay decides between `passing` and
    `still_failing`, and the sentence says so. Repeats without evidence do not count, but are
    named. Where a reason is given why the sides are `not_comparable`, that is the verdict.
    """
    before = passes(baseline)
    outcomes = [passes(judgements) for judgements in repeats]
    passed, failed = outcomes.count(True), outcomes.count(False)
    verdict = "not_comparable" if not_comparable else _verdict(before, passed, failed)
    said = f"Not comparable: {not_comparable}." if not_comparable else None
    return RowVerdict(
        row_id=row_id,
        verdict=verdict,
        baseline_passed=before,
        passed=passed,
        failed=failed,
        no_evidence=outcomes.count(None),
        interval=wilson(passed, passed + failed) if passed + failed else None,
        sentence=said or _sentence(verdict, before, outcomes, repeats),
    )


def passes(judgements: Sequence[Judgement]) -> bool | None:
    """Tell whether all of `judgements` pass; None where that is not known, or none was made."""
    outcomes = {judgement.outcome for judgement in judgements}
    if "fail" in outcomes:
        return False
    return True if outcomes == {"pass"} else None


def exit_code_for(verdicts: Iterable[Verdict], *, command: Literal["replay", "test"]) -> int:
    """Return the exit code of a command that gave these verdicts; the worst counts.

    1 regressed or still failing; 3 not comparable; 4 (from `test` only) something, or
    everything, was not judged; 0 otherwise.
    """
    found = set(verdicts)
    if found & {"regressed", "still_failing"}:
        return 1
    if "not_comparable" in found:
        return 3
    if command == "test" and (not found or "no_evidence" in found):
        return 4
    return 0


def _verdict(before: bool | None, passed: int, failed: int) -> Verdict:
    if not passed and not failed:
        return "no_evidence"
    if passed and failed:
        return "flaky"
    if passed:
        return "fixed" if before is False else "passing"
    return "regressed" if before else "still_failing"


def _sentence(
    verdict: Verdict,
    before: bool | None,
    outcomes: Sequence[bool | None],
    repeats: Sequence[Sequence[Judgement]],
) -> str:
    if verdict == "no_evidence":
        return f"No evidence: {_why_nothing(repeats)}."
    said = _SAID[verdict] if before is not None else _WITHOUT_BASELINE.get(verdict, _SAID[verdict])
    first = _first(repeats, "fail")
    failure = f" Failed: {statement(first.expectation)}: {first.reason}." if first else ""
    return f"{said}; {_how_sure(outcomes)}.{failure}"


def _how_sure(outcomes: Sequence[bool | None]) -> str:
    """Say what the verdict rests on: one run, or so many repeats and their interval."""
    passed, judged = outcomes.count(True), len(outcomes) - outcomes.count(None)
    unjudged = outcomes.count(None)
    without = f"; {unjudged} of {len(outcomes)} repeats gave no evidence" if unjudged else ""
    if judged == 1:
        return f"rests on one run{without}"
    low, high = wilson(passed, judged)
    return f"passes in {passed} of {judged} repeats, 95 % interval {low:.2f}-{high:.2f}{without}"


def _why_nothing(repeats: Sequence[Sequence[Judgement]]) -> str:
    if not repeats:
        return "nothing was run"
    first = _first(repeats, "no_evidence")
    if first is None:
        return "no expectation says what is right"
    return f"{statement(first.expectation)}: {first.reason}"


def _first(repeats: Sequence[Sequence[Judgement]], outcome: str) -> Judgement | None:
    return next((j for repeat in repeats for j in repeat if j.outcome == outcome), None)
