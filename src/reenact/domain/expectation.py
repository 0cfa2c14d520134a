"""Expectations: checkable statements kept with a scenario; and the verdicts they give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

ExpectationKind = Literal[
    "must_call", "must_not_call", "text_contains", "text_not_contains", "text_equals"
]
Verdict = Literal[
    "fixed", "still_failing", "passing", "regressed", "flaky", "no_evidence", "not_comparable"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """One statement about a replayed talk.

    `must_call` and `must_not_call` name a `tool` and may narrow it by `arguments` (each named
    argument must be equal; others are free). The text kinds compare the agent's words.
    """

    kind: ExpectationKind
    turn: int | None = None
    """The turn it speaks of; None means anywhere in the talk."""
    tool: str | None = None
    arguments: Mapping[str, Any] | None = None
    text: str | None = None
    reason: str | None = None
    """Why it was proposed, for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What became of one expectation in one conversation."""

    expectation: Expectation
    outcome: Literal["pass", "fail", "no_evidence"]
    reason: str
    turn: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowVerdict:
    """The verdict of a row over its repeats, and how sure it is.

    `interval` is the Wilson 95 % interval of the pass rate over the judged repeats; None
    where nothing was judged.
    """

    row_id: str
    verdict: Verdict
    baseline_passed: bool | None
    passed: int
    failed: int
    no_evidence: int
    interval: tuple[float, float] | None
    sentence: str
