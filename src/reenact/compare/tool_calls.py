"""Tool calls of one turn, aligned: which call became which."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from math import inf

from rapidfuzz.distance import Indel

from reenact.codec import canonical
from reenact.domain.comparison import ArgumentChange, ToolDiff
from reenact.domain.conversation import ToolCall
from reenact.domain.turn import Turn
from reenact.matching.arguments import argument_changes, nearest

MAX_CALLS = 500
"""A turn with more calls than this is aligned by equal calls in order alone."""

_Pair = tuple[int, int]


def asked_calls(turn: Turn) -> tuple[ToolCall, ...]:
    """Return the calls that the agent asked for, refused and unanswered ones included.

    What the user's side called is left out: that was never the agent's doing.
    """
    return tuple(i for i in turn.items if isinstance(i, ToolCall) and i.requestor == "agent")


def tool_diff(baseline: Sequence[ToolCall], replay: Sequence[ToolCall]) -> tuple[ToolDiff, ...]:
    """Align the calls of a turn and say what became of each, in the order of the turn.

    Calls with the same name and arguments are paired first, then those with the same name, and
    what is left over was replaced, removed or added. Pairs keep the order of both sides, but
    for calls of one parallel group, which have none: so a call that moved is removed in one
    place and added in another.
    """
    pairing = _Pairing(baseline, replay)
    pairing.take(_in_order(baseline, replay))
    if max(len(baseline), len(replay)) <= MAX_CALLS:
        pairing.take(_alike_elsewhere(pairing))
        pairing.take(_nearest_of_one_name(pairing))
        pairing.take(product(pairing.free_baseline(), pairing.free_replay()))
    return tuple(_listed(pairing))


def comparable_arguments(baseline: ToolCall, replay: ToolCall) -> tuple[object, object] | None:
    """Return what can be compared of two calls' arguments; None where one side lacks them.

    Arguments that were not recoverable are compared as the raw text they came as, if both are.
    """
    if baseline.arguments is not None and replay.arguments is not None:
        return baseline.arguments, replay.arguments
    if baseline.arguments_raw is not None and replay.arguments_raw is not None:
        return baseline.arguments_raw, replay.arguments_raw
    return None


class _Pairing:
    """The pairs found so far, and what is not paired yet."""

    def __init__(self, baseline: Sequence[ToolCall], replay: Sequence[ToolCall]):
        self.baseline, self.replay = baseline, replay
        self.partner: dict[int, int] = {}
        self._taken: set[int] = set()
        self._steps = _steps(baseline), _steps(replay)
        self._in_order: list[tuple[int, float]] = []

    def take(self, pairs: Iterable[_Pair]) -> None:
        """Take each pair that is free on both sides and keeps the order of those taken."""
        for one, other in pairs:
            if one in self.partner or other in self._taken:
                continue
            step = self._steps[0][one], self._steps[1][other]
            if self._keeps_order(*step):
                self.partner[one] = other
                self._taken.add(other)
                insort(self._in_order, step)

    def free_baseline(self) -> list[int]:
        """Return the places of the recorded calls that have no partner yet."""
        return [at for at in range(len(self.baseline)) if at not in self.partner]

    def free_replay(self) -> list[int]:
        """Return the places of the replay's calls that have no partner yet."""
        return [at for at in range(len(self.replay)) if at not in self._taken]

    def _keeps_order(self, before: int, after: int) -> bool:
        earlier = bisect_left(self._in_order, (before, -inf)) - 1
        later = bisect_right(self._in_order, (before, inf))
        follows = earlier < 0 or self._in_order[earlier][1] <= after
        return follows and (later == len(self._in_order) or after <= self._in_order[later][1])


def _steps(calls: Sequence[ToolCall]) -> list[int]:
    """Number the calls; those of one parallel group share a number."""
    steps: list[int] = []
    for at, call in enumerate(calls):
        joins = at > 0 and call.group is not None and call.group == calls[at - 1].group
        steps.append(steps[-1] if joins else at)
    return steps


def _asked(call: ToolCall) -> str:
    known = call.arguments if call.arguments is not None else call.arguments_raw
    return canonical([call.name, known])


def _in_order(baseline: Sequence[ToolCall], replay: Sequence[ToolCall]) -> Iterator[_Pair]:
    """Yield the longest common subsequence of two lists of calls."""
    numbers: dict[str, int] = {}
    before = [numbers.setdefault(_asked(call), len(numbers)) for call in baseline]
    after = [numbers.setdefault(_asked(call), len(numbers)) for call in replay]
    for op in Indel.opcodes(before, after):
        if op.tag == "equal":
            yield from zip(
                range(op.src_start, op.src_end), range(op.dest_start, op.dest_end), strict=True
            )


def _alike_elsewhere(pairing: _Pairing) -> Iterator[_Pair]:
    """Yield equal calls in another place: they fit where a parallel group has no order."""
    places: dict[str, list[int]] = {}
    for other in pairing.free_replay():
        places.setdefault(_asked(pairing.replay[other]), []).append(other)
    for one in pairing.free_baseline():
        for other in places.get(_asked(pairing.baseline[one]), []):
            yield one, other


def _nearest_of_one_name(pairing: _Pairing) -> Iterator[_Pair]:
    """Yield pairs of one name: in order where both sides have as many, else the nearest."""
    names = dict.fromkeys(pairing.baseline[at].name for at in pairing.free_baseline())
    for name in names:
        ours = [at for at in pairing.free_baseline() if pairing.baseline[at].name == name]
        theirs = [at for at in pairing.free_replay() if pairing.replay[at].name == name]
        if len(ours) == len(theirs):
            yield from zip(ours, theirs, strict=True)
            continue
        few, many = sorted((ours, theirs), key=len)
        for at in few:
            yield from _nearest_first(pairing, at, many, swapped=few is theirs)


def _nearest_first(
    pairing: _Pairing, at: int, many: list[int], *, swapped: bool
) -> Iterator[_Pair]:
    asked = pairing.replay[at] if swapped else pairing.baseline[at]
    calls = pairing.baseline if swapped else pairing.replay
    found = nearest(asked, [calls[place] for place in many])
    if found is not None:
        best = many[found.index]
        for place in (best, *many):
            yield (place, at) if swapped else (at, place)


def _listed(pairing: _Pairing) -> Iterator[ToolDiff]:
    """List the recorded calls in their order, each added call after the one it came after."""
    added: dict[int, list[ToolCall]] = {}
    paired, after = set(pairing.partner.values()), -1
    for at, call in enumerate(pairing.replay):
        if at in paired:
            after = at
        else:
            added.setdefault(after, []).append(call)
    yield from (_entry(None, call) for call in added.get(-1, []))
    for at, call in enumerate(pairing.baseline):
        other = pairing.partner.get(at)
        yield _entry(call, None if other is None else pairing.replay[other])
        if other is not None:
            yield from (_entry(None, late) for late in added.get(other, []))


def _entry(baseline: ToolCall | None, replay: ToolCall | None) -> ToolDiff:
    if baseline is None or replay is None:
        return ToolDiff(
            op="added" if baseline is None else "removed", baseline=baseline, replay=replay
        )
    if baseline.name != replay.name:
        return ToolDiff(op="replaced", baseline=baseline, replay=replay)
    changes = _changes(baseline, replay)
    return ToolDiff(
        op="arguments" if changes else "same", baseline=baseline, replay=replay, changes=changes
    )


def _changes(baseline: ToolCall, replay: ToolCall) -> tuple[ArgumentChange, ...]:
    known = comparable_arguments(baseline, replay)
    return argument_changes(*known) if known else ()
