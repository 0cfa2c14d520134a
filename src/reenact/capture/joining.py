"""Traces without a session id that are parts of one talk, found by their histories.

Every model call repeats what was said before. Where the input of a trace's first call begins
with the input and output of another trace's last call, the one goes on where the other ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reenact.store.spans import LooseTrace


def joined(loose: Iterable[LooseTrace]) -> tuple[tuple[str, ...], ...]:
    """Return groups of trace ids that continue one another, each in order of time.

    Only traces of one service and one user are joined. Two talks that begin with the same words
    are kept apart as well as they can be: each trace is continued by one other at most, and of
    several that fit the one that ended last is taken.
    """
    order = sorted(loose, key=lambda trace: (trace.started_at, trace.trace_id))
    groups: dict[str, list[str]] = {}
    ends: dict[tuple[str | None, str | None, str], list[str]] = {}
    for trace in order:
        group = _former(trace, ends, groups)
        if group is None:
            groups[trace.trace_id] = group = []
        group.append(trace.trace_id)
        for result in dict.fromkeys(trace.result_hashes):
            ends.setdefault((trace.service, trace.user_id, result), []).append(trace.trace_id)
            groups[trace.trace_id] = group
    unique: dict[int, list[str]] = {id(group): group for group in groups.values()}
    return tuple(tuple(group) for group in unique.values())


def _former(
    trace: LooseTrace,
    ends: dict[tuple[str | None, str | None, str], list[str]],
    groups: dict[str, list[str]],
) -> list[str] | None:
    """Return the group that `trace` continues, and close the end it continues from."""
    for prefix in _outside(trace.prefix_hashes, trace.result_hashes):
        open_ends = ends.get((trace.service, trace.user_id, prefix))
        if open_ends:
            return groups[open_ends.pop()]
    return None


def _outside(prefixes: Sequence[str], results: Sequence[str]) -> list[str]:
    """Return the prefixes that no call of the same trace made."""
    made = set(results)
    return [prefix for prefix in dict.fromkeys(prefixes) if prefix not in made]
