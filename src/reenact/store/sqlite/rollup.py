"""Rollups: what a list shows of a trace or a session, kept up as spans arrive. Pure.

A rollup of a set of spans does not depend on the order or the portions in which they came:
`merged` is commutative and associative, and ties are broken by span id and then by value.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import TypeVar

import msgspec

from reenact.domain.span import StoredSpan

T = TypeVar("T")

SHOWN_TEXT = 300
"""Characters of a message that a list shows at most."""

_KEPT = SHOWN_TEXT + 1  # one more, to know that there was more

Dated = tuple[int, str, str]
"""A value with the time and the id of the span that gave it."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Rollup(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """What is known of a set of spans. Times are Unix nanoseconds, lists sorted."""

    started_ns: int
    ended_ns: int
    spans: int
    errors: int
    users: list[str]
    tools: list[str]
    agents: list[str]
    versions: list[str]
    session: Dated | None
    user: Dated | None
    agent: Dated | None
    version: Dated | None
    service: Dated | None
    first_user_text: Dated | None
    last_assistant_text: Dated | None
    models: list[str] = msgspec.field(default_factory=list)
    tags: list[str] = msgspec.field(default_factory=list)
    labels: list[str] = msgspec.field(default_factory=list)


def rollup_of(spans: Sequence[StoredSpan]) -> Rollup:
    """Return the rollup of `spans`, at least one."""
    # Lists, not generators: this runs for every span that is stored, and they are faster.
    pairs = [(stored.span, stored.facts) for stored in spans]
    said = [(s.start_ns, s.span_id, f.user_text[:_KEPT]) for s, f in pairs if f.user_text]
    answered = [
        (s.end_ns, s.span_id, f.assistant_text[:_KEPT]) for s, f in pairs if f.assistant_text
    ]
    users = [(s.start_ns, s.span_id, f.user_id) for s, f in pairs if f.user_id]
    agents = [(s.start_ns, s.span_id, f.agent_name) for s, f in pairs if f.agent_name]
    versions = [(s.start_ns, s.span_id, f.agent_version) for s, f in pairs if f.agent_version]
    return Rollup(
        started_ns=min([s.start_ns for s, _ in pairs]),
        ended_ns=max([max(s.start_ns, s.end_ns) for s, _ in pairs]),
        spans=len(pairs),
        errors=sum([f.error is not None or s.status == "error" for s, f in pairs]),
        users=_values(users),
        tools=sorted({f.tool_name for _, f in pairs if f.tool_name}),
        agents=_values(agents),
        versions=_values(versions),
        session=_first([(s.start_ns, s.span_id, f.session_id) for s, f in pairs if f.session_id]),
        user=_first(users),
        agent=_first(agents),
        version=_first(versions),
        service=_first(
            [
                (s.start_ns, s.span_id, name)
                for s, _ in pairs
                if isinstance(name := s.resource.get("service.name"), str) and name
            ]
        ),
        first_user_text=_first(said),
        last_assistant_text=max(answered) if answered else None,
        models=sorted({f.model for _, f in pairs if f.model}),
        tags=sorted({tag for _, f in pairs for tag in f.tags}),
        labels=sorted({label for _, f in pairs for label in f.labels}),
    )


def merged(one: Rollup, other: Rollup) -> Rollup:
    """Return the rollup of two sets of spans that have none in common."""
    return Rollup(
        started_ns=min(one.started_ns, other.started_ns),
        ended_ns=max(one.ended_ns, other.ended_ns),
        spans=one.spans + other.spans,
        errors=one.errors + other.errors,
        users=_union(one.users, other.users),
        tools=_union(one.tools, other.tools),
        agents=_union(one.agents, other.agents),
        versions=_union(one.versions, other.versions),
        session=_earlier(one.session, other.session),
        user=_earlier(one.user, other.user),
        agent=_earlier(one.agent, other.agent),
        version=_earlier(one.version, other.version),
        service=_earlier(one.service, other.service),
        first_user_text=_earlier(one.first_user_text, other.first_user_text),
        last_assistant_text=_later(one.last_assistant_text, other.last_assistant_text),
        models=_union(one.models, other.models),
        tags=_union(one.tags, other.tags),
        labels=_union(one.labels, other.labels),
    )


def merged_all(rollups: Sequence[Rollup]) -> Rollup:
    """Return the rollup of several sets of spans, at least one."""
    return reduce(merged, rollups)


def value_of(dated: Dated | None) -> str | None:
    """Return the value without its date."""
    return None if dated is None else dated[2]


def shown(said: Dated | None) -> str | None:
    """Return the words without their date, cut to `SHOWN_TEXT`."""
    if said is None or len(said[2]) <= SHOWN_TEXT:
        return value_of(said)
    return said[2][: SHOWN_TEXT - 1] + "…"


def moment(ns: int) -> datetime:
    """Return Unix nanoseconds as a UTC datetime, cut to microseconds."""
    return EPOCH + timedelta(microseconds=ns // 1000)


def _first(found: list[Dated]) -> Dated | None:
    return min(found) if found else None


def _values(found: list[Dated]) -> list[str]:
    return sorted({value for _, _, value in found})


def _earlier(one: Dated | None, other: Dated | None) -> Dated | None:
    if one is None or other is None:
        return one or other
    return min(one, other)


def _later(one: Dated | None, other: Dated | None) -> Dated | None:
    if one is None or other is None:
        return one or other
    return max(one, other)


def _union(one: list[str], other: list[str]) -> list[str]:
    if one == other or not other:
        return one
    return sorted({*one, *other})
