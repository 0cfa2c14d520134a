"""The matching ladder: which recorded call answers a live one.

Rung 1 takes the same canonical arguments, rung 2 the same after normalising (a number for its
string, key order, white space, an instant in another time zone, null for an absent key, and what
the tool's rules add), rung 3 the same key fields, rung 4 for reads the one call that is clearly
nearest and about the same things (`reenact.tools.nearest`).

Of the calls found on a rung, those that a served write made stale are left out. Then those go
first that show the fewest writes not served; then those of the current turn, a repeat of the
answer given last, the next unused call in recorded order. A read repeats until a write was
served; a write is served once per recorded call, on rungs 1 to 3 only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from reenact.tools.calls import RecordedCall
from reenact.tools.changes import Changes
from reenact.tools.nearest import Nearby, names_of, nearest
from reenact.tools.rulebook import KEYED_RUNGS, MAX_RUNG, Rulebook

NEAREST_RUNG = 4


@dataclass(frozen=True, slots=True)
class Found:
    """The recorded call that answers, the rung it was found on, and how alike it is there."""

    recorded: RecordedCall
    rung: int
    score: float | None = None


@dataclass(slots=True)
class Ladder:
    """Finds the recorded call for a live one, and remembers which were used.

    The state is what was served so far; `restore` rebuilds it from a journal.
    """

    recorded: Sequence[RecordedCall]
    rules: Rulebook
    changes: Changes
    max_rung: int = MAX_RUNG
    used: set[int] = field(default_factory=set)
    last_write: int = -1
    """Which of the calls served was the last write."""
    _last: dict[tuple[str, str | None], RecordedCall] = field(default_factory=dict)
    _served_at: dict[int, int] = field(default_factory=dict)
    _served: int = 0
    _names: frozenset[str] | None = None
    _index: dict[int, dict[tuple[str, str | None], list[RecordedCall]]] = field(
        default_factory=dict
    )

    def find_same(self, name: str, arguments: Any, *, turn: int) -> Found | None:
        """Return the call that is the same as `name(arguments)` on rungs 1 to 3, as served."""
        for rung in range(1, min(self.max_rung, KEYED_RUNGS) + 1):
            key = self.rules.key(name, arguments, rung=rung)
            if key is None:
                continue
            candidates = self._indexed(rung).get((name, key), [])
            if recorded := self._choose(candidates, self._asked(name, arguments), turn):
                self._remember(name, arguments, recorded)
                return Found(recorded, rung)
        return None

    def find_near(self, name: str, arguments: Any, *, turn: int) -> Found | None:
        """Return the read that is clearly nearest to `name(arguments)` (rung 4), as served."""
        if self.max_rung < NEAREST_RUNG or self.rules.effect(name) != "read":
            return None
        if self._names is None:
            self._names = names_of(self.recorded)
        asked = Nearby(name, self.rules.normalise(name, arguments))
        near = nearest(asked, self.recorded, self.rules, names=self._names)
        if near is None:
            return None
        recorded = self._choose(near.alike, self._asked(name, arguments), turn)
        if recorded is None:
            return None
        self._remember(name, arguments, recorded)
        return Found(recorded, NEAREST_RUNG, near.score)

    def restore(self, name: str, arguments: Any, *, place: int) -> None:
        """Mark the recorded call at `place` as served, as `find` would have."""
        self._remember(name, arguments, self.recorded[place])

    def wrote(self) -> None:
        """Note that a write was served that is none of the recording's."""
        self._served += 1
        self.last_write = self._served

    def skip(self, *, before_turn: int) -> None:
        """Mark the calls of earlier turns as served: a replay of one turn tells them as history."""
        for recorded in self.recorded:
            if recorded.turn < before_turn and recorded.call.answered:
                self.restore(recorded.call.name, recorded.call.arguments, place=recorded.place)

    def unused(self) -> tuple[RecordedCall, ...]:
        """Return the recorded calls of the agent that were never served."""
        return tuple(r for r in self.recorded if r.place not in self.used)

    def _choose(
        self, candidates: Sequence[RecordedCall], asked: tuple[str, str | None], turn: int
    ) -> RecordedCall | None:
        last = self._last.get(asked)
        fit = [r for r in candidates if r.servable and self._may_serve(r, last)]
        fit = [r for r in fit if self.changes.stale(r) is None]
        if len(fit) < 2:
            return fit[0] if fit else None

        def rank(recorded: RecordedCall) -> tuple[int, int, int]:
            if recorded.place not in self.used:
                order = 0 if recorded.turn == turn else 2
            else:
                order = 1 if recorded is last else 3
            return (self.changes.early(recorded), order, recorded.place)

        return min(fit, key=rank)

    def _may_serve(self, recorded: RecordedCall, last: RecordedCall | None) -> bool:
        """Tell whether a call is unused, or is a read that may be served again."""
        if recorded.place not in self.used:
            return True
        repeats = recorded.effect == "read" or (recorded.effect == "unknown" and recorded is last)
        return repeats and self._served_at[recorded.place] > self.last_write

    def _asked(self, name: str, arguments: Any) -> tuple[str, str | None]:
        return (name, self.rules.key(name, arguments, rung=2))

    def _remember(self, name: str, arguments: Any, recorded: RecordedCall) -> None:
        self._served += 1
        self.used.add(recorded.place)
        self._last[self._asked(name, arguments)] = recorded
        self._served_at[recorded.place] = self._served
        self.changes.note(recorded.call, recorded.effect, place=recorded.place)
        if recorded.effect == "write":
            self.last_write = self._served

    def _indexed(self, rung: int) -> dict[tuple[str, str | None], list[RecordedCall]]:
        index = self._index.get(rung)
        if index is None:
            index = self._index[rung] = {}
            for recorded in self.recorded:
                name = recorded.call.name
                key = self.rules.key(name, recorded.call.arguments, rung=rung)
                if key is not None:
                    index.setdefault((name, key), []).append(recorded)
        return index
