"""What differs between two versions of an agent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reenact.domain.comparison import TextOp


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """A field of the configuration that differs; of the tools, one tool."""

    field: str
    """Such as `system_prompt`, `model`, `tools.issue_refund`."""
    before: Any
    after: Any
    text_diff: tuple[TextOp, ...] = ()
    """Word by word, where both are text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionDiff:
    """Two versions of one agent; nothing in `changes` where they are the same."""

    agent_id: str
    before: int
    after: int
    changes: tuple[FieldChange, ...]
