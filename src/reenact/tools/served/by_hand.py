"""One recording's tools for a client that an engineer drives by hand, without a run.

Each MCP session (and each name in the address) has a state of its own: what was served to one
is still there for the next. No user speaks here, so the turn is taken to be the furthest one
that a served call was recorded on, unless the client says it (baggage `reenact.turn`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from reenact.domain.conversation import Served, ToolCall
from reenact.tools.answer import ToolAnswer
from reenact.tools.desk import ToolDesk
from reenact.tools.recorded import RecordedTools
from reenact.tools.served.caller import Caller
from reenact.tools.served.definitions import ServedTool

MOST_TALKS = 1000
"""States that are kept; a client that opens more gets its calls refused."""
OnCall = Callable[[str, ToolCall], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandTalk:
    """What one client asked for, in order, and the recorded calls that it never asked for."""

    name: str
    calls: tuple[ToolCall, ...]
    unused: tuple[ToolCall, ...]


class ByHand:
    """Answers from fresh `RecordedTools` for each client; `on_call` hears of every answer."""

    def __init__(
        self,
        make: Callable[[], RecordedTools],
        *,
        tools: Sequence[ServedTool],
        on_call: OnCall = lambda talk, call: None,
    ) -> None:
        self._make = make
        self._tools = tools
        self._on_call = on_call
        self._lock = threading.Lock()
        self._talks: dict[str, _Talk] = {}

    def tools(self) -> Sequence[ServedTool]:
        """Return the recording's tools."""
        return self._tools

    def ask(self, name: str, arguments: Any, *, caller: Caller) -> ToolAnswer:
        """Answer from the state of the caller's session."""
        key = caller.session_id or caller.mcp_session or "client"
        with self._lock:
            talk = self._talks.get(key)
            if talk is None:
                if len(self._talks) >= MOST_TALKS:
                    why = f"refused: {MOST_TALKS} sessions are open; start the server again"
                    return ToolAnswer(provenance="refused", error=why, served=Served(miss=why))
                talk = self._talks[key] = _Talk.over(self._make())
            answer = talk.ask(name, arguments, turn=caller.turn)
            self._on_call(key, talk.calls[-1])
        return answer

    def served(self) -> tuple[HandTalk, ...]:
        """Return what was asked for so far, client by client, in the order they came."""
        with self._lock:
            return tuple(
                HandTalk(
                    name=name,
                    calls=tuple(talk.calls),
                    unused=tuple(recorded.call for recorded in talk.tools.unused()),
                )
                for name, talk in self._talks.items()
            )


@dataclass(slots=True)
class _Talk:
    tools: RecordedTools
    turns: dict[int, int]
    """The turn of each recorded call, by its place."""
    turn: int = 1
    calls: list[ToolCall] = field(default_factory=list)

    @classmethod
    def over(cls, tools: RecordedTools) -> _Talk:
        return cls(tools, {one.place: one.turn for one in tools.unused()})

    def ask(self, name: str, arguments: Any, *, turn: int | None) -> ToolAnswer:
        desk = ToolDesk(self.tools, turn=self.turn if turn is None else turn)
        answer = desk.ask(name, arguments)
        self.calls += desk.close()
        if answer.served.recorded_call is not None:
            self.turn = max(self.turn, self.turns.get(answer.served.recorded_call, 0))
        return answer
