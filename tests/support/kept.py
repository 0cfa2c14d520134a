"""Kept cases to test on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from reenact import codec
from reenact.domain.expectation import Expectation
from reenact.domain.fidelity import Axis, Fidelity
from reenact.domain.recording import Recording
from reenact.domain.scenario import DeclaredResult
from reenact.keep.case import KeptCase
from support.talks import REFUND

FIDELITY = Fidelity(
    score=100, axes=(Axis(name="user_turns", status="present", score=100, detail="3 of 3"),)
)
RECORDING: Recording = codec.record(REFUND, FIDELITY)
CASE = KeptCase(
    name="tuesday-refund",
    description="It refunded an order that it should have looked up.",
    recording_hash=RECORDING.hash,
    agent="shop.agent:answer",
    user_policy="strict",
    repeats=3,
    declared=(
        DeclaredResult(
            tool="find_order", arguments={"id": 12.5, "deep": [{"a": None}]}, result={"ok": True}
        ),
        DeclaredResult(tool="find_order", arguments={}, error="no such order"),
    ),
    expectations=(
        Expectation(kind="must_not_call", turn=2, tool="issue_refund", reason="it was the bug"),
        Expectation(
            kind="must_call", turn=2, tool="check_status", arguments={"order_id": "A-1003"}
        ),
        Expectation(kind="text_not_contains", text="refunded"),
    ),
    baseline="When kept: fails on the recording; passes in 3 of 3 repeats.",
)


def case(**changes: Any) -> KeptCase:
    """Return the refund case with some fields changed."""
    return replace(CASE, **changes)
