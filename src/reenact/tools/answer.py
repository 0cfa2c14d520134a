"""What a live tool call gets, and the port of whoever gives it.

Kept apart from the matching, so that an agent that only decorates its tools imports nothing
heavy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from reenact.domain.conversation import Provenance, Served


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolAnswer:
    """What a live tool call got.

    With provenance `recorded` or `declared` there is a `result` or an `error`; `refused`
    means that nobody answered and `error` says why; `live` that the caller may run the tool.
    """

    provenance: Provenance
    result: Any = None
    error: str | None = None
    served: Served


class Tools(Protocol):
    """Who answers the tool calls of one conversation."""

    def answer(self, name: str, arguments: Any, *, turn: int) -> ToolAnswer:
        """Return the answer to `name(arguments)` asked on `turn`."""
