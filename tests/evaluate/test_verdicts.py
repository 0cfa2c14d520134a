from __future__ import annotations

import pytest

from reenact.domain.expectation import Expectation, Judgement, Verdict
from reenact.evaluate.verdicts import exit_code_for, row_verdict

NO_REFUND = Expectation(kind="must_not_call", turn=4, tool="issue_refund")


def made(outcome: str) -> Judgement:
    return Judgement(expectation=NO_REFUND, outcome=outcome, reason="because", turn=4)  # type: ignore[arg-type]


FAIL, PASS, NOTHING = [made("fail")], [made("pass")], [made("no_evidence")]


@pytest.mark.parametrize(
    ("before", "repeats", "verdict"),
    [
        (FAIL, [PASS], "fixed"),
        (FAIL, [FAIL], "still_failing"),
        (PASS, [PASS], "passing"),
        (PASS, [FAIL], "regressed"),
        (FAIL, [PASS, FAIL], "flaky"),
        (PASS, [PASS, FAIL], "flaky"),
        (FAIL, [NOTHING], "no_evidence"),
        (FAIL, [PASS, NOTHING], "fixed"),
        ([], [[]], "no_evidence"),
        (FAIL, [], "no_evidence"),
        (NOTHING, [PASS], "passing"),
        (NOTHING, [FAIL], "still_failing"),
        (FAIL, [[*PASS, *NOTHING]], "no_evidence"),
        (FAIL, [[*FAIL, *NOTHING]], "still_failing"),
    ],
)
def test_the_verdict_table(
    before: list[Judgement], repeats: list[list[Judgement]], verdict: str
) -> None:
    assert row_verdict("r", baseline=before, repeats=repeats).verdict == verdict


def test_one_run_is_said_to_be_one() -> None:
    found = row_verdict("r", baseline=FAIL, repeats=[PASS])
    assert found.sentence == (
        "Fixed: fails on the recording, passes in the replay; rests on one run."
    )
    assert (found.passed, found.failed, found.no_evidence) == (1, 0, 0)


def test_repeats_give_an_interval() -> None:
    found = row_verdict("r", baseline=FAIL, repeats=[PASS, PASS, PASS])
    assert found.interval == pytest.approx((0.4385, 1.0), abs=1e-4)
    assert found.sentence.endswith("passes in 3 of 3 repeats, 95 % interval 0.44-1.00.")


def test_repeats_without_evidence_are_named_and_not_counted() -> None:
    found = row_verdict("r", baseline=FAIL, repeats=[PASS, NOTHING, NOTHING])
    assert found.sentence.endswith("rests on one run; 2 of 3 repeats gave no evidence.")
    assert found.no_evidence == 2


def test_the_first_failure_is_said() -> None:
    found = row_verdict("r", baseline=PASS, repeats=[FAIL])
    assert found.sentence.endswith("Failed: must not call issue_refund on turn 4: because.")


def test_no_evidence_says_why() -> None:
    assert row_verdict("r", baseline=FAIL, repeats=[NOTHING]).sentence == (
        "No evidence: must not call issue_refund on turn 4: because."
    )
    assert "no expectation" in row_verdict("r", baseline=[], repeats=[[]]).sentence
    assert row_verdict("r", baseline=FAIL, repeats=[]).interval is None


def test_sides_that_do_not_compare_get_no_other_verdict() -> None:
    found = row_verdict("r", baseline=FAIL, repeats=[PASS], not_comparable="too little is there")
    assert (found.verdict, found.sentence) == (
        "not_comparable",
        "Not comparable: too little is there.",
    )
    assert exit_code_for([found.verdict, "no_evidence"], command="replay") == 3


def test_a_recording_without_evidence_is_said() -> None:
    found = row_verdict("r", baseline=NOTHING, repeats=[FAIL])
    assert found.baseline_passed is None
    assert "the recording itself gave no evidence" in found.sentence


@pytest.mark.parametrize(
    ("verdicts", "replay", "test"),
    [
        ([], 0, 4),
        (["fixed", "passing", "flaky"], 0, 0),
        (["passing", "no_evidence"], 0, 4),
        (["not_comparable", "no_evidence"], 3, 3),
        (["not_comparable", "regressed"], 1, 1),
        (["still_failing", "no_evidence"], 1, 1),
    ],
)
def test_the_exit_code_is_that_of_the_worst(
    verdicts: list[Verdict], replay: int, test: int
) -> None:
    assert exit_code_for(verdicts, command="replay") == replay
    assert exit_code_for(verdicts, command="test") == test
