"""Tool arguments: when two are the same, what differs, and which call is nearest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reenact.codec import canonical
from reenact.domain.comparison import ArgumentChange
from reenact.domain.conversation import ToolCall
from reenact.matching.normal_form import normal_form
from reenact.matching.text import similarity

MAX_DEPTH = 32
"""Below this depth a difference is reported for the whole branch."""
MAX_CHANGES = 100
"""More differences than this are not listed."""

Normaliser = Callable[[Any], Any]
"""Takes a tool's arguments and gives them back without what does not matter to the tool."""


@dataclass(frozen=True, slots=True)
class Nearest:
    """The candidate that differs least: its place in the list, and how it differs."""

    index: int
    changes: tuple[ArgumentChange, ...]


def same_arguments(a: Any, b: Any) -> bool:
    """Tell whether two arguments are the same JSON: 12 is 12.0, key order is free, 1 is not true.

    This is rung 1 of the tool ladder.
    """
    return canonical(a) == canonical(b)


def normalised(arguments: Any, normalisers: Sequence[Normaliser] = ()) -> str:
    """Return the text that arguments have in common when they mean the same (rung 2).

    `normalisers` are applied first, in order. Then, at every depth: a string that is a
    number's shortest form is that number; white space is trimmed and runs of it are one space;
    a timestamp with a zone is its instant in UTC; a key that holds null is left out; keys are
    sorted. Letter case stays, and so do leading and trailing zeros ("007", "1.10"), because ids
    and versions differ by them.
    """
    for normalise in normalisers:
        arguments = normalise(arguments)
    return canonical(normal_form(arguments))


def argument_changes(baseline: Any, replay: Any) -> tuple[ArgumentChange, ...]:
    """Return what differs between two arguments; empty exactly where `same_arguments` holds.

    Paths are dotted, list places included (`items.0.id`); the path is empty where the
    arguments as a whole differ. In the order of the baseline's keys, added keys last; at most
    `MAX_CHANGES`.
    """
    found: list[ArgumentChange] = []
    for change in _changes(baseline, replay, ()):
        found.append(change)
        if len(found) == MAX_CHANGES:
            break
    return tuple(found)


def nearest(call: ToolCall, candidates: Sequence[ToolCall]) -> Nearest | None:
    """Return the candidate that differs least from `call`; None where there is none.

    The same tool goes before any other; then the fewest differing arguments, where a value that
    only moved to another key counts once; then the most alike values; then the order of
    `candidates`. Changes go from the candidate to `call`.
    """
    if not candidates:
        return None
    ranked = [_distance(call, candidate, at) for at, candidate in enumerate(candidates)]
    index = min(ranked)[-1]
    return Nearest(index, argument_changes(candidates[index].arguments, call.arguments))


def renamed(changes: Sequence[ArgumentChange]) -> dict[str, str]:
    """Return the new path of every value that was only moved, by its old path."""
    added = [change for change in changes if change.op == "added"]
    found: dict[str, str] = {}
    for change in (change for change in changes if change.op == "removed"):
        new = next((c for c in added if same_arguments(change.baseline, c.replay)), None)
        if new is not None:
            added.remove(new)
            found[change.path] = new.path
    return found


def _distance(call: ToolCall, candidate: ToolCall, at: int) -> tuple[bool, int, float, int]:
    changes = argument_changes(candidate.arguments, call.arguments)
    unlike = sum(1 - similarity(_letters(c.baseline), _letters(c.replay)) for c in changes)
    return (candidate.name != call.name, len(changes) - len(renamed(changes)), unlike, at)


def _letters(value: Any) -> str:
    """Space out the characters, so that "A-1001" is near to "A-1002"."""
    return " ".join(canonical(value)[:200])


def _changes(a: Any, b: Any, path: tuple[str, ...]) -> Iterator[ArgumentChange]:
    if len(path) < MAX_DEPTH:
        if isinstance(a, Mapping) and isinstance(b, Mapping):
            yield from _keyed(a, b, path)
            return
        if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
            yield from _keyed(_numbered(a), _numbered(b), path)
            return
    if not same_arguments(a, b):
        yield ArgumentChange(path=".".join(path), op="changed", baseline=a, replay=b)


def _keyed(
    a: Mapping[str, Any], b: Mapping[str, Any], path: tuple[str, ...]
) -> Iterator[ArgumentChange]:
    for key, value in a.items():
        here = (*path, str(key))
        if key in b:
            yield from _changes(value, b[key], here)
        else:
            yield ArgumentChange(path=".".join(here), op="removed", baseline=value)
    for key, value in b.items():
        if key not in a:
            yield ArgumentChange(path=".".join((*path, str(key))), op="added", replay=value)


def _numbered(values: Sequence[Any]) -> dict[str, Any]:
    return {str(place): value for place, value in enumerate(values)}
