from __future__ import annotations

from typing import Literal

from reenact.domain.expectation import Expectation, Judgement
from reenact.keep.proof import prove

NO_REFUND = Expectation(kind="must_not_call", turn=4, tool="issue_refund")


def made(outcome: Literal["pass", "fail", "no_evidence"]) -> tuple[Judgement, ...]:
    return (Judgement(expectation=NO_REFUND, outcome=outcome, reason="because", turn=4),)


def test_a_case_that_fails_before_and_passes_after_holds() -> None:
    proof = prove(baseline=made("fail"), repeats=[made("pass")] * 3)
    assert (proof.holds, proof.passed, proof.of, proof.problems) == (True, 3, 3, ())
    assert proof.sentence == (
        "fails on the recording; passes in 3 of 3 repeats (95 % interval 0.44-1.00) of the replay"
    )


def test_one_run_is_said_to_be_one() -> None:
    proof = prove(baseline=made("fail"), repeats=[made("pass")])
    assert proof.sentence == "fails on the recording; passes in 1 of 1 run of the replay"


def test_a_case_that_the_recording_passes_does_not_hold() -> None:
    proof = prove(baseline=made("pass"), repeats=[made("pass")])
    assert not proof.holds
    assert "none would catch the bug" in proof.problems[0]


def test_a_flaky_fix_does_not_hold_and_each_bad_repeat_is_named() -> None:
    proof = prove(baseline=made("fail"), repeats=[made("pass"), made("fail"), made("no_evidence")])
    assert (proof.holds, proof.passed, proof.of) == (False, 1, 3)
    assert proof.problems == (
        "repeat 2: must not call issue_refund on turn 4 fails: because",
        "repeat 3: must not call issue_refund on turn 4 cannot be judged: because",
    )


def test_without_expectations_or_evidence_or_runs_nothing_holds() -> None:
    assert "no expectation" in prove(baseline=(), repeats=[()]).problems[0]
    assert not prove(baseline=made("fail"), repeats=[]).holds
    unsure = prove(baseline=made("no_evidence"), repeats=[made("pass")])
    assert not unsure.holds
    assert unsure.problems[0].startswith("on the recording, must not call issue_refund")
