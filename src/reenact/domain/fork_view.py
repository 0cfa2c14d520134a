"""The shape of `forks show --json`: the tree of a talk's forks, each compared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from reenact.domain.comparison import Comparison
from reenact.domain.fork import Edit
from reenact.domain.view import ConversationView, TurnView


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkView:
    """One branch of the tree."""

    id: str
    name: str
    parent: str | None
    """The name of the fork that it leaves; None where it leaves the recording."""
    depth: int
    """How many forks lie between it and the recording, itself included: from 1."""
    turn: int
    """The first live turn."""
    edits: tuple[Edit, ...]
    agent: str
    """The agent and how it was reached."""
    run_id: str
    status: str
    ended_reason: str | None
    error: str | None
    created_at: datetime
    turns: tuple[TurnView, ...]
    """The live turns."""
    against_parent: Comparison
    """Beside what it left, from its first live turn on."""
    against_recording: Comparison
    """Beside the recording, from the first turn that any fork on the way to it made live."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkTree:
    """A recorded talk and its forks, each behind the one that it leaves."""

    project: str
    recording_hash: str
    recording: ConversationView
    forks: tuple[ForkView, ...]
