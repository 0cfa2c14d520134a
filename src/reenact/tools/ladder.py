"""The matching ladder: which recorded call answers a live one.

Rung 1 takes the same canonical arguments, rung 2 the same after normalising (a number for its
string, key order, white space, an instant in another time zone, null for an absent key).
On each rung the recorded calls of the current turn come first, then a repeat of the answer
given last, then the next unused call in recorded order. A read repeats its last answer until a
write was served; a write is served once per recorded call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reenact.codec import canonical
from reenact.domain.conversation import Effect, ToolCall
from reenact.matching.arguments import normalised


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedCall:
    """A tool call of the recording, with its place among all calls and its turn."""

    place: int
    turn: int
    call: ToolCall
    effect: Effect


@dataclass(frozen=True, slots=True)
class Found:
    """The recorded call that answers, and the rung it was found on."""

    recorded: RecordedCall
    rung: int


@dataclass(slots=True)
class Ladder:
    """Finds the recorded call for a live one, and remembers which were used.

    The state is what was served so far; `restore` rebuilds it from a journal.
    """

    recorded: Sequence[RecordedCall]
    used: set[int] = field(default_factory=set)
    _last: dict[tuple[str, str], RecordedCall] = field(default_factory=dict)
    _served_at: dict[int, int] = field(default_factory=dict)
    _served: int = 0
    _last_write: int = -1
    _index: list[Mapping[tuple[str, str], list[RecordedCall]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._index = [self._indexed(key) for key in RUNGS]

    def find(self, name: str, arguments: Any, *, turn: int) -> Found | None:
        """Return the recorded call that answers `name(arguments)` on `turn`; None on a miss."""
        asked = (name, normalised(arguments))
        for rung, key in enumerate(RUNGS, start=1):
            candidates = self._index[rung - 1].get((name, key(arguments)), [])
            recorded = self._choose(candidates, self._last.get(asked), turn)
            if recorded is not None:
                self._remember(asked, recorded)
                return Found(recorded, rung)
        return None

    def restore(self, name: str, arguments: Any, *, place: int) -> None:
        """Mark the recorded call at `place` as served, as `find` would have."""
        self._remember((name, normalised(arguments)), self.recorded[place])

    def skip(self, *, before_turn: int) -> None:
        """Mark the calls of earlier turns as served: a replay of one turn tells them as history."""
        for recorded in self.recorded:
            if recorded.turn < before_turn and recorded.call.answered:
                self.restore(recorded.call.name, recorded.call.arguments, place=recorded.place)

    def unused(self) -> tuple[RecordedCall, ...]:
        """Return the recorded calls of the agent that were never served."""
        return tuple(r for r in self.recorded if r.place not in self.used)

    def _choose(
        self, candidates: Sequence[RecordedCall], last: RecordedCall | None, turn: int
    ) -> RecordedCall | None:
        answered = [r for r in candidates if r.call.answered and not r.call.truncated]
        fresh = [r for r in answered if r.place not in self.used]
        if here := next((r for r in fresh if r.turn == turn), None):
            return here
        if last in answered and self._repeatable(last):
            return last
        return fresh[0] if fresh else None

    def _repeatable(self, last: RecordedCall) -> bool:
        return last.effect != "write" and self._served_at[last.place] > self._last_write

    def _remember(self, asked: tuple[str, str], recorded: RecordedCall) -> None:
        self._served += 1
        self.used.add(recorded.place)
        self._last[asked] = recorded
        self._served_at[recorded.place] = self._served
        if recorded.effect == "write":
            self._last_write = self._served

    def _indexed(self, key: Callable[[Any], str]) -> Mapping[tuple[str, str], list[RecordedCall]]:
        index: dict[tuple[str, str], list[RecordedCall]] = {}
        for recorded in self.recorded:
            place = (recorded.call.name, key(recorded.call.arguments))
            index.setdefault(place, []).append(recorded)
        return index


RUNGS: tuple[Callable[[Any], str], ...] = (canonical, normalised)
"""The text of arguments on each rung: calls are alike there where their texts are equal."""
