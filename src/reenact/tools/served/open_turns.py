"""The turns that are being replayed now, and which of them an incoming call belongs to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from reenact.domain.conversation import Served
from reenact.tools.answer import ToolAnswer
from reenact.tools.desk import ToolDesk
from reenact.tools.served.caller import Caller
from reenact.tools.served.definitions import ServedTool


class Tooling(Protocol):
    """Who a tool server asks: lists the tools and answers the calls. Used from many threads."""

    def tools(self) -> Sequence[ServedTool]:
        """Return the tools that are offered."""

    def ask(self, name: str, arguments: Any, *, caller: Caller) -> ToolAnswer:
        """Answer `name(arguments)`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTurn:
    """A turn that waits for its agent, and the desk that answers its tools."""

    desk: ToolDesk
    session_id: str
    turn: int
    trace_id: str | None


class OpenTurns:
    """Gives each call to the desk of its turn. A call of nobody's is refused, never guessed.

    `tools` is asked for once, when a client first lists them.
    """

    def __init__(self, tools: Callable[[], Sequence[ServedTool]]) -> None:
        self._tools = tools
        self._listed: Sequence[ServedTool] | None = None
        self._lock = threading.Lock()
        self._open: list[OpenTurn] = []
        self.asked = 0
        """How many calls came, refused ones included."""

    @contextmanager
    def open(self, turn: OpenTurn) -> Iterator[None]:
        """Take calls for `turn` meanwhile."""
        with self._lock:
            self._open.append(turn)
        try:
            yield
        finally:
            with self._lock:
                self._open.remove(turn)

    def tools(self) -> Sequence[ServedTool]:
        """Return the tools of all recordings of the run."""
        with self._lock:
            if self._listed is None:
                self._listed = self._tools()
            return self._listed

    def ask(self, name: str, arguments: Any, *, caller: Caller) -> ToolAnswer:
        """Let the desk of the caller's turn answer; nobody's call is refused."""
        with self._lock:
            self.asked += 1
            found = self._find(name, caller)
        if isinstance(found, str):
            return ToolAnswer(provenance="refused", error=found, served=Served(miss=found))
        return found.desk.ask(name, arguments)

    def _find(self, name: str, caller: Caller) -> OpenTurn | str:
        """Return the turn of `caller`, or why there is none."""
        for turn in self._open:
            if caller.trace_id is not None and turn.trace_id == caller.trace_id:
                return turn
        if caller.session_id is not None:
            return self._in_session(name, caller)
        if len(self._open) == 1:
            return self._open[0]
        if not self._open:
            return f"refused: {name} was called while no turn is being replayed"
        for turn in self._open:
            turn.desk.lost.append(name)  # one of these talks is not what it seems
        return (
            f"refused: {name} was called by nobody knows which of the {len(self._open)} talks "
            "being replayed; forward the headers traceparent and baggage, use the address that "
            "each request brings, or replay with concurrency 1"
        )

    def _in_session(self, name: str, caller: Caller) -> OpenTurn | str:
        turns = [turn for turn in self._open if turn.session_id == caller.session_id]
        if caller.turn is not None:
            found = [turn for turn in turns if turn.turn == caller.turn]
        else:
            found = [turn for turn in turns if turn.turn == caller.turn_of_address] or turns
        if len(found) == 1:
            return found[0]
        if not found:
            return f"refused: {name} was called for a turn that is over"
        return (
            f"refused: {name} was called for one of {len(found)} turns of a conversation that "
            "are replayed at once; forward the headers traceparent and baggage"
        )
