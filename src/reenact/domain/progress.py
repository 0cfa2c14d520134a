"""Progress of a run: events as they happen, and where it stands.

Events hold ids, numbers and states alone: no word of a talk, no argument, no secret. They can
be logged, or sent on to a browser, as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, Protocol

from reenact.domain.conversation import ByKind
from reenact.domain.run import CallStatus, EndReason, Mode, RunStatus, StoppedBy


@dataclass(frozen=True, slots=True, kw_only=True)
class RunBegan:
    """A run begins, or goes on."""

    at: datetime
    run_id: str
    calls: int
    """Call executions that are left to run."""
    kind: Literal["run_began"] = "run_began"


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnKept:
    """A turn has ended and is durable."""

    at: datetime
    run_id: str
    call_id: str
    attempt: int
    turn: int
    trace_id: str | None
    latency_ms: float | None
    tool_calls: int
    refused: int
    """Tool calls that nobody answered."""
    failed: bool
    """True where the agent gave no answer."""
    parted: bool
    """True where the talk parted from the recording here."""
    kind: Literal["turn_kept"] = "turn_kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnded:
    """A call execution has ended."""

    at: datetime
    run_id: str
    call_id: str
    row_id: str
    mode: Mode
    repeat: int
    turn: int | None
    status: CallStatus
    ended_reason: EndReason | None
    kind: Literal["call_ended"] = "call_ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnded:
    """A run has ended, or was stopped."""

    at: datetime
    run_id: str
    status: RunStatus
    stopped_by: StoppedBy | None
    kind: Literal["run_ended"] = "run_ended"


Event = Annotated[RunBegan | TurnKept | CallEnded | RunEnded, ByKind()]


class Listener(Protocol):
    """Who hears of events, as they happen; it must not take long, and not raise."""

    def __call__(self, event: Event, /) -> None:
        """Take `event`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunProgress:
    """Where a run stands, as its store tells."""

    run_id: str
    status: RunStatus
    reason: str | None
    calls: int
    completed: int
    failed: int
    turns: int
    """Turns that are durable."""
    stop_asked: bool
