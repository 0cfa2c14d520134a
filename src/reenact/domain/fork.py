"""Forks: a talk as it was up to a turn, with an edit there, and live from then on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from reenact.domain.conversation import ByKind


@dataclass(frozen=True, slots=True, kw_only=True)
class UserEdit:
    """Other words of the user, on the turn of the fork."""

    text: str
    kind: Literal["user"] = "user"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResultEdit:
    """Another answer to one of the agent's tool calls: a result, or an error."""

    place: int
    """Which call: its place among the agent's calls of the talk, from 0."""
    tool: str
    turn: int
    result: Any = None
    error: str | None = None
    kind: Literal["tool_result"] = "tool_result"


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemEdit:
    """A system prompt, told to the agent as the first message."""

    text: str
    kind: Literal["system"] = "system"


Edit = Annotated[UserEdit | ToolResultEdit | SystemEdit, ByKind()]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkPoint:
    """Where a fork leaves its talk, and what is other there."""

    turn: int
    """The first live turn; those before it are told as they were."""
    edits: tuple[Edit, ...] = ()

    @property
    def system(self) -> str | None:
        """The system prompt to tell; None where the agent's own is left alone."""
        return next((e.text for e in self.edits if isinstance(e, SystemEdit)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fork:
    """A named branch of a recorded talk, or of another fork of it."""

    id: str
    project_id: str
    name: str
    """Unique in its project, and fit for a file name."""
    conversation_id: str
    """The recorded talk that the tree grows from."""
    recording_hash: str
    """The recording of that talk."""
    base_hash: str
    """What is forked: that recording, or what the parent's run came to, frozen."""
    parent_id: str | None = None
    """The fork that this one leaves; None where it leaves the recording."""
    point: ForkPoint
    run_id: str
    """The run that made it."""
    created_at: datetime
