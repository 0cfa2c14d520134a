"""What the writes served so far may have changed: which recorded results are no longer true.

A recorded result was true after all writes that were recorded before it. It is *stale* where a
write was served that was recorded after it and may have changed it, and *early* where a write
that was recorded before it has not been served. Stale results are never served; early ones only
where there is none that fits better.

A write leaves a read true only where that shows: the read names things of every kind that the
write was given (its order, its customer), and none of them is one that the write names. Whatever
else a write may have done, in doubt it did (docs/decisions/0015).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from reenact.codec import canonical
from reenact.domain.conversation import Effect, ToolCall
from reenact.matching.fields import MAX_DEPTH, folded
from reenact.matching.identifiers import (
    GENERIC,
    is_name_key,
    kinds_in,
    name_of,
    names_in,
)
from reenact.tools.calls import RecordedCall

_ALIKE_KEYS = 0.5
"""Share of keys that two views of one thing have in common at least."""


@dataclass(frozen=True)
class Act:
    """A call with what it names; `place` is None where it is none of the recording's."""

    call: ToolCall
    effect: Effect
    place: int | None = None
    constant: bool = False

    @cached_property
    def asked(self) -> frozenset[str]:
        """The names in its arguments."""
        return names_in(self.call.arguments)

    @cached_property
    def told(self) -> frozenset[str]:
        """The names in its result."""
        return names_in(self.call.result)

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The kinds of things that its arguments name."""
        return kinds_in(self.call.arguments)

    @cached_property
    def shown_kinds(self) -> frozenset[str]:
        """The kinds of things that its arguments and its result name."""
        return kinds_in([self.call.arguments, self.call.result]) - GENERIC


@dataclass(slots=True)
class Changes:
    """The writes served so far, and what they may have changed."""

    recorded: Sequence[RecordedCall]
    constant: frozenset[str] = frozenset()
    """Tools whose results no write changes."""
    served: list[Act] = field(default_factory=list)
    """The calls served so far that may have changed something, in the order of serving."""
    _acts: dict[int, Act] = field(default_factory=dict)
    _known: dict[tuple[int, int], bool] = field(default_factory=dict)

    def note(self, call: ToolCall, effect: Effect, *, place: int | None = None) -> None:
        """Note that a call was served; `place` where it is one of the recording's."""
        if effect != "read":
            act = self.act(self.recorded[place]) if place is not None else Act(call, effect)
            self.served.append(act)

    def act(self, recorded: RecordedCall) -> Act:
        """Return a recorded call with what it names."""
        if recorded.place not in self._acts:
            self._acts[recorded.place] = Act(
                recorded.call,
                recorded.effect,
                recorded.place,
                constant=recorded.call.name in self.constant,
            )
        return self._acts[recorded.place]

    def stale(self, candidate: RecordedCall) -> Act | None:
        """Return a served call that may have changed what `candidate` gave, after it did."""
        later = (act for act in self.served if act.place is None or act.place > candidate.place)
        return next((act for act in later if self.affects(act, self.act(candidate))), None)

    def early(self, candidate: RecordedCall) -> int:
        """Return how many writes that `candidate` shows the outcome of have not been served."""
        served = {act.place for act in self.served}
        return sum(
            self.affects(self.act(one), self.act(candidate))
            for one in self.recorded[: candidate.place]
            if one.effect == "write" and one.servable and one.place not in served
        )

    def affects(self, write: Act, read: Act) -> bool:
        """Tell whether `write` may have changed what `read` gives; in doubt it has."""
        if write.effect == "read" or read.constant:
            return False
        if write.place is None or read.place is None:
            return self._affects(write, read)
        pair = (write.place, read.place)
        if pair not in self._known:
            self._known[pair] = self._affects(write, read)
        return self._known[pair]

    def may_write(self, write: Act, read: Act) -> bool:
        """Tell the same where a call of unknown effect counts as a write."""
        return write.effect != "read" and not read.constant and self._touches(write, read)

    def _affects(self, write: Act, read: Act) -> bool:
        if write.effect == "unknown":
            return bool((read.asked | read.told) & write.asked) and _seen_to_change(write, read)
        return self._touches(write, read)

    def _touches(self, write: Act, read: Act) -> bool:
        if read.effect == "write":
            shows = isinstance(read.call.result, (Mapping, list))
            return shows and bool(read.asked & write.asked)
        if not read.asked or not write.asked:
            return True  # a read of everything, or a write of who knows what
        if read.asked & (write.asked | write.told) or read.told & write.asked:
            return True
        return not write.kinds <= read.shown_kinds


def _seen_to_change(write: Act, read: Act) -> bool:
    """Tell whether the results of two calls show the same thing in different states."""
    if write.call.name == read.call.name and canonical(write.call.arguments) == canonical(
        read.call.arguments
    ):
        return False
    return any(
        _same_thing(before, after) and _differ(before.data, after.data)
        for before in _things(read.call.result, {}, 0)
        for after in _things(write.call.result, {}, 0)
    )


@dataclass(frozen=True, slots=True)
class _Thing:
    """An object that names itself: its own names by key, and those of what it lies in."""

    data: Mapping[str, Any]
    own: Mapping[str, str]
    around: Mapping[str, str]


def _things(result: Any, around: Mapping[str, str], depth: int) -> Iterator[_Thing]:
    if depth >= MAX_DEPTH:
        return
    if isinstance(result, Mapping):
        own = _own_names(result)
        if own:
            yield _Thing(result, own, around)
        for value in result.values():
            yield from _things(value, {**around, **own}, depth + 1)
    elif isinstance(result, (list, tuple)):
        for value in result:
            yield from _things(value, around, depth + 1)


def _own_names(thing: Mapping[str, Any]) -> dict[str, str]:
    return {
        folded(str(key)): name
        for key, value in thing.items()
        if is_name_key(str(key)) and (name := name_of(value))
    }


def _same_thing(one: _Thing, other: _Thing) -> bool:
    """Tell whether two objects show one thing: a payment of one order is not that of another."""
    if not one.own.keys() & other.own.keys():
        return False
    names, others = {**one.around, **one.own}, {**other.around, **other.own}
    if any(names[key] != others[key] for key in names.keys() & others.keys()):
        return False
    keys = set(map(str, one.data)), set(map(str, other.data))
    return len(keys[0] & keys[1]) >= _ALIKE_KEYS * len(keys[0] | keys[1])


def _differ(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    shared = one.keys() & other.keys()
    return any(canonical(one[key]) != canonical(other[key]) for key in shared)
