"""What a live tool call gets, and the port of whoever gives it.

Kept apart from the matching, so that an agent that only decorates its tools imports nothing
heavy.
"""

from __future__ import annotations

from collections.abc import Callable
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


class Desk(Protocol):
    """Where an intercepted call is asked: the desk of a turn, here or in another process."""

    @property
    def waits(self) -> bool:
        """True where an answer may take long, so that no event loop should wait for it."""

    def ask(
        self,
        name: str,
        arguments: Any,
        *,
        run: Callable[[], Any] | None = None,
        id: str | None = None,
    ) -> ToolAnswer:
        """Answer `name(arguments)`; a live answer means that the caller runs the tool."""

    def let(self, name: str, arguments: Any, *, id: str | None = None) -> ToolAnswer:
        """Note a call that the agent runs by itself, because it only steers the agent."""

    def finish_live(self, answer: ToolAnswer, *, result: Any, error: str | None) -> None:
        """Note what a live call gave once it has run."""
