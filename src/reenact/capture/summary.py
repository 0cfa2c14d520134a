"""What an import brought, judged: how complete its conversations are, and what they lack."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import get_args

from reenact.capture.conversations import SESSION, TRACE, Conversations
from reenact.capture.joining import joined
from reenact.domain.fidelity import AxisName, Fidelity
from reenact.store.spans import SpanStore

MAX_JUDGED = 50
"""Conversations that are judged for a summary: the newest."""
MAX_LOOKED_AT = 5_000
"""Traces that are looked at to find them: many may be of one session."""

_COUNTED = re.compile(r"^\d+ of \d+: ")
_NUMBER = re.compile(r"\d[\d,]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class AxisSummary:
    """An axis on which conversations are not complete."""

    name: AxisName
    conversations: int
    """How many are below 100 on it."""
    reason: str
    """The commonest reason, in the words of one of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FidelitySummary:
    """The fidelity of the conversations that an import touched."""

    score: int | None
    """The mean of their scores; None where nothing applies."""
    judged: int
    """How many conversations it rests on."""
    cut: bool
    """True where there are more, and only the newest were judged."""
    axes: tuple[AxisSummary, ...] = ()


def summarise(store: SpanStore, project: str, touched: Mapping[str, int]) -> FidelitySummary:
    """Return the fidelity of the conversations of a project that hold the traces `touched`.

    `touched` gives the start of each trace in nanoseconds. At most `MAX_JUDGED` conversations
    are judged, by the newest of these traces.
    """
    judged: list[Fidelity] = []
    cut = False
    for fidelity in _fidelities(store, project, touched):
        if len(judged) == MAX_JUDGED or fidelity is None:
            cut = True
            break
        judged.append(fidelity)
    scores = [one.score for one in judged if one.score is not None]
    return FidelitySummary(
        score=round(sum(scores) / len(scores)) if scores else None,
        judged=len(judged),
        cut=cut,
        axes=tuple(_axes(judged)),
    )


def _fidelities(
    store: SpanStore, project: str, touched: Mapping[str, int]
) -> Iterator[Fidelity | None]:
    """Yield what is known of each conversation once; None where looking further was given up."""
    conversations = Conversations(store)
    groups = {t: group for group in joined(store.loose_traces(project)) for t in group}
    seen: set[str] = set()
    newest = sorted(touched, key=lambda trace_id: (-touched[trace_id], trace_id))
    for place, trace_id in enumerate(newest):
        if place == MAX_LOOKED_AT:
            yield None
            return
        group = groups.get(trace_id)
        session = None if group else _session(store, project, trace_id)
        found = f"{TRACE}{group[0]}" if group else f"{SESSION}{session}"
        if found in seen or (group is None and session is None):
            continue
        seen.add(found)
        recording = (
            conversations.traces(project, group)
            if group
            else conversations.session(project, str(session))
        )
        yield recording.fidelity


def _session(store: SpanStore, project: str, trace_id: str) -> str | None:
    """Return the session of a trace that has one; None for a replay's trace."""
    spans = store.spans_of_traces(project, [trace_id])
    named = (span.facts.session_id for span in spans if span.facts.session_id is not None)
    return next(named, None)


def _axes(judged: list[Fidelity]) -> Iterator[AxisSummary]:
    for name in get_args(AxisName):
        axes = [axis for one in judged if (axis := one.axis(name)) is not None]
        lacking = [a.detail for a in axes if a.score is not None and a.score < 100]
        if lacking:
            yield AxisSummary(name=name, conversations=len(lacking), reason=_commonest(lacking))


def _commonest(details: list[str]) -> str:
    """Return the commonest of reasons that differ in their numbers only."""
    plain = [_COUNTED.sub("", detail) for detail in details]
    kinds = Counter(_NUMBER.sub("#", detail) for detail in plain)
    wanted = kinds.most_common(1)[0][0]
    return next(detail for detail in plain if _NUMBER.sub("#", detail) == wanted)
