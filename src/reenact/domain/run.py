"""Run tests, runs, call executions, and the turns of the journal."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

from reenact.domain.agent import AgentTarget
from reenact.domain.conversation import Item, Provenance
from reenact.domain.span import Span
from reenact.errors import UsageError

UserPolicy = Literal["verbatim", "strict"]
MissPolicy = Literal["refuse", "error_result"]
Mode = Literal["conversation"]
RunStatus = Literal["pending", "running", "completed", "failed", "cancelled"]
CallStatus = Literal["pending", "running", "completed", "failed", "cancelled"]
EndReason = Literal["finished", "diverged", "agent_error", "timeout", "unreachable", "cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """How to run: who speaks, who answers tools, how often, how many at once."""

    user_policy: UserPolicy = "verbatim"
    mode: Mode = "conversation"
    on_miss: MissPolicy = "refuse"
    """What a read gets that nothing recorded answers: a refusal, or an error it may handle.
    A write, or a call of unknown effect, is always refused unless its tool is in `live_tools`."""
    live_tools: tuple[str, ...] = ()
    """Tools that the user allows to run for real."""
    allow_live_tools: bool = False
    """Let the agent run whatever it runs by itself (`tools: own`, tools no one intercepts)."""
    serve_tools: str | None = None
    """Where the tools of an agent that is `served` are offered, as [HOST:]PORT; None takes a
    free port of this machine."""
    repeats: int = 1
    concurrency: int = 8
    turn_timeout_s: float = 120.0
    connect_retries: int = 3
    max_tool_rounds: int = 50
    """How often an agent that returns its tool calls may ask for more within one turn."""

    def __post_init__(self) -> None:
        """Refuse options that no run can have."""
        for name, known in (("user_policy", UserPolicy), ("on_miss", MissPolicy), ("mode", Mode)):
            if getattr(self, name) not in get_args(known):
                allowed = ", ".join(get_args(known))
                raise UsageError(f"{name} is {getattr(self, name)!r}; it may be {allowed}")
        for name, least in (("repeats", 1), ("concurrency", 1), ("connect_retries", 0)):
            if getattr(self, name) < least:
                raise UsageError(f"{name} is {getattr(self, name)}; it must be {least} or more")
        if not self.turn_timeout_s > 0:
            raise UsageError(f"the turn timeout is {self.turn_timeout_s} s; it must be above 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTest:
    """Agent and version, scenarios and options: what a run executes."""

    id: str
    project_id: str
    name: str
    agent_id: str
    agent_version: int
    target: AgentTarget
    scenario_ids: tuple[str, ...]
    options: RunOptions = field(default_factory=RunOptions)
    replay_session_id: str | None = None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One execution of a run test."""

    id: str
    run_test_id: str
    project_id: str
    status: RunStatus = "pending"
    reason: str | None = None
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallExecution:
    """One row, run once: the unit of the journal and of resume."""

    id: str
    run_id: str
    scenario_id: str
    row_id: str
    lane: str = "candidate"
    mode: Mode = "conversation"
    repeat: int = 0
    status: CallStatus = "pending"
    attempt: int = 0
    """The attempt that is running or has finished; 0 before the first."""
    session_id: str | None = None
    """The fresh session id that this attempt gave the agent."""
    trace_key: str | None = None
    """The first 16 hex digits of every trace id of this attempt."""
    ended_reason: EndReason | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnRecord:
    """A finished turn, as the journal holds it. Unique by call, attempt and index."""

    call_id: str
    attempt: int
    index: int
    items: tuple[Item, ...]
    user_provenance: Provenance = "recorded"
    misfit: str | None = None
    """How the turn parted from the recording; None while it fits."""
    after_divergence: bool = False
    trace_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedCall:
    """A call execution with the turns its journal holds and the spans that came back."""

    call: CallExecution
    turns: tuple[TurnRecord, ...]
    spans: tuple[Span, ...] = ()

    @property
    def items(self) -> tuple[Item, ...]:
        """All items of all turns, in order."""
        return tuple(item for turn in self.turns for item in turn.items)
