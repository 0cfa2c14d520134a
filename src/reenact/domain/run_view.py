"""The shape of a run that other tools read: `runs show --json`.

A stable contract (docs/reference/contract.md); times are RFC 3339 in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from reenact.domain.budget import Budget, Spent
from reenact.domain.comparison import Comparison, Localised
from reenact.domain.conversation import SessionScore
from reenact.domain.expectation import Judgement, RowVerdict, Verdict
from reenact.domain.fidelity import Fidelity
from reenact.domain.run import CallStatus, EndReason, Mode, StoppedBy
from reenact.domain.view import ConversationView, ToolCallView, TurnView


@dataclass(frozen=True, slots=True, kw_only=True)
class CallView:
    """A call execution: the recording, the replay beside it, and what became of it."""

    id: str
    row: str
    lane: str
    mode: Mode
    repeat: int
    status: CallStatus
    ended_reason: EndReason | None
    error: str | None
    agent_error: str | None
    session_id: str | None
    baseline: ConversationView
    turns: tuple[TurnView, ...]
    comparison: Comparison
    judgements: tuple[Judgement, ...]
    scores: tuple[SessionScore, ...]
    verdict: Verdict
    verdict_reason: str
    verbatim_share: float | None
    """Share of the user's turns that were recorded words; None where no turn was run."""
    verbatim_words: float | None
    """The same by words: the share of all words of the user that were recorded."""
    fidelity: Fidelity
    unused_calls: tuple[ToolCallView, ...]
    """Recorded tool calls that the replay never asked for."""
    first_turn: int | None = None
    """The first turn that was run, where those before it were told as history."""
    unrecorded_calls: tuple[ToolCallView, ...] = ()
    """Tool calls of the replay that the recording did not answer."""

    @property
    def has_turns(self) -> bool:
        """Whether any turn of it was run."""
        return bool(self.turns)


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSummary:
    """A metric's mean over the call executions that have it on both sides."""

    name: str
    unit: str
    baseline: float | None
    replay: float | None
    change: float | None
    change_percent: float | None
    better: str | None
    counted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """The totals of a run."""

    total: int
    completed: int
    failed: int
    cancelled: int
    completion_percent: float | None
    turn_status: Mapping[str, int]
    verdicts: Mapping[str, int]
    metrics: tuple[MetricSummary, ...]
    scores: Mapping[str, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """A run as the contract shows it."""

    id: str
    project: str
    run_test_id: str
    replay_session_id: str | None
    scenario: str
    agent: str
    agent_version: int
    target: str
    user_policy: str
    mode: str
    repeats: int
    status: str
    reason: str | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    summary: RunSummary
    rows: tuple[RowVerdict, ...]
    calls: tuple[CallView, ...]
    stopped_by: StoppedBy | None = None
    """Who stopped the run before it was through: a person, or its budget."""
    budget: Budget | None = None
    """What the run may take; None where nothing is bounded."""
    spent: Spent | None = None
    """What it has taken, where it has a budget; money of unknown cost is counted apart."""
    localised: tuple[Localised, ...] = ()
    """With turn mode, for each row: which turn changed, and whether the user got there."""
