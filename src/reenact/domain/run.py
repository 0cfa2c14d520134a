"""Run tests, runs, call executions, and the turns of the journal."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

from reenact.domain.agent import AgentTarget
from reenact.domain.budget import Budget, Spent
from reenact.domain.conversation import Item, Provenance
from reenact.domain.span import Span
from reenact.errors import UsageError

UserPolicy = Literal["verbatim", "strict", "guided", "simulated"]
MissPolicy = Literal["refuse", "error_result", "simulate"]
Mode = Literal["conversation", "turn", "fork"]
"""How a call execution goes: end to end; one turn after the recorded history; or recorded up
to a turn, with an edit, and live from there."""
RunMode = Literal["conversation", "turn", "both"]
"""The modes that a run has of each row: one, or both side by side."""
RunStatus = Literal["pending", "running", "completed", "failed", "cancelled"]
StoppedBy = Literal["user", "budget"]
CallStatus = Literal["pending", "running", "completed", "failed", "cancelled"]
EndReason = Literal[
    "finished", "diverged", "user_failed", "agent_error", "timeout", "unreachable", "cancelled"
]
ChoiceKind = Literal["next", "other", "repeat", "improvise", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """How to run: who speaks, who answers tools, how often, how many at once."""

    user_policy: UserPolicy = "verbatim"
    mode: RunMode = "conversation"
    on_miss: MissPolicy = "refuse"
    """What a read gets that nothing recorded answers: a refusal, an error it may handle, or a
    result that a language model makes up in the recorded shape.
    A write, or a call of unknown effect, is always refused unless its tool is in `live_tools`."""
    max_rung: int = 5
    """The highest rung of the matching ladder that may answer a call: 1 is exact, 5 all."""
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
    requests_per_minute: float | None = None
    """How often the agent may be asked, by all talks together; None for as often as they can."""
    tokens_per_minute: float | None = None
    """How many tokens the agent may use, in and out, by all talks together."""
    max_tool_rounds: int = 50
    """How often an agent that returns its tool calls may ask for more within one turn."""
    budget: Budget = field(default_factory=Budget)

    def __post_init__(self) -> None:
        """Refuse options that no run can have."""
        choices = (("user_policy", UserPolicy), ("on_miss", MissPolicy), ("mode", RunMode))
        for name, known in choices:
            if getattr(self, name) not in get_args(known):
                allowed = ", ".join(get_args(known))
                raise UsageError(f"{name} is {getattr(self, name)!r}; it may be {allowed}")
        for name, least in (("repeats", 1), ("concurrency", 1), ("connect_retries", 0)):
            if getattr(self, name) < least:
                raise UsageError(f"{name} is {getattr(self, name)}; it must be {least} or more")
        if not 1 <= self.max_rung <= 5:
            raise UsageError(f"max_rung is {self.max_rung}; it must be from 1 to 5")
        for name in ("requests_per_minute", "tokens_per_minute"):
            rate = getattr(self, name)
            if rate is not None and not 0 < rate < math.inf:
                raise UsageError(f"{name} is {rate}; it must be above 0")
        if not self.turn_timeout_s > 0:
            raise UsageError(f"the turn timeout is {self.turn_timeout_s} s; it must be above 0")

    @property
    def modes(self) -> tuple[Literal["conversation", "turn"], ...]:
        """The modes of `mode`, conversations first: they take longest."""
        return ("conversation", "turn") if self.mode == "both" else (self.mode,)


def run_mode(text: str) -> RunMode:
    """Return the mode that `text` names: one, `both`, or the two with a comma between.

    Raises:
        UsageError: where it names another.
    """
    named = {part.strip() for part in text.split(",")}
    if named == {"conversation", "turn"}:
        return "both"
    known: tuple[RunMode, ...] = get_args(RunMode)
    found = next((mode for mode in known if named == {mode}), None)
    if found is None:
        raise UsageError(
            f"the mode {text!r} is not known",
            next_step="use conversation, turn, or both of them: conversation,turn",
        )
    return found


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
    budget: Budget | None = None
    """In place of its run test's, where it was raised to go on."""
    spent: Spent | None = None
    """What it has taken, where it has a budget."""
    stopped_by: StoppedBy | None = None
    """Who stopped it before it was through, between two turns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallExecution:
    """One row, run once: the unit of the journal and of resume."""

    id: str
    run_id: str
    scenario_id: str
    row_id: str
    lane: str = "candidate"
    mode: Mode = "conversation"
    turn: int | None = None
    """In turn mode the turn that it answers, after the recorded ones before it."""
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
class PassedOver:
    """A recorded user turn that was left out, and why."""

    turn: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UserChoice:
    """What the user's side did on a turn of a replay, and why.

    `next` and `other` say an unused recorded turn as it is, `repeat` one that was said before;
    `improvise` says words of a model. `failed` says nothing: the user's side gave up, which is
    never the agent's fault.
    """

    kind: ChoiceKind
    recorded_turn: int | None = None
    """The recorded turn whose words were said; None where they are not recorded."""
    reason: str
    decided_by: str = "rules"
    """`rules`, or the name of the model that decided."""
    tries: int = 1
    """How often the model was asked; more than once where an answer was refused."""
    passed_over: tuple[PassedOver, ...] = ()
    """Recorded turns before this one that were not said, and had not been named before."""


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
    choice: UserChoice | None = None
    """What the user's side chose to say; None where its words follow the recording anyway."""

    @property
    def recorded_turn(self) -> int | None:
        """The recorded turn that this one stands beside; None for one that is only here."""
        if self.choice is None:
            return self.index
        return None if self.choice.kind == "repeat" else self.choice.recorded_turn

    @property
    def spoken(self) -> bool:
        """False for the mark of a turn on which the user's side failed and said nothing."""
        return self.choice is None or self.choice.kind != "failed"


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
