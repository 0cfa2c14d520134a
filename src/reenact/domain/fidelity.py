"""Fidelity: how much of the original a capture holds, by axis, with reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

AxisName = Literal[
    "user_turns",
    "assistant_text",
    "tool_calls",
    "tool_results",
    "tool_effects",
    "system_prompt",
    "model",
    "usage",
    "timing",
    "session",
    "prior_memory",
    "audio",
]
AxisStatus = Literal["present", "partial", "missing", "not_applicable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One kind of fact: how much of it is there, and what its absence limits."""

    name: AxisName
    status: AxisStatus
    score: int | None
    """0 to 100; None where the axis does not apply."""
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fidelity:
    """The axes and their mean over those that apply (None where none does)."""

    score: int | None
    axes: tuple[Axis, ...]

    def axis(self, name: AxisName) -> Axis | None:
        """Return the axis called `name`, if it was judged."""
        return next((axis for axis in self.axes if axis.name == name), None)
