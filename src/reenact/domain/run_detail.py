"""The shapes in which a server tells of runs: lists that stay small however large a run is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from reenact.domain.budget import Budget, Spent
from reenact.domain.comparison import Comparison, Divergence, Localised, TurnStatus
from reenact.domain.expectation import RowVerdict, Verdict
from reenact.domain.progress import RunProgress
from reenact.domain.run import CallStatus, EndReason, Mode, RunOptions, RunStatus, StoppedBy
from reenact.domain.run_view import CallView, RunSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    """A run in a list."""

    id: str
    project_id: str
    run_test_id: str
    name: str
    agent: str
    agent_version: int
    target: str
    status: RunStatus
    reason: str | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    progress: RunProgress


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """How often a metric has which values, over the talks of a run that have it on both sides."""

    name: str
    unit: str
    better: Literal["lower", "higher"] | None
    edges: tuple[float, ...]
    """Where the bins begin, and where the last one ends: one more than there are bins."""
    baseline: tuple[int, ...]
    replay: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDetail:
    """A run without its talks."""

    id: str
    project_id: str
    run_test_id: str
    replay_session_id: str | None
    name: str
    scenario_ids: tuple[str, ...]
    scenario: str
    agent_id: str
    agent: str
    agent_version: int
    target: str
    options: RunOptions
    status: RunStatus
    reason: str | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    stopped_by: StoppedBy | None
    budget: Budget | None
    spent: Spent | None
    progress: RunProgress
    summary: RunSummary | None
    """None until the run has ended or was stopped, as are the fields below (then empty)."""
    rows: tuple[RowVerdict, ...]
    distributions: tuple[Distribution, ...]
    localised: tuple[Localised, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRow:
    """A call execution in a list (in turn mode, those of all turns of a talk)."""

    id: str
    run_id: str
    row_id: str
    mode: Mode
    repeat: int
    status: CallStatus
    ended_reason: EndReason | None
    error: str | None
    turns: int
    """Turns that are kept."""
    conversation_id: str | None = None
    """The recorded conversation; None, as are the fields below, until the call has ended."""
    session_id: str | None = None
    """The session of the recording."""
    first_user_text: str | None = None
    recorded_turns: int | None = None
    verdict: Verdict | None = None
    verdict_reason: str | None = None
    worst: TurnStatus | None = None
    first_divergence: Divergence | None = None
    first_other_act: Divergence | None = None
    latency_ms: float | None = None
    """The mean of its turns; None where it is not known."""
    baseline_latency_ms: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallDetail:
    """A call execution with what stands around it."""

    run_id: str
    project_id: str
    call: CallView
    siblings: tuple[str, ...]
    """The other call executions of its row in the run."""
    previous: str | None
    """The one before it in the run."""
    next: str | None
    can_keep: bool
    why_not_keep: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallsBeside:
    """Two replays of one recording: `comparison` has the first as its baseline."""

    a: CallView
    b: CallView
    comparison: Comparison
